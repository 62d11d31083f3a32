//! `iam keys …`: what stands in the files works, always.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use testbed::aws::{Fault, Gate};

use super::desk::{Desk, Ran, exit};

/// The id in `[dev-long-term]`.
pub fn held(desk: &Desk) -> String {
    let text = desk.home.text(".aws/credentials");
    let section = text.split("[dev-long-term]").nth(1).unwrap();
    section.lines().find_map(|l| l.strip_prefix("aws_access_key_id = ")).unwrap().to_owned()
}

/// The user's keys: id, and whether it works.
pub fn keys(desk: &Desk) -> Vec<(String, bool)> {
    let mut keys: Vec<_> =
        desk.user.keys().iter().map(|key| (key.id.clone(), key.is_active().expect("it is there"))).collect();
    keys.sort_by_key(|(id, _)| *id != desk.key.id);
    keys
}

/// The secret in the file is the one of its id.
#[track_caller]
pub fn works(desk: &Desk) {
    let key = desk.aws.key(&held(desk)).expect("AWS knows the key in the file");
    assert_eq!(key.is_active(), Some(true));
    assert!(desk.home.text(".aws/credentials").contains(&format!("aws_secret_access_key = {}", key.secret)));
}

#[test]
fn rotation_puts_the_new_key_wherever_the_old_one_stands() {
    let desk = Desk::new();
    let (old, before) = (&desk.key, desk.home.text(".aws/credentials"));
    let copy =
        format!("\n[copy] # the same\r\naws_access_key_id={}\r\naws_secret_access_key={}\r\n", old.id, old.secret);
    desk.home.credentials(format!("{before}{copy}"));
    let config = desk.home.text(".aws/config");
    desk.home.config(format!("{config}[profile third]\n{}", old.lines()));
    // AWS's parts learn of a key one after the other.
    desk.aws.set_new_key_delay(3, Duration::ZERO);
    let mut terminal = desk.terminal(&["keys", "rotate"]);
    terminal.expect("takes the place of").expect("200 days old").expect("it is deleted only by a later call");
    terminal.expect("Rotate it? [y/n] ").line("y");
    terminal.expect("is inactive; `awsenv iam keys rotate` deletes it");
    assert_eq!(exit(&mut terminal), 0);
    works(&desk);
    let new = desk.aws.key(&held(&desk)).unwrap();
    assert_eq!(keys(&desk), [(old.id.clone(), false), (new.id.clone(), true)]);
    let swapped = |text: &str| text.replace(&old.id, &new.id).replace(&old.secret, &new.secret);
    let text = desk.home.text(".aws/credentials");
    let expected = swapped(&format!("{before}{copy}"));
    assert_eq!(text.replace(" = ", "="), expected.replace(" = ", "="), "nothing else has changed");
    assert!(desk.home.text(".aws/config").contains(&new.secret) && !desk.home.text(".aws/config").contains(&old.id));
    assert!(!terminal.everything().contains(&new.secret));

    // The later call deletes the old one, and no more: the new one is young.
    desk.run(&["keys", "rotate"]).failed(&["is inactive", "--yes does it without a question"]);
    desk.run(&["keys", "rotate", "--yes"]).ok().says(&["is deleted"]);
    assert_eq!(keys(&desk), [(new.id.clone(), true)]);
    assert_eq!(desk.count("CreateAccessKey"), 1);
}

#[test]
fn months_later_the_old_one_goes_and_the_next_comes() {
    let desk = Desk::new();
    let older = desk.user.key();
    older.set_age(400 * 86_400);
    older.deactivate();
    let ran = desk.run(&["keys", "rotate", "--yes"]).ok();
    ran.says(&["is deleted for good", "then another key takes the place"]);
    assert_eq!(older.is_active(), None);
    assert_eq!(desk.key.is_active(), Some(false));
    works(&desk);
}

#[test]
fn a_rotation_that_was_stopped_is_finished_or_undone() {
    // Written, and the old one still works.
    let desk = Desk::new();
    let new = desk.user.key();
    let text = desk.home.text(".aws/credentials");
    desk.home.credentials(text.replace(&desk.key.id, &new.id).replace(&desk.key.secret, &new.secret));
    desk.run(&["keys", "rotate", "--yes"]).ok().says(&["still works", "is inactive"]);
    assert_eq!((desk.key.is_active(), new.is_active()), (Some(false), Some(true)));
    assert_eq!(desk.count("CreateAccessKey"), 0);

    // Made, and never written: the secret is lost.
    let desk = Desk::new();
    let lost = desk.user.key();
    desk.run(&["keys", "rotate", "--yes"]).ok().says(&["was made and never used"]);
    assert_eq!((lost.is_active(), desk.key.is_active()), (None, Some(false)));
    works(&desk);

    // Written in one of the two files.
    let desk = Desk::new();
    let config = desk.home.text(".aws/config");
    desk.home.config(format!("{config}[profile third]\n{}", desk.key.lines()));
    let new = desk.user.key();
    let text = desk.home.text(".aws/credentials");
    desk.home.credentials(text.replace(&desk.key.id, &new.id).replace(&desk.key.secret, &new.secret));
    desk.run(&["keys", "rotate", "--yes"]).ok().says(&["both stand in the AWS files"]);
    assert!(desk.home.text(".aws/config").contains(&new.secret));
    assert_eq!(desk.key.is_active(), Some(false));
}

#[test]
fn a_second_key_that_is_in_use_elsewhere_is_a_question() {
    let desk = Desk::new();
    let other = desk.user.key();
    other.set_age(100 * 86_400);
    other.set_last_used(3600, "s3", "eu-west-1");
    let says = ["AWS allows no third", "last used 1h00m ago (s3, eu-west-1)", "awsenv iam keys delete"];
    desk.run(&["keys", "rotate"]).failed(&says);
    desk.run(&["keys", "rotate", "--yes"]).failed(&says);
    let mut terminal = desk.terminal(&["keys", "rotate"]);
    terminal.expect("whoever uses").expect("[y/n] ").line("n");
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!((other.is_active(), desk.count("CreateAccessKey")), (Some(true), 0));
    let mut terminal = desk.terminal(&["keys", "rotate"]);
    terminal.expect("whoever uses").expect("[y/n] ").line("y");
    terminal.expect("Rotate it? [y/n] ").line("y");
    terminal.expect("is inactive;");
    assert_eq!((exit(&mut terminal), other.is_active()), (0, None));
    works(&desk);
}

#[test]
fn a_new_key_that_cannot_be_used_is_taken_back() {
    let desk = Desk::new();
    let before = desk.home.text(".aws/credentials");
    let undone = |says: &[&str]| {
        let ran = desk.run(&["keys", "rotate", "--yes"]);
        assert_eq!(ran.status, 1, "{ran:?}");
        ran.says(says);
        assert_eq!(
            (keys(&desk), desk.home.text(".aws/credentials")),
            (vec![(desk.key.id.clone(), true)], before.clone())
        );
    };
    // The second call of GetCallerIdentity is the trial of the new key.
    desk.user.deny("iam:CreateAccessKey");
    undone(&["the permission iam:CreateAccessKey is missing"]);
    desk.user.allow("iam:CreateAccessKey");
    // A file that cannot be written is found out before a key is made.
    let file = desk.home.path().join(".aws/credentials");
    let mode = |mode| std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    mode(0o400);
    if std::fs::OpenOptions::new().append(true).open(&file).is_err() {
        undone(&["cannot write"]);
    }
    mode(0o600);

    // Only the disabling fails: the file has the new key, and the next call goes on.
    desk.user.deny("iam:UpdateAccessKey");
    let ran = desk.run(&["keys", "rotate", "--yes"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    ran.says(&["iam:UpdateAccessKey is missing", "awsenv iam keys rotate goes on from here"]);
    works(&desk);
    assert_ne!(held(&desk), desk.key.id);
    desk.user.allow("iam:UpdateAccessKey");
    desk.run(&["keys", "rotate", "--yes"]).ok();
    assert_eq!(desk.key.is_active(), Some(false));
}

#[test]
fn an_answer_that_was_lost_loses_no_key() {
    for (action, fault) in [
        ("CreateAccessKey", Fault::CutBefore),
        ("CreateAccessKey", Fault::CutAfter),
        ("CreateAccessKey", Fault::CutInside),
        ("UpdateAccessKey", Fault::CutBefore),
        ("UpdateAccessKey", Fault::CutAfter),
    ] {
        let desk = Desk::new();
        desk.aws.fault_on(action, fault.clone(), 1);
        let ran = desk.run(&["keys", "rotate", "--yes"]);
        assert_eq!(ran.status, 1, "{action} {fault:?}: {ran:?}");
        works(&desk);
        for _ in 0..3 {
            if keys(&desk).len() == 1 && held(&desk) != desk.key.id {
                break;
            }
            desk.run(&["keys", "rotate", "--yes"]).ok();
            works(&desk);
        }
        assert_eq!(keys(&desk), [(held(&desk), true)], "{action} {fault:?}");
    }
}

#[test]
fn what_has_no_key_here_says_where_it_is() {
    let desk = Desk::new();
    let role = desk.aws.role("admin").trusts(desk.user.arn());
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile admin]\nrole_arn = {}\nsource_profile = dev\nregion = eu-west-1\n",
        role.arn()
    ));
    desk.run(&["keys", "rotate", "--profile", "admin", "--yes"]).failed(&["awsenv iam --profile dev keys rotate"]);
}

#[test]
fn keys_are_listed_disabled_and_deleted() {
    let desk = Desk::new();
    let other = desk.user.key();
    other.set_age(5 * 86_400);
    let listed = desk.run(&["keys", "list"]).ok().out;
    assert!(listed.contains(&format!("{}  active", desk.key.id)) && listed.contains("[dev-long-term]"), "{listed}");
    let json: Value = serde_json::from_str(&desk.run(&["keys", "list", "--json"]).ok().out).expect("JSON alone");
    assert_eq!(json.as_array().map(Vec::len), Some(2));

    desk.run(&["keys", "delete", "AKIANOTHING"]).failed(&["taro has no such access key", &other.id]);
    // The one that stands in no file is meant.
    desk.run(&["keys", "disable"]).failed(&[&other.id, "nothing was changed"]);
    desk.run(&["keys", "disable", "--yes"]).ok();
    assert_eq!(other.is_active(), Some(false));
    desk.run(&["keys", "delete", &other.id, "--yes"]).ok().says(&["inactive"]);
    assert_eq!(other.is_active(), None);
    desk.run(&["keys", "disable", &desk.key.id]).failed(&["it stands in [dev-long-term]"]);
    // An administrator, for somebody else.
    let theirs = desk.hanako.key();
    let mut terminal = desk.terminal(&["keys", "disable", &theirs.id, "--user", "hanako"]);
    terminal.expect("Disable it? [y/n] ").line("y");
    assert_eq!((exit(&mut terminal), theirs.is_active()), (0, Some(false)));
    desk.run(&["keys", "list", "--user", "nobody"]).failed(&["The user with name nobody cannot be found."]);
}

/// What happens while a key is being made may make it useless: then it goes again.
#[test]
fn a_key_that_does_not_work_or_has_no_place_any_more_is_deleted_again() {
    let meanwhile = |happens: &dyn Fn(&Desk), says: &str| {
        let desk = Desk::new();
        let gate = Gate::new();
        desk.aws.fault_on("CreateAccessKey", Fault::HoldAnswer(gate.clone()), 1);
        let mut command = desk.home.command_alone("awsenv");
        command.args(["iam", "keys", "rotate", "--yes"]).stdin(Stdio::null());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("awsenv starts");
        gate.wait_arrived(1);
        happens(&desk);
        let before = desk.home.text(".aws/credentials");
        gate.open();
        let ran = Ran::of(child.wait_with_output().expect("it ends"));
        assert_eq!(ran.status, 1, "{ran:?}");
        ran.says(&[says, "the new key was deleted again, and nothing has changed"]);
        assert_eq!((keys(&desk), desk.home.text(".aws/credentials")), (vec![(desk.key.id.clone(), true)], before));
    };
    meanwhile(&|desk| desk.aws.fault_on("GetCallerIdentity", Fault::Portal, 3), "the new key does not work");
    let other = "[dev-long-term]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n";
    meanwhile(
        &|desk| {
            desk.home.credentials(other);
        },
        "another program took",
    );
}
