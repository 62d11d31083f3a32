//! What stays as it was.

use crate::world::World;

#[test]
fn only_what_is_typed_is_asked_about() {
    let world = World::new();
    world.session_ends_in(-5);
    // Everything that nushell runs by itself; each calls the guarded command as it is by then.
    let Some(mut nu) = world.dev() else { return };
    for line in [
        "$env.config.hooks.pre_prompt ++= [{|| aws s3 prompt | save -f prompt }]",
        "$env.config.hooks.env_change.PWD = [{|| aws s3 pwd | save -f pwd }]",
        "let own = $env.PROMPT_COMMAND",
        "$env.PROMPT_COMMAND = {|| aws s3 left | save -f left; do $own }",
        "$env.PROMPT_COMMAND_RIGHT = {|| aws s3 right | save -f right; '' }",
        "$env.config.hooks.pre_execution = [{|| aws s3 early | save -f early } ...$env.config.hooks.pre_execution]",
        "$env.config.hooks.pre_prompt = [{|| aws s3 first | save -f first } ...$env.config.hooks.pre_prompt]",
        "cd .aws",
        "cd ..",
        "",
    ] {
        let after = nu.run(line);
        assert!(!after.text.contains("MFA code"), "{line}: {after:?}");
    }
    for name in ["prompt", "left", "right", "early", "first"] {
        assert!(world.home.text(name).starts_with(&format!("aws ran: s3 {name}")), "{name}");
    }
    assert!(world.home.text(".aws/pwd").starts_with("aws ran: s3 pwd"));
    nu.type_line("aws s3 ls").expect_question();
    assert!(nu.answer("").prompt().text.contains("aws ran: s3 ls"));
}

/// Whoever adds a hook in front of ours or behind: at the next prompt the order is right again.
#[test]
fn hooks_of_others_stay_and_ours_keep_their_places() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    nu.run("$env.config.hooks.pre_prompt = [{|| $env.seen = (aws s3 hook | complete | get exit_code) } ...$env.config.hooks.pre_prompt]");
    nu.run("$env.config.hooks.pre_execution ++= [{|| $env.late = 1 }]");
    let after = nu.run("print $env.seen $env.late");
    assert_eq!(after.text, "0\n1\n");
    let names = "[$env.config.hooks.pre_prompt.0.__awsenv ($env.config.hooks.pre_execution | last).__awsenv] | to nuon";
    assert_eq!(nu.run(names).text, "[prompt, line]\n");
    assert_eq!(nu.run("$env.config.hooks.pre_prompt | length").text, "3\n", "ours, and two of this test");
    nu.type_line("aws s3 ls").expect_question();
    assert!(nu.answer("").prompt().text.contains("aws ran"), "ours is there still");
}

/// A prompt hides what goes wrong in the hook; here it may not.
#[test]
fn nothing_goes_wrong_in_silence() {
    let world = World::new();
    world.session_ends_in(7200);
    let Some(mut nu) = world.nu("") else { return };
    for line in
        ["ignore", "$env.AWS_PROFILE = 'dev'", "$env.PATH = ($env.PATH | append /)", "awsenv use prod", "^false"]
    {
        nu.run(line);
        assert_eq!(nu.run("__awsenv_on_prompt").text, "", "{line}");
    }
    nu.run("$env.__awsenv.key = null; $env.__awsenv.looked_up = null; $env.__awsenv.prompt = null; __awsenv_unhook");
    let alone = nu.run("__awsenv_on_prompt; __awsenv_on_line; __awsenv_on_prompt");
    assert_eq!((alone.text.as_str(), alone.status), ("", 0));
}

#[test]
fn status_and_variables_of_the_last_command_stay() {
    let world = World::new();
    world.session_ends_in(7200);
    let Some(mut nu) = world.dev() else { return };
    assert_eq!(nu.run("^sh -c 'exit 42'").status, 42);
    assert_eq!(nu.run("$env.LAST_EXIT_CODE").text, "42\n");
    // The binary is started at this prompt, and is nobody's last command.
    nu.type_line("^sh -c 'exit 43'");
    world.session_ends_in(3600);
    assert_eq!(nu.prompt().status, 43);
    assert_eq!(nu.run("error make {msg: oops}").status, 1);
    assert_eq!(nu.run("$in").text, "", "no input is left over");
    assert_eq!(nu.run("scope variables | where name =~ awsenv | length").text, "0\n");
    assert_eq!(nu.run("^env | lines | where $it =~ '__awsenv' | length").text, "0\n");
}
