//! `awsenv export [PROFILE]`: the session's keys, region, proxy and variables for a program or a shell.

use super::{Desk, cmd, exec, print};
use crate::cli::{ExportArgs, ExportFormat};
use crate::environment::Changes;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::shell::Shell;
use crate::state::Memory;
use crate::terminal::Tty;

pub fn run(args: &ExportArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let profile = desk.files.expect_profile(&desk.profile_name(args.profile.as_deref()))?;
    let memory = Memory::of(&desk.host);
    let tty = Tty::open().filter(Tty::is_foreground);
    let ready = exec::keys(&desk, &memory, &profile, tty.as_ref())?;
    let mut changes = Changes::default();
    exec::set_keys(&mut changes, &ready);
    exec::dress(&desk, &memory, &profile, tty.as_ref(), &mut changes)?;
    let shell = match args.format {
        ExportFormat::Env => return print(&raw(&changes)?),
        ExportFormat::Bash => Shell::Bash,
        ExportFormat::Zsh => Shell::Zsh,
        ExportFormat::Fish => Shell::Fish,
        ExportFormat::PowerShell => Shell::PowerShell,
        ExportFormat::Nushell => Shell::Nushell,
        ExportFormat::Cmd => return cmd::print_export(&changes),
    };
    if let Some((name, why)) = changes.set.iter().find_map(|(name, value)| Some((name, shell.refusal(value)?))) {
        return Err(Error::failed(format!("{name} cannot be said in {}: {why}", shell.name())));
    }
    let set = changes.set.iter().flat_map(|(name, value)| shell.export(name, value));
    let unset = changes.unset.iter().flat_map(|name| shell.unset(name));
    print(&shell.answer(unset.chain(set).collect()))
}

/// `NAME=value` lines: nothing is quoted, so nothing that would need quoting can be said.
fn raw(changes: &Changes) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for (name, value) in &changes.set {
        if value.iter().any(u8::is_ascii_control) {
            return Err(Error::failed(format!("{name} holds a control character, which a NAME=value line cannot"))
                .next("awsenv export --format bash"));
        }
        out.extend([name.as_bytes(), b"=", value, b"\n"].concat());
    }
    Ok(out)
}
