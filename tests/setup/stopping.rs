//! Ctrl-C at each question: exit code 130, and every file is as it was.

use super::desk::{Desk, exit};

#[test]
fn until_the_word_is_given_every_file_stays_byte_for_byte() {
    let (mut desk, _) = Desk::with_device();
    desk.user.device("phone");
    desk.home.set("HTTPS_PROXY", "http://taro:hunter2@p.corp:3128");
    desk.home.script("ykman", "#!/bin/sh\necho AWS:taro\n");
    desk.home.config("# mine\n[profile x]\nregion = y").settings("# mine\n").write(".bashrc", "# mine\n");
    let before = desk.files();
    let (id, secret) = (desk.key.id.clone(), desk.key.secret.clone());
    let steps = [
        ("k, i or h: ", "k"),
        ("A name for the profile [dev]: ", ""),
        ("Region (such as eu-west-1; Enter: none): ", ""),
        ("take it back? [y/n] ", "y"),
        ("A name for this proxy [corp]: ", ""),
        ("Access key ID (AKIA…): ", id.as_str()),
        ("Secret access key (is not shown): ", secret.as_str()),
        ("  since 2", "taro"),
        ("Use it? [y/n] ", "y"),
        ("Write it? [y/n] ", "y"),
    ];
    for stop in 0..steps.len() {
        let mut terminal = desk.setup(&[]);
        for (question, answer) in &steps[..stop] {
            terminal.expect(question).mark().line(answer);
        }
        terminal.expect(steps[stop].0).send(b"\x03");
        assert_eq!(exit(&mut terminal), 130, "{}", steps[stop].0);
        assert!(desk.files() == before, "{}", steps[stop].0);
        assert!(terminal.everything().contains("nothing was changed"), "{}", terminal.everything());
    }
}

#[test]
fn behind_it_what_is_there_is_said_and_the_next_run_goes_on() {
    let (desk, device) = Desk::with_device();
    let mut terminal = desk.up_to_keys();
    terminal.expect("Write it? [y/n] ").mark().line("y").expect("Add it? [y/n] ").send(b"\x03");
    terminal.expect("written: ").expect(".aws/credentials; `awsenv setup dev` goes on from there");
    assert_eq!((exit(&mut terminal), desk.text(".bashrc").as_str()), (130, ""));
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("Add it? [y/n] ").mark().line("y").expect("MFA code for dev").send(b"\x03");
    assert_eq!(exit(&mut terminal), 130);
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("loads the hook already").expect("MFA code for dev").mark().line(&device.code());
    terminal.expect("dev is set up; in a new bash: awsenv use dev");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn what_cannot_be_written_is_said_before_the_question() {
    let (desk, _) = Desk::with_device();
    // In the way of the lock, for root, too: nothing can be written beside it.
    desk.home.write(".aws/.awsenv.lock/x", "");
    let before = desk.files();
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal.expect("nothing was changed").expect(".awsenv.lock");
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("Access key ID"), "{}", terminal.everything());
    assert!(desk.files() == before);
}

#[test]
fn a_folder_that_is_closed_is_named_before_the_keys_are_typed() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return;
    }
    let (desk, _) = Desk::with_device();
    let folder = desk.home.path().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("k or i: ").mark().line("k").expect("Region (such as eu-west-1; Enter: none): ").mark().line("");
    terminal.expect(&format!("nothing can be written into the folder {}", folder.display()));
    terminal.expect(&format!("chmod u+w {}", folder.display()));
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("Access key ID"), "{}", terminal.everything());
}
