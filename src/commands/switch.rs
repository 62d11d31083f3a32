//! `awsenv use`, as the hook's function asks for it: decide, ask, sign in, and print what shall change.
//!
//! The call runs in the environment as it was before awsenv changed it. Whatever fails changes nothing.
//! Budget on a good session: 1.5 times the start of an empty program; no runtime, no TLS.

use clap::Parser;

use super::report::sdk_name;
use super::{Desk, check_protocol, cmd, outfit, pick, powershell, print, sibling, sign_in};
use crate::cli::{SwitchArgs, UseArgs, UseLine, exact};
use crate::environment::stamp::{self, Segment};
use crate::environment::{self, Changes, Wanted};
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::net::Region;
use crate::profile::{Profile, ProfileName};
use crate::session::{self, Asking, Halt, InForce, Standing};
use crate::shell::Shell;
use crate::state::Memory;
use crate::terminal::{Tty, clean_to, say};

pub fn run(args: SwitchArgs, host: Host) -> Result<()> {
    if args.shell == Shell::Cmd {
        return cmd::switch(&args, &host);
    }
    print(&text(args.shell, &decide(&args, host)?))
}

/// What `use` shall change. `host` is the environment as it is without awsenv.
pub fn decide(args: &SwitchArgs, host: Host) -> Result<Changes> {
    check_protocol(args.protocol)?;
    let args = &match args.shell {
        Shell::PowerShell => powershell::in_variables(args, &host),
        _ => cmd::in_variables(args, &host),
    };
    let parsed = || UseLine::try_parse_from([std::ffi::OsString::from("use")].iter().chain(&args.args));
    let line = match exact::use_line(&args.args).map_or_else(|| parsed().map(|line| line.args), Ok) {
        Ok(line) => line,
        Err(help) => {
            // stdout belongs to the shell that evaluates it.
            eprint!("{}", help.render());
            return Err(Error::silent(if help.use_stderr() { Kind::Usage } else { Kind::Stopped }));
        }
    };
    let desk = Desk::open(host)?;
    let memory = Memory::of(&desk.host);
    let tty = Tty::open().filter(|tty| args.typed == 1 && tty.is_foreground());
    let name = chosen(&desk, &memory, args, &line, tty.as_ref())?;
    let profile = desk.files.expect_profile(&name)?;
    let recipe = profile.recipe()?;
    let standing = session::of_known(&desk.host, &desk.settings, &profile, &recipe)?;
    // What can be wrong is found before anything is written or a code is spent.
    let region = region(&desk, &profile, &line)?;
    let outfit = outfit::of(&desk, &memory, &profile, tty.as_ref())?;
    let sdk = sdk_name(&desk, &profile, recipe.needs_sibling());
    can_be_held(args.shell, &sdk, &outfit.env)?;
    if sdk != profile.name {
        sibling::ensure(&desk, &profile, tty.as_ref())?;
    }
    let standing = sign_in_if_over(&desk, &memory, &profile, standing, &line, tty.as_ref())?;
    let wanted = Wanted {
        profile: &profile.name,
        sdk_profile: &sdk,
        session_expiration: stamp::published(&standing),
        prompt: Segment::of_profile(&desk.settings, &profile, standing).text(&desk.host),
        region,
        proxy: &outfit.proxy,
        env: &outfit.env,
    };
    let changes = environment::changes(&desk.host, &wanted);
    memory.note_used(name.as_bstr());
    Ok(changes)
}

fn chosen(desk: &Desk, memory: &Memory, args: &SwitchArgs, line: &UseArgs, tty: Option<&Tty>) -> Result<ProfileName> {
    match line.profile.as_deref() {
        Some(dash) if dash == "-" => {
            if args.previous.is_empty() {
                return Err(Error::failed("there was no profile before this one").next("awsenv use NAME"));
            }
            Ok(desk.files.behind_sibling(&ProfileName::from(args.previous.as_os_str())))
        }
        Some(name) => Ok(desk.files.behind_sibling(&ProfileName::from(name))),
        None if line.region.is_some() => {
            let current = Some(args.current.as_os_str()).filter(|c| !c.is_empty()).map(ProfileName::from);
            let in_force = || InForce::by_name(&desk.host, &desk.files).name();
            current.or_else(in_force).ok_or_else(|| Error::failed("no profile is in force"))
        }
        None => pick::run(desk, memory, tty),
    }
}

/// The code question at once where the session is over: code = sign in, Enter = switch without, Ctrl-C = nothing changes.
fn sign_in_if_over(
    desk: &Desk,
    memory: &Memory,
    profile: &Profile,
    standing: Standing,
    line: &UseArgs,
    tty: Option<&Tty>,
) -> Result<Standing> {
    let code = line.code.as_deref().map(sign_in::code).transpose()?;
    let is_over = standing.state.needs_person() || standing.ends_within(desk.settings.guard.margin, desk.host.now());
    let signs_in = matches!(standing.kind, session::Kind::Mfa | session::Kind::Role | session::Kind::Sso);
    // A sign-in of `aws login` is no question of ours: the prompt says that there is none.
    let signs_in = signs_in && !profile.recipe()?.begins_with_login();
    if !is_over || !signs_in || (code.is_none() && tty.is_none()) {
        return Ok(standing);
    }
    let asking = Asking { code, tty, process: true, may_go_on: true, ..Asking::default() };
    let wanted = sign_in::Wanted { min_left: i64::from(desk.settings.guard.margin), ..sign_in::Wanted::default() };
    match sign_in::renew(desk, memory, profile, asking, &wanted) {
        Ok(until) => {
            say(sign_in::good_until(&desk.host, profile, until));
            let again = Desk::open(desk.host.clone())?;
            let profile = again.files.expect_profile(&profile.name)?;
            session::of_profile(&again.host, &again.settings, &profile)
        }
        Err(Halt::Declined) => Ok(standing),
        Err(Halt::Failed(error)) => Err(error),
    }
}

/// The region to export: the one asked for, or the profile's where the settings say so.
fn region(desk: &Desk, profile: &Profile, line: &UseArgs) -> Result<Option<String>> {
    if let Some(region) = &line.region {
        let region = Region::new(region).map_err(|e| Error::usage(format!("--region: {e}")))?;
        return Ok(Some(region.as_str().to_owned()));
    }
    let exports = desk.settings.profile(profile.name.as_bstr()).export_region == Some(true);
    Ok(profile.region().filter(|_| exports))
}

/// Everything else that `use` sets is ASCII, or comes from text.
fn can_be_held(shell: Shell, sdk: &ProfileName, env: &[(String, String)]) -> Result<()> {
    let name = std::iter::once(("AWS_PROFILE", sdk.as_bytes()));
    for (variable, value) in name.chain(env.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))) {
        if let Some(why) = shell.refusal(value) {
            let value = clean_to(value, 100);
            return Err(Error::failed(format!("{variable} cannot be `{value}` in {}: {why}", shell.name())));
        }
    }
    Ok(())
}

fn text(shell: Shell, changes: &Changes) -> Vec<u8> {
    let (names, values): (Vec<_>, Vec<_>) = changes.set.iter().map(|(n, v)| (n.as_bytes(), v.as_slice())).unzip();
    let lines = [
        shell.assign_list("__awsenv_set_names", &names),
        shell.assign_list("__awsenv_set_values", &values),
        shell.assign_list("__awsenv_unset_names", &changes.unset),
    ];
    shell.answer(lines.concat())
}
