//! `awsenv guard`: a guarded command was typed, and its session is not surely fresh. Asks, renews, lets it run or stops it.
//!
//! Exit code 0: run it; 130: do not. Everything that fails here is one line, and the command runs.
//! Budget on a good session: the start of an empty program; no runtime, no TLS.

pub mod words;

#[cfg(unix)]
use std::time::{Duration, Instant};
use std::time::{SystemTime, UNIX_EPOCH};

use super::powershell::{self, Inline, Typed};
use super::report::sdk_profile;
use super::{Desk, check_protocol, cmd, print, sibling, sign_in};
use crate::cli::GuardArgs;
use crate::error::{Error, Kind, Result};
use crate::host::Host;
#[cfg(unix)]
use crate::process;
use crate::profile::{Profile, ProfileName};
use crate::session::{self, Asking, Halt, InForce, State};
use crate::shell::Shell;
use crate::state::{Line, Memory, Shell as ShellProcess};
use crate::terminal::{Tty, say};

use words::{Named, Words};

/// How the command shall run.
enum Verdict {
    AsTyped,
    /// With `AWS_PROFILE` naming the sibling, for this one command.
    Through(ProfileName),
    /// With `AWSENV_ASK=never`: its own credential_process must not ask again.
    Unasked,
}

pub fn run(args: &GuardArgs, host: Host) -> Result<()> {
    if let Err(error) = check_protocol(args.protocol) {
        say(error.to_string());
        return let_run(args, &Manner::default());
    }
    let memory = Memory::of(&host);
    let line = match args.shell {
        // A macro stands for the first word of a line only: each question is that of another line.
        Shell::Cmd => Line { shell: ShellProcess::of(std::process::id()), number: nanoseconds() },
        _ => Line { shell: ShellProcess::of(args.pid), number: args.line },
    };
    // nushell's `par-each` runs several at the same time, in the same shell: one after the other here, so that there is one
    // question and one answer.
    let _turn = (args.shell == Shell::Nushell).then(|| memory.line_turn(&line, || wait_beside(&memory, &line)));
    if memory.stopped(&line) {
        return Err(Error::stopped());
    }
    let in_parallel = (args.shell == Shell::Nushell).then_some(args.pid);
    let mut answered = Answered { memory: &memory, line: &line, declined: Vec::new(), in_parallel };
    let mut manner = Manner::default();
    for command in &typed(args, &host) {
        match verdict(command, host.clone(), &mut answered) {
            Ok(Verdict::AsTyped) => {}
            Ok(Verdict::Unasked) => manner.unasked = true,
            Ok(Verdict::Through(name)) => manner.through = Some(name),
            Err(error) if error.kind() == Kind::Stopped => {
                memory.note_stopped(&line);
                return Err(error);
            }
            // Whatever is wrong, it is the user's command: it runs, and says what it has to say itself.
            Err(error) => {
                if !error.is_silent() {
                    say(error.to_string());
                }
                manner.unasked = true;
            }
        }
    }
    let_run(args, &manner)
}

/// The guarded commands of the line, as each shell hands them over.
fn typed(args: &GuardArgs, host: &Host) -> Vec<Typed> {
    let one = |words| vec![Typed { inline: Inline::None, words }];
    match args.shell {
        Shell::PowerShell => {
            // PowerShell reads our stderr through a pipe, and what it reads there nobody sees.
            if let Some(tty) = Tty::open().filter(Tty::is_foreground) {
                tty.take_stderr();
            }
            powershell::typed(host)
        }
        Shell::Clink => one(Words::typed_in_cmd(host)),
        _ => one(Words::of(&args.command)),
    }
}

/// How the commands of the line run.
#[derive(Default)]
struct Manner {
    /// With `AWS_PROFILE` naming a sibling.
    through: Option<ProfileName>,
    /// With `AWSENV_ASK=never`.
    unasked: bool,
}

/// Tells the shell; for cmd, runs the command.
fn let_run(args: &GuardArgs, manner: &Manner) -> Result<()> {
    let profile = manner.through.as_ref().map(ProfileName::as_bytes);
    let ask = manner.unasked.then_some(&b"never"[..]);
    if args.shell == Shell::Cmd {
        let variable = ask.map(|ask| ("AWSENV_ASK", ask)).or(profile.map(|name| ("AWS_PROFILE", name)));
        return Err(cmd::hand_over(&args.command, variable));
    }
    let assign = |name: &str, value: Option<&[u8]>| value.map(|v| args.shell.assign(name, v)).unwrap_or_default();
    let said = [assign("__awsenv_run_profile", profile), assign("__awsenv_run_ask", ask)].concat();
    if said.is_empty() { Ok(()) } else { print(&args.shell.answer(said)) }
}

/// For which profiles the commands of this line go on without a session. Remembered also here: a line of PowerShell's has
/// several commands, and there may be no place to write it down.
struct Answered<'a> {
    memory: &'a Memory,
    line: &'a Line,
    declined: Vec<ProfileName>,
    /// The shell that may have started others beside this process, which wait for its answer.
    #[cfg_attr(windows, expect(dead_code, reason = "there are no groups that a terminal listens to"))]
    in_parallel: Option<u32>,
}

impl Answered<'_> {
    /// The terminal, where this process may ask.
    fn terminal(&self) -> Option<Tty> {
        let tty = Tty::open()?;
        #[cfg(unix)]
        if let Some(shell) = self.in_parallel {
            let (memory, line) = (self.memory.clone(), self.line.clone());
            let tty = tty.among(move |group| memory.is_waiting(&line, group));
            // One that has just started has the terminal before it says that it waits. A job in the background finds the
            // shell there, or what a person has typed since.
            let end = Instant::now() + A_START;
            let is_open = || tty.foreground_group().is_ok_and(|group| Some(group) != process::group_of(shell));
            while !tty.is_foreground() && is_open() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(10));
            }
            return Some(tty).filter(Tty::is_foreground);
        }
        Some(tty).filter(Tty::is_foreground)
    }

    fn has_declined(&self, profile: &Profile) -> bool {
        let asked = asked_for(profile);
        self.declined.contains(&asked) || self.memory.declined(self.line, asked.as_bstr())
    }

    fn decline(&mut self, profile: &Profile) {
        let asked = asked_for(profile);
        self.memory.note_declined(self.line, asked.as_bstr());
        self.declined.push(asked);
    }
}

/// What a question is for: one sign-in serves every profile of its sso-session, so one answer does too.
fn asked_for(profile: &Profile) -> ProfileName {
    match profile.recipe().ok().as_ref().and_then(|recipe| recipe.sso()) {
        // No name of a profile has a newline in it.
        Some(sso) => ProfileName::from(format!("sso\n{}", sso.session.as_ref().unwrap_or(&sso.start_url)).into_bytes()),
        None => profile.name.clone(),
    }
}

/// How long a start of this program takes at most, on a busy machine.
#[cfg(unix)]
const A_START: Duration = Duration::from_millis(500);

/// Says that this process, whose group may have the terminal, lets another one ask in its place.
fn wait_beside(memory: &Memory, line: &Line) {
    #[cfg(unix)]
    if let Some(group) = process::group_of(std::process::id()) {
        memory.note_waiting(line, group);
    }
    #[cfg(windows)]
    let _ = (memory, line);
}

fn nanoseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn verdict(command: &Typed, host: Host, answered: &mut Answered) -> Result<Verdict> {
    let words = &command.words;
    let never = host.var("AWSENV_ASK").is_some_and(|a| a == "never");
    let host = match &command.inline {
        Inline::Profile(name) => host.with([("AWS_PROFILE", Some(name.clone()))]),
        _ => host,
    };
    // Broken files are told by the commands that are about them, not by every guarded command.
    let Ok(desk) = Desk::open(host) else { return Ok(Verdict::AsTyped) };
    if never || words.need_no_session(&desk.settings.guard) {
        return Ok(Verdict::AsTyped);
    }
    let in_force = match (words.profile(), &command.inline) {
        (Named::Profile(name), _) => InForce::Chosen(desk.files.behind_sibling(&name)),
        // Only running it would tell.
        (Named::Unknown, _) | (Named::None, Inline::Unknown) => return Ok(Verdict::AsTyped),
        (Named::None, _) => InForce::of(&desk.host, &desk.files),
    };
    let explicit = words.profile() != Named::None || command.inline != Inline::None;
    let Some(profile) = in_force.name().and_then(|name| desk.files.profile(&name)) else { return Ok(Verdict::AsTyped) };
    let settings = desk.settings.profile(profile.name.as_bstr());
    let asks = settings.ask.unwrap_or(desk.settings.guard.ask);
    let standing = session::of_profile(&desk.host, &desk.settings, &profile)?;
    let margin = desk.settings.guard.margin_of(words.command());
    let is_fine = match standing.state {
        State::Permanent | State::Unknown => true,
        State::Refreshable | State::Expired | State::Missing => false,
        State::Valid | State::Expiring => {
            !standing.ends_within(margin, desk.host.now()) && !standing.is_due(desk.host.now())
        }
    };
    if is_fine {
        return Ok(through(&desk, &profile, explicit));
    }
    if answered.has_declined(&profile) {
        return Ok(Verdict::Unasked);
    }
    if matches!(standing.kind, session::Kind::Static | session::Kind::Environment | session::Kind::None) {
        return Ok(Verdict::AsTyped);
    }
    let tty = answered.terminal();
    let wanted = sign_in::Wanted { min_left: i64::from(margin), ..sign_in::Wanted::default() };
    let renew = |tty: Option<&Tty>, process| {
        let asking = Asking { tty, process, may_go_on: true, ..Asking::default() };
        sign_in::renew(&desk, answered.memory, &profile, asking, &wanted)
    };
    if !standing.state.needs_person() && !standing.ends_within(margin, desk.host.now()) {
        sibling_first(&desk, &profile, tty.as_ref(), explicit)?;
        match renew(None, false) {
            Ok(_) => return Ok(through(&Desk::open(desk.host.clone())?, &profile, explicit)),
            // AWS takes the refresh token no longer: a person is needed after all.
            Err(_) if session::of_profile(&desk.host, &desk.settings, &profile)?.state.needs_person() => {}
            Err(Halt::Declined) => return Ok(Verdict::Unasked),
            Err(Halt::Failed(error)) => {
                answered.decline(&profile);
                return Err(error);
            }
        }
    }
    if tty.is_none() || !asks {
        if asks && answered.memory.first_time(&answered.line.shell, "no terminal") {
            let why = match Tty::open() {
                Some(_) => "this runs in the background".to_owned(),
                None => format!("{} to ask on", Tty::none()),
            };
            say(format!("the session of {} is over, and {why}: awsenv refresh {}", profile.name, profile.name));
        }
        return Ok(Verdict::Unasked);
    }
    let result = sibling_first(&desk, &profile, tty.as_ref(), explicit)
        .map_err(Halt::from)
        .and_then(|()| renew(tty.as_ref(), true));
    match result {
        Ok(until) => {
            say(sign_in::good_until(&desk.host, &profile, until));
            let desk = Desk::open(desk.host.clone())?;
            Ok(through(&desk, &profile, explicit))
        }
        Err(Halt::Declined) => {
            answered.decline(&profile);
            Ok(Verdict::Unasked)
        }
        Err(Halt::Failed(error)) => {
            if error.kind() != Kind::Stopped {
                answered.decline(&profile);
            }
            Err(error)
        }
    }
}

/// A profile named on the command line stays what was typed.
fn through(desk: &Desk, profile: &Profile, explicit: bool) -> Verdict {
    match sibling_in_place_of(desk, profile).filter(|_| !explicit) {
        Some(sibling) => Verdict::Through(sibling),
        None => Verdict::AsTyped,
    }
}

/// The sibling through which guarded commands run in this environment, where `AWS_PROFILE`, set by hand, names a profile
/// that only its sibling serves.
pub fn served_through(desk: &Desk) -> Option<ProfileName> {
    let name = InForce::of(&desk.host, &desk.files).name()?;
    sibling_in_place_of(desk, &desk.files.profile(&name)?)
}

fn sibling_in_place_of(desk: &Desk, profile: &Profile) -> Option<ProfileName> {
    let sdk = sdk_profile(desk, profile);
    let inherited = desk.host.var("AWS_PROFILE").map(|n| ProfileName::from(n.as_os_str()));
    let is_other = sdk != profile.name && inherited.as_ref() != Some(&sdk);
    (is_other && sibling::exists(desk, &profile.name)).then_some(sdk)
}

/// The question for the sibling comes before the code; a no is no reason not to sign in, the AWS CLI reads our caches.
fn sibling_first(desk: &Desk, profile: &Profile, tty: Option<&Tty>, explicit: bool) -> Result<()> {
    let needed = !explicit && sdk_profile(desk, profile) != profile.name;
    if !needed
        || tty.is_none()
        || (sibling::exists(desk, &profile.name) && desk.settings.mfa.session_profiles.is_none())
    {
        return Ok(());
    }
    match sibling::ensure(desk, profile, tty) {
        Err(error) if error.kind() == Kind::Stopped => Err(error),
        Err(error) => {
            say(error.to_string());
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
