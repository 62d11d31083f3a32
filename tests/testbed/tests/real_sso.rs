//! AWS's own clients sign in at the fake's Identity Center, refresh their tokens there, and list what it assigns.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use testbed::aws::{Consent, Directory, cache_name};
use testbed::proxy::{Policy, Proxy};
use testbed::{FakeAws, Home};

const START: &str = "https://d-1234567890.awsapps.com/start";
const PROFILE: &str = "[profile sso]\nsso_session = my-sso\nsso_account_id = 111122223333\nsso_role_name = Admin\n\
                       region = us-east-1\n";
const ARN: [&str; 5] = ["get-caller-identity", "--query", "Arn", "--output", "text"];

fn bed() -> (FakeAws, Directory, Home) {
    let aws = FakeAws::start();
    let directory = aws.directory(START, "us-east-1");
    directory.assign("111122223333", "prod", "Admin").assign("444455556666", "dev", "Admin").set_page_size(1);
    let mut home = Home::new("/usr/bin/env");
    home.use_aws(&aws).set("AWS_PAGER", "").config(format!("{}\n{PROFILE}", directory.section("my-sso")));
    (aws, directory, home)
}

#[track_caller]
fn text(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn identity(home: &Home, cli: &Path) -> Output {
    home.command(cli).args(["sts", "--profile", "sso"]).args(ARN).output().expect("the CLI starts")
}

#[track_caller]
fn assert_admin(arn: &str) {
    assert!(arn.starts_with("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_"), "{arn}");
    assert!(arn.ends_with("/taro\n"), "{arn}");
}

#[test]
fn the_cli_v1_refreshes_a_token_once_and_uses_it() {
    let Some(python) = testbed::require_python("awscli") else { return };
    let cli = python.with_file_name("aws");
    let (aws, directory, home) = bed();
    let file = cache_name("my-sso");
    home.write(&file, directory.token(60).file());
    assert_admin(&text(identity(&home, &cli)));
    assert_admin(&text(identity(&home, &cli)));
    assert_eq!(aws.token_calls("refresh_token"), 1);
    assert!(home.text(&file).contains("refreshToken"));

    directory.end_sign_ins();
    let over = identity(&home, &cli);
    assert!(
        String::from_utf8_lossy(&over.stderr).contains("The SSO session associated with this profile has expired"),
        "{over:?}"
    );
}

#[test]
fn boto3_lists_every_page() {
    let Some(python) = testbed::require_python("boto3") else { return };
    let (aws, directory, home) = bed();
    home.write(
        "script.py",
        r#"
import boto3, sys
portal, token = boto3.client("sso", region_name="us-east-1"), sys.argv[1]
pages = portal.get_paginator("list_accounts").paginate(accessToken=token)
print([account["accountName"] for page in pages for account in page["accountList"]])
try:
    portal.get_role_credentials(accessToken=token, accountId="111122223333", roleName="Owner")
except portal.exceptions.ClientError as error:
    print(error.response["Error"])
try:
    portal.list_accounts(accessToken="wrong")
except portal.exceptions.UnauthorizedException as error:
    print(error.response["Error"]["Message"])
oidc = boto3.client("sso-oidc", region_name="us-east-1")
client = oidc.register_client(clientName="x", clientType="public")
keys = {name: client[name] for name in ("clientId", "clientSecret")}
code = oidc.start_device_authorization(startUrl=sys.argv[2], **keys)
grant = "urn:ietf:params:oauth:grant-type:device_code"
try:
    oidc.create_token(grantType=grant, deviceCode=code["deviceCode"], **keys)
except oidc.exceptions.AuthorizationPendingException as error:
    print(error.response["error"])
"#,
    );
    let token = directory.token(600).access_token;
    let said = text(home.command(&python).args(["script.py", &token, START]).output().expect("Python starts"));
    let expected = [
        "['prod', 'dev']",
        "{'Message': 'No access', 'Code': 'ForbiddenException'}",
        "Session token not found or invalid",
        "authorization_pending",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
    assert_eq!(aws.calls_of("ListAccounts").len(), 3);
}

/// The CLI v2 and its version; other `aws` on the PATH are v1.
fn cli_v2() -> Option<(PathBuf, (u32, u32))> {
    let places = ["aws", "/usr/bin/aws", "/usr/local/bin/aws"];
    let found = places.iter().filter_map(|name| testbed::find(name)).find_map(|cli| {
        let said = text(Command::new(&cli).arg("--version").output().ok()?);
        let version =
            said.strip_prefix("aws-cli/")?.split([' ', '.']).map(str::parse).take(2).collect::<Result<Vec<_>, _>>();
        let version = version.ok()?;
        (version[0] == 2).then_some((cli, (version[0], version[1])))
    });
    if found.is_none() {
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "the AWS CLI v2 is needed");
        testbed::skipped("the AWS CLI v2 is not on this machine");
    }
    found
}

#[test]
fn the_cli_v2_signs_in_by_device_code_and_out_again() {
    let Some((cli, version)) = cli_v2() else { return };
    let (aws, directory, mut home) = bed();
    // By AWS's real names, for a CLI before 2.13 (Debian 12) does not read AWS_ENDPOINT_URL.
    let proxy = Proxy::start(aws.https_address(), Policy::Open);
    home.use_aws_by_name(&aws, &proxy);
    let mut login = home.command(&cli);
    login.args(["sso", "login", "--profile", "sso", "--no-browser"]);
    if version >= (2, 22) {
        login.arg("--use-device-code");
    }
    let login = login.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the CLI starts");
    let device = directory.wait_for_device();
    assert_eq!(device.scopes, ["sso:account:access"]);
    // Its first attempt comes before it shows the code.
    aws.wait_for_calls("CreateToken", 1);
    directory.allow(&device.user_code);
    let said = text(login.wait_with_output().expect("the CLI ends"));
    assert!(said.contains(&device.user_code) && said.contains(START), "{said}");
    let uri = format!("https://device.sso.us-east-1.amazonaws.com/?user_code={}", device.user_code);
    assert!(said.contains(&uri), "{said}");

    assert_admin(&text(identity(&home, &cli)));
    let asked = aws.calls_of("GetRoleCredentials").pop().expect("a call");
    assert_eq!((asked.host.as_str(), asked.region.as_str()), ("portal.sso.us-east-1.amazonaws.com", "us-east-1"));
    // Its registration is the AWS CLI's own, and the token file is where everybody looks for it.
    assert!(home.text(cache_name("my-sso")).contains(&format!("\"accessToken\": \"{}\"", asked.bearer_token)));
    text(home.command(&cli).args(["sso", "logout"]).output().expect("the CLI starts"));
    assert_eq!(aws.calls_of("Logout").iter().filter(|call| call.accepted).count(), 1);
    assert!(!identity(&home, &cli).status.success());
}

#[test]
fn the_cli_v2_is_denied() {
    let Some((cli, version)) = cli_v2() else { return };
    let (aws, directory, mut home) = bed();
    let proxy = Proxy::start(aws.https_address(), Policy::Open);
    home.use_aws_by_name(&aws, &proxy);
    directory.set_consent(Consent::Deny);
    let mut login = home.command(&cli);
    login.args(["sso", "login", "--profile", "sso", "--no-browser"]);
    if version >= (2, 22) {
        login.arg("--use-device-code");
    }
    let refused = login.output().expect("the CLI starts");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("AccessDeniedException"), "{refused:?}");
}

/// The CLI 2.22 and later: authorization code and PKCE, by whatever `BROWSER` starts.
#[test]
fn the_cli_v2_signs_in_by_browser() {
    let Some((cli, version)) = cli_v2() else { return };
    let Some(curl) = testbed::require("curl") else { return };
    if version < (2, 22) {
        return testbed::skipped("this AWS CLI v2 knows no authorization code (2.22 does)");
    }
    let (aws, directory, mut home) = bed();
    directory.set_consent(Consent::Allow);
    // In the background: the CLI listens only once its browser was started.
    home.set("BROWSER", format!("{} --silent --location --output /dev/null %s &", curl.display()));
    text(home.command(&cli).args(["sso", "login", "--profile", "sso"]).output().expect("the CLI starts"));
    assert_admin(&text(identity(&home, &cli)));
    assert_eq!((aws.token_calls("authorization_code"), aws.token_calls("device_code")), (1, 0));
}
