//! No secret where others see it: in the command line or environment of any process, in what was said, in a file that
//! SECURITY.md does not name for it.

use std::path::Path;

use aws_smithy_types::base64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::page::Page;
use super::world::{NEW, OLD, PIPED, PROXY_PASSWORD, Run, TYPED_KEY, WEB_TOKEN, World};

/// What forms and links leave as it is (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What was made for the tests: a person's programs, and what a person's browser was shown.
const NOT_AWSENVS: [&str; 3] = ["~/new-login", "~/page", "~/ca.pem"];

/// # Panics
/// A secret shows.
pub fn none_shows(page: &Page, world: &World, run: &Run, known_before: Vec<String>) {
    let mut secrets = [known_before, world.aws.secrets()].concat();
    secrets.extend([OLD, NEW, PIPED, PROXY_PASSWORD, TYPED_KEY, WEB_TOKEN, "secret token"].map(str::to_owned));
    secrets.extend(world.hanako.password());
    let spelled: Vec<(String, &String)> =
        secrets.iter().flat_map(|secret| encodings(secret).into_iter().map(move |one| (one, secret))).collect();
    let found = |text: &str| {
        let found = spelled.iter().find(|(one, _)| text.contains(one.as_str())).map(|(_, secret)| secret.as_str());
        found.or_else(|| holds_code(run, text).then_some("a code"))
    };
    let command = &run.command;
    for (words, environment) in &run.calls.processes {
        let line = words.join("\0");
        assert!(found(&line).is_none(), "{command}: a secret in a command line: {words:?}");
        // Those that are given keys, or a proxy's password, as others expect them.
        let is_given = words.iter().any(|word| word == "the-command") || words.iter().any(|word| word == "login");
        let shown = environment.iter().find(|variable| found(variable).is_some());
        assert!(is_given || shown.is_none(), "{command}: a secret in the environment of {words:?}: {shown:?}");
    }
    let said = without_what_is_asked_for(world, run);
    assert!(found(&said).is_none(), "{command}: a secret is said:\n{said}");
    each_file(page, world, world.home.path(), &mut |path, text| {
        assert!(found(text).is_none(), "{command}: a secret is in {}:\n{text}", path.display());
    });
}

/// A secret as it is, and as links, forms, JSON and the headers of HTTP have it.
fn encodings(secret: &str) -> Vec<String> {
    let percent = |text: &str, set| utf8_percent_encode(text, set).to_string();
    let json = serde_json::Value::from(secret).to_string().trim_matches('"').to_owned();
    let form = percent(secret, UNRESERVED);
    let mut all = vec![
        secret.to_owned(),
        percent(secret, NON_ALPHANUMERIC),
        form.replace("%20", "+"),
        percent(&json, UNRESERVED),
        json.replace('/', "\\/"),
        base64::encode(secret),
        form,
        json,
    ];
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether one of the codes that were typed stands there by itself.
fn holds_code(run: &Run, text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    !run.codes.is_empty() && words.any(|word| run.codes.iter().any(|code| code == word))
}

/// What was said, but for what the command is there to say.
fn without_what_is_asked_for(world: &World, run: &Run) -> String {
    let mut said = run.said.clone();
    match run.command.as_str() {
        // Keys, for programs.
        "export" | "credentials" if run.status == 0 => return String::new(),
        // The proxy's address, for the shell.
        "switch" => said = said.replace(PROXY_PASSWORD, ""),
        "iam password create" | "iam password set" => {
            let made = world.hanako.password().unwrap_or_default();
            if ![NEW, PIPED].contains(&made.as_str()) {
                // Alone on its line.
                said = said.lines().filter(|line| *line != made).collect::<Vec<_>>().join("\n");
            }
        }
        _ => {}
    }
    // A code is shown while it is typed.
    run.codes.iter().fold(said, |said, code| said.replace(code, ""))
}

/// Each file below a folder that SECURITY.md names for no secret.
fn each_file(page: &Page, world: &World, folder: &Path, look: &mut dyn FnMut(&Path, &str)) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = format!("~/{}", path.strip_prefix(world.home.path()).unwrap().display());
        let is_given = NOT_AWSENVS.contains(&name.as_str()) || ["~/web-token", "~/box-token"].contains(&name.as_str());
        if path.is_dir() {
            each_file(page, world, &path, look);
        } else if !is_given && !page.files.iter().any(|row| row.is(&name) && row.name != "start files") {
            look(&path, &String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}
