//! `awsenv setup --sso`: from nothing to a profile that works.

use testbed::aws::Consent;
use testbed::{Session, Shell};

use super::desk::{ACCOUNT, Desk, REGION, START_URL, exit};

/// A home without AWS files, and a browser.
fn desk() -> Desk {
    let mut desk = Desk::new();
    std::fs::remove_file(desk.home.path().join(".aws/config")).expect("it is there");
    desk.browser(Consent::Allow);
    desk
}

fn config(desk: &Desk) -> String {
    std::fs::read_to_string(desk.home.path().join(".aws/config")).unwrap_or_default()
}

fn session(name: &str) -> String {
    format!(
        "[sso-session {name}]\nsso_start_url = {START_URL}\nsso_region = {REGION}\n\
         sso_registration_scopes = sso:account:access\n"
    )
}

fn profile(name: &str, session: &str, account: &str, role: &str) -> String {
    format!(
        "\n[profile {name}]\nsso_session = {session}\nsso_account_id = {account}\nsso_role_name = {role}\n\
         region = {REGION}\nawsenv_assignment = {account}/{role}\n"
    )
}

#[test]
fn a_newcomer_is_led_from_nothing_to_a_profile() {
    let desk = desk();
    desk.directory.assign(ACCOUNT, "Development", "ReadOnly").assign("444455556666", "Sandbox", "Admin");
    let mut terminal = desk.terminal(&["setup", "--sso", &format!("{START_URL}/#/")]);
    terminal.expect("the AWS access portal shows it under 'Access keys' of any account, as SSO Region");
    terminal.expect("SSO region (such as eu-west-1): ").mark().line("EU WEST");
    terminal.expect("SSO region (such as eu-west-1): ").mark().line(REGION);
    terminal.expect("A name for this sign-in [d-1234567890]: ").mark().line("my corp");
    terminal.expect("A name for this sign-in [d-1234567890]: ").mark().line("corp");
    terminal.expect("signing in to corp (d-1234567890.awsapps.com)").expect("opens in the browser");
    terminal.expect("account: ").line("devel");
    terminal.expect("role: ").line("read");
    terminal.expect("+ [profile Development-ReadOnly]").expect("Write it? [y/n] ").line("y");
    terminal.expect("awsenv use Development-ReadOnly");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    let written = session("corp") + &profile("Development-ReadOnly", "corp", ACCOUNT, "ReadOnly");
    assert_eq!(config(&desk), written);
    assert_eq!(desk.state("Development-ReadOnly"), "valid");

    let Some(mut shell) = Session::start(Shell::Bash, &desk.home, "eval \"$(awsenv init bash)\"\n") else { return };
    shell.run("awsenv use Development-ReadOnly");
    assert_eq!(shell.run("echo $AWS_PROFILE").text.trim(), "Development-ReadOnly");
}

#[test]
fn a_terminal_that_moves_no_cursor_is_shown_numbers() {
    let mut desk = desk();
    desk.directory.assign("444455556666", "Sandbox", "Admin");
    desk.home.set("TERM", "dumb");
    let mut terminal = desk.terminal(&["setup", "--sso", START_URL, "--sso-region", REGION]);
    terminal.expect("A name for this sign-in").mark().line("").expect("444455556666").expect("account (1 to 2): ");
    let second = terminal.since_mark().lines().find_map(|line| line.split("  2  ").nth(1).map(str::to_owned)).unwrap();
    terminal.mark().line("2").expect(&format!("+ sso_account_id = {}", second.split("  ").nth(1).unwrap()));
}

#[test]
fn with_everything_given_and_one_role_there_is_no_question_but_the_last() {
    let desk = desk();
    let args = ["setup", "--sso", START_URL, "--sso-region", REGION, "--yes", "dev"];
    let mut terminal = desk.terminal(&args);
    terminal.expect("awsenv use dev");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    let written = session("d-1234567890") + &profile("dev", "d-1234567890", ACCOUNT, "Admin");
    assert_eq!(config(&desk), written);
    // A second one uses what is there: the region, the sign-in; and needs no terminal.
    let ran = desk.run(&["setup", "--sso", START_URL, "--yes", "work"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(config(&desk), written.clone() + &profile("work", "d-1234567890", ACCOUNT, "Admin"));
    assert_eq!(desk.opened().len(), 1);
    // They count as the profiles of their roles.
    let ran = desk.run(&["sso", "profiles"]);
    assert!(ran.out.is_empty() && ran.err.contains("is there as dev"), "{ran:?}");
}

#[test]
fn what_cannot_become_a_profile_is_said_before_anybody_signs_in() {
    let desk = desk();
    let text = format!("{}[profile dev]\nregion = eu-west-1\n", session("corp"));
    desk.home.config(&text);
    for (args, status, why) in [
        (&["setup", "--sso", "http://corp.example/start", "--yes"][..], 2, "it does not begin with https://"),
        (&["setup", "--sso", START_URL, "--sso-region", "EU WEST", "--yes"], 2, "--sso-region"),
        (&["setup", "--sso", START_URL, "dev", "--yes"], 1, "config:5: there is a profile dev already"),
        (&["setup", "--sso", START_URL, "new"], 1, "there is no terminal to ask on"),
        (&["setup", "--sso", "https://other.awsapps.com/start", "--yes"], 2, "which region is it in? --sso-region R"),
        (
            &["setup", "--sso", START_URL, "--sso-region", "us-east-1", "--yes"],
            1,
            "has region eu-west-1, not us-east-1",
        ),
        (&["setup", "dev"], 1, "nothing was changed"),
    ] {
        let ran = desk.run(args);
        assert!(ran.status == status && ran.err.contains(why), "{args:?}: {ran:?}");
    }
    assert_eq!(config(&desk), text);
    assert!(desk.aws.calls().is_empty() && desk.opened().is_empty());
}

#[test]
fn a_region_in_the_start_url_is_used() {
    let desk = desk();
    let url = "https://ssoins-0123456789abcdef.portal.eu-central-1.app.aws";
    let directory = desk.aws.directory(url, "eu-central-1");
    directory.assign(ACCOUNT, "Development", "Admin").set_consent(Consent::Allow);
    let mut terminal = desk.terminal(&["setup", "--sso", url, "dev"]);
    terminal.expect("A name for this sign-in [ssoins-0123456789abcdef]: ").line("");
    terminal.expect("+ sso_region = eu-central-1").expect("Write it? [y/n] ").line("y").expect("awsenv use dev");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.state("dev"), "valid");
}

#[test]
fn in_the_wrong_region_nothing_is_written() {
    let desk = desk();
    desk.aws.set_region(Some("us-east-1"));
    desk.directory.set_lenient_region(true);
    let args = ["setup", "--sso", START_URL, "--sso-region", "us-east-1", "--yes", "dev"];
    let mut terminal = desk.terminal(&args);
    terminal.expect("opens in the browser").expect("code_challenge=");
    let asked = desk.aws.wait_for_calls("Authorize", 1);
    assert!(asked[0].error.is_some(), "{asked:?}");
    terminal.send("\x03").expect("^C");
    assert_eq!(exit(&mut terminal), 130);
    assert_eq!(config(&desk), "");
    // The right one, now that it is known.
    desk.aws.set_region(None);
    let args = ["setup", "--sso", START_URL, "--sso-region", REGION, "--yes", "dev"];
    assert_eq!(exit(&mut desk.terminal(&args)), 0);
    assert_eq!(desk.state("dev"), "valid");
}

#[test]
fn a_device_code_of_another_region_says_so() {
    let mut desk = desk();
    desk.home.set("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    desk.aws.set_region(Some("us-east-1"));
    let ran = desk.run(&["setup", "--sso", START_URL, "--sso-region", "us-east-1", "--yes", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("or of another region than us-east-1: the AWS access"), "{ran:?}");
    assert_eq!(config(&desk), "");
}

#[test]
fn who_may_use_nothing_is_told_so() {
    let desk = desk();
    desk.directory.unassign(ACCOUNT);
    let args = ["setup", "--sso", START_URL, "--sso-region", REGION, "--yes", "dev"];
    let mut terminal = desk.terminal(&args);
    terminal.expect("you are signed in, but no role in any account is assigned to you");
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!(config(&desk), "");
}

#[test]
fn a_refusal_in_the_browser_writes_nothing() {
    let mut desk = desk();
    desk.browser(Consent::Deny);
    let args = ["setup", "--sso", START_URL, "--sso-region", REGION, "--yes", "dev"];
    let mut terminal = desk.terminal(&args);
    terminal.expect("SSO session d-1234567890: the sign-in was refused in the browser");
    assert_eq!(exit(&mut terminal), 1);
    assert_eq!(config(&desk), "");
}
