//! `awsenv sso accounts` and `roles`: all pages, in one order, and for the right sign-in.

use serde_json::Value;
use testbed::aws::{Consent, Fault};

use super::desk::{ACCOUNT, Desk, exit};

fn json(desk: &Desk, args: &[&str]) -> Value {
    let ran = desk.run(args);
    assert_eq!(ran.status, 0, "{ran:?}");
    serde_json::from_str(&ran.out).expect("JSON and nothing else")
}

#[test]
fn accounts_and_roles_are_listed_by_name() {
    let desk = Desk::new();
    desk.directory.assign("444455556666", "Accounting", "ReadOnly").assign(ACCOUNT, "Development", "Billing");
    desk.token(3600);
    let ran = desk.run(&["sso", "accounts"]);
    assert_eq!(
        ran.out,
        "NAME         ACCOUNT       EMAIL\n\
         Accounting   444455556666  aws+444455556666@example.com\n\
         Development  111122223333  aws+111122223333@example.com\n",
        "{ran:?}"
    );
    let ran = desk.run(&["sso", "roles"]);
    assert_eq!(
        ran.out,
        "NAME         ACCOUNT       ROLE\n\
         Accounting   444455556666  ReadOnly\n\
         Development  111122223333  Admin\n\
         Development  111122223333  Billing\n",
        "{ran:?}"
    );
    let found = json(&desk, &["sso", "roles", "accounting", "--json"]);
    assert_eq!(
        found,
        serde_json::json!([{ "account": "444455556666", "account_name": "Accounting", "role": "ReadOnly" }])
    );
    assert_eq!(json(&desk, &["sso", "roles", ACCOUNT, "--json"]).as_array().map(Vec::len), Some(2));
    let ran = desk.run(&["sso", "roles", "999999999999"]);
    assert!(ran.status == 1 && ran.err.contains("no account 999999999999 is assigned to you: `awsenv sso"), "{ran:?}");
}

#[test]
fn every_page_comes_and_the_order_is_always_the_same() {
    let desk = Desk::new();
    desk.directory.set_page_size(3);
    for number in 0..25 {
        for role in ["Admin", "Billing", "Deploy", "ReadOnly"] {
            desk.directory.assign(&format!("{}", 200_000_000_000_u64 + number), &format!("Team {}", number % 7), role);
        }
    }
    desk.token(3600);
    let all = json(&desk, &["sso", "roles", "--json"]);
    assert_eq!(all.as_array().map(Vec::len), Some(101));
    assert_eq!(json(&desk, &["sso", "roles", "--json"]), all);
    assert_eq!(json(&desk, &["sso", "accounts", "--json"]).as_array().map(Vec::len), Some(26));
    // Seven accounts may share a name: then only the number is clear.
    let ran = desk.run(&["sso", "roles", "Team 0"]);
    assert!(ran.status == 1 && ran.err.contains("Team 0 is the name of 4 accounts: take the number: 2000"), "{ran:?}");
}

#[test]
fn too_many_calls_are_tried_again() {
    let desk = Desk::new();
    desk.token(3600);
    desk.aws.fault_on("ListAccounts", Fault::Throttling, 1);
    desk.aws.fault_on("ListAccountRoles", Fault::Throttling, 2);
    assert_eq!(json(&desk, &["sso", "roles", "--json"])[0]["role"], "Admin");
    assert_eq!((desk.count("ListAccounts"), desk.count("ListAccountRoles")), (2, 3));
}

#[test]
fn the_question_comes_first_and_nobody_is_asked_without_a_terminal() {
    let mut desk = Desk::new();
    let ran = desk.run(&["sso", "accounts"]);
    assert!(ran.status == 1 && ran.out.is_empty() && ran.err.contains("awsenv refresh dev"), "{ran:?}");
    desk.browser(Consent::Allow);
    let mut terminal = desk.terminal(&["sso", "accounts"]);
    terminal.expect("SSO session corp (d-1234567890.awsapps.com): y opens the browser, Ctrl-C to stop: ").line("y");
    terminal.expect("Development");
    assert_eq!(exit(&mut terminal), 0);
    // A token that AWS ended before its time is renewed without a word.
    desk.directory.end_access_tokens();
    assert_eq!(json(&desk, &["sso", "accounts", "--json"])[0]["account"], ACCOUNT);
}

#[test]
fn it_is_clear_which_session_is_meant() {
    let mut desk = Desk::with("[profile keys]\naws_access_key_id = A\naws_secret_access_key = B\n");
    desk.token(3600);
    // The only one, whatever profile is in force.
    desk.home.set("AWS_PROFILE", "keys");
    assert_eq!(desk.run(&["sso", "accounts"]).status, 0);

    let ran = desk.run(&["sso", "accounts", "--profile", "keys"]);
    assert!(ran.status == 1 && ran.err.contains("keys does not sign in through IAM Identity Center"), "{ran:?}");
    let ran = desk.run(&["sso", "accounts", "--session", "crop"]);
    assert!(ran.status == 1 && ran.err.contains("no [sso-session crop]"), "{ran:?}");
    assert!(ran.err.contains("--session NAME: corp"), "{ran:?}");

    let config = desk.home.text(".aws/config");
    desk.home.config(format!("{config}{}", desk.directory.section("other")));
    let ran = desk.run(&["sso", "accounts"]);
    assert!(
        ran.status == 2 && ran.err.contains("there are several sso-sessions: --session NAME, one of corp, other"),
        "{ran:?}"
    );
    assert_eq!(desk.run(&["sso", "accounts", "--session", "corp"]).status, 0);
    assert_eq!(desk.run(&["sso", "accounts", "--profile", "dev"]).status, 0);
    desk.home.set("AWS_PROFILE", "dev");
    assert_eq!(desk.run(&["sso", "accounts"]).status, 0);
    // No profile uses this one yet, and nobody has signed in to it.
    let ran = desk.run(&["sso", "accounts", "--session", "other"]);
    assert!(ran.status == 1 && ran.err.contains("other has no session yet"), "{ran:?}");
    assert!(ran.err.contains("awsenv sso accounts --session other"), "{ran:?}");

    desk.home.config("[profile keys]\nregion = eu-west-1\n");
    desk.home.unset("AWS_PROFILE");
    let ran = desk.run(&["sso", "accounts"]);
    assert!(ran.status == 1 && ran.err.contains("there is no [sso-session]"), "{ran:?}");
    assert!(ran.err.contains("awsenv setup --sso START_URL"), "{ran:?}");
}

#[test]
fn what_the_portal_sends_cannot_draw() {
    let desk = Desk::new();
    desk.directory.assign("444455556666", "x\u{1b}[2J\u{202e}y", "Admin");
    desk.token(3600);
    let ran = desk.run(&["sso", "accounts"]);
    assert!(ran.status == 0 && ran.out.contains("x[2Jy"), "{ran:?}");
}
