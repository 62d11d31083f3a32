//! `awsenv setup` alone on Windows: awsenv's folder into the user's PATH, and the hook's line into the start file of each
//! shell that is there.

use std::path::{Path, PathBuf};

use super::hook::{Hook, add_line, consent};
use crate::cli::SetupArgs;
use crate::commands::init::own_path;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::shell::{Shell, start_file};
use crate::terminal::say;
use crate::windows::{Hive, Text, announce_environment, documents, expand, registry_text, set_registry_text};

/// Where the user's own variables are.
const ENVIRONMENT: &str = "Environment";

/// No shell is named: everything that is here. What was changed is noted in `written`.
pub fn run(args: &SetupArgs, host: &Host, written: &mut Vec<PathBuf>) -> Result<()> {
    path(args, host)?;
    for (who, shell, file) in start_files(host)? {
        say(who);
        // A no here is no answer to the next question.
        if add_line(args.yes, shell, &file)? == Hook::Added {
            written.push(file);
        }
    }
    execution_policy();
    Ok(())
}

/// Adds awsenv's folder to the user's PATH. Not by `setx`, which cuts it at 1024 characters and mixes the machine's into it.
fn path(args: &SetupArgs, host: &Host) -> Result<()> {
    let fail = |what: &str, e: std::io::Error| Error::failed(format!("{what} the user's PATH: {e}"));
    let own = own_path()?;
    let folder = own.parent().unwrap_or(Path::new("")).to_string_lossy().into_owned();
    let before = registry_text(Hive::User, ENVIRONMENT, "Path").map_err(|e| fail("cannot read", e))?;
    let before = before.unwrap_or(Text { text: String::new(), expands: true });
    if before.text.split(';').any(|part| is_same(&expand(host, part), &folder)) {
        say(format!("{folder} is in your PATH already"));
        return Ok(());
    }
    // A path that holds these could not be told from two, or from a variable.
    if folder.contains([';', '%']) {
        return Err(Error::failed(format!("{folder} cannot stand in a PATH")).next("unpack awsenv elsewhere"));
    }
    say(format!(r"this folder goes to the end of your own PATH (HKEY_CURRENT_USER\{ENVIRONMENT}):"));
    say(format!("  {folder}"));
    if !consent(args.yes)? {
        return Ok(());
    }
    let text = match before.text.trim_end_matches(';') {
        "" => folder,
        text => format!("{text};{folder}"),
    };
    set_registry_text(ENVIRONMENT, "Path", &Text { text, ..before }).map_err(|e| fail("cannot write", e))?;
    announce_environment();
    say("done: new windows find awsenv");
    Ok(())
}

fn is_same(part: &str, folder: &str) -> bool {
    let plain = |path: &str| path.trim().trim_matches('"').trim_end_matches(['\\', '/']).to_lowercase();
    !part.trim().is_empty() && plain(part) == plain(folder)
}

/// What to say, the shell, and the file that it reads at its start.
fn start_files(host: &Host) -> Result<Vec<(&'static str, Shell, PathBuf)>> {
    let home = host.home().ok_or_else(|| Error::failed("no home folder: USERPROFILE is not set"))?;
    let documents = documents(home, host);
    let mut found = Vec::new();
    let profile = |folder: &str| documents.join(folder).join(start_file::PROFILE);
    let root = host.var("SystemRoot").map(PathBuf::from).unwrap_or_default();
    if root.join(r"System32\WindowsPowerShell\v1.0\powershell.exe").is_file() {
        found.push(("Windows PowerShell:", Shell::PowerShell, profile("WindowsPowerShell")));
    }
    if which::which("pwsh").is_ok() {
        found.push(("PowerShell 7:", Shell::PowerShell, profile("PowerShell")));
    }
    let below = |name: &str, rest: &str| host.var(name).map(|folder| PathBuf::from(folder).join(rest));
    let bash = [below("ProgramFiles", r"Git\bin\bash.exe"), below("LOCALAPPDATA", r"Programs\Git\bin\bash.exe")];
    // The second by what it says to programs that it starts: it may have been unpacked anywhere.
    if bash.iter().flatten().any(|file| file.is_file()) || host.var("MSYSTEM").is_some() {
        found.push(("Git Bash:", Shell::Bash, start_file::of(Shell::Bash, host)?));
    }
    Ok(found)
}

/// Says what allows Windows PowerShell to read its start file, where something forbids it: on a new Windows it does.
fn execution_policy() {
    const OWN: &str = r"Software\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell";
    const ORDERED: &str = r"Software\Policies\Microsoft\Windows\PowerShell";
    let read = |hive, key| registry_text(hive, key, "ExecutionPolicy").ok().flatten().map(|found| found.text);
    let ordered = read(Hive::Machine, ORDERED).or_else(|| read(Hive::User, ORDERED));
    let is_ordered = ordered.is_some();
    let policy = ordered.or_else(|| read(Hive::User, OWN)).or_else(|| read(Hive::Machine, OWN));
    let policy = policy.unwrap_or_else(|| "Restricted".to_owned());
    if !["restricted", "allsigned", "undefined"].contains(&policy.to_lowercase().as_str()) {
        return;
    }
    say(format!("Windows PowerShell runs no start file here: its execution policy is {policy}"));
    match is_ordered {
        true => say("your organisation has set that: only its administrators can allow it"),
        false => {
            say("  Set-ExecutionPolicy -Scope CurrentUser RemoteSigned");
            say("allows it, for you alone: your own files then run, downloaded ones only when they are signed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_in_a_path_however_it_is_written() {
        assert!(is_same(r#""C:\Tools\AWSENV\" "#, r"c:\tools\awsenv"));
        assert!(!is_same("", "") && !is_same(r"C:\Tools", r"C:\Tools\awsenv"));
    }
}
