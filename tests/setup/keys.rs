//! The keys: typed, taken from the environment, refused; and where no secret may be.

use std::path::Path;

use testbed::aws::{Fault, Gate};

use super::desk::{Desk, exit};

#[test]
fn mistakes_are_named_without_a_secret_and_aws_is_asked_three_times_at_most() {
    let (desk, _) = Desk::with_device();
    let other = desk.aws.user("hanako").key();
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal.expect("Access key ID (AKIA…): ").mark().line("ASIAIOSFODNN7EXAMPLE").expect("belongs to a session");
    terminal.expect("Access key ID (AKIA…): ").mark().line(&desk.key.id);
    terminal.expect("Secret access key (is not shown): ").mark().line(&desk.key.id).expect("that is an ID");
    terminal.expect("Secret access key (is not shown): ").mark().line(&format!("{} x", other.secret));
    terminal.expect("there is a blank").expect("Secret access key (is not shown): ").mark().line(&other.secret);
    terminal
        .expect("the secret of the access key")
        .expect("is wrong: paste it again, or make a new key in the console");
    desk.type_keys(&mut terminal, &other);
    terminal.expect("they are hanako's").expect("hanako has none").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    assert!(!terminal.everything().contains(&other.secret));

    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    for attempt in 1..=3 {
        terminal.expect("Access key ID (AKIA…): ").mark().line("AKIAIOSFODNN7EXAMPLE");
        terminal.expect("Secret access key (is not shown): ").mark().line(&other.secret);
        terminal.expect("AWS does not know the access key AKIA…MPLE: it is mistyped, inactive or deleted");
        if attempt == 1 {
            terminal.expect("(one of AWS China or GovCloud? Ctrl-C, and name a region there the next time)");
        }
    }
    terminal.expect("nothing was changed");
    assert_eq!((exit(&mut terminal), desk.files().len()), (1, 0));
}

#[test]
fn keys_of_the_environment_are_offered_and_said_to_be_in_the_way() {
    let (mut desk, device) = Desk::with_device();
    let (id, secret) = (desk.key.id.clone(), desk.key.secret.clone());
    desk.home.set("AWS_ACCESS_KEY_ID", &id).set("AWS_SECRET_ACCESS_KEY", &secret).set("AWS_REGION", "eu-west-1");
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region [eu-west-1], or none: ").mark().line("");
    terminal.expect("AWS_ACCESS_KEY_ID is set here").expect("Take these keys for dev? [y/n] ").mark().line("y");
    terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for dev").mark().line(&device.code());
    terminal.expect("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY").expect("dev is set up");
    assert_eq!((exit(&mut terminal), desk.text(".aws/config").as_str()), (0, "[profile dev]\nregion = eu-west-1\n"));
    assert!(desk.text(".aws/credentials").contains(&desk.key.lines()));
    // A session's keys are no keys to keep.
    desk.home.set("AWS_SESSION_TOKEN", "x");
    let mut terminal = desk.setup(&["other"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region [eu-west-1], or none: ").mark().line("none");
    terminal.expect("Access key ID (AKIA…): ");
    assert!(!terminal.everything().contains("Take these keys"));
}

#[test]
fn the_secret_is_in_the_credentials_file_and_nowhere_else() {
    if !Path::new("/proc/self/environ").exists() {
        return;
    }
    let (desk, device) = Desk::with_device();
    let gate = Gate::new();
    desk.aws.fault_on("GetCallerIdentity", Fault::Hold(gate.clone()), 1);
    let mut terminal = desk.up_to_keys();
    gate.wait_arrived(1);
    let of = |name: &str| std::fs::read(format!("/proc/{}/{name}", terminal.pid())).unwrap_or_default();
    let seen = [of("cmdline"), of("environ")].concat();
    assert!(!String::from_utf8_lossy(&seen).contains(&desk.key.secret));
    gate.open();
    terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
    assert!(!terminal.everything().contains(&desk.key.secret));
    let holding: Vec<String> = desk
        .files()
        .into_iter()
        .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&desk.key.secret))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(holding, [desk.home.path().join(".aws/credentials").display().to_string()]);
}

#[test]
fn what_aws_cannot_answer_is_no_mistake_of_the_persons() {
    let (desk, _) = Desk::with_device();
    desk.aws.fault_on("GetCallerIdentity", Fault::GatewayHtml, 10);
    let mut terminal = desk.up_to_keys();
    terminal.expect("answered 502, not as AWS does").expect("nothing was changed");
    assert_eq!((exit(&mut terminal), desk.files().len()), (1, 0));
}

#[test]
fn a_file_that_others_may_read_is_named_before_a_secret_goes_there() {
    use std::os::unix::fs::PermissionsExt;
    let (desk, _) = Desk::with_device();
    desk.home.credentials("# mine\n");
    let file = desk.home.path().join(".aws/credentials");
    for (mode, is_named) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut terminal = desk.up_to_keys();
        terminal.expect("Write it? [y/n] ");
        let line = format!("others may read {0}, where the secret goes: chmod 600 {0}", file.display());
        assert_eq!(terminal.everything().contains(&line), is_named, "{}", terminal.everything());
    }
}

#[test]
fn what_is_pasted_for_the_id_is_taken_apart_and_a_secret_in_it_is_told() {
    let (desk, _) = Desk::with_device();
    let (id, secret) = (&desk.key.id, &desk.key.secret);
    for pasted in [format!("\"{id}\""), format!("aws_access_key_id = {id}")] {
        let mut terminal = desk.setup(&["dev"]);
        terminal
            .expect("k or i: ")
            .mark()
            .line("k")
            .expect("Region (such as eu-west-1; Enter: none): ")
            .mark()
            .line("");
        terminal.expect("Access key ID (AKIA…): ").mark().line(&format!("{id},{secret}"));
        terminal.expect("the secret in it stands on this screen now: better make a new key");
        terminal.expect("Access key ID (AKIA…): ").mark().line(&pasted);
        terminal.expect("Secret access key (is not shown): ").mark().line(secret).expect("they are taro's");
    }
}
