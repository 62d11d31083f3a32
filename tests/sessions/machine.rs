//! Roles whose first keys the machine gives: EC2's metadata service, a container's.

use testbed::metadata;

use super::desk::{Desk, REGION};

const ROLE: &str = "arn:aws:iam::123456789012:role/Deploy";

fn desk(source: &str) -> (Desk, String) {
    let mut desk = Desk::new();
    let _ = desk.aws.role(ROLE).trusts(desk.user.arn());
    let session = desk.user.session(3600);
    let keys = serde_json::json!({
        "Code": "Success", "AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret_access_key,
        "Token": session.session_token, "Expiration": "2099-01-01T00:00:00Z",
    });
    let url = metadata::start(keys.to_string());
    desk.home.config(format!("[profile app]\nrole_arn = {ROLE}\ncredential_source = {source}\nregion = {REGION}\n"));
    desk.home.unset("AWS_EC2_METADATA_DISABLED");
    (desk, url)
}

#[test]
fn an_instance_gives_the_first_keys_of_a_role() {
    let (mut desk, url) = desk("Ec2InstanceMetadata");
    desk.home.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url);
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 0 && ran.out.contains("\"AccessKeyId\":\"ASIA"), "{ran:?}");
    assert_eq!(desk.count("AssumeRole"), 1);
    desk.home.set("AWS_EC2_METADATA_DISABLED", "true");
    assert_eq!(desk.run(&["credentials", "app"]).status, 0, "the role's keys are kept");
    std::fs::remove_dir_all(desk.home.path().join(".aws/cli")).expect("they are there");
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 1 && ran.err.contains("AWS_EC2_METADATA_DISABLED forbids"), "{ran:?}");
}

#[test]
fn a_container_gives_the_first_keys_of_a_role() {
    let (mut desk, url) = desk("EcsContainer");
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 1 && ran.err.contains("app: this is no container with a role"), "{ran:?}");
    desk.home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/keys?for=us"));
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 1 && ran.err.contains("answered 401 (Unauthorized)"), "{ran:?}");
    desk.home.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "another token/+");
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 1 && ran.err.contains("answered 401 (Unauthorized …)"), "{ran:?}");
    desk.home.write("token", "secret token\n");
    desk.home.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", desk.home.path().join("token"));
    let ran = desk.run(&["exec", "app", "--", "awsenv", "--version"]);
    assert!(ran.status == 0 && desk.count("AssumeRole") == 1, "{ran:?}");
}

/// A cloned repository's `.envrc` names the host, and the file whose content would go there.
#[test]
fn another_machine_gets_nothing_unless_the_settings_allow_it() {
    let (mut desk, _) = desk("EcsContainer");
    desk.home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://keys.invalid/x");
    desk.home.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", desk.home.path().join("no-such-file"));
    let ran = desk.run(&["credentials", "app"]);
    let line = "nothing was sent to keys.invalid (AWS_CONTAINER_CREDENTIALS_FULL_URI), which is neither AWS nor this machine: \
                allow_endpoint = keys.invalid in awsenv's settings allows it\n";
    assert!(ran.status == 1 && ran.err.ends_with(line), "{ran:?}");
    let allowing = "[profile app]\nallow_endpoint = keys.invalid\n";
    desk.home.settings(allowing);
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 1 && ran.err.contains("names a file that cannot be read"), "{ran:?}");
    desk.home.unset("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 1 && ran.err.contains("keys.invalid") && !ran.err.contains("nothing was sent"), "{ran:?}");
    // The settings of a file that the environment names allow nothing by themselves.
    desk.home.write("cloned", allowing);
    desk.home.set("AWSENV_CONFIG", desk.home.path().join("cloned"));
    assert!(desk.run(&["credentials", "app"]).err.ends_with(line));
}

#[test]
fn another_instance_gives_no_keys() {
    let (mut desk, _) = desk("Ec2InstanceMetadata");
    desk.home.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "https://keys.invalid/");
    let ran = desk.run(&["credentials", "app"]);
    let line = "nothing was sent to keys.invalid (AWS_EC2_METADATA_SERVICE_ENDPOINT), which is neither AWS nor";
    assert!(ran.status == 1 && ran.err.contains(line), "{ran:?}");
}

#[test]
fn keys_of_a_machine_go_unencrypted_over_its_own_links_only() {
    let (mut desk, _) = desk("EcsContainer");
    desk.home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://keys.example.com/x");
    let ran = desk.run(&["credentials", "app"]);
    assert!(ran.status == 1 && ran.err.contains("is http:// to keys.example.com"), "{ran:?}");
}
