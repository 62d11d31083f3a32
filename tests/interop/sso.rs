//! One sign-in to IAM Identity Center for all: the AWS CLIs and boto3 use ours, and we use and renew theirs.

use std::path::PathBuf;
use std::process::Command;

use testbed::aws::{Consent, Directory, cache_name};
use testbed::proxy::Policy;
use testbed::{FakeAws, Home, Proxy};

use super::desk::{Tool, WHO, cli_v2, clis};

const START: &str = "https://d-1234567890.awsapps.com/start";
const ACCOUNT: &str = "111122223333";
const DEPLOY: &str = "arn:aws:iam::444455556666:role/Deploy";

struct Desk {
    home: Home,
    aws: FakeAws,
    directory: Directory,
    _proxy: Proxy,
}

impl Desk {
    /// `sso` is Admin by the session `corp`, `deploy` a role on top of it. By AWS's real names, for an AWS CLI v2 before 2.13
    /// does not read AWS_ENDPOINT_URL.
    fn new() -> Desk {
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        let aws = FakeAws::start();
        let proxy = Proxy::start(aws.https_address(), Policy::Open);
        home.use_aws_by_name(&aws, &proxy).set("AWS_PAGER", "").set("AWS_DEFAULT_REGION", "us-east-1");
        let directory = aws.directory(START, "us-east-1");
        directory.assign(ACCOUNT, "prod", "Admin");
        let _ = aws.role(DEPLOY).trusts(&directory.role_arn(ACCOUNT, "Admin"));
        home.config(format!(
            "{}\n[profile sso]\nsso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = Admin\nregion = us-east-1\n\
             [profile deploy]\nrole_arn = {DEPLOY}\nsource_profile = sso\nregion = us-east-1\n",
            directory.section("corp")
        ));
        // Whom the environment makes us believe, and by way of whom, is the user's own.
        home.settings(format!("[profile *]\nproxy = test\n[proxy test]\nhttps = {}\n", proxy.url()));
        Desk { home, aws, directory, _proxy: proxy }
    }

    fn output(&self, mut command: Command) -> String {
        let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("UTF-8")
    }

    fn awsenv(&self, args: &[&str]) -> String {
        let mut command = self.home.command_alone("awsenv");
        command.args(args);
        self.output(command)
    }

    fn who(&self, tool: &Tool, profile: &str) -> String {
        let mut command = self.home.command_alone(&tool.program);
        command.args(["sts", "get-caller-identity", "--query", "Arn", "--output", "text", "--profile", profile]);
        self.output(command)
    }

    fn boto3(&self, profile: &str) -> Option<String> {
        let mut command = self.home.command_alone(testbed::require_python("boto3")?);
        command.args(["-c", WHO]).env("AWS_PROFILE", profile);
        Some(self.output(command))
    }
}

fn is_admin(arn: &str) -> bool {
    arn.starts_with(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_")) && arn.ends_with("/taro\n")
}

fn is_deploy(arn: &str) -> bool {
    arn.starts_with("arn:aws:sts::444455556666:assumed-role/Deploy/")
}

/// The AWS CLI 2.9 of Debian 12 cannot assume a role from an sso-session, whoever signed in (aws/aws-cli#7496).
fn cannot_build_on_sso(tool: &Tool) -> bool {
    let version = Command::new(&tool.program).arg("--version").output().expect("the CLI starts");
    version.stdout.starts_with(b"aws-cli/2.9.")
}

#[test]
fn the_clis_and_boto3_use_our_sign_in() {
    // A home for each: what one keeps in a cache, another would find there.
    let signed_in = || {
        let desk = Desk::new();
        desk.directory.set_consent(Consent::Allow);
        desk.awsenv(&["refresh", "sso", "--device-code"]);
        desk
    };
    for tool in clis() {
        let desk = signed_in();
        assert!(is_admin(&desk.who(&tool, "sso")), "{}", tool.name);
        if cannot_build_on_sso(&tool) {
            // It finds the session that we keep for it.
            desk.awsenv(&["credentials", "deploy"]);
        }
        assert!(is_deploy(&desk.who(&tool, "deploy")), "{}", tool.name);
        assert_eq!(desk.aws.calls_of("AssumeRole").len(), 1);
        assert_eq!((desk.aws.token_calls("device_code"), desk.aws.token_calls("refresh_token")), (1, 0));
    }
    let desk = signed_in();
    if let Some(arn) = desk.boto3("sso") {
        assert!(is_admin(&arn), "{arn}");
        assert!(desk.boto3("deploy").is_some_and(|arn| is_deploy(&arn)));
    }
    // The device code's one sign-in, and nobody's own.
    assert_eq!((desk.aws.token_calls("device_code"), desk.aws.token_calls("refresh_token")), (1, 0));
}

#[test]
fn the_aws_cli_v2_uses_the_keys_that_we_fetched() {
    let Some(tool) = cli_v2() else { return };
    let desk = Desk::new();
    desk.home.write(cache_name("corp"), desk.directory.token(3600).file());
    desk.awsenv(&["credentials", "sso"]);
    assert!(is_admin(&desk.who(&tool, "sso")));
    assert_eq!(desk.aws.calls_of("GetRoleCredentials").len(), 1);
}

#[test]
fn we_show_and_renew_a_token_that_botocore_renewed() {
    for tool in clis() {
        let desk = Desk::new();
        desk.home.write(cache_name("corp"), desk.directory.token(60).file());
        assert!(is_admin(&desk.who(&tool, "sso")), "{}", tool.name);
        assert_eq!(desk.aws.token_calls("refresh_token"), 1, "{} renewed it", tool.name);
        let status = desk.awsenv(&["status", "sso", "--json"]);
        assert!(status.contains("\"state\": \"valid\"") || status.contains("\"state\":\"valid\""), "{status}");
        // Its refresh token is the one that it wrote last.
        desk.awsenv(&["refresh", "sso", "--force"]);
        assert_eq!(desk.aws.token_calls("refresh_token"), 2);
        let keys = desk.awsenv(&["credentials", "sso"]);
        assert!(keys.contains("\"AccessKeyId\":\"ASIA"), "{keys}");
        assert!(is_admin(&desk.who(&tool, "sso")), "{} goes on with ours", tool.name);
    }
}

/// Its `aws` module looks at the end of the token's file where no variable tells it more, and shows an X.
#[test]
fn starship_shows_no_x_for_a_sign_in_that_renews_itself() {
    let beside_python = std::env::var_os("AWSENV_TEST_VENV").map(|venv| PathBuf::from(venv).join("bin/starship"));
    let Some(starship) = testbed::find("starship").or(beside_python.filter(|path| path.exists())) else {
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "starship is needed");
        return testbed::skipped("starship is not on this machine");
    };
    let desk = Desk::new();
    desk.home.write(cache_name("corp"), desk.directory.token(-3600).file());
    let shown = |vars: &[(&str, &str)]| {
        let mut command = desk.home.command_alone(&starship);
        command.args(["module", "aws"]).envs(vars.iter().copied());
        desk.output(command)
    };
    assert!(shown(&[("AWS_PROFILE", "sso")]).contains('X'), "by itself it takes the sign-in for dead");
    let line = "eval \"$(awsenv switch bash 1 0 '' '' sso)\"; for i in ${!__awsenv_set_names[@]}; do \
                echo \"${__awsenv_set_names[i]}=${__awsenv_set_values[i]}\"; done";
    let mut bash = desk.home.command_alone("bash");
    bash.args(["-c", line]);
    let set = desk.output(bash);
    let vars: Vec<_> = set.lines().filter_map(|line| line.split_once('=')).collect();
    assert!(vars.contains(&("AWS_SESSION_EXPIRATION", "refreshable")), "{set}");
    let segment = shown(&vars);
    assert!(segment.contains("sso") && !segment.contains('X'), "{segment}");
}
