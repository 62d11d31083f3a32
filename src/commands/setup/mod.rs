//! `awsenv setup`: the guided way from nothing to a session ([`newcomer`]). `--shell SHELL` alone: the hook's line in that
//! shell's start file, after showing it. `--sso START_URL`: see [`sso`]. On Windows `--yes` alone adds hooks, see [`windows`].

mod ask;
mod device;
mod draft;
mod finish;
mod held;
mod hook;
mod keys;
mod newcomer;
mod proxy;
mod reach;
mod sso;
mod way;
#[cfg(windows)]
mod windows;
mod write;
mod ykman;

use crate::cli::SetupArgs;
use crate::error::{Error, Result};
use crate::host::Host;

pub fn run(args: &SetupArgs, host: Host) -> Result<()> {
    if let Some(url) = &args.sso {
        return sso::run(args, url, host).map(drop);
    }
    match (args.shell, &args.profile) {
        (Some(shell), None) => match hook::add(args.yes, shell, &host)? {
            hook::Hook::There | hook::Hook::Added => Ok(()),
            hook::Hook::Declined => Err(Error::failed("nothing was changed")),
        },
        #[cfg(windows)]
        (None, None) if args.yes => windows::run(args, &host, &mut Vec::new()),
        _ => newcomer::run(args, host),
    }
}
