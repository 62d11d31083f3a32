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

/// The shell compares times with that of the stamp, in .NET's measure.
#[test]
fn the_hook_is_told_the_stamps_time() {
    let home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    home.credentials("[dev]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
    let text = run(&home, &["hook", "powershell", "1"]);
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("$global:__awsenv_{name} = '")));
        line.and_then(|rest| rest.strip_suffix('\'')).unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
    };
    let stamp = value("stamp");
    let nanoseconds: u128 = stamp.rsplit_once('-').and_then(|(_, time)| time.parse().ok()).expect("a time in its name");
    assert_eq!(value("seen_at"), (621_355_968_000_000_000 + nanoseconds / 100).to_string());
    let modified = std::fs::metadata(&stamp).and_then(|m| m.modified()).expect("the stamp is there");
    let since = modified.duration_since(std::time::UNIX_EPOCH).expect("a time after 1970");
    assert_eq!(since.as_nanos() / 100, nanoseconds / 100);
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
