//! The segment: what it shows, and that it costs no process.

use crate::desk::{Desk, Editor};

fn popens(editor: &mut Editor) -> u32 {
    let text = editor.run(":popens");
    let number = text.lines().find_map(|l| l.strip_prefix("popens ")).expect("a count");
    number.parse().expect("a number")
}

#[test]
fn the_segment_counts_down_without_a_process() {
    let desk = Desk::new(3 * 3600 + 30);
    desk.home.age();
    let Some(mut editor) = desk.editor(&[]) else { return };
    assert!(editor.run(":set AWS_PROFILE dev").ends_with("dev 3h00m C:\\>\n"));
    let before = popens(&mut editor);
    assert!(editor.run("aws s3 ls").ends_with("dev 3h00m C:\\>\n"));
    assert!(editor.run(":later 60").ends_with("dev 2h59m C:\\>\n"));
    assert!(editor.run(":later 7200").ends_with("dev 59m C:\\>\n"));
    assert!(editor.run(":later 3520").ends_with("dev <1m C:\\>\n"));
    assert!(editor.run(":later 60").ends_with("dev expired C:\\>\n"));
    assert_eq!(popens(&mut editor), before, "an unchanged prompt starts nothing, the end of a session neither");
    assert!(editor.run(":show AWSENV_PROMPT").contains("AWSENV_PROMPT=dev expired\n"));
}

#[test]
fn a_changed_file_is_seen() {
    let desk = Desk::new(-100);
    desk.home.age();
    let Some(mut editor) = desk.editor(&[]) else { return };
    assert!(editor.run(":set AWS_PROFILE dev").ends_with("dev expired C:\\>\n"));
    let before = popens(&mut editor);
    desk.session_ends_in(7230);
    assert!(editor.run("").ends_with("dev 2h00m C:\\>\n"));
    assert_eq!(popens(&mut editor), before + 1);
    let settings = desk.home.path().join(".config/awsenv");
    assert!(!settings.exists());
    desk.home.settings("[profile dev]\nproduction = true\n");
    assert!(editor.run("").ends_with("!! dev 2h00m C:\\>\n"), "{}", editor.terminal.everything());
}

#[test]
fn colours_follow_the_time_left_and_no_color() {
    let desk = Desk::new(600);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    let raw = String::from_utf8(editor.terminal.raw()).unwrap_or_default();
    assert!(raw.contains("\x1b[33mdev 9m\x1b[0m C:\\>") || raw.contains("\x1b[33mdev 10m\x1b[0m C:\\>"), "{raw:?}");
    editor.run(":set NO_COLOR 1");
    let raw = String::from_utf8(editor.terminal.raw()).unwrap_or_default();
    assert!(raw.contains("\ndev 9m C:\\>") || raw.contains("\ndev 10m C:\\>"), "{raw:?}");
}

#[test]
fn no_prompt_still_publishes_and_a_failed_line_tells_the_end_once() {
    let desk = Desk::new(-3700);
    let Some(mut editor) = desk.editor(&["--no-prompt"]) else { return };
    assert!(editor.run(":set AWS_PROFILE dev").ends_with("\nC:\\>\n") || editor.run("").ends_with("\nC:\\>\n"));
    let shown = editor.run(":show AWSENV_PROMPT") + &editor.run(":show AWS_SESSION_EXPIRATION");
    assert!(shown.contains("AWSENV_PROMPT=dev expired\n") && shown.contains("AWS_SESSION_EXPIRATION=2"), "{shown}");
    editor.run(":failed 1");
    assert!(editor.run("python deploy.py").contains("awsenv: the session of dev ended 1h01m ago: awsenv refresh\n"));
    assert!(!editor.run("python deploy.py").contains("ended"));
    editor.run(":unset AWS_PROFILE");
    assert!(editor.run(":show AWS_SESSION_EXPIRATION").contains("AWS_SESSION_EXPIRATION=nil"));
}

#[test]
fn a_session_that_ended_days_ago_is_told_in_days() {
    let desk = Desk::new(-12 * 86400 - 60);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    editor.run("");
    editor.run(":failed 1");
    assert!(editor.run("python deploy.py").contains("awsenv: the session of dev ended 12 days ago: awsenv refresh\n"));
}

#[test]
fn loading_twice_shows_one_segment_and_completion_knows_the_profiles() {
    let desk = Desk::new(7230);
    let Some(mut editor) = desk.editor(&[]) else { return };
    editor.run(":set AWS_PROFILE dev");
    assert!(editor.run(":load").ends_with("\ndev 2h00m C:\\>\n") || editor.run("").contains("\ndev 2h00m C:\\>\n"));
    let offered = editor.run(":complete use");
    assert!(offered.contains(" a&b %PATH% x dev prod\n"), "{offered}");
    let commands = editor.run(":complete");
    let help = desk.home.awsenv(&["--help"]).output().expect("the binary runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let listed = help.split_once("Commands:\n").and_then(|(_, rest)| rest.split_once("\n\n")).expect("commands").0;
    for name in listed.lines().filter_map(|l| l.split_whitespace().next()) {
        assert!(commands.split_whitespace().any(|word| word == name), "{name}: {commands}");
    }
}
