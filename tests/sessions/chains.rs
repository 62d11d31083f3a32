//! Roles: the rules for chains that all SDKs share, and what is sent to AWS for them.

use super::desk::Desk;
#[cfg(unix)]
use super::desk::REGION;

/// What `status` says of the profile `a` in this config file: `ok` with the first keys' kind, or the warning.
fn rule(config: &str) -> String {
    let desk = Desk::new();
    desk.home.config(config);
    let found = desk.status("a");
    match found["warnings"][0].as_str() {
        Some(warning) => warning.to_owned(),
        None => format!("{} {}", found["kind"], found["state"]).replace('"', ""),
    }
}

const KEYS: &str = "aws_access_key_id = AKIAX\naws_secret_access_key = s\n";

#[test]
fn chains_follow_the_rules_of_the_sdks() {
    let role = "role_arn = arn:aws:iam::123456789012:role/A\n";
    let cases = [
        (
            "a source with keys",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\n{KEYS}"),
            "role refreshable",
        ),
        (
            "keys of the chosen profile are ignored",
            format!("[profile a]\n{role}{KEYS}source_profile = b\n[profile b]\n{KEYS}"),
            "role refreshable",
        ),
        (
            "half a key in the chosen profile too",
            format!("[profile a]\n{role}aws_access_key_id = x\nsource_profile = b\n[profile b]\n{KEYS}"),
            "role refreshable",
        ),
        (
            "both sources",
            format!("[profile a]\n{role}source_profile = b\ncredential_source = Environment\n[profile b]\n{KEYS}"),
            "both source_profile and credential_source",
        ),
        ("no source", format!("[profile a]\n{role}"), "role_arn without a source"),
        ("no source beside keys", format!("[profile a]\n{role}{KEYS}"), "role_arn without a source"),
        ("an empty source", format!("[profile a]\n{role}source_profile =\n"), "role_arn without a source"),
        (
            "a source that is not there",
            format!("[profile a]\n{role}source_profile = b\n"),
            "source_profile = b does not exist",
        ),
        (
            "a source without keys",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\nregion = x\n"),
            "source_profile = b has no keys",
        ),
        (
            "a source with half a key",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\naws_access_key_id = x\n"),
            "without aws_secret_access_key",
        ),
        (
            "a credential_source nobody knows",
            format!("[profile a]\n{role}credential_source = Moon\n"),
            "credential_source = Moon is not known",
        ),
        (
            "a web identity needs no source",
            format!("[profile a]\n{role}web_identity_token_file = /t\n"),
            "web-identity unknown",
        ),
        (
            "a web identity as source",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\n{role}web_identity_token_file = /t\n"),
            "role unknown",
        ),
        ("itself with keys", format!("[profile a]\n{role}source_profile = a\n{KEYS}"), "role refreshable"),
        (
            "itself without keys",
            format!("[profile a]\n{role}source_profile = a\n"),
            "is its own source_profile and has no keys",
        ),
        (
            "a loop",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\n{role}source_profile = a\n"),
            "a loop: a -> b -> a",
        ),
        (
            "a loop where the first has keys",
            format!("[profile a]\n{role}{KEYS}source_profile = b\n[profile b]\n{role}source_profile = a\n"),
            "a loop: a -> b -> a",
        ),
        (
            "a loop further on",
            format!(
                "[profile a]\n{role}source_profile = b\n[profile b]\n{role}source_profile = c\n[profile c]\n{role}source_profile = b\n"
            ),
            "a loop: a -> b -> c -> b",
        ),
        (
            "keys of a source end the chain",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\n{role}{KEYS}source_profile = a\n"),
            "role refreshable",
        ),
        (
            "a source that is its own",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\n{role}{KEYS}source_profile = b\n"),
            "role refreshable",
        ),
        (
            "several hops",
            format!(
                "[profile a]\n{role}source_profile = b\n[profile b]\n{role}source_profile = c\n[profile c]\n{KEYS}"
            ),
            "role refreshable",
        ),
        (
            "a process as source",
            format!("[profile a]\n{role}source_profile = b\n[profile b]\ncredential_process = x\n"),
            "role unknown",
        ),
    ];
    for (what, config, wanted) in cases {
        let got = rule(&config);
        assert!(got.contains(wanted), "{what}: wanted {wanted:?}, got {got:?}");
    }
}

#[test]
fn a_loop_is_told_by_every_command_and_nothing_is_sent() {
    let desk = Desk::new();
    let role = "role_arn = arn:aws:iam::123456789012:role/A\n";
    desk.home.config(format!("[profile a]\n{role}source_profile = b\n[profile b]\n{role}source_profile = a\n"));
    for command in [&["refresh", "a"][..], &["credentials", "a"], &["export", "a"], &["exec", "a", "true"]] {
        let ran = desk.run(command);
        assert!(ran.status == 1 || (command[0] == "exec" && ran.status == 125), "{ran:?}");
        assert!(ran.err.contains("config:6: source_profile makes a loop: a -> b -> a"), "{ran:?}");
        assert_eq!((ran.err.lines().count(), ran.out.as_str()), (1, ""));
    }
    assert!(desk.aws.calls().is_empty());
}

#[cfg(unix)]
#[test]
fn one_code_serves_every_role_of_a_key_and_device() {
    let desk = Desk::with_role("");
    let other = desk.aws.role("Reader").trusts(desk.user.arn()).needs_mfa();
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile reader]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\nexternal_id = E-1\n\
         role_session_name = bob\n",
        other.arn(),
        desk.device.serial()
    ));
    let ran = desk.run(&["refresh", "admin", &desk.device.code()]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("admin is good until") && ran.err.contains("(12h00m)"), "{ran:?}");
    // The second role asks for nothing.
    let ran = desk.run(&["credentials", "reader"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!((desk.count("GetSessionToken"), desk.count("AssumeRole")), (1, 2));
    let session = &desk.aws.calls_of("GetSessionToken")[0];
    assert_eq!(session.params["DurationSeconds"], "43200");
    assert_eq!(session.region, REGION);
    let calls = desk.aws.calls_of("AssumeRole");
    assert!(
        calls
            .iter()
            .all(|c| c.accepted && c.access_key_id.starts_with("ASIA") && c.params["DurationSeconds"] == "3600")
    );
    assert_eq!((calls[1].params["ExternalId"].as_str(), calls[1].params["RoleSessionName"].as_str()), ("E-1", "bob"));
    assert!(!calls[1].params.contains_key("TokenCode"));
    // Its cache has the AWS CLI's name and form.
    let folder = desk.home.path().join(".aws/cli/cache");
    let files: Vec<_> = std::fs::read_dir(folder).expect("a cache").map(|f| f.expect("an entry").path()).collect();
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(file.file_name().expect("a name").len(), 45, "a SHA-1 and .json");
        let text = std::fs::read_to_string(&file).expect("text");
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(json["Credentials"]["Expiration"].as_str().expect("a time").ends_with("+00:00"), "{json}");
        assert!(json["AssumedRoleUser"]["Arn"].as_str().expect("an ARN").contains("assumed-role/"), "{json}");
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_role_of_over_an_hour_takes_the_code_itself() {
    let desk = Desk::with_role("duration_seconds = 14400\n");
    let ran = desk.run(&["refresh", "admin", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.err.contains("(4h00m)"), "{ran:?}");
    assert_eq!(desk.count("GetSessionToken"), 0);
    let call = &desk.aws.calls_of("AssumeRole")[0];
    assert_eq!(call.params["DurationSeconds"], "14400");
    assert!(call.access_key_id.starts_with("AKIA") && call.params.contains_key("TokenCode"));
    assert_eq!(desk.kind_and_state("admin").1, "valid");
    // --duration says the same for one time.
    let ran = desk.run(&["refresh", "admin", "--force", "--duration", "2h", "--token", &desk.device.code()]);
    assert!(ran.err.contains("(2h00m)"), "{ran:?}");
    assert_eq!(desk.aws.calls_of("AssumeRole")[1].params["DurationSeconds"], "7200");
}

#[test]
fn too_long_is_known_before_a_code_is_spent_or_told_by_aws() {
    let desk = Desk::with_role("");
    for long in ["13h", "600"] {
        let ran = desk.run(&["refresh", "admin", &desk.device.code(), "--duration", long]);
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.err.contains("AWS gives 15m to 12h00m"), "{ran:?}");
    }
    assert!(desk.aws.calls().is_empty());
    let short = desk.aws.role("Short").trusts(desk.user.arn()).needs_mfa();
    desk.home.config(format!(
        "[profile admin]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\nduration_seconds = 7200\n",
        short.arn(),
        desk.device.serial()
    ));
    let ran = desk.run(&["refresh", "admin", &desk.device.code()]);
    assert!(ran.status == 1 && ran.err.contains("2h00m asked"), "{ran:?}");
}

#[test]
fn hops_of_a_chain_last_an_hour_at_most() {
    let desk = Desk::with_role("");
    let inner = desk.aws.role("arn:aws:iam::999999999999:role/Inner").trusts("arn:aws:iam::123456789012:role/Admin");
    let config = desk.home.text(".aws/config");
    desk.home.config(format!(
        "{config}[profile inner]\nrole_arn = {}\nsource_profile = admin\nduration_seconds = 43200\n",
        inner.arn()
    ));
    let found = desk.status("inner");
    assert_eq!((found["state"].as_str(), found["account"].as_str()), (Some("missing"), Some("999999999999")));
    assert_eq!(found["sdk_profile"], "inner-session");
    let ran = desk.run(&["refresh", "inner", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let calls = desk.aws.calls_of("AssumeRole");
    assert_eq!((calls.len(), calls[1].params["DurationSeconds"].as_str()), (2, "3600"));
    assert_eq!(desk.count("GetSessionToken"), 1);
    // Each hop is found again.
    assert_eq!(desk.run(&["credentials", "admin"]).status, 0);
    assert_eq!(desk.count("AssumeRole"), 2);
}

#[cfg(unix)]
#[test]
fn a_role_on_top_of_aws_mfas_dev_asks_devs_question() {
    let desk = Desk::aws_mfa();
    let role = desk.aws.role("Admin").trusts(desk.user.arn()).needs_mfa();
    desk.home.config(format!(
        "[profile dev]\nregion = {REGION}\n[profile admin]\nrole_arn = {}\nsource_profile = dev\nduration_seconds = 1800\n",
        role.arn()
    ));
    assert_eq!(desk.kind_and_state("admin"), ("role".into(), "missing".into()));
    let mut terminal = desk.terminal(&["refresh", "admin"]);
    terminal.expect(&format!("MFA code for dev ({}), Ctrl-C to stop: ", desk.device.serial()));
    terminal.line(&desk.device.code()).expect("admin is good until");
    assert_eq!(super::desk::exit(&mut terminal), 0);
    // dev's session is dev's: twelve hours, in its own section.
    assert_eq!(desk.aws.calls_of("GetSessionToken")[0].params["DurationSeconds"], "43200");
    assert_eq!(desk.aws.calls_of("AssumeRole")[0].params["DurationSeconds"], "1800");
    let credentials = desk.home.text(".aws/credentials");
    assert!(credentials.contains("\n[dev]\n") && !credentials.contains("[admin]"), "{credentials}");
    assert_eq!(desk.kind_and_state("dev").1, "valid");
    let found = desk.status("admin");
    assert!(found["remaining_seconds"].as_i64().expect("seconds") > 11 * 3600, "{found}");
    // With dev's session live the role needs nobody.
    std::fs::remove_dir_all(desk.home.path().join(".aws/cli")).expect("the cache goes");
    assert_eq!(desk.kind_and_state("admin").1, "refreshable");
    assert_eq!(desk.run(&["credentials", "admin"]).status, 0);
    assert_eq!(desk.count("GetSessionToken"), 1);
}

#[test]
fn a_sources_own_device_counts_only_for_itself() {
    let desk = Desk::new();
    let role = desk.aws.role("Free").trusts(desk.user.arn());
    desk.home.config(format!("[profile r]\nrole_arn = {}\nsource_profile = base\n", role.arn()));
    desk.home.credentials(format!("[base]\n{}mfa_serial = {}\n", desk.key.lines(), desk.device.serial()));
    assert_eq!(desk.kind_and_state("r").1, "refreshable");
    assert_eq!(desk.kind_and_state("base"), ("mfa".into(), "missing".into()));
    assert_eq!(
        (desk.status("r")["sdk_profile"].as_str(), desk.status("base")["sdk_profile"].as_str()),
        (Some("r"), Some("base-session"))
    );
    assert_eq!(desk.run(&["refresh", "r"]).status, 0);
    assert_eq!((desk.count("GetSessionToken"), desk.count("AssumeRole")), (0, 1));
}

#[cfg(unix)]
#[test]
fn keys_of_the_environment_and_of_a_process_sign_for_roles() {
    let desk = Desk::new();
    let role = desk.aws.role("Admin").trusts(desk.user.arn()).needs_mfa();
    let arn = role.arn();
    let serial = desk.device.serial();
    let json = format!(
        "{{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"{}\\\",\\\"SecretAccessKey\\\":\\\"{}\\\"}}",
        desk.key.id, desk.key.secret
    );
    desk.home.script("keys-of-taro", &format!("#!/bin/sh\necho run >>\"$HOME/runs\"\nprintf '%s' \"{json}\"\n"));
    desk.home.config(format!(
        "[profile env]\nrole_arn = {arn}\ncredential_source = Environment\nmfa_serial = {serial}\nexternal_id = 1\n\
         [profile vault]\ncredential_process = keys-of-taro\n\
         [profile proc]\nrole_arn = {arn}\nsource_profile = vault\nmfa_serial = {serial}\nexternal_id = 2\n"
    ));
    let keys = [("AWS_ACCESS_KEY_ID", &desk.key.id[..]), ("AWS_SECRET_ACCESS_KEY", &desk.key.secret[..])];
    let ran = desk.run_with(&["refresh", "env", &desk.device.code()], &keys);
    assert_eq!(ran.status, 0, "{ran:?}");
    let ran = desk.run(&["refresh", "proc", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(desk.kind_and_state("proc"), ("role".into(), "valid".into()));
    assert_eq!(desk.home.text("runs").lines().count(), 1);
    // Outside a container none gives keys.
    desk.home.config(format!("[profile i]\nrole_arn = {arn}\ncredential_source = EcsContainer\n"));
    let ran = desk.run(&["export", "i"]);
    assert!(ran.status == 1 && ran.err.contains("i: this is no container with a role"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn long_term_keys_may_come_from_a_process() {
    let desk = Desk::new();
    let json = |more: &str| {
        format!(
            "#!/bin/sh\nprintf '%s' '{{\"Version\":1,\"AccessKeyId\":\"{}\",\"SecretAccessKey\":\"{}\"{more}}}'\n",
            desk.key.id, desk.key.secret
        )
    };
    desk.home.script("pass-keys", &json(""));
    desk.home.config("[profile dev]\nregion = eu-central-1\n");
    desk.home.credentials(format!(
        "[dev-long-term]\ncredential_process = pass-keys\naws_mfa_device = {}\n",
        desk.device.serial()
    ));
    let ran = desk.run(&["refresh", "dev", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(desk.kind_and_state("dev"), ("mfa".into(), "valid".into()));
    desk.home.script("pass-keys", &json(",\"SessionToken\":\"t\""));
    let ran = desk.run(&["refresh", "dev", "--force", &desk.device.code()]);
    assert!(
        ran.status == 1 && ran.err.contains("credentials:2") && ran.err.contains("long-term keys are needed"),
        "{ran:?}"
    );
    for (script, wanted) in [
        ("echo hello", "is not the JSON"),
        ("exit 3", "exit code 3"),
        ("echo '{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"hush\"}'", "not of version 1"),
    ] {
        desk.home.script("pass-keys", &format!("#!/bin/sh\n{script}\n"));
        let ran = desk.run(&["refresh", "dev", "--force", &desk.device.code()]);
        assert!(
            ran.status == 1 && ran.err.contains(wanted) && !ran.err.contains("hush") && !ran.err.contains("hello"),
            "{ran:?}"
        );
    }
    assert_eq!(desk.count("GetSessionToken"), 1);
}

#[test]
fn aws_vaults_role_keys_are_sent_and_kept_apart() {
    let desk = Desk::new();
    let role = desk.aws.role("Tagged").trusts(desk.user.arn());
    let plain = format!("role_arn = {}\nsource_profile = base\n", role.arn());
    desk.home.config(format!(
        "[profile plain]\n{plain}[profile tagged]\n{plain}source_identity = taro\nsession_tags = team=a, cost = 7\n\
         transitive_session_tags = team\n"
    ));
    desk.home.credentials(format!("[base]\n{}", desk.key.lines()));
    assert_eq!(desk.run(&["refresh", "plain"]).status, 0);
    let ran = desk.run(&["refresh", "tagged"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(desk.count("AssumeRole"), 2, "the session without tags is none of the tagged profile's");
    let sent = &desk.aws.calls_of("AssumeRole")[1].params;
    let tag = |name: &str| sent.get(name).map(String::as_str);
    assert_eq!(tag("SourceIdentity"), Some("taro"));
    assert_eq!((tag("Tags.member.1.Key"), tag("Tags.member.2.Value")), (Some("team"), Some("7")));
    assert_eq!(tag("TransitiveTagKeys.member.1"), Some("team"));
    assert_eq!(desk.status("tagged")["sdk_profile"], "tagged-session");
}

#[test]
fn include_profile_lends_its_keys() {
    let desk = Desk::new();
    let role = desk.aws.role("Admin").trusts(desk.user.arn()).needs_mfa();
    desk.home.config(format!(
        "[profile common]\nregion = eu-west-3\nmfa_serial = {}\nsource_profile = base\n[profile a]\nrole_arn = {}\ninclude_profile = common\n",
        desk.device.serial(),
        role.arn()
    ));
    desk.home.credentials(format!("[base]\n{}", desk.key.lines()));
    let ran = desk.run(&["refresh", "a", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(desk.status("a")["region"], "eu-west-3");
    assert_eq!(desk.aws.calls_of("AssumeRole")[0].region, "eu-west-3");
}

#[test]
fn a_profile_that_leads_back_to_itself_ends_at_once() {
    let desk = Desk::new();
    desk.home.config("[profile x]\ncredential_process = awsenv credentials y\n[profile y]\ncredential_process = awsenv credentials x\n");
    let ran = desk.run(&["credentials", "x"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{ran:?}");
}
