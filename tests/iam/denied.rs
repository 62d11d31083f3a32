//! "A stranger's account": each single call denied, in every command that makes it. A look-up is skipped and said, only the
//! call that changes something ends the command, and nothing is half done without saying so.

use std::collections::BTreeSet;

use testbed::aws::{Fault, Gate};

use super::desk::{Desk, exit};

const OLD: &str = "Old-password-1";
const NEW: &str = "New-password-22";

/// A command, and the account that it finds.
struct Case {
    name: &'static str,
    args: &'static [&'static str],
    account: fn(&Desk),
}

fn nothing_else(_: &Desk) {}

fn with_password(desk: &Desk) {
    desk.hanako.set_password(OLD, false);
    desk.hanako.key();
}

fn with_things(desk: &Desk) {
    with_password(desk);
    desk.hanako.device("hanako");
    desk.hanako.put_policy(POLICY, ENDED);
}

/// What a rotation left behind months ago.
fn with_old_key(desk: &Desk) {
    let old = desk.user.key();
    old.set_age(400 * 86_400);
    old.deactivate();
}

fn with_stray(desk: &Desk) {
    // Made, and given up before it was enabled.
    desk.user.deny("iam:DeleteVirtualMFADevice");
    let mut terminal = desk.terminal(&["mfa", "enable", "--name", "taro-phone"]);
    terminal.expect("First code: ").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    desk.user.allow("iam:DeleteVirtualMFADevice");
}

const POLICY: &str = "AWSRevokeOlderSessions";
const ENDED: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-01T00:00:00.000Z"}}}]}"#;

const HANAKOS_KEY: &str = "KEY";
const HANAKOS_DEVICE: &str = "arn:aws:iam::123456789012:mfa/hanako";

const fn case(name: &'static str, args: &'static [&'static str], account: fn(&Desk)) -> Case {
    Case { name, args, account }
}

const CASES: [Case; 24] = [
    case("show", &["show", "hanako"], with_things),
    case("create", &["password", "create", "hanako"], nothing_else),
    case("generate", &["password", "create", "hanako", "--generate"], nothing_else),
    case("set", &["password", "set", "hanako"], with_password),
    case("set generated", &["password", "set", "hanako", "--generate"], with_password),
    case("change", &["password", "change"], |desk| {
        desk.user.set_password(OLD, false);
    }),
    case("delete", &["password", "delete", "hanako"], with_password),
    case("revoke", &["revoke", "--user", "hanako"], with_things),
    case("revoke own", &["revoke"], nothing_else),
    case("revoke before", &["revoke", "--user", "hanako", "--before", "2026-01-02T00:00:00Z"], with_things),
    case("revoke role", &["revoke", "--role", "deploy"], |desk| drop(desk.aws.role("deploy"))),
    case("revoke show", &["revoke", "--user", "hanako", "--show"], with_things),
    case("undo", &["revoke", "--user", "hanako", "--undo"], with_things),
    case("undo role", &["revoke", "--role", "deploy", "--undo"], |desk| {
        desk.aws.role("deploy").put_policy(POLICY, ENDED);
    }),
    case("keys list", &["keys", "list", "--user", "hanako"], with_things),
    case("rotate", &["keys", "rotate"], nothing_else),
    case("rotate on", &["keys", "rotate"], with_old_key),
    case("disable key", &["keys", "disable", HANAKOS_KEY, "--user", "hanako"], with_things),
    case("delete key", &["keys", "delete", HANAKOS_KEY, "--user", "hanako"], with_things),
    case("mfa list", &["mfa", "list", "--user", "hanako"], with_things),
    case("enable", &["mfa", "enable", "--name", "taro-phone"], nothing_else),
    case("enable anew", &["mfa", "enable", "--name", "taro-phone"], with_stray),
    case("disable device", &["mfa", "disable", HANAKOS_DEVICE, "--user", "hanako"], with_things),
    case("disable the only", &["mfa", "disable", "--user", "hanako"], with_things),
];

/// Look-ups that are what the command is for, or say what is to be changed.
const NEEDED: [(&str, &str); 7] = [
    ("revoke show", "GetUserPolicy"),
    ("keys list", "ListAccessKeys"),
    ("rotate", "ListAccessKeys"),
    ("rotate on", "ListAccessKeys"),
    ("mfa list", "ListMFADevices"),
    // The name is taken then, and the call that makes the device says so.
    ("enable anew", "ListVirtualMFADevices"),
    ("disable the only", "ListMFADevices"),
];

/// Where a call is denied behind one that has changed something: what is said of that.
const HALF_DONE: [(&str, &str, &str); 9] = [
    ("disable device", "DeleteVirtualMFADevice", "is nobody's any more, but it is still there"),
    ("disable the only", "DeleteVirtualMFADevice", "is nobody's any more, but it is still there"),
    ("delete", "PutUserPolicy", "hanako has no console password any more"),
    ("rotate", "UpdateAccessKey", "awsenv iam keys rotate goes on from here"),
    ("rotate on", "CreateAccessKey", " is deleted"),
    ("rotate on", "UpdateAccessKey", "awsenv iam keys rotate goes on from here"),
    ("enable", "EnableMFADevice", "the device that was made for this is removed again"),
    ("enable anew", "CreateVirtualMFADevice", "was made once and never enabled: it is removed"),
    ("enable anew", "EnableMFADevice", "the device that was made for this is removed again"),
];

fn reads(action: &str) -> bool {
    action.starts_with("Get") || action.starts_with("List")
}

/// Every call of IAM that the program knows.
fn known() -> BTreeSet<String> {
    /// IAM's verbs (the list of actions in the API reference), and words of its answers that begin as they do.
    const VERBS: [&str; 21] = [
        "Accept",
        "Add",
        "Associate",
        "Attach",
        "Change",
        "Create",
        "Deactivate",
        "Delete",
        "Detach",
        "Disable",
        "Enable",
        "Generate",
        "Get",
        "List",
        "Put",
        "Remove",
        "Reset",
        "Resync",
        "Set",
        "Update",
        "Upload",
    ];
    const WORDS: [&str; 2] = ["CreateDate", "EnableDate"];
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/net/iam_calls.rs")).expect("it is there");
    let strings = source.split('"').skip(1).step_by(2);
    let is_call = |text: &&str| {
        let verb = VERBS.iter().find_map(|verb| text.strip_prefix(verb));
        let is_name =
            |rest: &str| rest.starts_with(|c: char| c.is_ascii_uppercase()) && rest.chars().all(char::is_alphanumeric);
        verb.is_some_and(is_name) && !WORDS.contains(text)
    };
    strings.filter(is_call).map(str::to_owned).collect()
}

/// Runs it on a terminal, where a person says yes to everything.
fn run(desk: &Desk, case: &Case) -> (i32, String) {
    let key = desk.hanako.keys().first().map(|key| key.id.clone()).unwrap_or_default();
    let args: Vec<&str> = case.args.iter().map(|word| if *word == HANAKOS_KEY { key.as_str() } else { word }).collect();
    let mut terminal = desk.terminal(&args);
    let new = || desk.aws.devices().into_iter().find(|device| device.is_enabled() == Some(false)).expect("it was made");
    terminal.answer_all(|line| {
        let answer = |question: &str| line.contains(question);
        Some(match () {
            () if answer("[y/n] ") => "y".into(),
            () if answer("Old password") => OLD.into(),
            () if answer("New password") || answer("The same again") => NEW.into(),
            () if answer("First code") => new().two_codes().0,
            () if answer("Next code") => new().two_codes().1,
            () => return None,
        })
    });
    (exit(&mut terminal), terminal.everything())
}

fn desk_of(case: &Case) -> Desk {
    let desk = Desk::new();
    (case.account)(&desk);
    desk.aws.forget_calls();
    desk
}

/// The calls of IAM that were made, and those of them that changed something.
fn calls(desk: &Desk) -> (BTreeSet<String>, Vec<String>) {
    let known = known();
    let made: Vec<_> = desk.aws.calls().into_iter().filter(|call| known.contains(&call.action)).collect();
    let changed =
        made.iter().filter(|call| call.accepted && !reads(&call.action)).map(|call| call.action.clone()).collect();
    (made.into_iter().map(|call| call.action).collect(), changed)
}

#[test]
fn each_call_of_each_command_may_be_denied() {
    let mut denied = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in &CASES {
        let desk = desk_of(case);
        let (status, said) = run(&desk, case);
        assert_eq!(status, 0, "{}: {said}", case.name);
        let (made, _) = calls(&desk);
        for action in made {
            let desk = desk_of(case);
            desk.user.deny(&format!("iam:{action}"));
            let (status, said) = run(&desk, case);
            let said = said.replace('\n', " ");
            let named = said.contains(&format!("the permission iam:{action} is missing"));
            let (_, changed) = calls(&desk);
            let needed = NEEDED.contains(&(case.name, action.as_str()));
            let half = HALF_DONE.iter().find(|(name, what, _)| (*name, *what) == (case.name, action.as_str()));
            let says_what_is_done = match half {
                Some((.., sentence)) => said.contains(sentence) && !changed.is_empty(),
                None => changed.is_empty(),
            };
            let right = match (reads(&action), needed) {
                (true, false) => status == 0,
                _ => status == 1 && says_what_is_done,
            };
            if !named || !right {
                wrong.push(format!("{} without {action}: {status}, changed {changed:?}: {said}", case.name));
            }
            denied.insert(action);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<_> = known().difference(&denied).cloned().collect();
    assert!(missing.is_empty(), "no case makes these calls: {missing:?}");
}

/// A key that does not work is deleted again, where that is allowed.
#[test]
fn what_cannot_be_taken_back_is_named() {
    let desk = Desk::new();
    desk.user.deny("iam:DeleteAccessKey");
    let gate = Gate::new();
    desk.aws.fault_on("CreateAccessKey", Fault::HoldAnswer(gate.clone()), 1);
    let mut terminal = desk.terminal(&["keys", "rotate", "--yes"]);
    gate.wait_arrived(1);
    desk.aws.fault_on("GetCallerIdentity", Fault::Portal, 3);
    gate.open();
    let new = desk.user.keys().into_iter().find(|key| key.id != desk.key.id).expect("it was made");
    terminal.expect("the new key does not work");
    terminal.expect(&format!("the new key {0} could not be deleted again: awsenv iam keys delete {0}", new.id));
    assert_eq!(exit(&mut terminal), 1);
}
