//! `awsenv hook SHELL PROTOCOL [first]`: what a shell's hook asks for when a watched file changed or another profile came
//! into force. Writes the stamp and prints the new watch list. The hook starts this at most once per change, never per
//! prompt. With the first answer comes the part of the hook that a shell without prompts never needs.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::init::{self, Part};
use super::{Desk, check_protocol, cmd, guard, print};
use crate::environment::stamp::{self, Segment, Watched};
use crate::error::{Kind, Result};
use crate::host::Host;
use crate::profile::Files;
use crate::settings::Settings;
use crate::shell::Shell;
use crate::state::StateDir;

pub fn run(shell: Shell, protocol: u32, first: bool, host: Host) -> Result<()> {
    // Silence at the prompt: whatever is wrong is said by a command that the user types.
    check_protocol(protocol).map_err(|_| crate::error::Error::silent(Kind::Failed))?;
    if shell == Shell::Cmd {
        return cmd::hook(&host);
    }
    let code = if first { init::part(shell, Part::FirstPrompt) } else { Vec::new() };
    print(&[code, shell.answer(text(shell, &host))].concat())
}

fn text(shell: Shell, host: &Host) -> Vec<u8> {
    let settings = Settings::load(host).unwrap_or_else(|_| {
        let (path, from_environment) = Settings::locate(host);
        Settings::empty(path, from_environment)
    });
    // Times are taken before the contents, so that a change in between is found by the next prompt.
    let Ok(unread) = Files::unread(host) else { return Vec::new() };
    let mut watched = Watched::look(host, &unread, &settings);
    let Ok(desk) = Desk::open(host.clone()) else {
        // Broken files: nothing to show, but their mending must be noticed.
        return answer(shell, host, &settings, None, &|_| "stamp-none".into(), &watched);
    };
    let segment = look(&desk, &mut watched);
    let stamp = |time| stamp::file_name(&desk.host, &desk.files, &desk.settings, time);
    let through = guard::served_through(&desk).map(|name| name.as_bytes().to_vec()).unwrap_or_default();
    let mut out = answer(shell, host, &settings, segment.as_ref(), &stamp, &watched);
    out.extend(shell.assign("__awsenv_through", &through));
    out
}

/// The segment, made again once its caches were looked at: only the files themselves tell which caches these are.
fn look(desk: &Desk, watched: &mut Watched) -> Option<Segment> {
    let segment = || Segment::of(&desk.host, &desk.settings, &desk.files).ok();
    let first = segment()?;
    let caches = first.standing.as_ref().map(|standing| &standing.files[..]).unwrap_or_default();
    caches.iter().for_each(|cache| watched.add(cache));
    if caches.is_empty() { Some(first) } else { segment() }
}

fn answer(
    shell: Shell,
    host: &Host,
    settings: &Settings,
    segment: Option<&Segment>,
    stamp: &dyn Fn(SystemTime) -> String,
    watched: &Watched,
) -> Vec<u8> {
    let line = segment.map_or_else(|| "1 0 none 0 - ".to_owned(), Segment::line);
    let state = StateDir::of(host);
    let time = watched.stamp_time(SystemTime::now());
    let name = stamp(time);
    let written = state.as_ref().filter(|s| s.write(&name, format!("{line}\n").as_bytes(), Some(time)).is_ok());
    let path = written.map(|s| s.path().join(&name)).unwrap_or_default();
    if let Some((state, (kind, _))) = written.zip(name.rsplit_once('-')) {
        // Shells that know an older one see that files are newer than it, with it and without it.
        state.remove_before(kind, &name);
    }
    let bytes = |path: &PathBuf| shell.path(path);
    // A shell that cannot name a file cannot look at it either; its folder's time tells something.
    let paths =
        |list: &[PathBuf]| list.iter().map(bytes).filter(|path| shell.refusal(path).is_none()).collect::<Vec<_>>();
    let margins: Vec<String> = settings.guard.margins.iter().map(|(c, s)| format!("{c}={s}")).collect();
    let mut out = [
        shell.assign("__awsenv_stamp", &bytes(&path)),
        shell.assign("__awsenv_line", line.as_bytes()),
        shell.assign_list("__awsenv_watch", &paths(&watched.present)),
        shell.assign_list("__awsenv_absent", &paths(&watched.absent)),
        shell.assign_list("__awsenv_commands", &init::guarded(settings)),
        shell.assign_list("__awsenv_margins", &margins),
        shell.assign("__awsenv_due", due(segment).to_string().as_bytes()),
        shell.assign("__awsenv_name", segment.map_or("", |s| &s.name).as_bytes()),
    ]
    .concat();
    if shell == Shell::PowerShell {
        // It compares times itself, and needs no stamp for that: only the time that the stamp has.
        out.extend(shell.assign("__awsenv_seen_at", ticks(time).to_string().as_bytes()));
    }
    if shell == Shell::Clink {
        // It compares times itself, in whole seconds.
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        out.extend(shell.assign("__awsenv_since", since.to_string().as_bytes()));
    }
    if shell == Shell::Fish {
        out.extend(shell.assign("__awsenv_clock", &clock(shell, state.as_ref())));
    }
    if shell == Shell::Nushell {
        // It compares times as numbers, and needs no file for it: nanoseconds since 1970.
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        out.extend(shell.assign("__awsenv_since", since.to_string().as_bytes()));
    }
    out
}

/// From when on the guard renews the session without a person, seconds since 1970; 0 where there is no such time. At the
/// prompt it changes nothing, so that it is no part of the stamp's line.
fn due(segment: Option<&Segment>) -> i64 {
    segment.and_then(|s| s.standing.as_ref()?.renew_at).map_or(0, |at| at.0.max(1))
}

/// A time in .NET's measure: 100 nanoseconds since the year 1.
fn ticks(time: SystemTime) -> u128 {
    621_355_968_000_000_000 + time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() / 100
}

/// fish has no clock of its own: it asks how old a file is, and this one dates from 1970.
fn clock(shell: Shell, state: Option<&StateDir>) -> Vec<u8> {
    let Some(state) = state else { return Vec::new() };
    let path = state.path().join("clock");
    let there = path.metadata().and_then(|m| m.modified()).is_ok_and(|t| t == UNIX_EPOCH);
    if there || state.write("clock", b"", Some(UNIX_EPOCH)).is_ok() {
        return shell.path(&path);
    }
    Vec::new()
}
