//! `awsenv off`.

use crate::world::{AWS, FILE, World};

#[test]
fn off_takes_everything_out_and_loading_brings_it_back() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.nu("alias s3 = aws s3\n$env.AWS_PROFILE = 'dev'") else { return };
    let off = nu.run("awsenv off");
    assert_eq!((off.text.as_str(), off.status, off.segment.as_str()), ("", 0, ""));
    assert_eq!(nu.run("aws s3 ls").text, AWS);
    assert_eq!(nu.run("s3 ls").text, AWS);
    assert_eq!(nu.run("which awsenv aws | get type | to nuon").text, "[external, external]\n");
    assert_eq!(nu.run("scope commands | where name =~ awsenv | length").text, "0\n");
    assert_eq!(
        nu.run("$env.config.hooks | [($in.pre_prompt | length) ($in.pre_execution | length)] | to nuon").text,
        "[1, 0]\n"
    );
    assert_eq!(nu.run("$env | columns | where $it =~ '(?i)awsenv' | to nuon").text, "[]\n");
    assert_eq!(nu.run("$env | columns | where $it == AWS_SESSION_EXPIRATION | to nuon").text, "[]\n");
    assert_eq!(nu.run("$env.AWS_PROFILE").text, "dev\n", "what is set stays set");

    nu.run(&format!("source ~/{FILE}"));
    assert_eq!(nu.run("ignore").segment, "dev expired ");
    nu.type_line("s3 ls").expect_question();
    assert!(nu.answer("").prompt().text.contains("aws ran"));
}

#[test]
fn a_prompt_around_ours_goes_on_without_it() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    nu.run("let inner = $env.PROMPT_COMMAND; $env.PROMPT_COMMAND = {|| $\"<(do $inner)\" }");
    nu.run("awsenv off");
    let after = nu.run("ignore");
    assert_eq!((after.text.as_str(), after.segment.as_str()), ("", "<"), "{after:?}");
}
