//! Guarded commands: their question, asked by bash, and its three answers.

use testbed::Session;

use crate::desk::Desk;

const QUESTION: &str =
    "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter to go on without, Ctrl-C to stop: ";

/// A bash whose `dev` ended two hours and five minutes ago.
fn ended(after: &str) -> Option<(Desk, Session)> {
    let desk = Desk::new(-7500)?;
    let shell = desk.bash("export AWS_PROFILE=dev", after)?;
    Some((desk, shell))
}

#[test]
fn a_code_signs_in_and_the_command_runs() {
    let Some((desk, mut shell)) = ended("") else { return };
    shell.type_line("aws s3 ls | head -1");
    assert_eq!(shell.expect_question(), QUESTION);
    let before = shell.terminal.since_mark();
    assert!(before.contains("\nawsenv: the session of dev ended 2h05m ago\n"), "{before}");
    let ran = shell.answer(&desk.device.code()).prompt();
    assert!(ran.text.starts_with("awsenv: dev is good until "), "{ran:?}");
    assert!(ran.text.ends_with("\nran s3 ls as dev\n"), "{ran:?}");
    assert!(["dev 12h00m ", "dev 11h59m "].contains(&ran.segment.as_str()), "{ran:?}");
    let second = shell.run("aws s3 ls");
    assert_eq!((second.text.as_str(), second.status), ("ran s3 ls as dev\n", 7));
    assert_eq!(desk.starts_of("guard"), 1);
    assert_eq!(desk.aws.calls_of("GetSessionToken").len(), 1);
}

#[test]
fn what_is_no_code_and_a_refused_one_are_asked_for_again() {
    let Some((desk, mut shell)) = ended("") else { return };
    shell.type_line("aws s3 ls");
    shell.expect_question();
    shell.answer("4920");
    shell.expect_question();
    assert!(shell.terminal.since_mark().contains("\nawsenv: a code is six digits\n"));
    shell.answer(&desk.device.wrong_code());
    shell.expect_question();
    // As an authenticator shows it, with a slip of the finger.
    let code = desk.device.code();
    let ran = shell.answer(&format!("{}x\x7f {}", &code[..3], &code[3..])).prompt();
    assert!(ran.text.ends_with("\nran s3 ls as dev\n"), "{ran:?}");
    assert_eq!(desk.aws.calls_of("GetSessionToken").len(), 2);
}

#[test]
fn enter_runs_it_without_and_the_next_line_asks_again() {
    let Some((desk, mut shell)) = ended("") else { return };
    for line in ["aws one", "for i in 1 2; do aws $i | cat; done; x=$(aws c); echo $x"] {
        shell.type_line(line);
        assert_eq!(shell.expect_question(), QUESTION);
        let ran = shell.answer("").prompt();
        assert!(!ran.text.contains("MFA code for"), "{line}: {ran:?}");
        let expected = if line.contains("for") { 3 } else { 1 };
        assert_eq!(ran.text.matches(" as dev asking never").count(), expected, "{line}: {ran:?}");
    }
    assert_eq!(shell.run("AWSENV_ASK=never aws s3 ls").text, "ran s3 ls as dev asking never\n");
    assert_eq!(desk.aws.calls().len(), 0);
    assert_eq!(shell.run("env | grep AWSENV_A").text, "", "only for the command");
}

#[test]
fn ctrl_c_stops_everything_behind_it() {
    let Some((_desk, mut shell)) = ended("") else { return };
    for line in [
        "aws x; echo NO",
        "aws x && echo NO",
        "for i in 1 2 3; do aws $i; echo NO; done; echo NO",
        "for i in 1 2 3; do aws $i | cat; echo NO; done",
        "(aws x; echo NO); echo NO",
        "x=$(aws x; echo NO); echo NO",
    ] {
        shell.type_line(line);
        shell.expect_question();
        shell.terminal.mark().send("49\x03");
        let stopped = shell.prompt();
        assert_eq!(stopped.status, 130, "{line}: {stopped:?}");
        assert!(!stopped.text.contains("NO") && !stopped.text.contains("ran "), "{line}: {stopped:?}");
    }
    assert_eq!(shell.run("echo alive").text, "alive\n");
    let modes = shell.run("echo $(stty -a)").text;
    assert!(
        [" isig ", " icanon ", " echo ", " echoctl ", " eol = <undef>;"].iter().all(|m| modes.contains(m)),
        "{modes}"
    );
}

#[test]
fn what_was_typed_ahead_is_no_answer() {
    let Some((_desk, mut shell)) = ended("slow() { echo slow; sleep 1; }") else { return };
    shell.type_line("slow; aws s3 ls");
    shell.terminal.expect("\nslow\n").send("echo typed ahead\n12");
    assert!(shell.expect_question().ends_with("Ctrl-C to stop: "));
    let ran = shell.answer("").prompt();
    assert!(ran.text.ends_with("ran s3 ls as dev asking never\n"), "{ran:?}");
    assert_eq!(shell.run("true").text, "", "and no line for the shell");
}

#[test]
fn names_with_slashes_and_blanks_arrive_as_they_are() {
    let Some((desk, mut shell)) = ended("") else { return };
    for (words, name) in [("--profile /dev", "/dev"), ("--profile 'a b'", "a b"), ("--profile=/dev", "/dev")] {
        shell.type_line(&format!("aws {words} ssm get-parameter --name /aws/x"));
        assert!(shell.expect_question().starts_with(&format!("MFA code for {name} (")), "{words}");
        assert!(shell.answer("").prompt().text.contains("--name /aws/x as dev asking never\n"), "{words}");
    }
    assert_eq!(desk.starts_of("guard"), 3);
}

#[test]
fn a_second_window_waits_and_ends_by_itself() {
    let Some((desk, mut one)) = ended("") else { return };
    let Some(mut two) = desk.bash("export AWS_PROFILE=dev", "") else { return };
    one.type_line("aws one");
    one.expect_question();
    two.type_line("aws two");
    two.terminal.expect(" on a terminal of bash is asking for the code of dev since ").expect("Ctrl-C leaves");
    assert!(one.answer(&desk.device.code()).prompt().text.ends_with("\nran one as dev\n"));
    let ran = two.prompt();
    assert!(ran.text.contains("Ctrl-C leaves\n") && ran.text.ends_with("\nran two as dev\n"), "{ran:?}");
    assert_eq!(two.run("echo mine").text, "mine\n", "nobody else reads its keys");
    assert_eq!(desk.aws.calls_of("GetSessionToken").len(), 1);
}

#[test]
fn in_the_background_nothing_is_asked() {
    let Some((_desk, mut shell)) = ended("") else { return };
    shell.type_line("aws s3 ls & wait");
    let ran = shell.prompt();
    let why = "the session of dev is over, and this runs in the background: awsenv refresh dev";
    assert!(ran.text.contains(why) && ran.text.contains("ran s3 ls as dev asking never"), "{ran:?}");
}

#[test]
fn a_program_that_an_sdk_runs_does_not_hang() {
    let Some((_desk, mut shell)) = ended("") else { return };
    // As an SDK runs it: nobody answers for it, and its streams go elsewhere.
    let said = shell.run("env -u AWSENV_ANSWERS \"$__awsenv_bin\" credentials dev </dev/null 2>&1 | cat");
    let over =
        "awsenv: the session of dev ended 2h05m ago, and under mintty without `winpty awsenv …` there is no console";
    assert!(said.text.starts_with(over) && said.text.contains("awsenv refresh dev"), "{said:?}");
}
