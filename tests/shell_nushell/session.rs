//! The session of the README, as a person types it.

use testbed::{Session, Shell};

use crate::world::{World, environment};

#[test]
fn a_day_with_a_session_that_is_over() {
    let world = World::new();
    world.session_ends_in(-7500);
    let Some(mut nu) = world.nu("") else { return };
    let before = environment(&mut nu, &world);
    nu.type_line("awsenv use dev");
    let question = nu.expect_question();
    assert_eq!(
        question,
        "MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter to go on without, Ctrl-C to stop: "
    );
    assert_eq!(nu.answer("").prompt().segment, "dev expired ");

    nu.type_line("aws s3 ls | lines | first").expect_question();
    assert!(nu.terminal.since_mark().contains("awsenv: the session of dev ended 2h05m ago"));
    let code = world.device.code();
    let after = nu.answer(&format!("{} {}", &code[..3], &code[3..])).prompt();
    assert!(after.text.contains("awsenv: dev is good until ") && after.text.contains("(12h00m)"), "{after:?}");
    assert!(after.text.ends_with("aws ran: s3 ls profile=dev ask=\n") && after.status == 0, "{after:?}");
    assert!(["dev 12h00m ", "dev 11h59m "].contains(&after.segment.as_str()), "{after:?}");

    assert_eq!(nu.run("aws s3 ls").text, "aws ran: s3 ls profile=dev ask=\n", "nothing is asked");
    let left = nu.run("awsenv leave");
    assert_eq!((left.text.as_str(), left.status, left.segment.as_str()), ("", 0, ""));
    assert_eq!(environment(&mut nu, &world), before);
}

#[test]
fn use_answers_with_a_code_as_its_second_word() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.nu("") else { return };
    let used = nu.run(&format!("awsenv use dev {}", world.device.code()));
    assert!(used.status == 0 && used.segment.starts_with("dev 1") && used.text.contains("is good until"), "{used:?}");
}

/// The other way to load it: a file that was saved once.
#[test]
fn a_file_that_was_saved_once_is_sourced() {
    let world = World::new();
    world.session_ends_in(-5);
    let rc = format!("$env.AWS_PROFILE = 'dev'\nsource {}", world.hook().display());
    let Some(mut nu) = Session::start(Shell::Nushell, &world.home, &rc) else { return };
    nu.type_line("aws s3 ls").expect_question();
    assert_eq!(nu.answer("").prompt().segment, "dev expired ");
}
