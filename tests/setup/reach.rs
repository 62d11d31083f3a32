//! What is said at the end is true: where `awsenv use` works, and where it does not.

use testbed::{Session, Shell};

use super::desk::{Desk, exit};

const HOOK: &str = "eval \"$(awsenv init bash)\"\n";

#[test]
fn a_start_file_that_was_changed_is_listed_by_a_run_that_was_stopped() {
    let (desk, _) = Desk::complete();
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("Add it? [y/n] ").mark().line("y").expect("MFA code for dev").send(b"\x03");
    terminal.expect("written: ").expect(".bashrc; `awsenv setup dev` goes on from there");
    assert_eq!((exit(&mut terminal), desk.text(".bashrc").as_str()), (130, HOOK));
    assert!(!terminal.everything().contains("nothing was changed"), "{}", terminal.everything());
}

#[test]
fn a_shell_that_has_the_hook_is_told_from_one_whose_file_loads_it() {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let (mut desk, device) = Desk::complete();
        desk.home.set("SHELL", format!("/bin/{}", shell.name()));
        desk.home.write(shell.rc_file(), format!("{}\n", shell.hook()));
        desk.run(&["refresh", "dev", &device.code()]).ok();
        let Some(mut with) = Session::start(shell, &desk.home, &desk.text(shell.rc_file())) else { continue };
        let said = with.run("awsenv setup dev").text;
        assert!(said.contains("dev is set up; awsenv use dev"), "{said}");
        assert!(with.run("echo \"<$AWSENV_HOOK>\"").text.contains("<>"));
    }
    let (desk, device) = Desk::complete();
    desk.home.write(".bashrc", HOOK);
    desk.run(&["refresh", "dev", &device.code()]).ok();
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("a login shell (ssh, a terminal on macOS) does not read it: put `. ~/.bashrc` into ");
    terminal.expect(".bash_profile").expect("dev is set up; in a new bash: awsenv use dev");
    assert_eq!(exit(&mut terminal), 0);
    desk.home.write(".profile", "if [ -n \"$BASH_VERSION\" ]; then\n    . \"$HOME/.bashrc\"\nfi\n");
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("dev is set up");
    exit(&mut terminal);
    assert!(!terminal.everything().contains("login shell"), "{}", terminal.everything());
}

#[test]
fn in_the_bash_that_is_to_get_it_the_line_loads_it_at_once() {
    let (desk, device) = Desk::complete();
    desk.run(&["refresh", "dev", &device.code()]).ok();
    let Some(mut bare) = Session::start(Shell::Bash, &desk.home, "") else { return };
    let said = bare.run("awsenv setup dev --yes").text;
    assert!(
        said.contains("in a new bash: awsenv use dev (in this one behind: eval \"$(awsenv init bash)\")"),
        "{said}"
    );
}

#[test]
fn a_shell_without_a_hook_is_told_so_and_bash_is_offered() {
    let (mut desk, device) = Desk::complete();
    desk.run(&["refresh", "dev", &device.code()]).ok();
    desk.home.set("SHELL", "/bin/tcsh");
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("tcsh has no hook: awsenv exec dev -- CMD works; or use bash, zsh, fish");
    terminal.expect("Add it? [y/n] ").mark().line("n");
    terminal.expect("dev is set up; with the hook: awsenv use dev; in tcsh: awsenv exec dev -- CMD");
    assert_eq!(exit(&mut terminal), 0);
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("Add it? [y/n] ").mark().line("y");
    terminal.expect("dev is set up; in a new bash: awsenv use dev; in tcsh: awsenv exec dev -- CMD");
    assert_eq!((exit(&mut terminal), desk.text(".bashrc").as_str()), (0, HOOK));
    desk.home.unset("SHELL");
    let mut terminal = desk.setup(&["dev"]);
    terminal.expect("SHELL does not say which shell you use: awsenv exec dev -- CMD works in every one");
    assert_eq!(exit(&mut terminal), 0);
}
