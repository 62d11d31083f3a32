//! `completions/` holds what `awsenv completions SHELL` prints, and the shells can read it.
#![allow(clippy::unwrap_used, reason = "a test may end here")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;

const AWSENV: &str = env!("CARGO_BIN_EXE_awsenv");

/// The shell, the file as its completion loader wants it named, and how the shell reads a file without running it.
const FILES: [(&str, &str, &[&str]); 4] = [
    ("bash", "awsenv.bash", &["-n"]),
    ("zsh", "_awsenv", &["-n"]),
    ("fish", "awsenv.fish", &["--no-execute"]),
    // No PowerShell reads a file without running it; tests/shell_powershell parses this one.
    ("powershell", "_awsenv.ps1", &[]),
];

/// The kept file; with UPDATE set all of them are written anew before the first is looked at.
fn file(name: &str) -> PathBuf {
    static UPDATE: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    UPDATE.call_once(|| {
        for (shell, name, _) in FILES.iter().filter(|_| std::env::var_os("UPDATE").is_some()) {
            std::fs::write(folder.join(name), run(AWSENV, &["completions", shell]).stdout).unwrap();
        }
    });
    folder.join(name)
}

fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().unwrap_or_else(|e| panic!("{program}: {e}"))
}

#[test]
fn the_files_are_current() {
    for (shell, name, _) in FILES {
        let printed = run(AWSENV, &["completions", shell]);
        assert!(printed.status.success(), "{printed:?}");
        let kept = std::fs::read(file(name)).unwrap_or_default();
        assert!(
            kept == printed.stdout,
            "completions/{name} is not what `awsenv completions {shell}` prints: UPDATE=1 cargo test --test completions"
        );
    }
}

#[test]
fn each_shell_can_read_its_file() {
    for (shell, name, flags) in FILES.iter().filter(|(_, _, flags)| !flags.is_empty()) {
        let Some(program) = testbed::require(shell) else { continue };
        let path = file(name).display().to_string();
        let checked = run(program.to_str().unwrap(), &[*flags, &[path.as_str()]].concat());
        assert!(checked.status.success() && checked.stderr.is_empty(), "{name}: {checked:?}");
    }
}

/// What `complete -F` would offer for `awsenv refr<TAB>`.
#[test]
fn bash_completes_from_it() {
    let Some(bash) = testbed::require("bash") else { return };
    let script = r#". "$1"; COMP_WORDS=(awsenv refr) COMP_CWORD=1; _awsenv awsenv refr awsenv; echo "${COMPREPLY[*]}""#;
    let path = file("awsenv.bash").display().to_string();
    let offered = run(bash.to_str().unwrap(), &["--norc", "-c", script, "bash", &path]);
    assert_eq!(String::from_utf8_lossy(&offered.stdout), "refresh\n", "{offered:?}");
}

/// What fish offers for `awsenv refr<TAB>`.
#[test]
fn fish_completes_from_it() {
    let Some(fish) = testbed::require("fish") else { return };
    let script = format!("source {}; complete -C 'awsenv refr'", file("awsenv.fish").display());
    let offered = run(fish.to_str().unwrap(), &["--no-config", "-c", &script]);
    let text = String::from_utf8_lossy(&offered.stdout);
    assert!(text.starts_with("refresh\t"), "{offered:?}");
}

/// What no person types is not offered.
#[test]
fn the_hooks_own_commands_are_not_offered() {
    for (_, name, _) in FILES {
        let text = std::fs::read_to_string(file(name)).unwrap();
        for hidden in ["hook", "guard", "switch", "names"] {
            for offered in [
                format!("awsenv,{hidden})"),
                format!("'{hidden}:"),
                format!("-a \"{hidden}\""),
                format!("'{hidden}', '{hidden}'"),
            ] {
                assert!(!text.contains(&offered), "completions/{name} offers `{hidden}`: {offered}");
            }
        }
    }
}
