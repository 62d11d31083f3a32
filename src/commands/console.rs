//! `awsenv console [PROFILE]`: the AWS console in the browser.

use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::{Desk, print, sign_in};
use crate::cli::ConsoleArgs;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::session::{self, Asking, ConsoleLink, Halt, browser, console};
use crate::state::Memory;
use crate::terminal::{Link, Tty, can_open_browser, say, show_link};

pub fn run(args: &ConsoleArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let profile = desk.files.expect_profile(&desk.profile_name(args.profile.as_deref()))?;
    let name = &profile.name;
    let memory = Memory::of(&desk.host);
    let tty = Tty::open().filter(Tty::is_foreground);
    let named = desk.settings.profile(name.as_bstr()).browser.is_some();
    let opens = !args.print && can_open_browser(&desk.host, named);
    let opener = match opens {
        true => {
            let account = session::of_profile(&desk.host, &desk.settings, &profile)?.account;
            browser::of_profile(&desk.settings, &memory, tty.as_ref(), &profile, account)?
        }
        false => None,
    };
    let wanted = sign_in::Wanted { min_left: i64::from(desk.settings.guard.margin), ..sign_in::Wanted::default() };
    let asking = Asking { tty: tty.as_ref(), process: true, ..Asking::default() };
    let found = sign_in::console(&desk, &memory, &profile, asking, &wanted, args.service.as_ref());
    let ConsoleLink { link, host } = found.map_err(|halt| match halt {
        Halt::Failed(error) => error,
        Halt::Declined => Error::stopped(),
    })?;
    if args.print {
        return print(Zeroizing::new(format!("{}\n", link.expose_secret())).as_bytes());
    }
    if !opens {
        say(format!(
            "there is no browser here that you would see; this link opens the console of {name}, once, within 15 minutes, \
             for whoever has it:"
        ));
        show_link(&Link::of(link.expose_secret()).map_err(Error::failed)?);
        return Ok(());
    }
    console::hand_over(&desk.host, &link, opener.as_ref(), || {
        say(format!("the console of {name} opens in the browser ({host})"));
    })
    .map_err(|error| error.next("`awsenv console --print` prints the link"))
}
