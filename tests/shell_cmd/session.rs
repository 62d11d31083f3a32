//! `use`, `leave`, `off` and the prompt.

use crate::desk::Desk;

#[test]
fn use_changes_this_cmd_and_leave_gives_everything_back() {
    let Some(desk) = Desk::new(7230) else { return };
    desk.settings(
        "[profile dev]\nproxy = corp\nenv.ODD = a \"&|<>^%PATH%!() b;=\nenv.TWO = ^&echo x>y\n\
         [proxy corp]\nhttps = http://u:p%40@p:3128\n",
    );
    let mut cmd = desk.cmd("", "@set \"AWS_ACCESS_KEY_ID=OLD & \"x\"\"\r\n@set HTTPS_PROXY=http://mine:1");
    assert_eq!(cmd.run("awsenv use dev").code, 0);
    assert_eq!(cmd.value("AWS_PROFILE").as_deref(), Some("dev"));
    assert_eq!(cmd.value("AWSENV_PROFILE").as_deref(), Some("dev"));
    assert_eq!(cmd.value("HTTPS_PROXY").as_deref(), Some("http://u:p%40@p:3128"));
    assert_eq!(cmd.value("ODD").as_deref(), Some("a \"&|<>^%PATH%!() b;="));
    assert_eq!(cmd.value("TWO").as_deref(), Some("^&echo x>y"));
    assert_eq!(cmd.value("AWS_ACCESS_KEY_ID"), None);
    let prompt = cmd.value("PROMPT").expect("there is one");
    assert!(prompt.starts_with("dev until ") && prompt.ends_with(" $P$G"), "{prompt}");

    assert_eq!(cmd.run("awsenv use \"a&b ^x\"").code, 0);
    assert_eq!(cmd.value("AWS_PROFILE").as_deref(), Some("a&b ^x"));
    assert_eq!(cmd.value("HTTPS_PROXY").as_deref(), Some("http://mine:1"));
    assert_eq!(cmd.value("PROMPT").as_deref(), Some("a&b ^x $P$G"));
    assert_eq!(cmd.run("awsenv use -").code, 0);
    assert_eq!(cmd.value("AWS_PROFILE").as_deref(), Some("dev"));

    cmd.run("set TWO=mine");
    let left = cmd.run("awsenv leave");
    assert!(left.code == 0 && left.text.contains("changed since `awsenv use`, so left as it is: TWO"), "{left:?}");
    for (name, former) in [
        ("AWS_PROFILE", None),
        ("AWS_ACCESS_KEY_ID", Some("OLD & \"x\"")),
        ("HTTPS_PROXY", Some("http://mine:1")),
        ("ODD", None),
        ("TWO", Some("mine")),
        ("AWSENV_NAMES", None),
        ("AWSENV_PROFILE", None),
        ("AWS_SESSION_EXPIRATION", None),
        ("__awsenv_was_HTTPS_PROXY", None),
        ("PROMPT", Some("$P$G")),
    ] {
        assert_eq!(cmd.value(name).as_deref(), former, "{name}");
    }
}

#[test]
fn a_failure_changes_nothing_and_its_exit_code_counts() {
    let Some(desk) = Desk::new(7230) else { return };
    desk.settings("[profile keys]\nenv.LONG = x\n");
    let mut cmd = desk.cmd("", "");
    cmd.run("awsenv use dev");
    let failed = cmd.run("awsenv use nosuch && echo went on || echo stopped");
    assert!(failed.text.contains("no profile nosuch") && failed.text.contains("\nstopped"), "{failed:?}");
    assert!(!failed.text.contains("\nwent on"), "{failed:?}");
    assert_eq!(cmd.run("awsenv use nosuch").code, 1);
    assert_eq!(cmd.value("AWS_PROFILE").as_deref(), Some("dev"));
    assert_eq!(cmd.run("awsenv use --nonsense").code, 2);
    assert!(cmd.run("awsenv use prod && echo went on").text.contains("\nwent on"));
    assert_eq!(cmd.run("awsenv status nosuch").code, 1);
    assert!(cmd.run("awsenv list | findstr prod").text.contains("prod"));
    assert!(cmd.run("awsenv").text.contains("Usage: awsenv"));
}

/// The bytes that `for /f` gets. wine's takes each of them for a character of its own, whatever the code page; that of
/// Windows decodes them by it.
#[test]
fn the_code_page_of_the_console_decides() {
    let Some(desk) = Desk::new(7230) else { return };
    desk.settings("[profile keys]\nenv.KANJI = C:\\Users\\表ソ能\n");
    let mut cmd = desk.cmd("", "@chcp 932");
    cmd.run("set __awsenv_word_1=keys");
    assert_eq!(cmd.run("awsenv.exe switch cmd 1 0 . . -- >lines").code, 0);
    let lines = desk.home.read("lines");
    let kanji = b"awsenv>KANJI=C:\\Users\\\x95\x5c\x83\x5c\x94\x5c\n";
    assert!(lines.windows(kanji.len()).any(|w| w == kanji), "{}", lines.escape_ascii());
    cmd.run("chcp 65001");
    assert_eq!(cmd.run("awsenv.exe switch cmd 1 0 . . -- >lines").code, 0);
    assert!(desk.home.text("lines").contains("awsenv>KANJI=C:\\Users\\表ソ能\n"));
    cmd.run("chcp 437");
    let refused = cmd.run("awsenv use keys");
    assert!(refused.code == 1 && refused.text.contains("code page 437 has not: chcp 65001"), "{refused:?}");
    assert!(refused.text.contains("awsenv: KANJI holds"), "{refused:?}");
    assert_eq!(cmd.value("AWS_PROFILE"), None);
}

#[test]
fn export_sets_what_it_prints() {
    let Some(desk) = Desk::new(7230) else { return };
    desk.settings("[profile keys]\nenv.ODD = a \"&|<>^%PATH%!() b;=\n");
    let mut cmd = desk.cmd("", "@set AWS_PROFILE=dev");
    cmd.run("for /f \"delims=\" %i in ('awsenv.exe export keys --format cmd') do @%i");
    assert_eq!(cmd.value("AWS_ACCESS_KEY_ID").as_deref(), Some("AKIAX"));
    assert_eq!(cmd.value("ODD").as_deref(), Some("a \"&|<>^%PATH%!() b;="));
    assert_eq!(cmd.value("AWS_PROFILE"), None);
}

#[test]
fn a_batch_file_can_switch_and_no_recursion_begins() {
    let Some(desk) = Desk::new(-60) else { return };
    desk.home.write("deploy.cmd", "@call hook.cmd use dev\r\n@echo code=%errorlevel% profile=%AWS_PROFILE%\r\n");
    // What AutoRun would do in each cmd that `for /f` starts.
    desk.home.write("again.cmd", "@set __awsenv_inner=1\r\n@call hook.cmd\r\n@echo back\r\n");
    let mut cmd = desk.cmd("--use keys", "");
    assert_eq!(cmd.value("AWS_PROFILE").as_deref(), Some("keys"));
    let output = cmd.run("deploy.cmd");
    assert!(output.text.contains("code=0 profile=dev"), "no question, although the session is over: {output:?}");
    let before = desk.home.text("macros");
    assert!(cmd.run("cmd /d /c again.cmd").text.contains("back"));
    assert_eq!(desk.home.text("macros"), before);
}

#[test]
fn a_cmd_that_runs_one_command_gets_no_macros_and_a_pipe_is_told() {
    let Some(desk) = Desk::new(7230) else { return };
    let mut cmd = desk.cmd("", "");
    let before = desk.home.text("macros");
    // The variable that Windows has, and wine has not.
    cmd.run("set \"CMDCMDLINE=C:\\Windows\\system32\\cmd.exe /c \"dir & echo\"\"");
    cmd.run("call hook.cmd");
    assert_eq!(desk.home.text("macros"), before);
    cmd.run("set \"CMDCMDLINE=C:\\Windows\\system32\\cmd.exe  /S /D /c\" hook use dev\"\"");
    let piped = cmd.run("awsenv use dev");
    assert!(piped.code == 1 && piped.text.contains("has no effect in a pipe"), "{piped:?}");
    cmd.run("set CMDCMDLINE=cmd /k begin.cmd");
    assert_eq!(cmd.run("awsenv use dev").code, 0);
    assert!(cmd.run("awsenv doctor").text.contains("loaded in this cmd"));
}

#[test]
fn off_takes_the_hook_out_and_leaves_the_profile() {
    let Some(desk) = Desk::new(7230) else { return };
    let mut cmd = desk.cmd("", "");
    cmd.run("awsenv use dev");
    assert_eq!(cmd.run("awsenv off").code, 0);
    let gone = desk.home.text("macros");
    assert!(gone.lines().any(|l| l.trim() == "awsenv=") && gone.lines().any(|l| l.trim() == "terraform="), "{gone}");
    assert!(!cmd.run("set __awsenv").text.contains("__awsenv_"), "{}", cmd.terminal.everything());
    assert_eq!(cmd.value("PROMPT").as_deref(), Some("$P$G"));
    assert_eq!(cmd.value("AWS_PROFILE").as_deref(), Some("dev"));
    assert_eq!(cmd.value("AWS_SESSION_EXPIRATION"), None, "nobody would keep it right");
}

#[test]
fn without_prompt_and_guard_there_are_neither() {
    let Some(desk) = Desk::new(7230) else { return };
    let mut cmd = desk.cmd("--no-prompt --no-guard", "");
    assert!(cmd.has_macro("awsenv") && !cmd.has_macro("aws"));
    cmd.run("awsenv use dev");
    assert_eq!(cmd.value("PROMPT").as_deref(), Some("$P$G"));
    assert!(cmd.value("AWSENV_PROMPT").is_some_and(|p| p.starts_with("dev until ")));
}
