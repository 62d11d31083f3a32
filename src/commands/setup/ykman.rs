//! Codes from a YubiKey: `mfa_process`, filled from what `ykman` lists.

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::ask::{Item, Person};
use crate::error::{Kind, Result};
use crate::session::command::{self, Terminal};
use crate::shell::command_word;
use crate::terminal::say;

/// How long it may take without a word.
const LONG: Duration = Duration::from_secs(1);

/// Offers to get the codes of a device from a YubiKey that has them: the command for `mfa_process`. `None`: there is no
/// `ykman`, nothing on the key looks like this device, or the answer was no.
///
/// # Errors
/// Ctrl-C.
pub fn offer(person: &Person, device: &str, user: Option<&str>) -> Result<Option<String>> {
    // On Windows, too, this looks into the folders of PATH alone.
    let Some(ykman) = which::which("ykman").ok().and_then(|found| word(&found)) else { return Ok(None) };
    let list = format!("{ykman} oath accounts list");
    let printed = match beside_a_notice(|| command::output(&list, list.as_ref(), Terminal::of(Some(person.tty)))) {
        Ok(printed) => printed,
        Err(error) if error.kind() == Kind::Stopped => {
            say("without ykman: the codes will be asked for");
            return Ok(None);
        }
        Err(_) => {
            // It has said why.
            say(format!("`{list}` shows none: the codes will be asked for"));
            return Ok(None);
        }
    };
    let accounts = matching(&String::from_utf8_lossy(&printed), device, user);
    let mut commands: Vec<(String, String)> =
        accounts.into_iter().filter_map(|name| Some((command_of(&ykman, &name)?, name))).collect();
    match commands.len() {
        0 => {
            say(format!("nothing in `{list}` looks like this device: the codes will be asked for"));
            return Ok(None);
        }
        1 => {}
        _ => {
            let mut items: Vec<Item> =
                commands.iter().map(|(_, name)| Item { name: name.clone(), about: String::new() }).collect();
            items.push(Item { name: "none of them".into(), about: String::new() });
            let at = person.picks("account on the YubiKey", &items)?;
            if at == commands.len() {
                return Ok(None);
            }
            commands.swap(0, at);
        }
    }
    let (command, _) = commands.swap_remove(0);
    let shown = format!("mfa_process = {command}");
    let agreed =
        person.agrees(&["awsenv would get the codes by this, instead of asking for them:", &shown], "Use it?")?;
    Ok(agreed.then_some(command))
}

/// The word that starts it. On Windows with its folder: `cmd /C` takes a `ykman.bat` of the current folder, which may be a
/// cloned repository, before what PATH has. `None` where that cannot be written into a command in an AWS file.
fn word(found: &Path) -> Option<String> {
    match cfg!(windows) {
        true => command_word::quote(found.to_str()?),
        false => Some("ykman".to_owned()),
    }
}

/// Does what may wait for a touch or a password that nobody sees; once it takes long, that is said.
fn beside_a_notice<T>(work: impl FnOnce() -> T) -> T {
    let (done, waits) = mpsc::channel::<()>();
    let notice = thread::spawn(move || {
        if waits.recv_timeout(LONG).is_err_and(|e| e == mpsc::RecvTimeoutError::Timeout) {
            say("waiting for ykman, which shows the accounts on the YubiKey (Ctrl-C goes on without it)");
        }
    });
    let outcome = work();
    drop(done);
    let _ = notice.join();
    outcome
}

/// The command that prints the code of an account; `None` where its name cannot be written into a command in an AWS file.
fn command_of(ykman: &str, account: &str) -> Option<String> {
    let word = command_word::quote(account).filter(|_| !account.starts_with('-'))?;
    Some(format!("{ykman} oath accounts code --single {word}"))
}

/// The accounts that may be this device's: `ykman` prints one name a line, `Amazon Web Services:taro@account`. They name AWS,
/// the account or the device; a device that is called as its user is, like many an account elsewhere, tells nothing.
fn matching(listed: &str, device: &str, user: Option<&str>) -> Vec<String> {
    let parts: Vec<&str> = device.split(':').collect();
    let account = parts.get(4).copied().filter(|account| !account.is_empty());
    let name = device.rsplit(['/', ':']).next();
    let name = name.filter(|name| user.is_some_and(|user| !user.eq_ignore_ascii_case(name)));
    let wanted: Vec<String> = [Some("amazon"), account, name].into_iter().flatten().map(str::to_lowercase).collect();
    let fits = |line: &&str| {
        let line = line.to_lowercase();
        let mut words = line.split(|c: char| !c.is_alphanumeric());
        wanted.iter().any(|wanted| line.contains(wanted)) || words.any(|word| word.starts_with("aws"))
    };
    listed.lines().map(str::trim).filter(|line| !line.is_empty()).filter(fits).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_that_may_be_meant_are_found_and_quoted() {
        let listed = "GitHub:taro\nAmazon Web Services:hanako@123456789012\nGoogle:x\nWork:my-phone\n\nAWS it's:a\n";
        let device = "arn:aws:iam::123456789012:mfa/my-phone";
        let found = matching(listed, device, Some("hanako"));
        assert_eq!(found, ["Amazon Web Services:hanako@123456789012", "Work:my-phone", "AWS it's:a"]);
        for (device, user) in [(device, Some("taro")), ("arn:aws:iam::123456789012:mfa/taro", Some("taro"))] {
            assert!(!matching(listed, device, user).contains(&"GitHub:taro".to_owned()), "{device}");
        }
        assert_eq!(matching("GitHub:taro\nLaws:x\n", "arn:aws:iam::123456789012:mfa/taro", None), [""; 0]);
        if cfg!(unix) {
            let command = command_of("ykman", "AWS it's:a").expect("it can be written");
            assert_eq!(command, "ykman oath accounts code --single 'AWS it'\"'\"'s:a'");
        }
        assert_eq!(command_of("ykman", "AWS #1"), None, "the SDKs cut the line there");
    }
    #[cfg(windows)]
    #[test]
    fn cmd_gets_no_chance_to_take_one_of_the_current_folder() {
        let found = Path::new(r"C:\Program Files (x86)\Yubico\ykman.exe");
        assert_eq!(word(found).as_deref(), Some(r#""C:\Program Files (x86)\Yubico\ykman.exe""#));
        assert_eq!(word(Path::new(r"C:\%TEMP%\ykman.exe")), None);
    }

    /// What [`offer`] relies on, and could change with the crate.
    #[cfg(windows)]
    #[test]
    fn what_stands_in_the_current_folder_alone_is_not_found() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ykman.bat"), "").expect("it is ours");
        let elsewhere = folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).expect("it is ours");
        assert!(which::which_in("ykman", Some(&elsewhere), folder.path()).is_err());
        assert!(which::which_in("ykman", Some(folder.path()), &elsewhere).is_ok());
    }
}
