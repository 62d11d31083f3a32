//! Files and caches, both ways.

use testbed::require_python;

use super::desk::{ADMIN, Desk, TARO, WHO, cli_v1, cli_v2, clis};

#[test]
fn the_clis_and_boto3_use_a_session_of_ours() {
    let desk = Desk::new();
    desk.refresh("dev");
    for tool in clis() {
        assert_eq!(desk.who(&tool, &[("AWS_PROFILE", "dev")]), TARO, "{}", tool.name);
    }
    if let Some(arn) = desk.boto3(&[("AWS_PROFILE", "dev")]) {
        assert_eq!(arn, TARO);
    }
    let calls = desk.aws.calls_of("GetCallerIdentity");
    assert!(calls.iter().all(|c| c.access_key_id.starts_with("ASIA")), "{calls:?}");
    assert_eq!(desk.aws.calls_of("GetSessionToken").len(), 1);
}

#[test]
fn the_clis_and_boto3_use_the_sibling() {
    let desk = Desk::new();
    desk.refresh("admin");
    desk.switch("admin");
    let vars = [("AWS_PROFILE", "admin-session")];
    for tool in clis() {
        assert!(desk.who(&tool, &vars).starts_with(ADMIN), "{}", tool.name);
    }
    if let Some(arn) = desk.boto3(&vars) {
        assert!(arn.starts_with(ADMIN), "{arn}");
    }
    // An icon or IDE has another PATH.
    if let Some(arn) = desk.boto3(&[("AWS_PROFILE", "admin-session"), ("PATH", "/usr/bin:/bin")]) {
        assert!(arn.starts_with(ADMIN), "{arn}");
    }
    assert_eq!((desk.aws.calls_of("GetSessionToken").len(), desk.aws.calls_of("AssumeRole").len()), (1, 1));
}

#[test]
fn the_clis_find_our_role_session_without_asking() {
    let desk = Desk::new();
    desk.refresh("admin");
    for tool in clis() {
        let arn = desk.aws(
            &tool,
            &["--profile", "admin", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
            &[],
        );
        assert!(arn.starts_with(ADMIN), "{}: {arn}", tool.name);
    }
    assert_eq!(desk.aws.calls_of("AssumeRole").len(), 1);
}

#[test]
fn we_find_the_role_session_of_the_clis() {
    for tool in clis() {
        let desk = Desk::new();
        // A role that needs no code, so that the CLI can fetch it without a terminal.
        let role = desk.aws.role("Plain").trusts(desk.user.arn());
        desk.home.config(format!(
            "[profile plain]\nrole_arn = {}\nsource_profile = base\nregion = us-east-1\nduration_seconds = 1800\nrole_session_name = bob\n",
            role.arn()
        ));
        let arn = desk.who(&tool, &[("AWS_PROFILE", "plain")]);
        assert!(arn.ends_with("assumed-role/Plain/bob"), "{}: {arn}", tool.name);
        let found = desk.awsenv(&["credentials", "plain"]);
        assert_eq!(desk.aws.calls_of("AssumeRole").len(), 1, "{}", tool.name);
        let key = &desk.aws.calls_of("GetCallerIdentity")[0].access_key_id;
        assert!(found.contains(key.as_str()), "{}", tool.name);
        assert!(desk.awsenv(&["status", "plain", "--json"]).contains("\"valid\""), "{}", tool.name);
    }
}

#[test]
fn aws_mfa_says_that_ours_is_still_valid() {
    let Some(python) = require_python("awsmfa") else { return };
    let desk = Desk::new();
    desk.refresh("dev");
    let before = desk.home.text(".aws/credentials");
    let mut aws_mfa = desk.home.command_alone(python.with_file_name("aws-mfa"));
    aws_mfa.args(["--profile", "dev"]);
    let (ok, out, err) = desk.run(aws_mfa);
    assert!(ok && out.contains("Your credentials are still valid for"), "{out}{err}");
    assert_eq!(desk.home.text(".aws/credentials"), before);
    assert_eq!(desk.aws.calls_of("GetSessionToken").len(), 1);
}

#[test]
fn a_session_of_aws_mfa_shows_its_time() {
    let Some(python) = require_python("awsmfa") else { return };
    let desk = Desk::new();
    let mut aws_mfa = desk.home.command_alone(python.with_file_name("aws-mfa"));
    aws_mfa.args(["--profile", "dev", "--duration", "3600"]);
    desk.home.write("code", format!("{}\n", desk.device.code()));
    aws_mfa.stdin(std::fs::File::open(desk.home.path().join("code")).expect("just written"));
    let (ok, out, err) = desk.run(aws_mfa);
    assert!(ok, "{out}{err}");
    let found: serde_json::Value = serde_json::from_str(&desk.awsenv(&["status", "dev", "--json"])).expect("JSON");
    assert_eq!((found["kind"].as_str(), found["state"].as_str()), (Some("mfa"), Some("valid")), "{found}");
    let left = found["remaining_seconds"].as_i64().expect("seconds");
    assert!((3500..=3600).contains(&left), "{left}");
    // Nothing is renewed that lives.
    desk.awsenv(&["refresh", "dev"]);
    assert_eq!(desk.aws.calls_of("GetSessionToken").len(), 1);
    // And ours over it is again aws-mfa's.
    desk.awsenv(&["refresh", "dev", "--force", &desk.device.code()]);
    let mut again = desk.home.command_alone(python.with_file_name("aws-mfa"));
    again.args(["--profile", "dev"]);
    let (ok, out, err) = desk.run(again);
    assert!(ok && out.contains("still valid for 43"), "{out}{err}");
}

#[test]
fn what_exec_and_export_give_works_in_all_three() {
    let desk = Desk::new();
    desk.refresh("admin");
    for tool in clis() {
        let mut command = desk.home.command_alone("awsenv");
        command.args(["exec", "admin", "--"]).arg(&tool.program).args(["sts", "get-caller-identity"]);
        let (ok, out, err) = {
            command.env("AWS_PROFILE", "prod").env("AWS_DEFAULT_PROFILE", "gone");
            desk.run(command)
        };
        assert!(ok && out.contains(ADMIN), "{}: {out}{err}", tool.name);
    }
    let Some(python) = require_python("boto3") else { return };
    let mut command = desk.home.command_alone("awsenv");
    command.args(["exec", "admin", "--"]).arg(&python).args(["-c", WHO]);
    let (ok, out, err) = desk.run(command);
    assert!(ok && out.starts_with(ADMIN), "{out}{err}");
    let mut command = desk.home.command_alone("awsenv");
    command.args(["exec", "--renew", "admin", "--"]).arg(&python).args(["-c", WHO]);
    let (ok, out, err) = desk.run(command);
    assert!(ok && out.starts_with(ADMIN), "{out}{err}");
}

#[test]
fn keys_near_their_end_still_work_in_boto3() {
    let desk = Desk::new();
    let made = desk.user.session(120);
    desk.home.credentials(format!(
        "[dev-long-term]\n{}aws_mfa_device = x-device\n[dev]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
        desk.key.lines(), made.access_key_id, made.secret_access_key, made.session_token, made.expiration_as_aws_mfa()
    ));
    let Some(python) = require_python("boto3") else { return };
    let mut command = desk.home.command_alone("awsenv");
    command.args(["exec", "dev", "--"]).arg(&python).args(["-c", WHO]);
    let (ok, out, err) = desk.run(command);
    assert!(ok && out.trim() == TARO, "{out}{err}");
}

#[test]
fn boto3_renews_over_a_long_run_through_the_sibling() {
    let desk = Desk::new();
    desk.refresh("admin");
    desk.switch("admin");
    // The role's keys end in five minutes: botocore asks its credential_process again, and that renews.
    let script = "import boto3, json, glob, os, datetime\n\
        s = boto3.Session(); c = s.client('sts')\n\
        print(c.get_caller_identity()['Arn']); first = s.get_credentials().get_frozen_credentials().access_key\n\
        p = glob.glob(os.path.expanduser('~/.aws/cli/cache/*.json'))[0]; d = json.load(open(p))\n\
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)\n\
        d['Credentials']['Expiration'] = soon.strftime('%Y-%m-%dT%H:%M:%S+00:00'); json.dump(d, open(p, 'w'))\n\
        creds = s.get_credentials(); creds._expiry_time = soon\n\
        print(c.get_caller_identity()['Arn']); print(first != s.get_credentials().get_frozen_credentials().access_key)\n";
    let Some((ok, out, err)) = desk.python(script, &[("AWS_PROFILE", "admin-session")]) else { return };
    assert!(ok && out.ends_with("True\n"), "{out}{err}");
    assert_eq!(desk.aws.calls_of("GetSessionToken").len(), 1);
}

#[test]
fn the_tools_are_what_they_are_called() {
    for (tool, version) in [(cli_v1(), "aws-cli/1"), (cli_v2(), "aws-cli/2")] {
        let Some(tool) = tool else { continue };
        let desk = Desk::new();
        assert!(desk.aws(&tool, &["--version"], &[]).contains(version), "{}", tool.name);
    }
}
