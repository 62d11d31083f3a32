//! AWS's own clients take the fake's IAM for AWS's: boto3 and the CLI v1 from AWSENV_TEST_VENV.

use std::path::Path;
use std::process::Output;

use testbed::aws::PasswordPolicy;
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

fn home(aws: &FakeAws, section: &str) -> Home {
    let mut home = Home::new("/usr/bin/env");
    home.use_aws(aws).set("AWS_REGION", "us-east-1").set("AWS_DEFAULT_REGION", "us-east-1").set("AWS_PAGER", "");
    home.set("AWS_MAX_ATTEMPTS", "1");
    home.credentials(section);
    home
}

/// Every operation, read by AWS's own model: what is missing or misplaced in an answer is missing in the output.
const SCRIPT: &str = r#"
import base64, boto3, botocore, datetime, json, os, re, sys, urllib.parse
iam, sts = boto3.client("iam"), boto3.client("sts")
taro = {"UserName": "taro"}

def error(call, **params):
    try:
        call(**params)
    except botocore.exceptions.ClientError as error:
        known = type(error) is not botocore.exceptions.ClientError
        print(error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"], known)

def show(answer, *names):
    print(*[answer[name] for name in names])

user = iam.get_user()["User"]
show(user, "UserName", "Path", "Arn")
print(isinstance(user["CreateDate"], datetime.datetime), isinstance(user["PasswordLastUsed"], datetime.datetime))
print(iam.list_account_aliases()["AccountAliases"], iam.get_account_summary()["SummaryMap"]["Users"])

error(iam.get_login_profile)
error(iam.create_login_profile, Password="short", **taro)
show(iam.create_login_profile(Password="Correct-Horse-1", PasswordResetRequired=True, **taro)["LoginProfile"],
     "UserName", "PasswordResetRequired")
error(iam.create_login_profile, Password="Correct-Horse-1", **taro)
iam.update_login_profile(Password="Correct-Horse-2", PasswordResetRequired=False, **taro)
iam.change_password(OldPassword="Correct-Horse-2", NewPassword="Correct & <Horse> 'é\" 3")
show(iam.get_login_profile()["LoginProfile"], "UserName", "PasswordResetRequired")
show(iam.get_account_password_policy()["PasswordPolicy"], "MinimumPasswordLength", "RequireSymbols", "MaxPasswordAge")

device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
serial = device["SerialNumber"]
open("seed", "wb").write(device["Base32StringSeed"])
open("qr.png", "wb").write(device["QRCodePNG"])
import hashlib, hmac, struct, time
def code(step):
    digest = hmac.new(base64.b32decode(device["Base32StringSeed"]), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[19] & 15
    return "%06d" % ((struct.unpack(">I", digest[start:start + 4])[0] & 0x7fffffff) % 1000000)
step = int(time.time()) // 30
error(iam.enable_mfa_device, SerialNumber=serial, AuthenticationCode1=code(step), AuthenticationCode2=code(step), **taro)
iam.enable_mfa_device(SerialNumber=serial, AuthenticationCode1=code(step - 1), AuthenticationCode2=code(step), **taro)
show(iam.list_mfa_devices()["MFADevices"][0], "UserName", "SerialNumber")
show(iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"][0]["User"], "UserName")
error(iam.delete_virtual_mfa_device, SerialNumber=serial)
keys = sts.get_session_token(SerialNumber=serial, TokenCode=code(step + 1))["Credentials"]
with_code = boto3.client("iam", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
                         aws_session_token=keys["SessionToken"])
with_code.deactivate_mfa_device(SerialNumber=serial, **taro)
iam.delete_virtual_mfa_device(SerialNumber=serial)
print(iam.list_virtual_mfa_devices()["VirtualMFADevices"])

key = iam.create_access_key()["AccessKey"]
show(key, "UserName", "Status")
error(iam.create_access_key)
new = boto3.client("sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
error(new.get_caller_identity)
print(new.get_caller_identity()["Arn"])
show(iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"], "ServiceName", "Region")
iam.update_access_key(AccessKeyId=key["AccessKeyId"], Status="Inactive")
error(new.get_caller_identity)
print(sorted(k["Status"] for k in iam.list_access_keys()["AccessKeyMetadata"]))
iam.delete_access_key(AccessKeyId=key["AccessKeyId"])

document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
    "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2036-01-01T00:00:00.000Z"}}}]}
name = {"PolicyName": "AWSRevokeOlderSessions"}
iam.put_user_policy(PolicyDocument=json.dumps(document), **name, **taro)
print(iam.get_user_policy(**name, **taro)["PolicyDocument"] == document)
error(with_code.get_user)
error(with_code.list_mfa_devices)
iam.delete_user_policy(**name, **taro)
print(with_code.get_user()["User"]["UserName"])
for n in range(5):
    iam.put_role_policy(RoleName="ops", PolicyName="policy-%d" % n, PolicyDocument=json.dumps(document))
pages = list(iam.get_paginator("list_role_policies").paginate(RoleName="ops"))
print(len(pages), [name for page in pages for name in page["PolicyNames"]])
print(iam.get_role_policy(RoleName="ops", PolicyName="policy-3")["PolicyDocument"] == document)
iam.delete_role_policy(RoleName="ops", PolicyName="policy-3")
role = iam.get_role(RoleName="ops")["Role"]
print(role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"], role["MaxSessionDuration"])
error(iam.get_role, RoleName="nobody")
"#;

#[test]
fn boto3_reads_every_answer_and_every_error() {
    let Some(python) = testbed::require_python("boto3") else { return };
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let role = aws.role("ops").trusts(user.arn());
    user.set_password_last_used(Some(60));
    aws.set_account_alias(Some("corp"));
    aws.set_page_size(Some(2));
    aws.set_new_key_delay(1, std::time::Duration::ZERO);
    aws.set_password_policy(Some(PasswordPolicy {
        minimum_length: 10,
        max_age: Some(90),
        ..PasswordPolicy::default()
    }));
    let home = home(&aws, &format!("[default]\n{}", user.key().lines()));
    home.write("script.py", SCRIPT);
    let lines = text(run(&home, &python, &["script.py"]));
    let policies = "3 ['policy-0', 'policy-1', 'policy-2', 'policy-3', 'policy-4']";
    let trust = format!("['{}'] 3600", user.arn());
    let expected = [
        "taro / arn:aws:iam::123456789012:user/taro",
        "True True",
        "['corp'] 1",
        "NoSuchEntity 404 True",
        "PasswordPolicyViolation 400 True",
        "taro True",
        "EntityAlreadyExists 409 True",
        "taro False",
        "10 False 90",
        "InvalidAuthenticationCode 403 True",
        "taro arn:aws:iam::123456789012:mfa/phone",
        "taro",
        "DeleteConflict 409 True",
        "[]",
        "taro Active",
        "LimitExceeded 409 True",
        "InvalidClientTokenId 403 False",
        user.arn(),
        "sts us-east-1",
        "InvalidClientTokenId 403 False",
        "['Active', 'Inactive']",
        "True",
        "AccessDenied 403 False",
        "AccessDenied 403 False",
        "taro",
        policies,
        "True",
        &trust,
        "NoSuchEntity 404 True",
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    assert_eq!(user.password().as_deref(), Some("Correct & <Horse> 'é\" 3"));
    assert_eq!(role.policies().len(), 4);
    // A decoder sees what the seed says.
    if let Some(zbar) = testbed::require("zbarimg") {
        let seed =
            String::from_utf8(std::fs::read(home.path().join("seed")).expect("the script wrote it")).expect("text");
        let link = text(run(&home, &zbar, &["--quiet", "--raw", "qr.png"]));
        assert_eq!(link.trim_end(), format!("otpauth://totp/phone@corp?secret={seed}"));
    }
}

#[test]
fn the_cli_prints_what_it_prints_of_aws() {
    let Some(python) = testbed::require_python("awscli") else { return };
    let cli = python.with_file_name("aws");
    let aws = FakeAws::start();
    let user = aws.user("taro");
    user.deny("iam:CreateAccessKey");
    let home = home(&aws, &format!("[default]\n{}", user.key().lines()));
    let call = |args: &[&str]| run(&home, &cli, &[&["iam"], args].concat());
    let refused = |args: &[&str]| String::from_utf8_lossy(&call(args).stderr).into_owned();

    let error = refused(&["get-login-profile", "--user-name", "taro"]);
    let expected = "An error occurred (NoSuchEntity) when calling the GetLoginProfile operation: Login Profile for User taro \
                    cannot be found.";
    assert!(error.contains(expected), "{error}");
    let create = ["create-login-profile", "--user-name", "taro", "--password", "Correct-Horse-1"];
    let made = text(call(&[&create[..], &["--no-password-reset-required"]].concat()));
    assert!(made.contains("\"PasswordResetRequired\": false"), "{made}");
    let error = refused(&["create-access-key"]);
    let expected = "(AccessDenied) when calling the CreateAccessKey operation: User: arn:aws:iam::123456789012:user/taro is not \
                    authorized to perform: iam:CreateAccessKey on resource: user taro because no identity-based policy allows \
                    the iam:CreateAccessKey action";
    assert!(error.contains(expected), "{error}");
    let device = ["create-virtual-mfa-device", "--virtual-mfa-device-name", "phone", "--outfile", "seed"];
    let made = text(call(&[&device[..], &["--bootstrap-method", "Base32StringSeed"]].concat()));
    assert!(made.contains("arn:aws:iam::123456789012:mfa/phone"), "{made}");
    let device = aws.device("arn:aws:iam::123456789012:mfa/phone").expect("it is there");
    assert_eq!(std::fs::read_to_string(home.path().join("seed")).expect("the CLI wrote it"), device.seed());
    let (first, second) = device.two_codes();
    let codes = ["--authentication-code1", &first, "--authentication-code2", &second];
    let enable = ["enable-mfa-device", "--user-name", "taro", "--serial-number", device.serial()];
    text(call(&[&enable[..], &codes].concat()));
    assert_eq!(user.serials(), [device.serial()]);
}

#[test]
fn each_partition_has_an_iam_of_its_own() {
    let Some(python) = testbed::require_python("awscli") else { return };
    let cli = python.with_file_name("aws");
    let aws = FakeAws::start();
    let proxy = Proxy::start(aws.https_address(), Policy::Open);
    let partitions = [
        ("aws", "eu-central-1", "us-east-1", "iam.amazonaws.com"),
        ("aws-cn", "cn-northwest-1", "cn-north-1", "iam.cn-north-1.amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-east-1", "us-gov-west-1", "iam.us-gov.amazonaws.com"),
    ];
    for (partition, region, home_region, host) in partitions {
        let user = aws.user(&format!("arn:{partition}:iam::123456789012:user/taro"));
        let mut home = home(&aws, &format!("[default]\n{}", user.key().lines()));
        home.use_aws_by_name(&aws, &proxy);
        let get = |region: &str| {
            run(&home, &cli, &["iam", "get-user", "--query", "User.Arn", "--output", "text", "--region", region])
        };
        assert_eq!(text(get(region)).trim_end(), user.arn());
        let call = aws.calls_of("GetUser").pop().expect("the call came");
        assert_eq!((&*call.region, &*call.host), (home_region, host));
        for (_, region, ..) in partitions.iter().filter(|other| other.0 != partition) {
            let error = String::from_utf8_lossy(&get(region).stderr).into_owned();
            assert!(error.contains("(InvalidClientTokenId)"), "{partition} in {region}: {error}");
        }
    }
}
