//! Whole sessions as a person types them in a shell on an 80-column terminal, read from the screen; and what they leave: no
//! secret in the shell's history, in awsenv's state or in any other file.

use testbed::{Session, Shell};

use super::desk::Desk;
use super::secrets::{kept, none_in};

const OLD: &str = "Old-secret-1";
const NEW: &str = "New-secret-22";

/// A shell with the hook, which writes its history at its end.
fn shell(desk: &Desk, shell: Shell) -> Option<Session> {
    let history = "HISTFILE=$HOME/history HISTSIZE=100 SAVEHIST=100\n";
    let rc = format!("{history}eval \"$(awsenv init {})\"\n", shell.name());
    let mut session = Session::start(shell, &desk.home, &rc)?;
    session.terminal.resize(24, 80);
    Some(session)
}

/// The rows of the screen that a person sees.
fn screen(session: &Session) -> Vec<String> {
    session.terminal.screen().lines().map(|row| row.trim_end().to_owned()).collect()
}

/// A generated password stands alone on its row, and is the one that AWS has.
fn generate(session: &mut Session, desk: &Desk) -> String {
    session.run("clear");
    let made = session.run("awsenv iam password create hanako --generate");
    assert_eq!(made.status, 0, "{made:?}");
    let rows = screen(session);
    let password = desk.hanako.password().expect("it was made");
    assert_eq!(rows.iter().filter(|row| row.contains(&password)).collect::<Vec<_>>(), [&password], "{rows:#?}");
    let above = rows.iter().take_while(|row| **row != password).cloned().collect::<Vec<_>>().join(" ");
    assert!(above.contains("hanako signs in at https://123456789012.signin.aws.amazon.com/console"), "{rows:#?}");
    password
}

fn change(session: &mut Session, desk: &Desk) {
    session.run("clear");
    session.type_line("awsenv iam password change");
    for (question, typed) in
        [("Old password of taro: ", OLD), ("New password for taro: ", NEW), ("The same again: ", NEW)]
    {
        session.terminal.expect(question);
        session.answer(typed);
    }
    assert_eq!(session.prompt().status, 0);
    let rows = screen(session).join("\n");
    // A row holds a question and nothing of what was typed behind it.
    for row in ["Old password of taro:", "New password for taro:", "The same again:"] {
        assert!(rows.lines().any(|line| line == row), "{rows}");
    }
    assert!(rows.contains("taro has a new console password"), "{rows}");
    assert_eq!(desk.user.password().as_deref(), Some(NEW));
}

fn revoke(session: &mut Session, desk: &Desk) {
    session.run("clear");
    session.type_line("awsenv iam revoke --user hanako");
    session.terminal.expect("End these sessions of hanako? [y/n] ");
    let before = screen(session).join(" ");
    for sentence in ["ends: what hanako signed in to", "goes on: sessions of roles", "goes on: what is given out later"]
    {
        assert!(before.contains(sentence), "all of it is on the screen when the question is: {before}");
    }
    assert!(desk.hanako.policies().is_empty());
    session.answer("y");
    assert_eq!(session.prompt().status, 0);
    assert!(screen(session).join(" ").contains("awsenv iam revoke --user hanako --undo takes it back"));
    assert!(desk.hanako.policies().contains_key("AWSRevokeOlderSessions"));
}

fn enrol(session: &mut Session, desk: &Desk) -> String {
    session.run("clear");
    session.type_line("awsenv iam mfa enable --name taro-phone --text").terminal.expect("First code: ");
    let device = desk.aws.device("arn:aws:iam::123456789012:mfa/taro-phone").expect("it was made");
    let (first, next) = device.two_codes();
    session.answer(&first).terminal.expect("Next code: ");
    session.answer(&next);
    assert_eq!(session.prompt().status, 0);
    assert_eq!(device.is_enabled(), Some(true));
    device.seed()
}

#[test]
fn typed_in_a_shell_each_does_what_it_says_and_leaves_no_secret_behind() {
    for kind in [Shell::Bash, Shell::Zsh] {
        let desk = Desk::new();
        desk.session(-60);
        desk.user.set_password(OLD, false);
        let Some(mut session) = shell(&desk, kind) else { continue };
        // The session is over: the code is asked for in front of the first.
        session.type_line("awsenv iam show").expect_question();
        let code = desk.device.code();
        session.answer(&code);
        assert_eq!(session.prompt().status, 0);
        let generated = generate(&mut session, &desk);
        change(&mut session, &desk);
        revoke(&mut session, &desk);
        let seed = enrol(&mut session, &desk);
        session.run("awsenv iam keys rotate --yes");
        let keys = desk.user.keys();
        session.type_line("exit");
        assert_eq!(testbed::exit(&mut session.terminal), 0);

        let history = desk.home.text("history");
        assert!(history.contains("awsenv iam password change") && history.contains("--generate"), "{history}");
        let mut secrets = vec![OLD, NEW, &generated, &seed];
        secrets.extend(keys.iter().map(|key| key.secret.as_str()));
        // A code is worth nothing any more, and still nobody needs to keep it.
        secrets.push(&code);
        none_in(&history, &secrets, "the history");
        none_in(&kept(desk.home.path()), &secrets, "a file");
        none_in(&session.terminal.everything(), &[OLD, NEW], "the terminal");
    }
}
