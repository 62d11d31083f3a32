//! Profiles of other tools: known by their keys, and granted's taken over. Nothing of theirs is ever run.

use super::desk::{ACCOUNT, Desk, START_URL, exit};

/// What `granted sso populate` wrote, in its writer's own form, and more around it.
fn granted(name: &str, account: &str) -> String {
    format!(
        "[profile {name}]\n\
         granted_sso_start_url      = `{START_URL}/#`\n\
         granted_sso_region         = eu-west-1\n\
         # kept\n\
         granted_sso_account_id     = {account}\n\
         granted_sso_role_name      = Admin\n\
         common_fate_generated_from = aws-sso\n\
         credential_process         = granted credential-process --profile {name}\n\
         region                     = eu-central-1\n\n"
    )
}

fn config(desk: &Desk) -> String {
    desk.home.text(".aws/config")
}

/// Without an [sso-session], and with tools on the PATH that tell when they are run.
fn desk(text: &str) -> Desk {
    let desk = Desk::new();
    for tool in ["granted", "aws-sso", "aws-vault"] {
        desk.home.script(tool, "#!/bin/sh\n: >\"$HOME/ran\"\n");
    }
    desk.home.config(text);
    desk
}

fn nothing_ran(desk: &Desk) {
    assert!(!desk.home.path().join("ran").exists(), "a tool was run");
}

#[test]
fn granted_s_profiles_are_taken_over_under_their_names() {
    let around = "[profile keys]\naws_secret_access_key = not-to-be-shown\n\n";
    let desk = desk(&format!("{around}{}{}", granted("prod/Admin", ACCOUNT), granted("dev", "444455556666")));
    let before = config(&desk);
    let ran = desk.run(&["sso", "profiles", "--adopt"]);
    assert!(ran.status == 1 && ran.err.contains("there is no terminal to ask on"), "{ran:?}");
    let mut terminal = desk.terminal(&["sso", "profiles", "--adopt"]);
    terminal.expect("[profile prod/Admin]").expect("Change them? [y/n] ").line("n");
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!(config(&desk), before);

    let ran = desk.run(&["sso", "profiles", "--adopt", "--yes"]);
    assert!(ran.status == 0 && ran.err.contains("2 profiles of granted's changed"), "{ran:?}");
    for line in
        ["  [profile prod/Admin]\n", "- credential_process", "+ sso_session = d-1234567890\n", "+ [sso-session d-"]
    {
        assert!(ran.err.contains(line), "{line}\n{}", ran.err);
    }
    assert!(!ran.err.contains("not-to-be-shown"), "{ran:?}");
    let adopted = |name: &str, account: &str| {
        format!(
            "[profile {name}]\nsso_session = d-1234567890\nawsenv_assignment = {account}/Admin\n# kept\n\
             sso_account_id = {account}\nsso_role_name = Admin\nregion                     = eu-central-1\n\n"
        )
    };
    let session = format!(
        "[sso-session d-1234567890]\nsso_start_url = {START_URL}\nsso_region = eu-west-1\n\
         sso_registration_scopes = sso:account:access\n"
    );
    let expected = format!("{around}{}{}{session}", adopted("prod/Admin", ACCOUNT), adopted("dev", "444455556666"));
    assert_eq!(config(&desk), expected);
    assert_eq!(desk.status("prod/Admin")["kind"], "sso");

    let ran = desk.run(&["sso", "profiles", "--adopt", "--yes"]);
    assert!(ran.status == 0 && ran.err.contains("no profile of granted's"), "{ran:?}");
    assert_eq!(config(&desk), expected);
    // They count as the profiles of their roles.
    desk.home.write(testbed::aws::cache_name("d-1234567890"), desk.directory.token(3600).file());
    let ran = desk.run(&["sso", "profiles", "--write", "--yes"]);
    assert!(ran.err.contains("role Admin in account 111122223333 (Development) is there as prod/Admin"), "{ran:?}");
    assert_eq!(config(&desk), expected);
    nothing_ran(&desk);
}

#[test]
fn the_session_that_is_there_is_used() {
    let desk = Desk::new();
    let before = config(&desk);
    desk.home.config(format!("{before}{}", granted("prod", ACCOUNT)));
    assert_eq!(desk.run(&["sso", "profiles", "--adopt", "--yes"]).status, 0);
    let after = config(&desk);
    assert!(after.starts_with(&before) && after.matches("[sso-session").count() == 1, "{after}");
    assert!(after.contains("[profile prod]\nsso_session = corp\n"), "{after}");
}

#[test]
fn what_cannot_be_taken_over_is_named_and_stays() {
    let session = format!("[sso-session corp]\nsso_start_url = {START_URL}/\nsso_region = us-east-1\n");
    let other = granted("other", ACCOUNT).replace(" = granted", " = /bin/wrapped");
    let both = granted("both", ACCOUNT).replace("region   ", "sso_session = corp\nregion   ");
    let text = format!("{session}{}{other}{both}", granted("elsewhere", ACCOUNT));
    let desk = desk(&text);
    let ran = desk.run(&["sso", "profiles", "--adopt", "--yes"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    for why in [
        "config:4: elsewhere stays as it is: its region is eu-west-1, that of [sso-session corp] is us-east-1",
        "other stays as it is: its credential_process is not granted's",
        "both stays as it is: it has sso_session too",
    ] {
        assert!(ran.err.contains(why), "{why}\n{}", ran.err);
    }
    assert_eq!(config(&desk), text);
    nothing_ran(&desk);
}

#[test]
fn other_tools_are_named_and_not_run() {
    let text = format!(
        "{}[profile sso]\ncredential_process = /usr/bin/aws-sso -u open -S \"Default\" process --arn arn:aws:iam::1:role/x\n\
         [profile vault]\ncredential_process = aws-vault exec --json vault\n\
         [profile mine]\ncredential_process = /bin/keys\n",
        granted("prod", ACCOUNT)
    );
    let desk = desk(&text);
    for (profile, tool) in [("prod", "granted"), ("sso", "aws-sso-cli"), ("vault", "aws-vault")] {
        let ran = desk.run(&["status", profile]);
        assert!(ran.out.contains(&format!("keys from   {tool}\n")), "{ran:?}");
        let ran = desk.run(&["refresh", profile]);
        assert_eq!(ran.status, 0, "{ran:?}");
        let line = format!("{profile} gets its keys from {tool}, which renews them itself: nothing to refresh");
        assert!(ran.err.contains(&line), "{ran:?}");
        assert_eq!(ran.err.contains("awsenv sso profiles --adopt"), tool == "granted", "{ran:?}");
    }
    let ran = desk.run(&["status", "mine"]);
    assert!(!ran.out.contains("keys from"), "{ran:?}");
    let ran = desk.run(&["refresh", "mine"]);
    assert!(ran.err.contains("mine gets its keys from its credential_process: nothing to refresh"), "{ran:?}");
    let ran = desk.run(&["doctor"]);
    for line in
        ["granted: wrote prod: their keys come from running it", "aws-sso-cli: wrote sso:", "aws-vault: wrote vault:"]
    {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    nothing_ran(&desk);
}

#[test]
fn a_region_that_is_none_is_not_taken_over() {
    let desk = Desk::new();
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile gr]\ngranted_sso_start_url = https://other.awsapps.com/start\n\
         granted_sso_region = evil.example/x\ngranted_sso_account_id = 1\ngranted_sso_role_name = A\n"
    ));
    let before = desk.home.text(".aws/config");
    let ran = desk.run(&["sso", "profiles", "--adopt", "--yes"]);
    assert!(ran.err.contains("gr stays as it is: granted_sso_region"), "{ran:?}");
    assert_eq!(desk.home.text(".aws/config"), before);
}

/// Else a second profile would be made for its role.
#[test]
fn a_profile_without_granted_s_region_is_known_as_ours_afterwards() {
    let desk = Desk::new();
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile gr]\ngranted_sso_start_url = {START_URL}\ngranted_sso_account_id = {ACCOUNT}\n\
         granted_sso_role_name = Reader\ncredential_process = granted credential-process --profile gr\n"
    ));
    let ran = desk.run(&["sso", "profiles", "--adopt", "--yes"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let after = desk.home.text(".aws/config");
    assert!(after.contains(&format!("awsenv_assignment = {ACCOUNT}/Reader")) && !after.contains("granted"), "{after}");
}
