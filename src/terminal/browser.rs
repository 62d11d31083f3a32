//! Links: shown, drawn as a QR code, opened in the person's browser.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};

use qrcodegen::{QrCode, QrCodeEcc};

use super::browser_command::Opener;
use super::clean::clean;
use super::tty::Tty;
use crate::error::{Error, Result};
use crate::host::Host;

/// A link that may be opened: `https`, or `http` to this machine, and nothing in it that a terminal or a command line could
/// take for something else.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    text: String,
    host: String,
}

impl std::fmt::Debug for Link {
    /// The rest of it may sign in whoever has it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Link").field(&self.host).finish()
    }
}

impl Link {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it; the link is not repeated.
    pub fn of(text: &str) -> std::result::Result<Self, &'static str> {
        let uri: http::Uri = text.parse().map_err(|_| "it is no link")?;
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let local = host == "127.0.0.1" || host == "localhost" || host == "[::1]";
        match uri.scheme_str() {
            _ if host.is_empty() => Err("it names no host"),
            _ if uri.authority().is_some_and(|a| a.as_str().contains('@')) => Err("there is an @ in front of the host"),
            Some("https") => Ok(Link { text: text.to_owned(), host }),
            Some("http") if local => Ok(Link { text: text.to_owned(), host }),
            _ => Err("it does not begin with https://"),
        }
        // What `Uri` drops without a word.
        .and_then(|link| match text.bytes().all(|b| b.is_ascii_graphic()) {
            true => Ok(link),
            false => Err("there are characters in it that no link has"),
        })
    }

    /// The whole link.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether its host lies below one of these domains.
    pub fn is_below(&self, domains: &[&str]) -> bool {
        domains.iter().any(|domain| self.host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
    }
}

/// Whether a browser that opens here is one that the person sees: not over SSH, and not without a display. `named`: the
/// settings name a command for it.
pub fn can_open_browser(host: &Host, named: bool) -> bool {
    let set = |name: &str| host.var(name).is_some();
    if set("SSH_CONNECTION") || set("SSH_TTY") {
        return false;
    }
    let has_display = set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME");
    named || set("BROWSER") || has_display || cfg!(any(windows, target_vendor = "apple"))
}

/// Opens a link: with the settings' own command where there is one, else with what `BROWSER` names, else as the system
/// does. No shell reads it.
///
/// # Errors
/// Names the program that could not be started.
pub fn open_browser(host: &Host, link: &Link, opener: Option<&Opener>) -> Result<()> {
    let commands = match opener {
        Some(opener) => vec![opener.filled(link).map_err(|why| Error::failed(format!("browser: {why}")))?],
        None => usual(host, link),
    };
    let mut failed = None;
    for words in commands {
        let Some((program, arguments)) = words.split_first() else { continue };
        match start(program, arguments) {
            Ok(()) => return Ok(()),
            Err(why) => failed = Some(format!("{} does not start: {why}", clean(program.as_encoded_bytes()))),
        }
    }
    Err(Error::failed(failed.unwrap_or_else(|| "there is no browser to open".into())))
}

/// The commands to try, in order.
fn usual(host: &Host, link: &Link) -> Vec<Vec<OsString>> {
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let mut commands = Vec::new();
    if let Some(named) = host.var("BROWSER") {
        // A list of commands as in xdg-open and Python's webbrowser; a colon in a Windows path is none between two.
        let named = named.to_string_lossy().into_owned();
        let list: Vec<&str> = if cfg!(windows) { vec![&named] } else { named.split(':').collect() };
        for one in list {
            let parts = if cfg!(windows) { Some(vec![one.to_owned()]) } else { shlex::split(one) };
            commands.extend(parts.map(|parts| filled(&parts, link)));
        }
    } else if cfg!(windows) {
        commands.push(filled(&words(&["rundll32", "url.dll,FileProtocolHandler", "%s"]), link));
    } else if cfg!(target_vendor = "apple") {
        commands.push(filled(&words(&["open", "%s"]), link));
    } else {
        let wsl = host.var("WSL_DISTRO_NAME").is_some();
        let known: &[&[&str]] = if wsl {
            &[&["wslview", "%s"], &["xdg-open", "%s"]]
        } else {
            &[&["xdg-open", "%s"], &["gio", "open", "%s"], &["x-www-browser", "%s"]]
        };
        commands.extend(known.iter().map(|one| filled(&words(one), link)));
    }
    commands
}

/// The command with the link in its place, or behind it where it has none.
fn filled(words: &[String], link: &Link) -> Vec<OsString> {
    let mut filled: Vec<OsString> = words.iter().map(|w| w.replace("%s", link.as_str()).into()).collect();
    if !words.iter().any(|w| w.contains("%s")) && !filled.is_empty() {
        filled.push(link.as_str().into());
    }
    filled
}

/// Starts it apart from the terminal: what it prints is none of the person's, and Ctrl-C here must not end it.
fn start(program: &OsString, arguments: &[OsString]) -> std::io::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    super::relay::hide_from(&mut command, &Host::real());
    command.spawn().map(drop)
}

/// Shows a link on a line of its own, whole, so that it can be copied.
pub fn show_link(link: &Link) {
    eprintln!("  {}", link.as_str());
}

/// Draws a link as a QR code where the terminal has room for it. Light on dark or dark on light, a phone reads both.
pub fn show_qr(host: &Host, link: &Link) {
    let columns = Tty::open().map_or(80, |tty| tty.size().1);
    if !std::io::stderr().is_terminal() || host.var("TERM").is_some_and(|t| t == "dumb") {
        return;
    }
    if let Some(drawn) = qr(link.as_str(), columns) {
        // Nobody can be told when it fails.
        let _ = std::io::stderr().write_all(drawn.as_bytes());
    }
}

/// Text as a QR code in half blocks, two rows in a line; `None` where it is wider than `columns`.
pub fn qr(text: &str, columns: usize) -> Option<String> {
    const QUIET: i32 = 2;
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let side = code.size() + 2 * QUIET;
    if usize::try_from(side).ok()? > columns {
        return None;
    }
    // The light modules are drawn: most terminals are dark, and the quiet zone has to be light.
    let light = |x: i32, y: i32| y < side && !code.get_module(x - QUIET, y - QUIET);
    let mut drawn = String::new();
    for y in (0..side).step_by(2) {
        for x in 0..side {
            drawn.push(match (light(x, y), light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawn.push('\n');
    }
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::time::Timestamp;

    fn host(vars: &[(&str, &str)]) -> Host {
        Host::fixed(vars, Path::new("/home/taro"), Timestamp(0))
    }

    #[test]
    fn only_links_that_can_do_no_harm_are_links() {
        assert_eq!(
            Link::of("https://device.sso.eu-west-1.amazonaws.com/?user_code=AB").map(|l| l.host),
            Ok("device.sso.eu-west-1.amazonaws.com".into())
        );
        assert!(Link::of("http://127.0.0.1:8080/x").is_ok());
        for text in [
            "http://evil.example/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "",
            "--version",
            "https://a.example/\u{1b}[2J",
            "https://aws.amazon.com@evil.example/",
            "https://a.example/ b",
            "https://a.example/é",
        ] {
            assert!(Link::of(text).is_err(), "{text:?}");
        }
        let link = Link::of("https://x.awsapps.com.evil.example/").expect("a link");
        assert!(!link.is_below(&["awsapps.com"]));
        assert!(Link::of("https://d-1.awsapps.com/start").is_ok_and(|l| l.is_below(&["awsapps.com"])));
    }

    #[test]
    fn a_browser_is_opened_only_where_it_can_be_seen() {
        assert!(can_open_browser(&host(&[("BROWSER", "firefox")]), false) && can_open_browser(&host(&[]), true));
        let over_ssh = host(&[("DISPLAY", ":0"), ("BROWSER", "firefox"), ("SSH_CONNECTION", "x")]);
        assert!(!can_open_browser(&over_ssh, true));
        assert_eq!(can_open_browser(&host(&[]), false), cfg!(any(windows, target_vendor = "apple")));
    }

    #[test]
    fn a_link_stands_where_the_command_wants_it() {
        let link = Link::of("https://a.example/?x=$(id)&y=;").expect("a link");
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(filled(&words(&["firefox", "-P", "work", "%s"]), &link)[3], link.as_str());
        assert_eq!(filled(&words(&["firefox"]), &link), ["firefox", link.as_str()]);
    }

    #[test]
    fn a_qr_code_is_drawn_where_it_fits() {
        let drawn = qr("https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH", 80).expect("it fits");
        let widths: Vec<_> = drawn.lines().map(|l| l.chars().count()).collect();
        assert!(widths.iter().all(|w| *w == widths[0] && *w <= 80), "{widths:?}");
        assert_eq!(qr("https://device.sso.eu-west-1.amazonaws.com/", 20), None);
    }
}
