//! `Debug` shows no secret: types that hold one have none, or one that leaves it out.
#![allow(clippy::unwrap_used, reason = "a test may end here")]

use std::fmt::Debug;
use std::path::Path;

use awsenv::aws_files::{Document, FileKind, KeyChange, NewSection, SectionKind};
use awsenv::host::Host;
use awsenv::net::{Client, DeviceCode, Grant, Keys, ProxyAddress, ProxyChoice, Session, Token};
use awsenv::profile::Files;
use awsenv::settings::Settings;
use awsenv::terminal::{Answer, Code, Link};
use awsenv::time::Timestamp;
use secrecy::SecretString;

/// A type that has no `Debug`: else it would not compile, for it could mean two things.
macro_rules! has_no_debug {
    ($($type:ty),+ $(,)?) => {$(
        const _: fn() = || {
            trait TwiceIfDebug<A> {
                fn check() {}
            }
            impl<T: ?Sized> TwiceIfDebug<()> for T {}
            struct HasDebug;
            impl<T: ?Sized + Debug> TwiceIfDebug<HasDebug> for T {}
            let _ = <$type as TwiceIfDebug<_>>::check;
        };
    )+};
}

has_no_debug!(
    // Codes, and the words of commands.
    awsenv::cli::Cli,
    awsenv::cli::Command,
    awsenv::cli::UseArgs,
    awsenv::cli::RefreshArgs,
    awsenv::cli::MfaArgs,
    awsenv::cli::ExecArgs,
    awsenv::cli::GuardArgs,
    awsenv::cli::SwitchArgs,
    // The environment: as it is, and as a command gets it.
    awsenv::host::Host,
    awsenv::environment::Changes,
    // Seeds, tokens, keys, links.
    awsenv::net::NewDevice,
    awsenv::net::LoginToken,
    awsenv::net::DpopKey,
    awsenv::net::Reply,
    awsenv::session::Ready,
    awsenv::session::ConsoleLink,
    awsenv::terminal::Secret<'static>,
);

const SECRET: &str = "hUnTeR2x9";

#[test]
fn types_with_a_secret_show_none() {
    let secret = || SecretString::from(SECRET);
    let keys = || Keys { access_key_id: SECRET.into(), secret_access_key: secret(), session_token: Some(secret()) };
    let client = Client { id: "id".into(), secret: secret(), expires_at: Timestamp(0) };
    let code = DeviceCode {
        code: secret(),
        user_code: "ABCD-EFGH".into(),
        url: "https://x/".into(),
        url_with_code: None,
        expires_in: 1,
        interval: 1,
    };
    let code_grant =
        Grant::AuthorizationCode { code: &secret(), verifier: &secret(), redirect_uri: "http://127.0.0.1/" };
    let choice = ProxyChoice::Use {
        url: format!("http://taro:{SECRET}@proxy:3128").into(),
        username: None,
        password: Some(secret()),
        no_proxy: None,
        name: "[proxy corp]".into(),
        from_environment: false,
    };
    let text = format!("[dev]\naws_secret_access_key = {SECRET}\n");
    let document = Document::parse(text.clone().into(), FileKind::Credentials);
    let section = document.profile("dev".into()).unwrap();
    let entries = vec![("aws_secret_access_key", SECRET.into())];
    let new = NewSection { kind: SectionKind::Profile, name: "dev".into(), entries };
    let change = KeyChange { profile: "dev".into(), key: "x", by: Some(("y", SECRET.into())) };

    let home = testbed::Home::new(env!("CARGO_BIN_EXE_awsenv"));
    home.credentials(&text).config(format!("[profile cmd]\ncredential_process = printf {SECRET}\n"));
    home.settings(format!(
        "[profile dev]\nproxy = corp\nenv.TF_VAR_password = {SECRET}\nbrowser = x {SECRET} {{url}}\n\
         [proxy corp]\nhttps = http://taro:{SECRET}@proxy:3128\npassword_process = printf {SECRET}\n"
    ));
    let host = Host::fixed(&[], home.path(), Timestamp(0));
    let settings = Settings::load(&host).unwrap();
    let files = Files::read(&host).unwrap();
    let value = files.profile(&"cmd".into()).and_then(|profile| profile.get("credential_process")).unwrap();
    assert_eq!(value.text, format!("printf {SECRET}"));

    for shown in [
        format!("{:?}", keys()),
        format!("{:?}", Session { keys: keys(), expiration: Timestamp(0), assumed_role: None }),
        format!("{:?}", Token { access: secret(), expires_in: 1, refresh: Some(secret()) }),
        format!("{client:?} {code:?} {code_grant:?} {:?}", Grant::Refresh(&secret())),
        format!("{choice:?} {:?}", ProxyAddress::parse(format!("taro:{SECRET}@proxy:1").as_bytes())),
        format!("{:?} {:?}", Answer::Given(secret()), Link::of(&format!("https://x/?SigninToken={SECRET}"))),
        format!("{document:?} {section:?} {:?} {new:?} {change:?}", section.get("aws_secret_access_key")),
        format!("{:?} {:?}", settings.profile("dev".into()), settings.proxy("corp")),
        format!("{value:?}"),
    ] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
    assert!(!format!("{:?}", Code::parse("492039")).contains("492"));
}

/// The names of fields that may hold a secret, where their type does not hide it.
const NAMES: [&str; 22] = [
    "secret",
    "password",
    "token",
    "seed",
    "code",
    "verifier",
    "pem",
    "bytes",
    "text",
    "value",
    "entries",
    "properties",
    "args",
    "command",
    "words",
    "content",
    "body",
    "url",
    "message",
    "link",
    "env",
    "by",
];

/// Fields of those names in which none is; the `text`, `code` and `message` of an error are a service's, cleaned.
const HARMLESS: [&str; 13] = [
    "Finding.text",
    "Error.message",
    "Endpoint.url",
    "Said.code",
    "Said.message",
    "DeviceCode.url",
    // Of salted hashes.
    "Entry.value",
    "Question.text",
    "BrowserCommand.words",
    // What cmd runs at its start.
    "Text.text",
    // The fixed words of a complaint.
    "Complaint.text",
    // What the session bus says to a call that it refuses.
    "Fault.message",
    // A profile's name.
    "Word.text",
];

/// So that the next type is looked at, too.
#[test]
fn no_type_derives_a_debug_that_shows_a_field_of_such_a_name() {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = open.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => open.push(path),
                false => found.extend(shown_fields(&std::fs::read_to_string(&path).unwrap())),
            }
        }
    }
    found.retain(|field| {
        let (type_name, name) = field.split_once('.').unwrap();
        let of_a_service = type_name.ends_with("Error") && ["text", "code", "message"].contains(&name);
        !of_a_service && !HARMLESS.contains(&field.as_str())
    });
    assert!(found.is_empty(), "`Debug` shows what may be secret: {found:?}");
}

/// `Type.field` of each field of such a name and of text or bytes, in types that derive `Debug`.
fn shown_fields(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if !(line.trim_start().starts_with("#[derive(") && line.contains("Debug")) {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let head = lines.by_ref().find(|l| l.contains("struct ") || l.contains("enum ")).unwrap_or_default();
        let name = head.split(["struct ", "enum "].into_iter().find(|word| head.contains(word)).unwrap_or("struct "));
        let name = name.last().unwrap_or_default().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if !head.ends_with('{') {
            continue;
        }
        for field in lines.by_ref().take_while(|l| *l != end) {
            let Some((field, kind)) = field.trim().trim_start_matches("pub ").split_once(": ") else { continue };
            let field = field.rsplit(' ').next().unwrap_or_default();
            let is_plain = ["String", "BStr", "u8", "str", "Bytes"].iter().any(|word| kind.contains(word));
            if NAMES.contains(&field) && is_plain && !kind.contains("Secret") && !kind.contains("'static") {
                found.push(format!("{name}.{field}"));
            }
        }
    }
    found
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let source = "#[derive(Debug, Clone)]\npub struct Open<'a> {\n    pub password: String,\n    pub token: SecretString,\n    \
                  pub(super) bytes: &'a [u8],\n}\n#[derive(Clone)]\nstruct Shut {\n    secret: String,\n}\n";
    assert_eq!(shown_fields(source), ["Open.password", "Open.bytes"]);
}
