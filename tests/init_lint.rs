//! What `awsenv init` prints is read by the shells without running it, and by shellcheck.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may end here")]

use std::path::Path;
use std::process::{Command, Stdio};

use testbed::{Home, Shell};

/// What `init` prints, with every option that changes the text, in a file of its own.
fn printed(home: &Home, shell: Shell, options: &[&str]) -> std::path::PathBuf {
    let output = home.awsenv(&[&["init", shell.name()], options].concat()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let name = format!("init{}.{}", options.concat().len(), shell.name());
    home.write(&name, &output.stdout);
    home.path().join(name)
}

fn home() -> Home {
    let home = Home::named(env!("CARGO_BIN_EXE_awsenv"), "it's a home");
    home.settings("[guard]\nalso = kubectl my-tool\n");
    home
}

fn passes(program: &Path, flags: &[&str], file: &Path) {
    let checked =
        Command::new(program).args(flags).arg(file).env("CHECKED", file).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&[&checked.stdout[..], &checked.stderr[..]].concat()).into_owned();
    assert!(checked.status.success() && said.is_empty(), "{} {flags:?}:\n{said}", program.display());
}

const OPTIONS: [&[&str]; 4] = [
    &[],
    &["--no-prompt", "--no-guard", "--use", "it's $(x)\n"],
    &["--part", "first-prompt"],
    &["--part", "first-use"],
];

#[test]
fn each_shell_reads_what_init_prints() {
    let home = home();
    for shell in Shell::ALL {
        let Some(program) = testbed::require(shell.program()) else { continue };
        let flags: &[&str] = match shell {
            Shell::Bash | Shell::Zsh => &["-n"],
            Shell::Fish => &["--no-execute"],
            // What stands behind the text of `-c` it cannot name.
            Shell::Nushell => &["--no-config-file", "-c", "if not (nu-check --debug $env.CHECKED) { exit 1 }"],
        };
        for options in OPTIONS {
            passes(&program, flags, &printed(&home, shell, options));
        }
    }
}

/// All of shellcheck's default checks; a code that does not fit is disabled where it stands, with its reason.
#[test]
fn shellcheck_has_nothing_to_say_about_bash() {
    let Some(shellcheck) = testbed::require("shellcheck") else { return };
    let home = home();
    for options in OPTIONS {
        passes(&shellcheck, &["--shell=bash", "--norc", "--color=never"], &printed(&home, Shell::Bash, options));
    }
}

/// What only a program for Windows prints is read here with the rest of its file.
#[test]
fn bash_and_shellcheck_read_the_whole_file_of_bash() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell/bash.sh");
    if let Some(bash) = testbed::require("bash") {
        passes(&bash, &["-n"], &file);
    }
    if let Some(shellcheck) = testbed::require("shellcheck") {
        passes(&shellcheck, &["--shell=bash", "--norc", "--color=never"], &file);
    }
}

#[test]
fn each_disabled_code_has_its_reason() {
    let text = Shell::ALL.map(|shell| {
        let name = match shell {
            Shell::Bash => "bash.sh",
            Shell::Zsh => "zsh.zsh",
            Shell::Fish => "fish.fish",
            Shell::Nushell => "nushell.nu",
        };
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("shell").join(name)).unwrap()
    });
    for line in text.iter().flat_map(|t| t.lines()).filter(|l| l.contains("shellcheck disable=")) {
        let reason =
            line.split_once("disable=").and_then(|(_, rest)| rest.split_once('#')).map_or("", |(_, r)| r.trim());
        assert!(reason.len() > 4, "why? {line}");
    }
}
