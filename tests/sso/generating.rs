//! `awsenv sso profiles`: a profile of each role, in one edit, and again without a change.

use testbed::aws::Consent;

use super::desk::{ACCOUNT, Desk, REGION, exit};

const OTHER: &str = "444455556666";

fn config(desk: &Desk) -> String {
    desk.home.text(".aws/config")
}

/// Three roles in two accounts, and somebody signed in.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.directory.assign(ACCOUNT, "Development", "Billing").assign(OTHER, "Big Data (EU)", "ReadOnly");
    desk.token(3600);
    desk
}

#[test]
fn without_write_it_only_shows_them() {
    let desk = desk();
    let before = config(&desk);
    let ran = desk.run(&["sso", "profiles", "--region", REGION]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.out.starts_with("+\n+ [profile Big-Data-EU-ReadOnly]\n+ sso_session = corp\n"), "{ran:?}");
    assert!(ran.out.contains("+ region = eu-west-1\n+ awsenv_assignment = 444455556666/ReadOnly\n"), "{ran:?}");
    assert!(ran.err.contains("3 profiles are not in") && ran.err.contains("--write"), "{ran:?}");
    assert_eq!(config(&desk), before);
}

#[test]
fn what_is_written_works_and_a_second_run_changes_nothing() {
    let desk = desk();
    let before = config(&desk);
    let ran = desk.run(&["sso", "profiles", "--write", "--yes"]);
    assert!(ran.status == 0 && ran.err.contains("3 profiles are written"), "{ran:?}");
    let written = config(&desk);
    assert!(written.starts_with(&before), "{written}");
    let section = "\n[profile Development-Billing]\nsso_session = corp\nsso_account_id = 111122223333\n\
                   sso_role_name = Billing\nawsenv_assignment = 111122223333/Billing\n";
    assert!(written.contains(section), "{written}");
    assert_eq!(desk.state("Big-Data-EU-ReadOnly"), "valid");
    assert_eq!(desk.run(&["credentials", "Big-Data-EU-ReadOnly"]).status, 0);

    // Nobody has to be asked about nothing.
    let ran = desk.run(&["sso", "profiles", "--write"]);
    assert!(ran.status == 0 && ran.err.contains("nothing to write"), "{ran:?}");
    assert_eq!(config(&desk), written);
}

#[test]
fn nothing_is_written_without_a_yes() {
    let desk = desk();
    let before = config(&desk);
    let ran = desk.run(&["sso", "profiles", "--write"]);
    assert!(ran.status == 1 && ran.err.contains("there is no terminal to ask on: --yes does it"), "{ran:?}");
    let mut terminal = desk.terminal(&["sso", "profiles", "--write"]);
    terminal.expect("+ [profile Development-Admin]").expect("Write them? [y/n] ").line("n");
    terminal.expect("nothing was changed");
    assert_eq!(exit(&mut terminal), 1);
    let mut terminal = desk.terminal(&["sso", "profiles", "--write"]);
    terminal.expect("Write them? [y/n] ").send("\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert_eq!(config(&desk), before);
    let mut terminal = desk.terminal(&["sso", "profiles", "--write"]);
    terminal.expect("3 profiles are new in").expect("Write them? [y/n] ").line("y").expect("3 profiles are written");
    assert_eq!(exit(&mut terminal), 0);
    assert_ne!(config(&desk), before);
}

#[test]
fn what_others_changed_in_the_meantime_is_not_written_over() {
    let desk = desk();
    let mut terminal = desk.terminal(&["sso", "profiles", "--write"]);
    terminal.expect("Write them? [y/n] ");
    let changed = format!("{}[profile Development-Admin]\nregion = x\n", config(&desk));
    desk.home.config(&changed);
    terminal.line("y").expect("was changed in the meantime, so nothing was written: run it again");
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!(config(&desk), changed);
}

#[test]
fn changes_by_hand_stay() {
    let desk = desk();
    assert_eq!(desk.run(&["sso", "profiles", "--write", "--yes"]).status, 0);
    // Another name, a region, another role, a comment; and a new role to write.
    let changed = config(&desk)
        .replace("[profile Development-Billing]\n", "# mine\n[profile bill]\nregion = us-east-1\n")
        .replace("sso_role_name = ReadOnly", "sso_role_name = Else")
        .replace('\n', "\r\n");
    desk.home.config(&changed);
    desk.directory.assign(OTHER, "Big Data (EU)", "Deploy");
    let ran = desk.run(&["sso", "profiles", "--write", "--yes"]);
    assert!(ran.status == 0 && ran.err.contains("1 profile is written"), "{ran:?}");
    assert!(ran.err.contains("role Billing in account 111122223333 (Development) is there as bill"), "{ran:?}");
    let written = config(&desk);
    let new = "\r\n[profile Big-Data-EU-Deploy]\r\nsso_session = corp\r\nsso_account_id = 444455556666\r\n\
               sso_role_name = Deploy\r\nawsenv_assignment = 444455556666/Deploy\r\n";
    assert_eq!(written, format!("{changed}{new}"));
}

#[test]
fn a_name_that_is_somebody_elses_is_left_alone_and_named() {
    let desk = desk();
    let theirs = "[profile Development-Admin]\ncredential_process = /bin/keys\n";
    let mut before = config(&desk);
    before.push_str(theirs);
    desk.home.config(&before).credentials("[Big-Data-EU-ReadOnly]\naws_access_key_id = A\n");
    let ran = desk.run(&["sso", "profiles", "--write", "--yes"]);
    assert!(ran.status == 0 && ran.err.contains("1 profile is written"), "{ran:?}");
    for (file, line, name) in [("config", 10, "Development-Admin"), ("credentials", 1, "Big-Data-EU-ReadOnly")] {
        let place =
            format!("{file}:{line}: {name} is there already, as something that awsenv did not make: left alone");
        assert!(ran.err.contains(&place), "{ran:?}");
    }
    assert!(config(&desk).contains(theirs));
    assert_eq!(config(&desk).matches("sso_role_name = Admin").count(), 1);
}

#[test]
fn a_role_that_is_not_assigned_any_more_is_named_and_stays() {
    let desk = desk();
    assert_eq!(desk.run(&["sso", "profiles", "--write", "--yes"]).status, 0);
    let written = config(&desk);
    desk.directory.unassign(OTHER);
    let ran = desk.run(&["sso", "profiles", "--write", "--yes"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let named =
        "config:11: Big-Data-EU-ReadOnly is of role ReadOnly in account 444455556666, which is not assigned to you";
    assert!(ran.err.contains(named), "{ran:?}");
    assert_eq!(config(&desk), written);
}

#[test]
fn two_roles_of_one_name_are_an_error_that_lists_both() {
    let desk = desk();
    let before = config(&desk);
    let ran = desk.run(&["sso", "profiles", "--write", "--yes", "--template", "{account}"]);
    assert!(ran.status == 1 && ran.err.contains("two would be named Development: role Admin in account"), "{ran:?}");
    assert!(ran.err.contains("and role Billing in account 111122223333 (Development)"), "{ran:?}");
    assert_eq!(config(&desk), before);
    for (template, why) in [("{name}", "there is no {name}"), ("a b{role}", "has no ' '"), ("{role", "a { has no }")] {
        let ran = desk.run(&["sso", "profiles", "--template", template]);
        assert!(ran.status == 2 && ran.err.contains(why), "{ran:?}");
    }
    let ran = desk.run(&["sso", "profiles", "--template", "c/{account_id}@{role}"]);
    assert!(ran.out.contains("[profile c/444455556666@ReadOnly]"), "{ran:?}");
}

#[test]
fn a_legacy_profile_lends_its_sign_in_to_the_session_of_its_start_url() {
    let mut desk = Desk::new();
    let legacy = format!(
        "[profile old]\nsso_start_url = {}/\nsso_region = {REGION}\nsso_account_id = 1\nsso_role_name = A\n",
        desk.directory.start_url()
    );
    desk.home.config(&legacy);
    desk.browser(Consent::Allow);
    assert_eq!(exit(&mut desk.terminal(&["refresh", "old"])), 0);
    let ran = desk.run(&["sso", "profiles", "--profile", "old"]);
    assert!(
        ran.status == 1 && ran.err.contains("awsenv setup --sso https://d-1234567890.awsapps.com/start"),
        "{ran:?}"
    );
    desk.home.config(format!("{}{legacy}", desk.directory.section("corp")));
    let ran = desk.run(&["sso", "profiles", "--profile", "old"]);
    assert!(ran.status == 0 && ran.out.contains("sso_session = corp"), "{ran:?}");
}

#[test]
fn two_thousand_are_one_edit_and_then_nothing() {
    let desk = Desk::new();
    desk.directory.set_page_size(100);
    for number in 0..200_u64 {
        for role in 0..10 {
            let (id, name) = (200_000_000_000 + number, format!("Team {number}"));
            desk.directory.assign(&id.to_string(), &name, &format!("Role{role}"));
        }
    }
    desk.token(3600);
    let before = config(&desk);
    let ran = desk.run(&["sso", "profiles", "--write", "--yes"]);
    assert!(ran.status == 0 && ran.err.contains("2001 profiles are written"), "{}", ran.status);
    let written = config(&desk);
    assert!(written.starts_with(&before));
    assert_eq!(written.matches("\n[profile Team-").count(), 2000);
    let listed = desk.run(&["list"]);
    assert_eq!(listed.out.lines().count(), 2003);
    let seen = || {
        std::fs::metadata(desk.home.path().join(".aws/config")).and_then(|about| about.modified()).expect("it is there")
    };
    let time = seen();
    let ran = desk.run(&["sso", "profiles", "--write", "--yes"]);
    assert!(ran.status == 0 && ran.err.contains("nothing to write"), "{ran:?}");
    assert_eq!((config(&desk) == written, seen()), (true, time));
}
