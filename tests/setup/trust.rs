//! Commands and ids in files that the environment names, or that others may write to: as `exec` has it.

use std::os::unix::fs::PermissionsExt;

use testbed::Terminal;
use testbed::proxy::{Policy, Proxy};

use super::desk::{Desk, exit};

const QUESTION: &str = "Let it count, now and later? [y/n] ";

/// A script that prints the keys of taro, and leaves a file behind.
fn give_keys(desk: &Desk) {
    let (id, secret) = (&desk.key.id, &desk.key.secret);
    let json = format!("{{\"Version\":1,\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"{secret}\"}}");
    desk.home.script("give-keys", &format!("#!/bin/sh\n: >\"$HOME/RAN\"\necho '{json}'\n"));
}

/// The files of a cloned repository, which its `.envrc` names.
fn cloned(desk: &mut Desk, variable: &str, name: &str, text: &str) -> String {
    desk.home.write(format!("repo/{name}"), text).write(".bashrc", "eval \"$(awsenv init bash)\"\n");
    let file = desk.home.path().join("repo").join(name);
    desk.home.set(variable, &file);
    file.display().to_string()
}

fn has_run(desk: &Desk) -> bool {
    desk.home.path().join("RAN").exists()
}

/// Says no to it: nothing runs, nothing is sent, and the line is named where it stands.
fn declined(desk: &Desk, mut terminal: Terminal, place: &str) {
    terminal.expect(QUESTION).mark().line("n").expect(place).expect("is not confirmed: left out");
    assert_eq!((exit(&mut terminal), has_run(desk), desk.aws.calls().len()), (1, false, 0));
}

#[test]
fn a_credential_process_of_a_file_that_the_environment_names_is_asked_about_once() {
    let (mut desk, device) = Desk::with_device();
    give_keys(&desk);
    let config = "[profile dev]\nregion = eu-west-1\n[profile dev-long-term]\ncredential_process = give-keys\n";
    let file = cloned(&mut desk, "AWS_CONFIG_FILE", "config", config);
    declined(&desk, desk.setup(&["dev"]), &format!("{file}:4: "));
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect(&format!("{file}, which an environment variable names, says:"));
    terminal.expect("credential_process = give-keys").expect(QUESTION).mark().line("y");
    terminal.expect("they are taro's").expect("+ aws_mfa_device = ").expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
    assert_eq!((exit(&mut terminal), has_run(&desk)), (0, true));
    assert_eq!(terminal.everything().matches(QUESTION).count(), 1);
}

#[test]
fn no_command_runs_from_a_file_that_others_may_write_to() {
    let (desk, _) = Desk::with_device();
    give_keys(&desk);
    for (file, text) in [
        (".aws/config", "[profile dev-long-term]\ncredential_process = give-keys\n"),
        (".aws/credentials", "[dev-long-term]\ncredential_process = give-keys\n"),
    ] {
        desk.home.config("").credentials("").write(file, text);
        let path = desk.home.path().join(file);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let mut terminal = desk.setup(&["dev"]);
        terminal.expect(&format!("{}: others may write to it: no command in it is run", path.display()));
        assert_eq!((exit(&mut terminal), has_run(&desk), desk.aws.calls().len()), (1, false, 0), "{file}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn neither_is_the_keyring_asked_for_an_id_in_such_a_file() {
    let (mut desk, _) = Desk::with_device();
    let text =
        format!("[profile dev]\nregion = eu-west-1\n[profile dev-long-term]\nawsenv_keyring = {}\n", desk.key.id);
    let file = cloned(&mut desk, "AWS_CONFIG_FILE", "config", &text);
    declined(&desk, desk.setup(&["dev"]), &format!("{file}:4: "));
}

#[test]
fn a_proxys_password_process_of_named_settings_is_asked_about() {
    let (mut desk, _) = Desk::with_device();
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "hunter2".into()));
    desk.home.use_aws_by_name(&desk.aws, &proxy);
    desk.home.unset("HTTPS_PROXY").credentials(format!("[dev]\n{}", desk.key.lines()));
    desk.home.script("give-password", "#!/bin/sh\n: >\"$HOME/RAN\"\necho hunter2\n");
    let settings = format!(
        "[profile dev]\nproxy = corp\n[proxy corp]\nhttps = {}\nusername = taro\npassword_process = give-password\n",
        proxy.url()
    );
    let file = cloned(&mut desk, "AWSENV_CONFIG", "settings", &settings);
    declined(&desk, desk.setup(&["dev"]), &file);
    assert_eq!(proxy.attempts().len(), 0);
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect(QUESTION).mark().line("y");
    terminal.expect("Are they yours, now and later? [y/n] ").mark().line("y").expect("they are taro's");
    assert!(has_run(&desk));
}

#[test]
fn an_mfa_process_of_a_named_file_is_asked_about_before_the_first_session() {
    let (mut desk, device) = Desk::with_device();
    desk.home.script("give-code", "#!/bin/sh\n: >\"$HOME/RAN\"\necho 123456\n");
    let serial = device.serial();
    let text = format!("[dev-long-term]\n{}aws_mfa_device = {serial}\nmfa_process = give-code\n", desk.key.lines());
    let file = cloned(&mut desk, "AWS_SHARED_CREDENTIALS_FILE", "credentials", &text);
    // The keys and the device are tried before; a session is not made.
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect(QUESTION).mark().line("n").expect(&format!("{file}:5: ")).expect("is not confirmed: left out");
    assert_eq!((exit(&mut terminal), has_run(&desk), desk.count("GetSessionToken")), (1, false, 0));
}
