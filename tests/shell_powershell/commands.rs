//! The commands that know PowerShell besides its hook.

use testbed::Home;

use crate::parse::{code, parse};

const PROFILE: &str = ".config/powershell/Microsoft.PowerShell_profile.ps1";
const LINE: &str = "awsenv init powershell | Out-String | Invoke-Expression\n";

fn run(home: &Home, line: &[&str]) -> String {
    let output = home.awsenv(line).output().expect("awsenv runs");
    assert!(output.status.success(), "{line:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn setup_adds_the_line_to_the_profile_once() {
    let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    run(&home, &["setup", "--shell", "powershell", "--yes"]);
    assert_eq!(home.text(PROFILE), LINE);
    run(&home, &["setup", "--shell", "powershell", "--yes"]);
    assert_eq!(home.text(PROFILE), LINE);
    // The faster line is the hook, too.
    let faster = ". ([scriptblock]::Create((& awsenv init powershell) -join \"`n\"))";
    home.write("elsewhere/powershell/Microsoft.PowerShell_profile.ps1", faster);
    let folder = home.path().join("elsewhere");
    home.set("XDG_CONFIG_HOME", folder);
    run(&home, &["setup", "--shell", "powershell", "--yes"]);
    assert_eq!(home.text("elsewhere/powershell/Microsoft.PowerShell_profile.ps1"), faster);
}

#[test]
fn export_prints_assignments_of_any_value() {
    let home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    home.credentials("[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = a'b$(x)`c\u{2019}\u{fc}\n");
    let text = run(&home, &["export", "dev", "--format", "powershell"]);
    parse("export", &text);
    assert!(text.contains("\n$env:AWS_ACCESS_KEY_ID = 'AKIAX'\n"), "{text}");
    assert!(text.contains("\n$env:AWS_SECRET_ACCESS_KEY = [regex]::Unescape('a''b$(x)`c\\u2019\\u00fc')\n"), "{text}");
    assert!(text.contains("Remove-Item -LiteralPath Env:AWS_PROFILE -ErrorAction Ignore\n"), "{text}");
}

/// The hook takes the script's completer out of its one statement.
#[test]
fn the_completions_are_one_registration_and_know_the_commands() {
    let home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    let text = run(&home, &["completions", "powershell"]);
    let code = code("completions", &text);
    assert!(text.starts_with("Register-ArgumentCompleter -Native -CommandName 'awsenv' -ScriptBlock {"), "{text}");
    let statements: Vec<&str> = code.lines().filter(|line| !line.is_empty() && !line.starts_with([' ', '}'])).collect();
    assert_eq!(statements.len(), 1, "{statements:?}");
    for word in ["using namespace", "[CompletionResult", "[StringConstant"] {
        assert!(!code.contains(word), "{word}");
    }
    assert!(text.contains("::new('refresh', 'refresh', "), "{text}");
}
