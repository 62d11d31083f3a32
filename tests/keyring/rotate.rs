//! `iam keys rotate` where the key is in the keyring.

use std::process::Stdio;

use testbed::aws::{Fault, Gate};

use super::desk::Desk;

/// The id in the file, and whether the keyring has the secret that AWS knows for it.
#[track_caller]
fn works(desk: &Desk) -> String {
    let text = desk.credentials();
    let id = text.lines().find_map(|line| line.strip_prefix("awsenv_keyring = ")).expect(&text);
    let key = desk.aws.key(id).expect("AWS knows the key in the file");
    assert_eq!(key.is_active(), Some(true));
    assert_eq!(desk.kept(&key), Some(key.secret.clone()));
    assert!(!text.contains("aws_secret_access_key = ") || text.contains("[dev]"), "{text}");
    id.to_owned()
}

fn rotate(desk: &Desk) -> testbed::Ran {
    desk.run(&["iam", "--profile", "dev", "keys", "rotate", "--yes"])
}

#[test]
fn the_new_key_goes_into_the_keyring_and_the_old_one_leaves_it_with_its_deletion() {
    let Some(desk) = Desk::stored() else { return };
    desk.sign_in();
    rotate(&desk).ok().says(&["is inactive"]);
    let new = works(&desk);
    assert_ne!(new, desk.key.id);
    assert!(desk.kept(&desk.key).is_some(), "it can be made active again");
    rotate(&desk).ok().says(&["is deleted"]);
    assert_eq!((works(&desk), desk.kept(&desk.key)), (new.clone(), None));
    for secret in [&desk.key.secret, &desk.aws.key(&new).unwrap().secret] {
        assert!(!desk.credentials().contains(secret.as_str()));
    }
}

#[test]
fn with_a_locked_keyring_no_key_is_made() {
    let Some(desk) = Desk::stored() else { return };
    desk.sign_in();
    desk.keyring.lock();
    rotate(&desk).failed(&["is locked"]);
    assert_eq!((desk.aws.calls_of("CreateAccessKey").len(), desk.user.keys().len()), (0, 1));
}

#[test]
fn killed_at_any_answer_the_keyring_has_a_key_that_works() {
    for action in ["CreateAccessKey", "GetCallerIdentity", "UpdateAccessKey"] {
        for done in [false, true] {
            let Some(desk) = Desk::stored() else { return };
            desk.sign_in();
            let gate = Gate::new();
            let fault = if done { Fault::HoldAnswer(gate.clone()) } else { Fault::Hold(gate.clone()) };
            desk.aws.fault_on(action, fault, 1);
            let mut command = desk.home.command_alone("awsenv");
            command.args(["iam", "--profile", "dev", "keys", "rotate", "--yes"]);
            let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("awsenv starts");
            gate.wait_arrived(1);
            child.kill().expect("it runs");
            child.wait().expect("it ends");
            gate.open();
            works(&desk);
            for _ in 0..3 {
                if desk.user.keys().len() == 1 && works(&desk) != desk.key.id {
                    break;
                }
                rotate(&desk).ok();
            }
            assert_ne!(works(&desk), desk.key.id, "{action}, done: {done}");
            assert_eq!((desk.user.keys().len(), desk.kept(&desk.key)), (1, None), "{action}, done: {done}");
            assert_eq!(desk.keyring.dump().matches("access-key ").count(), 1, "{}", desk.keyring.dump());
        }
    }
}
