//! The session of the README, typed into a real shell on a real terminal.

use std::io::Write;

use testbed::{Home, Session};

use crate::sandbox::{Result, Sandbox};

/// Typed to compare the variables; not part of the session that is shown.
const LOOK: &str = "sh -c 'env > ~/variables'";

pub fn play(sandbox: Sandbox) -> Result<()> {
    let Sandbox { home, device, shell, program, aws, .. } = &sandbox;
    say(&format!("demo: {}, {}", program.display(), sandbox.cli()));
    let mut session = Session::start_program(*shell, program, home, shell.hook());
    let start = session.terminal.everything();
    seen("the hook prints nothing when the shell starts", &start, start.starts_with("personal @1:0>"))?;
    let variables = environment(&mut session, home);

    session.type_line("awsenv use dev");
    let question = session.expect_question();
    let expected = format!("MFA code for dev ({}), Enter to go on without, Ctrl-C to stop: ", device.serial());
    seen("use asks for the code", &question, question == expected)?;
    let prompt = session.answer("").prompt();
    seen(
        "Enter switches without; the prompt says that the session is over",
        &prompt.segment,
        prompt.segment == "dev expired ",
    )?;

    session.type_line("aws s3 ls | head");
    let question = session.expect_question();
    let before = session.terminal.since_mark();
    seen(
        "the guard says since when the session is over",
        &before,
        before.contains("awsenv: the session of dev ended 2h0"),
    )?;
    seen("the guard asks", &question, question == expected)?;
    let code = device.code();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let output = session.answer(&spaced).prompt();
    seen("the code is taken", &output.text, output.text.contains("awsenv: dev is good until "))?;
    seen("the command runs", &output.text, output.text.contains(" bucket-a\n") && output.status == 0)?;
    let left = |segment: &str| segment == "dev 12h00m " || segment.starts_with("dev 11h5");
    seen("the prompt shows the time left", &output.segment, left(&output.segment))?;

    let again = session.run("aws s3 ls");
    let quiet = again.text.contains(" bucket-a\n") && !again.text.contains("awsenv") && again.status == 0;
    seen("the next command asks nothing", &again.text, quiet)?;

    let after = session.run("awsenv leave");
    let restored = environment(&mut session, home);
    seen("leave takes the segment back", &after.segment, after.segment == "personal ")?;
    seen("leave restores every variable", &restored, restored == variables)?;
    let sessions = aws.calls_of("GetSessionToken");
    let once = sessions.len() == 1 && sessions[0].accepted;
    seen("AWS was asked for one session", &format!("{sessions:?}"), once)?;

    say(&format!("\n{}", transcript(&session)));
    Ok(())
}

/// The variables that `use` may change, with their values.
fn environment(session: &mut Session, home: &Home) -> String {
    session.run(LOOK);
    let text = home.text("variables");
    let changes = |line: &&str| line.starts_with("AWS_") || line.to_ascii_lowercase().contains("_proxy=");
    let mut lines: Vec<_> = text.lines().filter(changes).collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn say(line: &str) {
    // `… | head` is no failure of the demo.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn seen(step: &str, what: &str, holds: bool) -> Result<()> {
    if !holds {
        return Err(format!("not as it should be: {step}\n{}", what.trim_end()).into());
    }
    say(&format!("seen: {step}"));
    Ok(())
}

/// All that stood on the terminal, the test's prompt (`@12:0>`) written as people write it.
fn transcript(session: &Session) -> String {
    let text = session.terminal.everything();
    let lines = text.lines().filter(|line| !line.ends_with(LOOK)).map(|line| {
        let prompt = line.split_once('@').and_then(|(segment, rest)| {
            let (mark, typed) = rest.split_once('>')?;
            mark.bytes().all(|b| b.is_ascii_digit() || b == b':').then(|| format!("{segment}$ {typed}"))
        });
        prompt.unwrap_or_else(|| line.to_owned())
    });
    lines.collect::<Vec<_>>().join("\n")
}
