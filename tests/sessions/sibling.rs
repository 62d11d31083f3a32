//! The sibling profile: one question, kept in step, and a name that nothing reads as code.

#[cfg(unix)]
use std::process::Command;

#[cfg(unix)]
use bstr::ByteSlice;
#[cfg(unix)]
use testbed::{Home, Terminal};

#[cfg(unix)]
use super::desk::exit;
use super::desk::{Desk, Ran};

#[cfg(unix)]
const QUESTION: &str = "Write [profile admin-session]? y, n, or a for all such profiles: ";

/// `awsenv use NAME` as the bash hook calls it while a typed line runs.
#[cfg(unix)]
fn switch(desk: &Desk, name: &str) -> Terminal {
    desk.terminal(&["switch", "bash", "1", "1", "", "", name])
}

fn switch_untyped(desk: &Desk, name: &str) -> Ran {
    desk.run(&["switch", "bash", "1", "0", "", "", name])
}

fn with_session() -> Desk {
    let desk = Desk::with_role("output = json\n");
    let ran = desk.run(&["refresh", "admin", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    desk
}

#[cfg(unix)]
#[test]
fn it_is_written_once_after_a_yes() {
    let desk = with_session();
    let before = desk.home.text(".aws/config");
    let mut terminal = switch(&desk, "admin");
    terminal.expect("SDKs cannot get the keys of admin").expect(QUESTION).line("y").expect("AWS_PROFILE");
    assert_eq!(exit(&mut terminal), 0);
    let after = desk.home.text(".aws/config");
    let new = after.strip_prefix(&before).expect("the rest stays");
    assert!(new.starts_with("\n[profile admin-session]\ncredential_process = /"), "{new}");
    assert!(new.contains("/awsenv credentials admin\n") && new.contains("awsenv_profile = admin\n"), "{new}");
    assert!(new.contains("region = eu-central-1\n") && new.contains("output = json\n"), "{new}");
    assert!(!new.contains("role_arn") && !new.contains("mfa_serial") && !new.contains("source_profile"), "{new}");
    // No second question, in no form.
    let ran = switch_untyped(&desk, "admin");
    assert!(ran.status == 0 && ran.out.contains("admin-session") && ran.err.is_empty(), "{ran:?}");
    assert_eq!(desk.home.text(".aws/config"), after);
    // It is no profile of its own.
    assert!(!desk.run(&["list"]).out.contains("admin-session"));
    assert!(desk.run(&["status", "admin-session"]).out.contains("profile     admin\n"));
}

#[cfg(unix)]
#[test]
fn no_changes_nothing_and_is_not_remembered() {
    let desk = with_session();
    let before = desk.home.text(".aws/config");
    for _ in 0..2 {
        let mut terminal = switch(&desk, "admin");
        terminal.expect(QUESTION).line("n");
        assert_eq!(exit(&mut terminal), 1);
        let said = terminal.everything();
        assert!(said.contains("nothing was changed") && said.contains("awsenv exec admin"), "{said}");
        assert!(!said.contains("AWS_PROFILE"), "{said}");
    }
    let mut terminal = switch(&desk, "admin");
    terminal.expect(QUESTION).send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert_eq!(desk.home.text(".aws/config"), before);
    let ran = switch_untyped(&desk, "admin");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""), "nobody to ask: {ran:?}");
}

#[cfg(unix)]
#[test]
fn all_and_the_settings_answer_for_every_profile() {
    let desk = with_session();
    let mut terminal = switch(&desk, "admin");
    terminal.expect(QUESTION).line("a").expect("AWS_PROFILE");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.home.text(".config/awsenv/config"), "[mfa]\nsession_profiles = yes\n");
    let desk = with_session();
    desk.home.settings("[mfa]\nsession_profiles = no\n");
    let ran = switch_untyped(&desk, "admin");
    assert!(ran.status == 1 && ran.err.contains("session_profiles = no forbids it"), "{ran:?}");
    desk.home.settings("[mfa]\nsession_profiles = yes\n");
    assert_eq!(switch_untyped(&desk, "admin").status, 0);
    assert!(desk.home.text(".aws/config").contains("[profile admin-session]"));
}

#[cfg(unix)]
#[test]
fn its_question_comes_before_the_code() {
    let desk = Desk::with_role("");
    let mut terminal = switch(&desk, "admin");
    terminal.expect(QUESTION);
    assert!(!terminal.everything().contains("MFA code for"));
    terminal.mark().line("y").expect("MFA code for admin (").expect("Enter to go on without").line(&desk.device.code());
    terminal.expect("admin is good until");
    assert_eq!(exit(&mut terminal), 0);
    // exec --renew the same.
    let desk = Desk::with_role("");
    let mut terminal = desk.terminal(&[
        "exec",
        "--renew",
        "admin",
        "--",
        "sh",
        "-c",
        "echo profile=$AWS_PROFILE keys=$AWS_ACCESS_KEY_ID",
    ]);
    terminal.expect(QUESTION);
    assert!(!terminal.everything().contains("MFA code for"));
    terminal
        .mark()
        .line("y")
        .expect("MFA code for admin (")
        .line(&desk.device.code())
        .expect("profile=admin-session keys=\n");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn a_section_of_somebody_else_is_refused_with_its_line() {
    let desk = with_session();
    let config = desk.home.text(".aws/config");
    let line = config.lines().count() + 1;
    let foreign = format!("{config}[profile admin-session]\nregion = x\n");
    desk.home.config(&foreign);
    let ran = switch_untyped(&desk, "admin");
    assert!(
        ran.status == 1 && ran.err.contains(&format!("config:{line}: admin-session is somebody else's")),
        "{ran:?}"
    );
    assert_eq!(desk.home.text(".aws/config"), foreign);
    desk.home.config(&config);
    desk.home.credentials(format!("{}[admin-session]\n{}", desk.home.text(".aws/credentials"), desk.key.lines()));
    let ran = switch_untyped(&desk, "admin");
    assert!(ran.status == 1 && ran.err.contains("credentials:4: admin-session"), "{ran:?}");
}

#[test]
fn it_is_kept_in_step_and_others_changes_stay() {
    let desk = with_session();
    desk.home.settings("[mfa]\nsession_profiles = yes\n");
    assert_eq!(switch_untyped(&desk, "admin").status, 0);
    let sibling = |desk: &Desk| {
        let text = desk.home.text(".aws/config");
        text.split_once("[profile admin-session]\n").expect("the sibling").1.to_owned()
    };
    // The profile moves: use follows, and so does refresh.
    let change = |from: &str, to: &str| {
        let text = desk.home.text(".aws/config");
        let (own, sibling) = text.split_once("[profile admin-session]").expect("the sibling");
        desk.home.config(format!("{}[profile admin-session]{sibling}", own.replace(from, to)));
    };
    change("region = eu-central-1", "region = eu-north-1");
    assert_eq!(switch_untyped(&desk, "admin").status, 0);
    assert!(sibling(&desk).contains("region = eu-north-1\n"), "{}", sibling(&desk));
    change("region = eu-north-1", "region = eu-south-1");
    change("output = json\n", "");
    assert_eq!(desk.run(&["refresh", "admin"]).status, 0);
    assert!(
        sibling(&desk).contains("region = eu-south-1\n") && !sibling(&desk).contains("output"),
        "{}",
        sibling(&desk)
    );
    // The user's own words there stay, and are named.
    let text = desk.home.text(".aws/config");
    let (own, ours) = text.split_once("[profile admin-session]").expect("the sibling");
    desk.home.config(format!(
        "{own}[profile admin-session]{}retry_mode = standard\n",
        ours.replace("eu-south-1", "us-west-2")
    ));
    let ran = switch_untyped(&desk, "admin");
    assert!(ran.status == 0 && ran.err.contains("region = us-west-2 was put there by somebody else"), "{ran:?}");
    assert!(sibling(&desk).contains("region = us-west-2\n") && sibling(&desk).contains("retry_mode = standard"));
    // A program that is gone is mended.
    let text = desk.home.text(".aws/config");
    // Not env!("CARGO_BIN_EXE_awsenv"), which is the same file under another name where wine runs this.
    let quoted = text.split("credential_process = ").nth(1).expect("the key").split(" credentials").next();
    let binary = quoted.expect("the program").trim_matches('"');
    desk.home.config(text.replace(binary, "/gone/awsenv"));
    assert!(desk.run(&["doctor"]).out.contains("its program /gone/awsenv is gone: `awsenv use admin` mends it"));
    assert_eq!(switch_untyped(&desk, "admin").status, 0);
    assert_eq!(desk.home.text(".aws/config"), text);
}

#[test]
fn nested_settings_come_along() {
    let desk = Desk::with_role("s3 =\n  addressing_style = path\n  max_queue_size = 10\nservices = local\n");
    desk.home.settings("[mfa]\nsession_profiles = yes\n");
    assert_eq!(desk.run(&["refresh", "admin", &desk.device.code()]).status, 0);
    assert_eq!(switch_untyped(&desk, "admin").status, 0);
    let text = desk.home.text(".aws/config");
    let sibling = text.split_once("[profile admin-session]").expect("the sibling").1;
    assert!(sibling.contains("services = local") && sibling.contains("  addressing_style = path\n"), "{sibling}");
    let again = desk.home.text(".aws/config");
    assert_eq!(switch_untyped(&desk, "admin").status, 0);
    assert_eq!(desk.home.text(".aws/config"), again);
}

#[test]
fn an_aws_mfa_profile_gets_one_where_the_settings_say_so() {
    let desk = Desk::aws_mfa();
    desk.home.settings("[profile dev]\nsession_profile = yes\n[mfa]\nsession_profiles = yes\n");
    assert_eq!(desk.run(&["refresh", "dev", &desk.device.code()]).status, 0);
    let ran = switch_untyped(&desk, "dev");
    assert!(ran.status == 0 && ran.out.contains("dev-session"), "{ran:?}");
    assert_eq!(desk.status("dev")["sdk_profile"], "dev-session");
    assert_eq!(desk.run(&["credentials", "dev"]).status, 0);
}

/// Names that a shell or a parser could trip over.
#[cfg(unix)]
const NAMES: [&str; 8] =
    ["my prof", "it's", "a$(touch RAN)", "a`touch RAN`", "a\"b", "a&touch RAN&b", "-n", "é&|<>*?~"];

#[cfg(unix)]
#[test]
fn any_name_reads_back_in_shlex_and_in_sh_and_runs_nothing() {
    for name in NAMES {
        let desk = Desk::new();
        desk.home.settings("[mfa]\nsession_profiles = yes\n");
        desk.home.credentials(format!("[{name}]\n{}mfa_serial = {}\n", desk.key.lines(), desk.device.serial()));
        let ran = desk.run(&["refresh", "--token", &desk.device.code(), "--", name]);
        assert_eq!(ran.status, 0, "{name}: {ran:?}");
        let ran = desk.run(&["switch", "bash", "1", "0", "", "", "--", "--", name]);
        assert_eq!(ran.status, 0, "{name}: {ran:?}");
        let config = desk.home.read(".aws/config");
        let line = config.lines().find_map(|l| l.strip_prefix(b"credential_process = ")).expect("the command");
        let line = line.to_str().expect("text");
        let mut by_shell = desk.home.command_alone("/bin/sh");
        let keys = by_shell.args(["-c", line]).output().expect("sh runs");
        let shown = String::from_utf8_lossy(&keys.stdout);
        assert!(keys.status.success() && shown.contains("\"Version\":1"), "{name}: {line}: {keys:?}");
        assert!(!desk.home.path().join("RAN").exists(), "{name}: {line}");
        let words = shlex_of_python(&desk.home, line);
        if let Some(words) = words {
            assert_eq!(words.last().map(String::as_str), Some(name), "{line}");
        }
        // `status` speaks of the profile behind it.
        let found = desk.run_with(&["status"], &[("AWS_PROFILE", &format!("{name}-session"))]);
        assert!(found.out.contains(&format!("profile     {name}\n")), "{found:?}");
    }
}

#[cfg(unix)]
fn shlex_of_python(home: &Home, line: &str) -> Option<Vec<String>> {
    let python = testbed::require("python3")?;
    let mut command: Command = home.command(python);
    let done =
        command.args(["-c", "import json,shlex,sys; print(json.dumps(shlex.split(sys.argv[1])))", line]).output();
    let printed = done.expect("python runs").stdout;
    Some(serde_json::from_slice(&printed).expect("a list of words"))
}

#[test]
fn a_name_that_no_line_can_carry_is_refused() {
    let desk = Desk::new();
    desk.home.settings("[mfa]\nsession_profiles = yes\n");
    desk.home.credentials(format!("[a #b]\n{}mfa_serial = {}\n", desk.key.lines(), desk.device.serial()));
    assert_eq!(desk.run(&["refresh", "a #b", &desk.device.code()]).status, 0);
    let ran = switch_untyped(&desk, "a #b");
    assert!(ran.status == 1 && ran.err.contains("cannot be written into a credential_process"), "{ran:?}");
    assert!(ran.err.contains("awsenv exec"), "{ran:?}");
    assert!(!desk.home.path().join(".aws/config").exists());
}

#[cfg(unix)]
#[test]
fn where_the_config_cannot_be_written_use_changes_nothing() {
    if rustix::process::geteuid().is_root() {
        testbed::skipped("root may write everywhere: no file is read-only");
        return;
    }
    let desk = with_session();
    desk.home.settings("[mfa]\nsession_profiles = yes\n");
    let folder = desk.home.path().join(".aws");
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).expect("own folder");
    let ran = switch_untyped(&desk, "admin");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("own folder");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(ran.err.contains("awsenv exec admin"), "{ran:?}");
}
