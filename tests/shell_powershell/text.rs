//! Everything that is printed for PowerShell: syntax, version, letters.

use testbed::Home;

use crate::parse::{code, parse};

/// All texts that a PowerShell is given, and the hook as it stands in the repository.
fn texts() -> Vec<(String, String)> {
    let home = Home::named(env!("CARGO_BIN_EXE_awsenv"), "it's a h\u{f6}me\u{2019}s");
    home.settings("[guard]\nalso = kubectl my-tool\n");
    home.config("[profile dev]\n[profile it's]\n[profile \u{fc}\u{2018}]\n");
    let lines: [&[&str]; 8] = [
        &["init", "powershell"],
        &["init", "powershell", "--no-prompt", "--no-guard", "--use", "it's $(x)\u{2019}\n"],
        &["init", "powershell", "--part", "first-use"],
        &["hook", "powershell", "1"],
        &["hook", "powershell", "1", "first"],
        &["leave", "powershell", "1"],
        &["names", "powershell"],
        &["completions", "powershell"],
    ];
    let printed = lines.iter().map(|line| {
        let output = home.awsenv(line).output().expect("awsenv runs");
        assert!(output.status.success(), "{line:?}: {output:?}");
        (line.join(" "), String::from_utf8(output.stdout).expect("text"))
    });
    let file = include_str!("../../shell/powershell.ps1").to_owned();
    printed.chain([("shell/powershell.ps1".to_owned(), file)]).collect()
}

#[test]
fn everything_is_powershell() {
    for (what, text) in texts() {
        parse(&what, &text);
    }
    // The parser does see what is wrong.
    let broken = std::panic::catch_unwind(|| parse("broken", "if ($x { 1 }\n"));
    assert!(broken.is_err());
}

/// A console's encoding, and a pipe's line ends, must not matter.
#[test]
fn everything_is_ascii_without_carriage_returns() {
    for (what, text) in texts() {
        let odd = text.lines().find(|line| !line.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t')));
        assert!(odd.is_none(), "{what}: {odd:?}");
    }
}

#[test]
fn nothing_is_newer_than_5_1() {
    let newer = ["??", "?.", "?[", " ? ", "&&", "||", "-Parallel", "clean {", "`e", "`u{", "#requires", "-AsHashtable"];
    for (what, text) in texts() {
        for (number, line) in code(&what, &text).lines().enumerate() {
            let found = newer.iter().find(|word| line.to_ascii_lowercase().contains(&word.to_ascii_lowercase()));
            assert!(found.is_none(), "{what}:{}: {found:?} in {line}", number + 1);
        }
    }
}

/// Each of their first calls in a session takes more than a tenth of a second: no prompt and no line may make one.
#[test]
fn the_prompt_calls_no_module_in_a_full_session() {
    let text = include_str!("../../shell/powershell.ps1");
    let (first, _) = text.split_once("# ==== loaded at first use ====").expect("two parts");
    let modules = ["Utility\\", "Management\\"];
    let lines: Vec<&str> = first.lines().filter(|line| modules.iter().any(|m| line.contains(m))).collect();
    // Constrained Language Mode has no other way.
    assert_eq!(lines.len(), 4, "{lines:#?}");
    let plain = [
        "Out-String",
        "Out-Null",
        "Write-Error",
        "Write-Warning",
        "New-Object",
        "Test-Path",
        "Get-Variable",
        "Select-Object",
        "Where-Object",
        "ForEach-Object",
        "Get-Content",
        "Get-Date",
        "Read-Host",
        "Join-Path",
        "Split-Path",
    ];
    for (number, line) in code("the first part", first).lines().enumerate() {
        let found = plain.iter().find(|word| line.contains(**word));
        assert!(found.is_none(), "{}: {found:?} in {line}", number + 1);
    }
}

/// PowerShell would stop in it at a question.
#[test]
fn nothing_on_a_lines_way_is_seen_by_the_debugger() {
    let text = include_str!("../../shell/powershell.ps1");
    let (first, _) = text.split_once("# ==== loaded at first use ====").expect("two parts");
    let lines: Vec<&str> = first.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("function ")) {
        assert!(lines[at + 1].starts_with("[System.Diagnostics.DebuggerHidden()] param("), "{line}");
    }
}
