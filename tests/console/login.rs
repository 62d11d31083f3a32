//! `aws login`: keys from its cache, renewed once for all, and a new sign-in by the AWS CLI.

use serde_json::Value;
use testbed::aws::{Fault, Login};
use testbed::proxy::{Policy, Proxy};
use testbed::{Session, Shell};

use super::desk::{Desk, REGION, exit};

const SESSION: &str = "arn:aws:iam::123456789012:user/taro";

/// `[profile log]`, signed in with keys that end in so many seconds.
fn desk(seconds: i64) -> (Desk, Login) {
    let desk = Desk::new();
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile log]\nlogin_session = {SESSION}\nregion = {REGION}\n\
         [profile top]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = log\n"
    ));
    let login = desk.aws.login(SESSION);
    desk.home.write(login.file_name(), login.file(seconds));
    (desk, login)
}

fn file(desk: &Desk, login: &Login) -> Value {
    serde_json::from_str(&desk.home.text(login.file_name())).expect("JSON")
}

fn keys(desk: &Desk, profile: &str) -> Value {
    let ran = desk.run(&["credentials", profile]);
    assert_eq!(ran.status, 0, "{ran:?}");
    serde_json::from_str(&ran.out).expect("JSON")
}

#[test]
fn keys_in_the_cache_are_used_while_they_last() {
    let (desk, login) = desk(800);
    let (found, kept) = (keys(&desk, "log"), file(&desk, &login));
    assert_eq!(found["AccessKeyId"], kept["accessToken"]["accessKeyId"]);
    assert_eq!(found["Expiration"], kept["accessToken"]["expiresAt"]);
    assert!(desk.aws.calls().is_empty());
    let ran = desk.run(&["exec", "log", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID $AWS_REGION"]);
    assert_eq!(ran.out, format!("{} {REGION}\n", kept["accessToken"]["accessKeyId"].as_str().expect("an id")));
    assert_eq!(desk.state("log"), "valid");
}

#[test]
fn keys_that_end_are_renewed_and_the_file_keeps_the_rest() {
    let (desk, login) = desk(-60);
    let mut before = file(&desk, &login);
    before["signInRegion"] = REGION.into();
    before["somebodyElses"] = 1.into();
    before["accessToken"]["more"] = "kept".into();
    desk.home.write(login.file_name(), before.to_string());
    assert_eq!(desk.state("log"), "refreshable");
    let found = keys(&desk, "log");
    let after = file(&desk, &login);
    assert_eq!(found["AccessKeyId"], after["accessToken"]["accessKeyId"]);
    assert_ne!(after["refreshToken"], before["refreshToken"]);
    for name in ["tokenType", "clientId", "idToken", "dpopKey", "signInRegion", "somebodyElses"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    for name in ["accountId", "more"] {
        assert_eq!(after["accessToken"][name], before["accessToken"][name], "{name}");
    }
    // The Rust SDK takes no other form.
    assert!(after["accessToken"]["expiresAt"].as_str().is_some_and(|t| t.len() == 20 && t.ends_with('Z')), "{after}");
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(desk.home.path().join(login.file_name())).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    keys(&desk, "log");
    assert_eq!(desk.aws.calls_of("CreateOAuth2Token").len(), 1);
}

#[test]
fn twenty_at_once_renew_once() {
    let (desk, _login) = desk(60);
    let started: Vec<_> = (0..20)
        .map(|_| {
            let mut command = desk.home.command_alone("awsenv");
            command.args(["credentials", "log"]).stdout(std::process::Stdio::null()).spawn().expect("it starts")
        })
        .collect();
    for mut one in started {
        assert!(one.wait().expect("it ends").success());
    }
    assert_eq!(desk.aws.calls_of("CreateOAuth2Token").len(), 1);
}

#[test]
fn a_role_stands_on_it() {
    let (desk, _login) = desk(-60);
    let _ = desk.aws.role("top").trusts(SESSION);
    let config =
        desk.home.text(".aws/config").replace("role/admin\nsource_profile = log", "role/top\nsource_profile = log");
    desk.home.config(config);
    keys(&desk, "top");
    let actions: Vec<String> = desk.aws.calls().into_iter().map(|c| c.action).collect();
    assert_eq!(actions, ["CreateOAuth2Token", "AssumeRole"]);
    desk.follow(&desk.link(&["top"]));
    assert_eq!(desk.pages().len(), 1);
}

#[test]
fn a_network_that_is_gone_leaves_what_works() {
    let (desk, login) = desk(120);
    desk.aws.fault_on("CreateOAuth2Token", Fault::CutBefore, 1);
    assert_eq!(keys(&desk, "log")["AccessKeyId"], file(&desk, &login)["accessToken"]["accessKeyId"]);
    desk.home.write(login.file_name(), login.file(-60));
    desk.aws.fault_on("CreateOAuth2Token", Fault::CutBefore, 1);
    let ran = desk.run(&["refresh", "log"]);
    assert_eq!((ran.status, ran.err.lines().count()), (1, 1), "{ran:?}");
    assert_eq!(desk.state("log"), "refreshable", "the next try may work");
    assert_eq!(desk.run(&["refresh", "log"]).err, "awsenv: log is good\n");
}

#[test]
fn a_clock_that_is_off_is_learnt_for_the_proof() {
    let (desk, login) = desk(-60);
    desk.aws.set_clock_offset(5 * 3600);
    keys(&desk, "log");
    // The next one is right at once.
    let mut kept = file(&desk, &login);
    kept["accessToken"]["expiresAt"] = "2026-01-01T00:00:00Z".into();
    desk.home.write(login.file_name(), kept.to_string());
    keys(&desk, "log");
    let calls: Vec<bool> = desk.aws.calls_of("CreateOAuth2Token").iter().map(|c| c.accepted).collect();
    assert_eq!(calls, [false, true, true]);
    assert!(desk.run(&["doctor"]).out.contains("clock was 5h00m behind AWS's"));
}

#[test]
fn a_sign_in_that_aws_ended_means_the_aws_cli() {
    for (word, why) in [
        ("TOKEN_EXPIRED", "log: AWS takes this sign-in no longer: it is over"),
        ("USER_CREDENTIALS_CHANGED", "log: AWS takes this sign-in no longer: the password was changed"),
    ] {
        let (desk, login) = desk(-60);
        login.refuse(word);
        let ran = desk.run(&["credentials", "log"]);
        assert!(ran.status == 1 && ran.err.contains(why), "{ran:?}");
        assert!(ran.err.contains("`awsenv refresh log` starts `aws login`") && ran.err.lines().count() == 1, "{ran:?}");
        assert_eq!(desk.state("log"), "missing");
    }
    let (desk, login) = desk(-60);
    login.refuse("INSUFFICIENT_PERMISSIONS");
    let ran = desk.run(&["credentials", "log"]);
    assert!(ran.err.contains("for want of the policy SignInLocalDevelopmentAccess"), "{ran:?}");
    assert_eq!(desk.state("log"), "refreshable");
}

/// An `aws` whose `login` does what the real one does, and notes how it was called.
fn aws_cli(desk: &mut Desk, login: &Login) {
    desk.home.write("new.json", login.file(900));
    let script = format!(
        "#!/bin/sh\necho \"$* $HTTPS_PROXY\" >>\"$HOME/calls\"\nmkdir -p \"$HOME/.aws/login/cache\"\n\
         echo 'Opening your browser'\ncp \"$HOME/new.json\" \"$HOME/{}\"\n",
        login.file_name()
    );
    desk.home.script("aws", &script);
}

#[test]
fn the_page_shows_what_happens() {
    let (mut desk, login) = desk(-60);
    login.refuse("TOKEN_EXPIRED");
    let new = desk.aws.login(SESSION);
    aws_cli(&mut desk, &new);
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/login.md")).expect("the page");
    let (_, transcript) = page.split_once("```console\n$ awsenv ").expect("a transcript");
    let mut lines = transcript.split_once("```").expect("its end").0.lines();
    let words: Vec<_> = lines.next().expect("a command").split(' ').collect();
    let mut terminal = desk.terminal(&words);
    assert_eq!(exit(&mut terminal), 0);
    let everything = terminal.everything();
    let mut rest = everything.as_str();
    for line in lines.filter(|line| *line != "…") {
        let (_, after) = rest.split_once(line).unwrap_or_else(|| panic!("{line}\n\n{everything}"));
        rest = after;
    }
}

#[test]
fn refresh_starts_aws_login_where_a_person_is_needed() {
    let (mut desk, login) = desk(-60);
    login.refuse("TOKEN_EXPIRED");
    let new = desk.aws.login(SESSION);
    aws_cli(&mut desk, &new);
    desk.home.settings("[profile log]\nproxy = corp\n[proxy corp]\nhttps = http://127.0.0.1:9\n");
    let mut terminal = desk.terminal(&["refresh", "log"]);
    terminal.expect("starting aws login --profile log").expect("Opening your browser").expect("log is good");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    assert_eq!(desk.home.text("calls"), "login --profile=log http://127.0.0.1:9\n");
    assert_eq!(desk.state("log"), "valid");
    // For a role on top of it, it is the source that signs in.
    std::fs::remove_file(desk.home.path().join(login.file_name())).expect("it is there");
    let mut terminal = desk.terminal(&["refresh", "top"]);
    terminal.expect("starting aws login --profile log");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    let ran = desk.run(&["refresh", "log"]);
    assert!(ran.status == 0 && ran.err.contains("log is still good"), "{ran:?}");
}

#[test]
fn refresh_says_what_is_missing_for_aws_login() {
    let (mut desk, login) = desk(-60);
    std::fs::remove_file(desk.home.path().join(login.file_name())).expect("it is there");
    desk.home.script("aws", "#!/bin/sh\nexit 252\n");
    let ran = desk.run(&["refresh", "log"]);
    assert!(
        ran.status == 1 && ran.err.contains("there is no terminal to do it on: aws login --profile log"),
        "{ran:?}"
    );
    let mut terminal = desk.terminal(&["refresh", "log"]);
    terminal.expect("`aws login --profile log` ended with exit code 252: it needs version 2.32 or later");
    assert_eq!(exit(&mut terminal), 1);
    let own = desk.home.outside().join("bin");
    std::fs::remove_file(own.join("aws")).expect("it is there");
    desk.home.set("PATH", own);
    let mut terminal = desk.terminal(&["refresh", "log"]);
    terminal.expect("the AWS CLI is not on PATH: install version 2.32 or later, then aws login --profile log");
    assert_eq!(exit(&mut terminal), 1);
}

#[test]
fn use_switches_to_what_only_aws_login_can_sign_in() {
    let (desk, login) = desk(-60);
    std::fs::remove_file(desk.home.path().join(login.file_name())).expect("it is there");
    for profile in ["log", "top"] {
        let mut terminal = desk.terminal(&["switch", "bash", "1", "1", "", "", "--", profile]);
        terminal.expect("AWS_PROFILE");
        assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    }
}

#[test]
fn logout_does_what_aws_logout_does() {
    let (desk, login) = desk(600);
    let ran = desk.run(&["logout", "log"]);
    assert!(
        ran.status == 0 && ran.err.contains("the session of log is gone from this machine; copies of its keys"),
        "{ran:?}"
    );
    assert!(!desk.home.path().join(login.file_name()).exists());
    assert_eq!(desk.state("log"), "missing");
    assert!(desk.run(&["logout", "log"]).err.contains("there was no session to end"));
}

#[test]
fn the_guard_renews_in_silence_and_else_names_the_command() {
    let (desk, login) = desk(-60);
    desk.home.script("aws", "#!/bin/sh\necho \"aws ran: $*\"\n");
    let Some(mut shell) =
        Session::start(Shell::Bash, &desk.home, "eval \"$(awsenv init bash)\"\nexport AWS_PROFILE=log\n")
    else {
        return;
    };
    let output = shell.run("aws one");
    assert!(output.text.contains("aws ran: one") && !output.text.contains("awsenv:"), "{output:?}");
    assert_eq!(desk.aws.calls_of("CreateOAuth2Token").len(), 1);
    desk.home.write(login.file_name(), "{}");
    shell.run("true");
    let output = shell.run("aws two");
    assert!(output.text.contains("aws ran: two"), "{output:?}");
    assert!(output.text.contains("log has no session yet: `awsenv refresh log` starts"), "{output:?}");
}

#[test]
fn aws_sign_in_is_reached_in_the_region_of_the_profile_that_signed_in() {
    let (mut desk, _login) = desk(-60);
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Open);
    desk.home.write(".testbed-ca.pem", desk.aws.ca_pem());
    let bundle = format!("\nca_bundle = {}\n", desk.home.path().join(".testbed-ca.pem").display());
    let config =
        desk.home.text(".aws/config").replace("source_profile = log\n", &format!("source_profile = log{bundle}"));
    desk.home.config(config.replace("role/admin\nsource_profile = log", "role/top\nsource_profile = log"));
    let _ = desk.aws.role("top").trusts(SESSION);
    desk.home.unset("AWS_ENDPOINT_URL");
    desk.home.settings(format!("[profile top]\nproxy = corp\n[proxy corp]\nhttps = {}\n", proxy.url()));
    keys(&desk, "top");
    let targets: Vec<String> = proxy.attempts().into_iter().map(|a| a.target).collect();
    assert_eq!(
        targets,
        [format!("CONNECT {REGION}.signin.aws.amazon.com:443"), "CONNECT sts.us-east-1.amazonaws.com:443".into()]
    );
}

#[test]
fn a_region_in_the_file_builds_no_host_unless_it_is_one() {
    let (mut desk, login) = desk(-60);
    let mut kept = file(&desk, &login);
    kept["signInRegion"] = "evil.example/x".into();
    desk.home.write(login.file_name(), kept.to_string());
    desk.home.unset("AWS_ENDPOINT_URL");
    let ran = desk.run(&["credentials", "log"]);
    assert!(ran.status == 1 && ran.err.contains("signInRegion in the session's file: "), "{ran:?}");
}
