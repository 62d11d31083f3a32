//! From the text of the settings file to [`Settings`]: every section and key is known, or an error.

use ini::{Ini, ParseOption};

use super::value::{parse_bool, parse_duration, parse_words};
use super::{ProfileSettings, ProxyChoice, ProxySettings, Settings};
use crate::error::{Error, Result};
use crate::terminal::BrowserCommand;

const PROFILE_KEYS: [&str; 9] =
    ["proxy", "production", "export_region", "session_profile", "ask", "duration", "allow_endpoint", "browser", "env."];
const PROXY_KEYS: [&str; 6] = ["http", "https", "no_proxy", "username", "password_process", "keyring"];
const GUARD_KEYS: [&str; 5] = ["commands", "also", "margin", "ask", "pass."];
const MFA_KEYS: [&str; 3] = ["session_profiles", "duration", "role_duration"];

/// One key of one section, with what is needed to complain about it.
struct Entry<'a> {
    file: &'a str,
    section: &'a str,
    key: &'a str,
    value: &'a str,
}

impl Entry<'_> {
    fn bad(&self, wanted: &str) -> Error {
        let Entry { file, section, key, value } = self;
        Error::failed(format!("{file}: [{section}] {key} = {value}: {wanted}"))
    }

    fn flag(&self) -> Result<bool> {
        parse_bool(self.value).ok_or_else(|| self.bad("must be true or false"))
    }

    fn duration(&self) -> Result<u32> {
        parse_duration(self.value).ok_or_else(|| self.bad("must be a length of time such as 90, 15m or 12h"))
    }

    fn asks(&self) -> Result<bool> {
        match self.value.trim() {
            "never" => Ok(false),
            "always" => Ok(true),
            _ => Err(self.bad("must be never or always")),
        }
    }

    fn unknown(&self, known: &[&str]) -> Error {
        let Entry { file, section, key, .. } = self;
        let error = Error::failed(format!("{file}: [{section}] has no key `{key}`"));
        match nearest(key, known) {
            Some(near) => error.next(format!("did you mean `{near}`?")),
            None => error.next(format!("it knows {}", known.join(", "))),
        }
    }
}

/// Escapes and quotes off, so that Windows paths stay what they are.
pub(super) fn dialect() -> ParseOption {
    ParseOption { enabled_quote: false, enabled_escape: false, ..ParseOption::default() }
}

/// Fills `settings` from the text of its file.
pub(super) fn read_into(settings: &mut Settings, text: &str) -> Result<()> {
    let file = settings.path.display().to_string();
    // A byte order mark is no part of the first section's name.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_lines(text, &file)?;
    let ini = Ini::load_from_str_opt(text, dialect())
        .map_err(|e| Error::failed(format!("{file}:{}: {}", e.line + 1, e.msg)))?;
    for (section, keys) in &ini {
        let Some(section) = section else {
            if let Some((key, _)) = keys.iter().next() {
                return Err(Error::failed(format!("{file}: `{key}` stands before the first [section]")));
            }
            continue;
        };
        let entries = keys.iter().map(|(key, value)| Entry { file: &file, section, key, value });
        match section.split_once([' ', '\t']).map_or((section, ""), |(kind, name)| (kind, name.trim())) {
            ("profile", name) if !name.is_empty() => {
                let mut profile = ProfileSettings::default();
                entries.into_iter().try_for_each(|e| profile_key(&mut profile, &e))?;
                settings.profiles.push((name.to_owned(), profile));
            }
            ("proxy", name) if !name.is_empty() => {
                let proxy = settings.proxies.entry(name.to_owned()).or_default();
                entries.into_iter().try_for_each(|e| proxy_key(proxy, &e))?;
                if proxy.keyring && proxy.password_process.is_some() {
                    let line = format!("{file}: [{section}] has both password_process and keyring = yes");
                    return Err(Error::failed(line).next("keep one of them"));
                }
            }
            ("prompt", "") => entries.into_iter().try_for_each(|e| match e.key {
                "format" => {
                    settings.prompt.format = checked_format(&e)?;
                    Ok(())
                }
                _ => Err(e.unknown(&["format"])),
            })?,
            ("guard", "") => {
                entries.into_iter().try_for_each(|e| guard_key(settings, &e))?;
                unguarded_margin(settings, &file, section)?;
            }
            ("mfa", "") => entries.into_iter().try_for_each(|e| mfa_key(settings, &e))?,
            _ => {
                let known = ["profile NAME", "proxy NAME", "prompt", "guard", "mfa"];
                return Err(Error::failed(format!("{file}: unknown section [{section}]"))
                    .next(format!("the sections are {}", known.map(|k| format!("[{k}]")).join(", "))));
            }
        }
    }
    Ok(())
}

fn profile_key(profile: &mut ProfileSettings, e: &Entry) -> Result<()> {
    match e.key {
        "proxy" => {
            profile.proxy = Some(match e.value.trim() {
                "none" => ProxyChoice::None,
                "" => return Err(e.bad("must be the name of a [proxy NAME] section, or none")),
                name => ProxyChoice::Named(name.to_owned()),
            });
        }
        "production" => profile.production = Some(e.flag()?),
        "export_region" => profile.export_region = Some(e.flag()?),
        "session_profile" => profile.session_profile = Some(e.flag()?),
        "ask" => profile.ask = Some(e.asks()?),
        "duration" => profile.duration = Some(e.duration()?),
        "browser" => {
            let command = BrowserCommand::parse(e.value).map_err(|why| e.bad(why))?;
            profile.browser = Some((e.value.trim().to_owned(), command));
        }
        "allow_endpoint" => profile.allow_endpoint = parse_words(e.value),
        key => match key.strip_prefix("env.") {
            Some(name) => {
                if let Some(reason) = refused_variable(name) {
                    return Err(e.bad(reason));
                }
                profile.env.push((name.to_owned(), e.value.to_owned()));
            }
            None => return Err(e.unknown(&PROFILE_KEYS)),
        },
    }
    Ok(())
}

/// Why `env.NAME` may not be set: names that awsenv sets itself, and names that a shell or loader acts on.
fn refused_variable(name: &str) -> Option<&'static str> {
    const OURS: [&str; 22] = [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_SESSION_EXPIRATION",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "HOME",
        "PATH",
    ];
    const SHELLS: [&str; 12] = [
        "PROMPT_COMMAND",
        "IFS",
        "ENV",
        "BASH_ENV",
        "ZDOTDIR",
        "SHELLOPTS",
        "BASHOPTS",
        "PROMPT",
        "RPROMPT",
        "fish_function_path",
        "PSModulePath",
        "SHELL",
    ];
    let first = name.bytes().next().unwrap_or(b'0');
    let identifier =
        (first.is_ascii_alphabetic() || first == b'_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !identifier {
        return Some("is not the name of an environment variable");
    }
    if OURS.contains(&name) || name.starts_with("AWSENV_") || name.starts_with("__awsenv") {
        return Some("is a variable that awsenv itself sets or is led by");
    }
    let shell = SHELLS.contains(&name) || name.starts_with("LD_") || name.starts_with("DYLD_");
    let prompt = name.strip_prefix("PS").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    (shell || prompt || name.starts_with("BASH_FUNC_"))
        .then_some("is a variable that a shell or the loader acts on, and may not be set from here")
}

fn proxy_key(proxy: &mut ProxySettings, e: &Entry) -> Result<()> {
    let field = match e.key {
        "http" => &mut proxy.http,
        "https" => &mut proxy.https,
        "no_proxy" => &mut proxy.no_proxy,
        "username" => &mut proxy.username,
        "password_process" => &mut proxy.password_process,
        "keyring" => {
            proxy.keyring = e.flag()?;
            return Ok(());
        }
        _ => return Err(e.unknown(&PROXY_KEYS)),
    };
    *field = Some(e.value.trim().to_owned());
    Ok(())
}

fn guard_key(settings: &mut Settings, e: &Entry) -> Result<()> {
    let guard = &mut settings.guard;
    match e.key {
        "commands" => guard.commands = command_names(e)?,
        "also" => {
            for name in command_names(e)? {
                if !guard.commands.contains(&name) {
                    guard.commands.push(name);
                }
            }
        }
        "margin" => guard.margin = e.duration()?,
        "ask" => guard.ask = e.asks()?,
        key => match key.strip_prefix("pass.") {
            Some(command) => {
                guard.pass.insert(command.to_owned(), parse_words(e.value));
            }
            // `terraform = 30m`: a margin of one command. Anything that is no length of time is a misspelt key.
            None if is_command_name(key) && parse_duration(e.value).is_some() => {
                guard.margins.insert(key.to_owned(), e.duration()?);
            }
            None => return Err(e.unknown(&GUARD_KEYS)),
        },
    }
    Ok(())
}

/// A margin of a command that nobody guards is a misspelt key.
fn unguarded_margin(settings: &Settings, file: &str, section: &str) -> Result<()> {
    let guarded: Vec<&str> = settings.guard.commands.iter().map(String::as_str).collect();
    match settings.guard.margins.keys().find(|command| !guarded.contains(&command.as_str())) {
        None => Ok(()),
        Some(key) => {
            let known: Vec<&str> = GUARD_KEYS.into_iter().chain(guarded).collect();
            Err(Entry { file, section, key, value: "" }.unknown(&known))
        }
    }
}

fn command_names(e: &Entry) -> Result<Vec<String>> {
    let names = parse_words(e.value);
    match names.iter().find(|n| !is_command_name(n)) {
        Some(bad) => Err(e.bad(&format!("`{bad}` is not the name of a command"))),
        None => Ok(names),
    }
}

/// The names a function can be defined under in every shell; anything else could be read as code there.
fn is_command_name(name: &str) -> bool {
    let first = name.bytes().next().unwrap_or(b'-');
    (first.is_ascii_alphanumeric() || first == b'_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

fn mfa_key(settings: &mut Settings, e: &Entry) -> Result<()> {
    match e.key {
        "session_profiles" => settings.mfa.session_profiles = Some(e.flag()?),
        "duration" => settings.mfa.duration = Some(e.duration()?),
        "role_duration" => settings.mfa.role_duration = Some(e.duration()?),
        _ => return Err(e.unknown(&MFA_KEYS)),
    }
    Ok(())
}

fn checked_format(e: &Entry) -> Result<String> {
    let known = ["profile", "left", "region", "account", "kind"];
    for part in e.value.split('{').skip(1) {
        let name = part.split_once('}').map(|(name, _)| name);
        if !name.is_some_and(|n| known.contains(&n)) {
            return Err(e.bad("knows {profile}, {left}, {region}, {account} and {kind}"));
        }
    }
    Ok(e.value.to_owned())
}

/// What rust-ini would read in its own way or complain about without the right line: a line that ends in a backslash is
/// joined with the next one (also with escapes off), an unclosed section header is reported at the end of the file.
fn check_lines(text: &str, file: &str) -> Result<()> {
    for (index, line) in text.lines().map(str::trim).enumerate() {
        let complaint = match line.chars().next() {
            None | Some('#' | ';') => continue,
            Some('[') if !line.ends_with(']') => "a section header is `[name]`, alone on its line",
            _ if line.ends_with('\\') => "a value must not end in a backslash",
            Some('[') => continue,
            _ if !line.contains('=') => "neither `key = value`, a comment nor a [section]",
            _ => continue,
        };
        return Err(Error::failed(format!("{file}:{}: {complaint}", index + 1)));
    }
    Ok(())
}

fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let away = |k: &&&str| strsim::damerau_levenshtein(word, k);
    known.iter().filter(|k| away(k) <= 2).min_by_key(away).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings> {
        let mut settings = Settings::empty("/etc/awsenv".into(), false);
        read_into(&mut settings, text).map(|()| settings)
    }

    fn complaint(text: &str) -> String {
        read(text).expect_err("must be refused").to_string()
    }

    #[test]
    fn globs_apply_in_order_and_the_exact_name_last() {
        let text = "[profile dev]\nproxy = lab\n[profile *]\nproxy = corp\nproduction = yes\nenv.A = 1\n[profile d*]\nenv.A = C:\\new\\x\n";
        let dev = read(text).expect("reads").profile("dev".into());
        assert_eq!(dev.proxy, Some(ProxyChoice::Named("lab".into())));
        assert_eq!(dev.production, Some(true));
        assert_eq!(dev.env, [("A".to_owned(), "C:\\new\\x".to_owned())]);
    }

    #[test]
    fn mistakes_name_their_place_and_the_nearest_key() {
        assert_eq!(
            complaint("[profile dev]\nprxy = a\n"),
            "/etc/awsenv: [profile dev] has no key `prxy`: did you mean `proxy`?"
        );
        assert_eq!(
            complaint("[guard]\nmargin = soon\n"),
            "/etc/awsenv: [guard] margin = soon: must be a length of time such as 90, 15m or 12h"
        );
        assert_eq!(
            complaint("[mfa]\n\nsession_profiles = C:\\\n"),
            "/etc/awsenv:3: a value must not end in a backslash"
        );
        assert!(complaint("[profile dev\n").starts_with("/etc/awsenv:1"), "{}", complaint("[profile dev\n"));
        assert!(complaint("[profil dev]\nproxy = a\n").contains("unknown section [profil dev]"));
    }

    #[test]
    fn an_address_in_the_place_of_a_proxy_section_is_not_shown() {
        let settings = read("[profile dev]\nproxy = http://taro:s3cret@proxy.corp:3128\n").expect("reads");
        let Some(ProxyChoice::Named(name)) = settings.profile("dev".into()).proxy else { panic!("a name") };
        let said = settings.proxy(&name).expect_err("no such section").to_string();
        assert!(said.starts_with("/etc/awsenv: proxy") && said.contains("[proxy corp]"), "{said}");
        assert!(!said.contains("s3cret") && !said.contains("taro"), "{said}");
    }

    #[test]
    fn variables_that_steer_a_shell_are_refused() {
        for name in [
            "PROMPT_COMMAND",
            "PS1",
            "PS4",
            "IFS",
            "ENV",
            "BASH_ENV",
            "ZDOTDIR",
            "LD_PRELOAD",
            "AWS_PROFILE",
            "A B",
            "a[$(x)]",
        ] {
            assert!(read(&format!("[profile dev]\nenv.{name} = x\n")).is_err(), "{name}");
        }
        assert!(read("[profile dev]\nenv.TF_VAR_x = a = b # c\n").is_ok());
    }

    #[test]
    fn a_browser_is_a_command_with_places_that_are_known() {
        let settings = read("[profile *]\nbrowser = firefox {url}\n[profile dev]\nbrowser = x '{profile} {url}'\n");
        let of = |name: &str| settings.as_ref().expect("reads").profile(name.into()).browser.expect("a command").0;
        assert_eq!((of("prod").as_str(), of("dev").as_str()), ("firefox {url}", "x '{profile} {url}'"));
        assert_eq!(
            complaint("[profile dev]\nbrowser = firefox {link}\n"),
            "/etc/awsenv: [profile dev] browser = firefox {link}: knows {url}, {profile} and {account}"
        );
    }

    #[test]
    fn a_command_name_can_be_no_shell_code() {
        assert!(read("[guard]\nalso = kubectl helm\n").is_ok());
        assert!(read("[guard]\nalso = $(x)\n").is_err());
    }
}
