//! AWS's own clients take the fake for AWS: the CLI v1 and boto3 from AWSENV_TEST_VENV, the CLI on the PATH.

use std::path::Path;
use std::process::Output;

use testbed::proxy::{Policy, Proxy};
use testbed::{FakeAws, Home};

fn run(home: &Home, program: &Path, args: &[&str]) -> Output {
    home.command(program).args(args).output().expect("the program starts")
}

#[track_caller]
fn text(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn home(aws: &FakeAws) -> Home {
    let mut home = Home::new("/usr/bin/env");
    home.use_aws(aws).set("AWS_REGION", "us-east-1").set("AWS_DEFAULT_REGION", "us-east-1").set("AWS_PAGER", "");
    home
}

fn session_by_cli(cli: &Path, by_name: bool) {
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    let mut home = home(&aws);
    let proxy = Proxy::start(aws.https_address(), Policy::Open);
    if by_name {
        home.use_aws_by_name(&aws, &proxy);
    }
    home.credentials(format!("[default]\n{}", key.lines()));
    let get = |code: &str| {
        let query = "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]";
        let serial = ["--serial-number", device.serial(), "--token-code", code];
        let args: Vec<_> =
            ["sts", "get-session-token", "--output", "text", "--query", query].into_iter().chain(serial).collect();
        run(&home, cli, &args)
    };
    let refused = get(&device.wrong_code());
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    let expected = "An error occurred (AccessDenied) when calling the GetSessionToken operation: \
                    MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    assert!(error.contains(expected), "{error}");

    let keys = text(get(&device.code()));
    let [id, secret, token]: [&str; 3] = keys.split_whitespace().collect::<Vec<_>>().try_into().expect("three words");
    home.credentials(format!(
        "[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
    ));
    let buckets = text(run(&home, cli, &["s3", "ls"]));
    assert_eq!(buckets, "2026-01-02 03:04:05 bucket-a\n2026-02-03 04:05:06 bucket-b\n");
    aws.end_sessions();
    let over = run(&home, cli, &["s3", "ls"]);
    assert!(String::from_utf8_lossy(&over.stderr).contains("ExpiredToken"), "{over:?}");
}

#[test]
fn the_cli_v1_gets_a_session_and_lists_buckets() {
    let Some(python) = testbed::require_python("awscli") else { return };
    session_by_cli(&python.with_file_name("aws"), false);
}

#[test]
fn the_cli_of_the_machine_gets_a_session_and_lists_buckets() {
    let Some(cli) = testbed::require("aws") else { return };
    // By AWS's real names, for a CLI before 2.13 (Debian 12) does not read AWS_ENDPOINT_URL.
    session_by_cli(&cli, true);
}

#[test]
fn the_cli_assumes_a_role_behind_mfa_over_tls() {
    let Some(python) = testbed::require_python("awscli") else { return };
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    let role = aws.role("admin").trusts(user.arn()).needs_mfa().needs_external_id("x-1");
    let mut home = home(&aws);
    home.write("ca.pem", aws.ca_pem()).credentials(format!("[default]\n{}", key.lines()));
    let bundle = home.path().join("ca.pem");
    home.set("AWS_ENDPOINT_URL", aws.https_url()).set("AWS_CA_BUNDLE", bundle);
    let (code, external) = (device.code(), ["--external-id", "x-1"]);
    let mfa = ["--serial-number", device.serial(), "--token-code", &code];
    let args = ["sts", "assume-role", "--role-arn", role.arn(), "--role-session-name", "test"];
    let args: Vec<_> = args.into_iter().chain(external).chain(mfa).collect();
    let made = text(run(&home, &python.with_file_name("aws"), &args));
    assert!(made.contains("arn:aws:sts::123456789012:assumed-role/admin/test"), "{made}");
    assert!(aws.calls_of("AssumeRole")[0].tls);
}

#[test]
fn boto3_gets_a_session_uses_it_and_reads_errors() {
    let Some(python) = testbed::require_python("boto3") else { return };
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    let role = aws.role("admin").trusts(user.arn()).needs_mfa();
    let home = home(&aws);
    home.credentials(format!("[default]\n{}", key.lines()));
    home.write(
        "script.py",
        r#"
import boto3, botocore, sys
serial, code, role = sys.argv[1:]
sts = boto3.client("sts")
keys = sts.get_session_token(SerialNumber=serial, TokenCode=code, DurationSeconds=900)["Credentials"]
print(keys["Expiration"].tzinfo is not None)
def with_session(service):
    return boto3.client(service, aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
                        aws_session_token=keys["SessionToken"])
print(with_session("sts").assume_role(RoleArn=role, RoleSessionName="a b".replace(" ", "-"))["AssumedRoleUser"]["Arn"])
print(with_session("iam").list_mfa_devices()["MFADevices"][0]["SerialNumber"])
print([b["Name"] for b in with_session("s3").list_buckets()["Buckets"]])
try:
    with_session("sts").get_session_token()
except botocore.exceptions.ClientError as error:
    print(error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
"#,
    );
    let code = device.code();
    let lines = text(run(&home, &python, &["script.py", device.serial(), &code, role.arn()]));
    let expected = [
        "True",
        "arn:aws:sts::123456789012:assumed-role/admin/a-b",
        device.serial(),
        "['bucket-a', 'bucket-b']",
        "AccessDenied 403",
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_cli_reaches_aws_by_its_real_name_through_a_proxy() {
    let Some(python) = testbed::require_python("awscli") else { return };
    let aws = FakeAws::start();
    let key = aws.user("taro").key();
    let proxy = Proxy::start(aws.https_address(), Policy::Basic("taro".into(), "p@ss:word".into()));
    let mut home = home(&aws);
    home.credentials(format!("[default]\n{}", key.lines()));
    let url = format!("http://taro:p%40ss%3Aword@{}", proxy.address());
    home.use_aws_by_name(&aws, &proxy).set("HTTPS_PROXY", url);
    let identity = ["sts", "get-caller-identity", "--query", "Arn", "--output", "text", "--region", "us-east-1"];
    let identity = |home: &Home| run(home, &python.with_file_name("aws"), &identity);
    assert_eq!(text(identity(&home)), "arn:aws:iam::123456789012:user/taro\n");
    let attempt = proxy.attempts().pop().expect("the proxy was used");
    assert_eq!((attempt.login.as_deref(), attempt.status), (Some("taro:p@ss:word"), 200));
    assert!(attempt.target.starts_with("CONNECT sts."), "{attempt:?}");

    home.set("AWS_MAX_ATTEMPTS", "1");
    proxy.set_policy(Policy::Only("NTLM".into()));
    assert!(!identity(&home).status.success());
    assert_eq!(proxy.attempts().pop().map(|a| a.status), Some(407));
}
