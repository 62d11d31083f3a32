//! Profiles of other kinds, and the way by Identity Center.

use testbed::aws::Consent;

use super::desk::{Desk, exit};

const START_URL: &str = "https://d-1234567890.awsapps.com/start";

#[test]
fn a_profile_of_another_kind_is_called_what_it_is_and_stays() {
    let (desk, _) = Desk::with_device();
    let config = "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/x\ncredential_source = Environment\n\
                  [profile tool]\ncredential_process = echo x\n";
    desk.home.config(config).write(".bashrc", "eval \"$(awsenv init bash)\"\n");
    let before = desk.files();
    let mut terminal = desk.setup(&["tool"]);
    terminal.expect("tool gets its keys from its credential_process: that stays as it is");
    terminal.expect(
        "tool is there, its credential_process was not tried (`awsenv exec tool -- aws sts get-caller-identity` does)",
    );
    assert_eq!(exit(&mut terminal), 0);
    let mut terminal = desk.setup(&["role"]);
    terminal.expect("role is the role arn:aws:iam::123456789012:role/x: that stays as it is");
    exit(&mut terminal);
    assert!(desk.files() == before);
    assert!(!terminal.everything().contains("Access key ID"));
}

#[test]
fn keys_of_a_session_that_is_over_are_not_called_set_up() {
    let (desk, _) = Desk::with_device();
    desk.home.write(".bashrc", "eval \"$(awsenv init bash)\"\n").credentials(
        "[dev]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\naws_session_token = x\n\
         expiration = 2020-01-01 00:00:00\n",
    );
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("dev: its session is over, and awsenv cannot renew it: the tool that wrote it has to");
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("set up;"), "{}", terminal.everything());
}

#[test]
fn a_proxy_is_all_that_another_kind_may_lack() {
    let (mut desk, _) = Desk::with_device();
    desk.home.set("HTTPS_PROXY", "http://p.corp:3128").config("[profile tool]\ncredential_process = echo x\n");
    desk.home.write(".bashrc", "eval \"$(awsenv init bash)\"\n");
    let mut terminal = desk.setup(&["tool"]);
    terminal
        .expect("take it back? [y/n] ")
        .mark()
        .line("y")
        .expect("A name for this proxy [corp]: ")
        .mark()
        .line("lab");
    terminal.expect("+ [proxy lab]").expect("Write it? [y/n] ").mark().line("y").expect("tool is there");
    assert_eq!(exit(&mut terminal), 0);
    let written = "[proxy lab]\nhttps = http://p.corp:3128\n\n[profile tool]\nproxy = lab\n";
    assert_eq!(desk.text(".config/awsenv/config"), written);
}

#[test]
fn the_first_question_leads_to_identity_center_too() {
    let (mut desk, _) = Desk::with_device();
    let directory = desk.aws.directory(START_URL, "eu-west-1");
    directory.assign("111122223333", "Development", "Admin").set_consent(Consent::Allow);
    let browser = desk.home.script("browser", "#!/bin/sh\nexec curl -s -L -o \"$HOME/page\" \"$1\"\n");
    desk.home.set("BROWSER", browser);
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("i").expect("Start URL: ").mark().line("corp");
    terminal.expect("that cannot be a start URL").expect("Start URL: ").mark().line(START_URL);
    terminal.expect("SSO region (such as eu-west-1): ").mark().line("eu-west-1");
    terminal.expect("A name for this sign-in").mark().line("").expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("Add it? [y/n] ").mark().line("y").expect("dev is set up; in a new bash: awsenv use dev");
    assert_eq!(exit(&mut terminal), 0);
    assert_eq!(desk.status("dev"), ("sso".into(), "valid".into()));
    // Again: there is nothing to do.
    let before = desk.files();
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("dev signs in by IAM Identity Center: that stays as it is").expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
    assert!(desk.files() == before);
}
