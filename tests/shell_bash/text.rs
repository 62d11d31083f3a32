//! Quoting through a real bash, and what the linters say about what `init` prints.

use std::io::Write;
use std::process::{Command, Stdio};

use awsenv::shell::Shell;
use proptest::prelude::*;

use crate::home;

/// What bash makes of a script, byte for byte.
fn bash_says(options: &[&str], script: &[u8]) -> Option<Vec<u8>> {
    let bash = testbed::require("bash")?;
    let mut child = Command::new(bash)
        .args(options)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let script = script.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&script));
    let out = child.wait_with_output().expect("bash ends");
    writer.join().expect("the writer does not panic").expect("bash reads its script");
    assert_eq!(out.stderr, b"", "{}", String::from_utf8_lossy(&out.stderr));
    Some(out.stdout)
}

pub fn any_value() -> impl Strategy<Value = Vec<u8>> {
    let hard = prop::sample::select(
        [
            "'",
            "\\",
            "\"",
            "$(touch X)",
            "`touch X`",
            "${x}",
            "!",
            "!!",
            "\n",
            "\r\n",
            "\t",
            " ",
            "~",
            "*",
            "?",
            "[",
            "a[$(touch X)]",
            "{a,b}",
            "#",
            ";",
            "&",
            "|",
            "<",
            ">",
            "(",
            ")",
            "=",
            "%",
            "\x1b[31m",
            "\x01",
            "\x7f",
            "é",
            "\u{202e}",
            "$'",
            "\\'",
            "\\x41",
            "-n",
            "--",
        ]
        .map(|t| t.as_bytes().to_vec())
        .to_vec(),
    );
    let bytes = prop::collection::vec(1..=255u8, 0..12);
    prop::collection::vec(prop_oneof![hard, bytes], 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Values, lists and exports come back exactly, in both kinds of locale, and nothing in them runs.
    #[test]
    fn every_value_comes_back_exactly(values in prop::collection::vec(any_value(), 1..40)) {
        for locale in ["C", "C.UTF-8"] {
            let mut script = format!("export LC_ALL={locale}; cd /\n").into_bytes();
            script.extend(Shell::Bash.assign_list("list", &values));
            script.extend(b"printf '%s\\0' \"${list[@]}\"\n");
            for value in &values {
                script.extend(Shell::Bash.assign("one", value));
                script.extend(b"printf '%s\\0' \"$one\"\n");
                script.extend(Shell::Bash.export("two", value));
                script.extend(b"printf '%s\\0' \"$two\"\n");
            }
            let Some(said) = bash_says(&["--posix"], &script) else { return Ok(()) };
            let said_plain = bash_says(&[], &script);
            prop_assert_eq!(Some(&said), said_plain.as_ref());
            let mut expected: Vec<u8> = values.iter().flat_map(|v| [v, &b"\0"[..]].concat()).collect();
            expected.extend(values.iter().flat_map(|v| [v, &b"\0"[..], v, b"\0"].concat()));
            prop_assert_eq!(said, expected);
        }
    }
}

#[test]
fn quoted_text_is_plain_ascii_without_control_characters() {
    let all: Vec<u8> = (1..=255).collect();
    let word = Shell::Bash.quote(&all);
    assert!(word.iter().all(|b| (b' '..=b'~').contains(b)), "{}", word.escape_ascii());
}

#[test]
fn what_init_prints_is_valid_and_clean() {
    let home = home();
    let printed = home.awsenv(&["init", "bash"]).output().expect("awsenv starts").stdout;
    home.write("init.sh", &printed);
    for (program, arguments) in
        [("bash", &["-n", "init.sh"][..]), ("shellcheck", &["--shell=bash", "--severity=style", "init.sh"])]
    {
        if testbed::require(program).is_some() {
            let out = home.command(program).args(arguments).output().expect("it starts");
            let said = [out.stdout, out.stderr].concat();
            assert!(out.status.success() && said.is_empty(), "{program}: {}", String::from_utf8_lossy(&said));
        }
    }
    // Each check that is switched off says why.
    let text = String::from_utf8(printed).expect("the file is ASCII");
    assert!(text.is_ascii() && !text.contains('\r'));
    for line in text.lines().filter(|l| l.contains("shellcheck disable")) {
        assert!(line.split_once("  # ").is_some_and(|(_, why)| why.len() > 5), "{line}");
    }
}

#[test]
fn loading_prints_nothing_whatever_the_options() {
    let home = home();
    for options in [&[][..], &["-e", "-u", "-o", "pipefail"], &["--posix"], &["--norc", "-i"], &["-f", "-C"]] {
        let mut script = home.awsenv(&["init", "bash"]).output().expect("awsenv starts").stdout;
        script.extend(b"\ntype -t awsenv\n");
        home.write("script.sh", &script);
        let mut command = home.command("bash");
        command.args(options).arg("script.sh");
        if testbed::require("bash").is_none() {
            return;
        }
        let out = command.output().expect("bash starts");
        // Without a terminal an interactive bash complains about its job control.
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        let own: Vec<&str> =
            stderr.lines().filter(|l| !l.contains("terminal process") && !l.contains("no job")).collect();
        assert_eq!(String::from_utf8_lossy(&out.stdout), "function\n", "{options:?}: {stderr}");
        assert!(own.is_empty(), "{options:?}: {stderr}");
    }
}
