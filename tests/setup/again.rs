//! A second run where what the first one wrote, or somebody else did, is wrong.

use testbed::aws::Fault;

use super::desk::{Desk, LIST, exit};

const HOOK: &str = "eval \"$(awsenv init bash)\"\n";
const REPLACE: &str = "Type the keys again, in the place of these? [y/n] ";
const WRONG: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYANOTHERKEY";

#[test]
fn a_wrong_secret_is_named_before_a_code_is_asked_and_typed_again() {
    for config in [false, true] {
        let (desk, device) = Desk::with_device();
        let lines = desk.key.lines().replace(&desk.key.secret, WRONG);
        let header = if config { "profile dev-long-term" } else { "dev-long-term" };
        let text = format!("# mine\n[{header}]\n{lines}aws_mfa_device = {}\n", device.serial());
        let file = if config { ".aws/config" } else { ".aws/credentials" };
        desk.home.write(file, &text).write(".bashrc", HOOK);
        let mut terminal = desk.setup(&["dev"]);
        terminal.expect(&format!("{file}:4: [dev-long-term]: aws_secret_access_key: the secret of the access key "));
        terminal.expect(REPLACE).mark().line("n").expect("nothing was changed");
        assert_eq!((exit(&mut terminal), desk.text(file)), (1, text.clone()));
        assert!(!terminal.everything().contains("MFA code"), "{}", terminal.everything());

        let mut terminal = desk.setup(&["dev"]);
        terminal.expect(REPLACE).mark().line("y");
        desk.type_keys(&mut terminal, &desk.key);
        terminal.expect("they are taro's").expect("Write it? [y/n] ").mark().line("y");
        terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
        assert_eq!(exit(&mut terminal), 0);
        assert!(desk.text(file).starts_with(&text.replace(WRONG, &desk.key.secret)), "{}", desk.text(file));
    }
}

#[test]
fn a_key_that_is_no_more_is_named_by_its_line() {
    let (desk, _) = Desk::with_device();
    let lines = desk.key.lines().replace(&desk.key.id, "AKIAIOSFODNN7EXAMPLE");
    desk.home.credentials(format!("[dev]\n{lines}")).write(".bashrc", HOOK);
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect(".aws/credentials:2: [dev]: aws_access_key_id: AWS does not know the access key AKIA…MPLE");
    terminal.expect("then [profile dev] needs region = ").expect(REPLACE);
}

#[test]
fn half_a_key_is_told_with_what_to_do() {
    let (desk, _) = Desk::with_device();
    desk.home.credentials(format!("[dev-long-term]\naws_access_key_id = {}\n", desk.key.id));
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect(".aws/credentials:2: profile dev-long-term has aws_access_key_id without aws_secret_access_key");
    terminal.expect(": put it there, or take that line out, and `awsenv setup dev` asks for both");
    assert_eq!(exit(&mut terminal), 1);
}

#[test]
fn a_device_that_is_none_of_the_users_is_replaced_by_the_one_that_is() {
    let (desk, device) = Desk::with_device();
    let other = "arn:aws:iam::123456789012:mfa/other";
    desk.home.credentials(format!("[dev-long-term]\n{}aws_mfa_device = {other}\n", desk.key.lines()));
    desk.home.write(".bashrc", HOOK);
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect(&format!("the files say {other}, which taro does not have"));
    terminal.expect(&format!("- aws_mfa_device = {other}\n+ aws_mfa_device = {}", device.serial()));
    terminal.expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for dev").mark().line(&device.code()).expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn a_device_that_only_the_code_shows_to_be_wrong_is_named_again() {
    let (desk, device) = Desk::with_device();
    desk.user.deny("iam:ListMFADevices");
    let other = "arn:aws:iam::123456789012:mfa/other";
    desk.home.credentials(format!("[dev-long-term]\n{}aws_mfa_device = {other}\n", desk.key.lines()));
    desk.home.write(".bashrc", HOOK);
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect(&format!("MFA code for dev ({other})")).mark().line("123456");
    terminal.expect(&format!(".aws/credentials:4: aws_mfa_device: AWS refused the MFA device {other}"));
    terminal.expect("Name another one, in its place? [y/n] ").mark().line("y");
    terminal.expect("MFA device: ").mark().line(device.serial()).expect("Write it? [y/n] ").mark().line("y");
    terminal.expect("MFA code for dev (").mark().line(&device.code()).expect("dev is set up");
    assert_eq!(exit(&mut terminal), 0);
}

#[test]
fn where_the_devices_cannot_be_listed_one_is_named_by_hand() {
    let (desk, _) = Desk::with_device();
    desk.aws.fault_on(LIST, Fault::GatewayHtml, 10);
    let mut terminal = desk.up_to_keys();
    terminal.expect("which one it is could not be asked: ").expect("502");
    terminal.expect("MFA device [arn:aws:iam::123456789012:mfa/taro], or none: ").mark().line("none");
    terminal.expect("without a device: the keys alone").expect("Write it? [y/n] ");
}
