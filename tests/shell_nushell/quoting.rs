//! Quoting is the security boundary: any text goes into a real nushell and comes back.

use awsenv::shell::Shell as Language;
use proptest::prelude::*;

use crate::world::World;

/// Text that has broken other tools, and any other but NUL.
pub fn values() -> impl Strategy<Value = String> {
    let hostile = "'\"\\$`!(){}[]*?~%&|;<>#^-=,:@\n\t\r\u{1b} \u{9b}\u{202e}\u{2028}\u{feff}é\u{fffd}";
    let c = prop_oneof![
        2 => any::<char>(),
        1 => (1u8..128).prop_map(char::from),
        2 => prop::sample::select(hostile.chars().collect::<Vec<_>>()),
    ];
    prop::collection::vec(c.prop_filter("no NUL", |c| *c != '\0'), 0..40).prop_map(String::from_iter)
}

/// So many cases, and no file of failed ones: the seed is in the message.
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

const FIXED: [&str; 14] = [
    "",
    "-n",
    "--",
    "null",
    "true",
    "1kb",
    "$(touch X)",
    "(^touch X)",
    "$\"(^touch X)\"",
    "\\u{41}",
    "a\n\nb\n",
    "{a: 1}",
    "\u{10ffff}é",
    "\u{301}",
];

/// As code (the record in front of the hook) and as data (what `from nuon` reads of an answer), in the shell and in the
/// environment of a program.
#[test]
fn any_text_comes_back_from_nushell_as_it_went_in() {
    let world = World::new();
    let Some(nu) = testbed::require("nu") else { return };
    proptest!(cases(12), |(random in prop::collection::vec(values(), 60))| {
        let all: Vec<&str> = FIXED.iter().copied().chain(random.iter().map(String::as_str)).collect();
        let language = Language::Nushell;
        let one: Vec<u8> = all.iter().enumerate().flat_map(|(n, v)| language.assign(&format!("__awsenv_x{n}"), v.as_bytes())).collect();
        let lines = [language.assign_list("__awsenv_all", &all), one].concat();
        world.home.write("answer", language.answer(lines.clone()));
        let mut script = language.preamble(lines);
        script.extend(b"let read = open --raw answer | from nuon\n\
            if $read != $env.__awsenv_given { print --stderr 'code and data differ' }\n\
            for value in ($env.__awsenv_given.all ++ ($env.__awsenv_given | reject all | values)) {\n\
            $env.EXPORTED = $value\n^sh -c 'printf \"%s\\0\" \"$EXPORTED\"'\n}\n");
        world.home.write("quote.nu", &script);
        let out = world.home.command(&nu).args(["--no-config-file", "quote.nu"]).output().expect("nu runs");
        prop_assert_eq!(String::from_utf8_lossy(&out.stderr), "");
        let got: Vec<&[u8]> = out.stdout.split(|b| *b == 0).collect();
        let want: Vec<&[u8]> = all.iter().chain(&all).map(|v| v.as_bytes()).chain([&b""[..]]).collect();
        prop_assert_eq!(got, want);
        prop_assert!(!world.home.path().join("X").exists());
    });
}

/// `awsenv export`'s record, in the environment of a program.
#[test]
fn what_is_exported_is_read_with_load_env() {
    let world = World::new();
    let Some(nu) = testbed::require("nu") else { return };
    world.session_ends_in(7200);
    world.home.settings("[profile dev]\nenv.TEAM = a 'b' \"c\" $d (^touch X) \\u{41}\nproxy = none\n");
    let script = "awsenv export dev --format nushell | from nuon | load-env\n^sh -c 'printf \"%s|%s|%s\" \"$TEAM\" \
                  \"${AWS_SESSION_TOKEN:+token}\" \"${HTTPS_PROXY-unset}\"'";
    let mut command = world.home.command(&nu);
    command.args(["--no-config-file", "-c", script]).env("HTTPS_PROXY", "http://mine:1");
    let out = command.output().expect("nu runs");
    let said = (String::from_utf8_lossy(&out.stdout).into_owned(), String::from_utf8_lossy(&out.stderr).into_owned());
    assert_eq!(said, ("a 'b' \"c\" $d (^touch X) \\u{41}|token|unset".into(), String::new()));
    assert!(!world.home.path().join("X").exists());
}

#[test]
fn what_nushell_cannot_hold_is_refused_by_name() {
    let world = World::new();
    let keys = b"]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n";
    let name = b"bad\xffname";
    world.home.credentials([b"[", &name[..], keys].concat());
    use std::os::unix::ffi::OsStrExt;
    let mut command = world.home.awsenv(&["switch", "nushell", "1", "0", "", "", "--"]);
    let out = command.arg(std::ffi::OsStr::from_bytes(name)).output().expect("awsenv runs");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(1) && out.stdout.is_empty(), "{out:?}");
    assert!(said.contains("AWS_PROFILE cannot be") && said.contains("UTF-8") && said.lines().count() == 1, "{said}");
    // The prompt of a parent's profile of that name is nushell's own to refuse: it does not start in such an environment.
    let mut command = world.home.awsenv(&["hook", "nushell", "1"]);
    let out = command.env("AWS_PROFILE", std::ffi::OsStr::from_bytes(name)).output().expect("awsenv runs");
    assert!(out.status.success() && std::str::from_utf8(&out.stdout).is_ok(), "{out:?}");
}
