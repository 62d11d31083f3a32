//! Every kind and state, as `status` and `list` say them.

use serde_json::{Value, json};

use super::desk::{Desk, now, rfc3339, stamp};

const ARN: &str = "arn:aws:iam::123456789012:role/Admin";
const TOKEN_KEYS: &str = "aws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = s\naws_session_token = t\n";

fn left(found: &Value) -> i64 {
    found["remaining_seconds"].as_i64().expect("a number of seconds")
}

#[test]
fn an_aws_mfa_profile_goes_from_missing_to_expired() {
    let desk = Desk::aws_mfa();
    let found = desk.status("dev");
    assert_eq!((&found["kind"], &found["state"]), (&json!("mfa"), &json!("missing")), "{found}");
    assert_eq!(found["account"], "123456789012");
    assert_eq!(found["mfa_serial"], desk.device.serial());
    assert_eq!((&found["expires_at"], &found["remaining_seconds"]), (&Value::Null, &Value::Null));
    assert_eq!(found["sdk_profile"], "dev");

    for (seconds, state) in [(7200, "valid"), (50, "expiring"), (-7200, "expired")] {
        desk.home.credentials(format!("{}{}", desk.long_term(), desk.session_section(seconds)));
        let end = now() + seconds;
        let found = desk.status("dev");
        assert_eq!(found["state"], state, "{found}");
        assert!((left(&found) - seconds.max(0)).abs() <= 3, "{found}");
        let ends: Vec<_> = (end - 3..=end + 3).map(rfc3339).collect();
        assert!(ends.contains(&found["expires_at"].as_str().expect("a time").to_owned()), "{found}");
        assert_eq!(found["region"], "eu-central-1");
    }
    let people = desk.run(&["status", "dev"]);
    assert!(people.out.contains("expired since") && people.out.contains("mfa/taro"), "{people:?}");
}

#[test]
fn half_a_session_is_none() {
    let desk = Desk::aws_mfa();
    desk.home.credentials(format!("{}[dev]\naws_access_key_id = ASIAEXAMPLE\n", desk.long_term()));
    assert_eq!(desk.kind_and_state("dev"), ("mfa".into(), "missing".into()));
}

#[test]
fn every_foreign_form_of_an_end_is_understood() {
    let desk = Desk::new();
    let end = now() + 5000;
    let forms = [
        format!("expiration = {}", stamp(end, "%Y-%m-%d %H:%M:%S")),
        format!("expiration = {}", rfc3339(end)),
        format!("x_security_token_expires = {}", stamp(end + 7200, "%Y-%m-%dT%H:%M:%S+02:00")),
        format!("x_security_token_expires = {}", stamp(end, "%Y-%m-%dT%H:%M:%S.5+00:00")),
        format!("aws_credential_expiration = {}", rfc3339(end)),
        format!("expiration = {}", stamp(end, "%Y-%m-%dT%H:%M:%SUTC")),
        format!("aws_session_expiration = {end}"),
    ];
    for form in forms {
        desk.home.credentials(format!("[x]\n{TOKEN_KEYS}{form}\n"));
        let found = desk.status("x");
        assert_eq!((&found["kind"], &found["state"]), (&json!("static"), &json!("valid")), "{form}");
        assert_eq!(found["expires_at"], rfc3339(end), "{form}");
    }
}

// Elsewhere TZ does not say what time it is here.
#[cfg(unix)]
#[test]
fn awsume_writes_local_time() {
    let mut desk = Desk::new();
    desk.home.set("TZ", "EAT-3");
    let end = now() + 5000;
    let local = stamp(end + 3 * 3600, "%Y-%m-%d %H:%M:%S");
    desk.home.credentials(format!("[x]\n{TOKEN_KEYS}expiration = {local}\nmanager = awsume\n"));
    assert_eq!(desk.status("x")["expires_at"], rfc3339(end));
    let keys = [("AWS_ACCESS_KEY_ID", "ASIAX"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", "t")];
    let local = stamp(end + 3 * 3600, "%Y-%m-%dT%H:%M:%S");
    let vars = [&keys[..], &[("AWSUME_EXPIRATION", &local[..])]].concat();
    let found = desk.run_with(&["status", "--json"], &vars);
    assert!(found.out.contains(&rfc3339(end)), "{found:?}");
}

#[test]
fn keys_without_an_end_are_permanent_and_a_token_without_one_is_unknown() {
    let desk = Desk::new();
    desk.home
        .credentials(format!("[ever]\n{}[tok]\n{TOKEN_KEYS}[old]\n{TOKEN_KEYS}expiration = soon\n", desk.key.lines()));
    let kinds = ["ever", "tok", "old"].map(|p| desk.kind_and_state(p).1);
    assert_eq!(kinds, ["permanent", "unknown", "unknown"]);
    let min = |profile: &str| desk.run(&["status", profile, "--min", "15m"]).status;
    assert_eq!((min("ever"), min("tok")), (0, 3));
}

#[test]
fn min_is_met_or_not() {
    let desk = Desk::aws_mfa();
    assert_eq!(desk.run(&["status", "dev", "--min", "1s"]).status, 3, "no session meets nothing");
    desk.home.credentials(format!("{}{}", desk.long_term(), desk.session_section(3600)));
    let min = |least: &str| desk.run(&["status", "dev", "--min", least]);
    assert_eq!((min("15m").status, min("59m").status, min("61m").status, min("3700").status), (0, 0, 3, 3));
    assert!(min("61m").out.contains("valid until"), "what was asked is still answered");
    assert_eq!(min("soon").status, 2);
    desk.home.credentials(format!("{}{}", desk.long_term(), desk.session_section(-5)));
    assert_eq!(desk.run(&["status", "dev"]).status, 0, "without --min a readable profile is 0");
}

#[test]
fn an_unknown_name_gets_the_nearest() {
    let desk = Desk::new();
    desk.home.config("[profile production]\nregion = x\n[profile dev]\nregion = x\n");
    let ran = desk.run(&["status", "prodution"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("no profile prodution") && ran.err.contains("did you mean production?"), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1);
    let ran = desk.run_with(&["status"], &[("AWS_PROFILE", "gone")]);
    assert_eq!(ran.status, 1, "{ran:?}");
}

#[test]
fn default_is_in_force_where_nothing_is_chosen() {
    let desk = Desk::new();
    let nothing: Value = serde_json::from_str(&desk.run(&["status", "--json"]).out).expect("JSON");
    assert_eq!((&nothing["profile"], &nothing["kind"]), (&json!("default"), &json!("none")));
    assert_eq!(desk.run(&["status", "--min", "1m"]).status, 3);
    desk.home.credentials(desk.long_term().replace("dev-", "default-"));
    let found: Value = serde_json::from_str(&desk.run(&["status", "--json"]).out).expect("JSON");
    assert_eq!(
        (&found["profile"], &found["kind"], &found["state"]),
        (&json!("default"), &json!("mfa"), &json!("missing"))
    );
}

#[test]
fn raw_keys_beat_every_profile_and_say_so() {
    let desk = Desk::aws_mfa();
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAX"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_PROFILE", "dev")];
    let ask = |vars: &[(&str, &str)]| -> Value {
        let ran = desk.run_with(&["status", "--json"], vars);
        assert_eq!(ran.status, 0, "{ran:?}");
        serde_json::from_str(&ran.out).expect("JSON")
    };
    let found = ask(&keys);
    assert_eq!((&found["kind"], &found["state"]), (&json!("environment"), &json!("permanent")));
    assert!(found["warnings"][0].as_str().expect("a warning").contains("beats AWS_PROFILE=dev"), "{found}");
    let end = now() + 3000;
    for (name, value) in [
        ("AWS_CREDENTIAL_EXPIRATION", rfc3339(end)),
        ("AWS_SESSION_EXPIRATION", rfc3339(end)),
        ("AWS_SESSION_EXPIRATION", end.to_string()),
        ("AWS_CREDENTIAL_EXPIRATION", stamp(end, "%Y-%m-%dT%H:%M:%S+00:00")),
    ] {
        let vars = [&keys[..], &[("AWS_SESSION_TOKEN", "t"), (name, &value)]].concat();
        assert_eq!(ask(&vars)["expires_at"], rfc3339(end), "{name}={value}");
    }
    let later = rfc3339(end);
    let ours = [
        &keys[..],
        &[
            ("AWS_SESSION_TOKEN", "t"),
            ("AWS_SESSION_EXPIRATION", &later),
            ("AWSENV_NAMES", "1 x AWS_SESSION_EXPIRATION:*"),
        ],
    ]
    .concat();
    assert_eq!(ask(&ours)["state"], "unknown", "what awsenv published says nothing about other keys");
    // A profile named on the command line is that profile.
    let ran = desk.run_with(&["status", "dev", "--json"], &keys);
    assert!(ran.out.contains("\"mfa\""), "{ran:?}");
}

#[test]
fn contradictions_between_variables_are_named() {
    let desk = Desk::new();
    desk.home.config("[profile dev]\nregion = x\n[profile prod]\nregion = x\n");
    let warnings = |vars: &[(&str, &str)]| desk.run_with(&["status", "--json"], vars).out;
    let both = warnings(&[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "prod")]);
    assert!(both.contains("AWS_DEFAULT_PROFILE=prod beats AWS_PROFILE=dev in boto3"), "{both}");
    assert!(both.contains("\"profile\": \"dev\""), "{both}");
    let same = warnings(&[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_PROFILE", "dev")]);
    assert!(same.contains("\"warnings\": []"), "{same}");
    let empty = warnings(&[("AWS_PROFILE", ""), ("AWS_DEFAULT_PROFILE", "prod")]);
    assert!(empty.contains("AWS_PROFILE is set and empty") && empty.contains("\"profile\": \"prod\""), "{empty}");
    let proxy = warnings(&[("AWS_PROFILE", "dev"), ("AWSENV_PROFILE", "prod"), ("AWSENV_NAMES", "1 x HTTPS_PROXY:ab")]);
    assert!(proxy.contains("the proxy is still that of prod"), "{proxy}");
}

#[test]
fn a_proxy_shows_without_its_password() {
    let desk = Desk::new();
    desk.home.config("[profile dev]\nregion = x\n[profile bare]\nregion = x\n");
    desk.home.settings("[profile dev]\nproxy = corp\n[profile bare]\nproxy = none\n[proxy corp]\nhttps = taro:p@ss@proxy.corp:8080\nno_proxy = .corp\n");
    let found = desk.status("dev");
    assert_eq!(found["proxy"]["https"], "http://taro:***@proxy.corp:8080");
    assert!(found["proxy"]["no_proxy"].as_str().expect("a list").starts_with(".corp,169.254.169.254"), "{found}");
    let vars = [("HTTPS_PROXY", "http://u:secret@other:1")];
    let bare = desk.run_with(&["status", "bare", "--json"], &vars);
    assert!(bare.out.contains("\"https\": null") && !bare.out.contains("secret"), "{bare:?}");
}

#[test]
fn roles_stand_as_their_weakest_link() {
    let desk = Desk::with_role("");
    assert_eq!(desk.kind_and_state("admin"), ("role".into(), "missing".into()));
    let found = desk.status("admin");
    assert_eq!((&found["source_profile"], &found["sdk_profile"]), (&json!("base"), &json!("admin-session")));
    let ran = desk.run(&["refresh", "admin", &desk.device.code()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let found = desk.status("admin");
    assert_eq!(found["state"], "valid");
    assert!(left(&found) > 11 * 3600, "the MFA session's end: {found}");
    // The role's hour is over, its MFA session is not.
    let cache = desk.home.path().join(".aws/cli/cache");
    for file in std::fs::read_dir(&cache).expect("the cache is there") {
        std::fs::remove_file(file.expect("an entry").path()).expect("it can go");
    }
    let found = desk.status("admin");
    assert_eq!(found["state"], "refreshable", "{found}");
    assert!(left(&found) > 11 * 3600, "{found}");
    assert_eq!(desk.run(&["status", "admin", "--min", "1h"]).status, 0);
}

#[test]
fn a_plain_role_needs_nobody() {
    let desk = Desk::new();
    desk.home.config(format!("[profile r]\nrole_arn = {ARN}\nsource_profile = base\n"));
    desk.home.credentials(format!("[base]\n{}", desk.key.lines()));
    let found = desk.status("r");
    assert_eq!(
        (&found["kind"], &found["state"], &found["expires_at"]),
        (&json!("role"), &json!("refreshable"), &Value::Null)
    );
    assert_eq!((&found["account"], &found["sdk_profile"]), (&json!("123456789012"), &json!("r")));
}

#[test]
fn sso_and_login_are_read_from_the_caches_of_the_real_tools() {
    let desk = Desk::new();
    let url = "https://d-123.awsapps.com/start";
    desk.home.config(format!(
        "[sso-session my-sso]\nsso_start_url = {url}\nsso_region = us-east-1\n\
         [profile s]\nsso_session = my-sso\nsso_account_id = 123456789012\nsso_role_name = Admin\n\
         [profile legacy]\nsso_start_url = {url}\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = Admin\n\
         [profile log]\nlogin_session = arn:aws:sts::123456789012:assumed-role/x/me\n\
         [profile over]\nrole_arn = {ARN}\nsource_profile = s\n"
    ));
    let states = || ["s", "legacy", "log", "over"].map(|p| desk.kind_and_state(p).1);
    assert_eq!(states(), ["missing"; 4]);
    assert_eq!(["s", "log"].map(|p| desk.kind_and_state(p).0), ["sso", "login"]);

    let token = |end: i64, url: &str, registered: Option<i64>| {
        let mut file = json!({ "startUrl": url, "region": "us-east-1", "accessToken": "x", "expiresAt": rfc3339(end) });
        if let Some(registered) = registered {
            file["clientId"] = json!("c");
            file["clientSecret"] = json!("s");
            file["refreshToken"] = json!("r");
            file["registrationExpiresAt"] = json!(rfc3339(registered));
        }
        file.to_string()
    };
    let session = ".aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json";
    let legacy = ".aws/sso/cache/2b829a45f04c9828cb45b7d092d8e4aa30818393.json";
    let now = now();
    // A live token that nothing can refresh ends when it says.
    desk.home.write(session, token(now + 3600, url, None)).write(legacy, token(now - 60, url, None));
    let found = desk.status("s");
    assert_eq!((&found["state"], &found["expires_at"]), (&json!("valid"), &json!(rfc3339(now + 3600))));
    assert_eq!(found["account"], "123456789012");
    assert_eq!(states()[..2], ["valid", "expired"]);
    // With a refresh token nobody knows the end.
    desk.home.write(session, token(now + 3600, url, Some(now + 86_400)));
    let found = desk.status("s");
    assert_eq!((&found["state"], &found["expires_at"]), (&json!("valid"), &Value::Null));
    desk.home.write(session, token(now - 3600, url, Some(now + 86_400)));
    assert_eq!((states()[0].as_str(), states()[3].as_str()), ("refreshable", "refreshable"));
    desk.home.write(session, token(now - 3600, url, Some(now - 60)));
    assert_eq!(states()[0], "expired", "its registration is over too");
    // Another portal's token, a token without an address, and rubbish are none.
    desk.home.write(session, token(now + 3600, "https://evil.example/start", None));
    assert_eq!(states()[0], "missing");
    desk.home.write(session, json!({ "accessToken": "x", "expiresAt": rfc3339(now + 3600) }).to_string());
    assert_eq!(states()[0], "missing");
    desk.home.write(session, "{\"startUrl\": ");
    assert_eq!(states()[0], "missing");

    let login = "5bb6cfc6a9f6b1b1";
    let name = format!(".aws/login/cache/{}.json", sha256("arn:aws:sts::123456789012:assumed-role/x/me"));
    let file = |end: i64| json!({ "accessToken": { "accessKeyId": "A", "secretAccessKey": "s", "sessionToken": "t", "accountId": "123456789012", "expiresAt": rfc3339(end) }, "tokenType": "aws_sigv4", "refreshToken": login, "clientId": "c", "dpopKey": "k" });
    desk.home.write(&name, file(now + 600).to_string());
    let found = desk.status("log");
    assert_eq!((&found["state"], &found["expires_at"]), (&json!("valid"), &Value::Null), "{found}");
    desk.home.write(&name, file(now - 600).to_string());
    assert_eq!(states()[2], "refreshable");
    desk.home.write(&name, "{}");
    let ran = desk.run(&["refresh", "log"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.err.contains("login --profile"), "the command to run is named: {ran:?}");
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_other_kinds_are_shown_as_what_they_are() {
    let desk = Desk::new();
    desk.home.config(format!(
        "[profile p]\ncredential_process = touch {0}/ran\n[profile w]\nrole_arn = {ARN}\nweb_identity_token_file = /t\n\
         [profile n]\nregion = eu-west-1\n[profile e]\nrole_arn = {ARN}\ncredential_source = Environment\n\
         [profile i]\nrole_arn = {ARN}\ncredential_source = Ec2InstanceMetadata\n",
        desk.home.path().display()
    ));
    let kinds = ["p", "w", "n", "e", "i"].map(|p| desk.kind_and_state(p));
    let word = |kind: &str, state: &str| (kind.to_owned(), state.to_owned());
    let wanted = [
        word("process", "unknown"),
        word("web-identity", "unknown"),
        word("none", "missing"),
        word("role", "missing"),
        word("role", "unknown"),
    ];
    assert_eq!(kinds, wanted);
    let list = desk.run(&["list", "--json"]);
    let all: Value = serde_json::from_str(&list.out).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(5));
    assert!(!desk.home.path().join("ran").exists(), "no command of a file runs");
}

#[test]
fn list_shows_what_is_broken_beside_the_rest() {
    let desk = Desk::aws_mfa();
    desk.home.config("[profile dev]\nregion = eu-west-1\n[profile bad]\nrole_arn = arn:aws:iam::1:role/x\n[profile dev-session]\nawsenv_profile = dev\n");
    let all: Value = serde_json::from_str(&desk.run(&["list", "--json"]).out).expect("JSON");
    let names: Vec<_> =
        all.as_array().expect("a list").iter().map(|p| p["profile"].as_str().expect("a name")).collect();
    assert_eq!(names, ["dev", "bad"], "no sibling, no long-term section");
    assert!(all[1]["warnings"][0].as_str().expect("a warning").contains("config:4"), "{all}");
    let people = desk.run_with(&["list"], &[("AWS_PROFILE", "dev")]).out;
    assert!(people.contains("* dev") && people.contains("no session"), "{people}");
    // Wherever the sibling is in force, the profile is meant.
    let found = desk.run_with(&["status"], &[("AWS_PROFILE", "dev-session")]).out;
    assert!(found.contains("profile     dev\n"), "{found}");
}

#[cfg(unix)]
#[test]
fn a_role_whose_mfa_session_is_about_to_end_is_expiring() {
    let desk = Desk::with_role("");
    assert_eq!(desk.run(&["refresh", "admin", &desk.device.code()]).status, 0);
    std::fs::remove_dir_all(desk.home.path().join(".aws/cli")).expect("the role's session goes");
    let file = std::fs::read_dir(desk.home.path().join(".aws/awsenv"))
        .expect("a folder")
        .next()
        .expect("one")
        .expect("an entry")
        .path();
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("text")).expect("JSON");
    json["Credentials"]["Expiration"] = json!(rfc3339(now() + 40));
    std::fs::write(&file, json.to_string()).expect("own file");
    assert_eq!(desk.kind_and_state("admin").1, "expiring");
    // The guard's own margin: a command that wants half an hour is asked for, one that is content is renewed in silence.
    json["Credentials"]["Expiration"] = json!(rfc3339(now() + 600));
    std::fs::write(&file, json.to_string()).expect("own file");
    desk.home.settings("[guard]\nterraform = 30m\n[mfa]\nsession_profiles = yes\n");
    let mut home_asks = desk.sh("AWS_PROFILE=admin awsenv guard bash 1 $$ 1 terraform plan; echo done $?");
    home_asks.expect("MFA code for admin (").line(&desk.device.code()).expect("done 0");
    let mut silent = desk.sh("AWS_PROFILE=admin awsenv guard bash 1 $$ 2 aws s3 ls; echo done $?");
    silent.expect("done 0");
    assert!(!silent.everything().contains("MFA code for"), "{}", silent.everything());
}
