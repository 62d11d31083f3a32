//! Others that write PS1 and PROMPT_COMMAND: prompt tools, virtual environments, bash-preexec, the user's own lines.

use testbed::{Session, Shell};

use crate::prompt::with_dev;
use crate::{bash, home, session};

#[test]
fn ps1_writers_and_virtual_environments() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "PROMPT_COMMAND='PS1=$PS1_OF_MINE'\nPS1_OF_MINE=$PS1", "") else { return };
    assert_eq!(shell.run("true").segment, "dev 11h59m ", "a hook that writes PS1 at each prompt");

    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("OLD_PS1=$PS1; PS1=\"(venv) $PS1\"");
    assert_eq!(shell.run("true").segment, "(venv) dev 11h59m ");
    assert_eq!(shell.run("PS1=$OLD_PS1").segment, "dev 11h59m ");
    let Some(mut shell) = bash(&home, "OLD_PS1=$PS1; PS1=\"(venv) $PS1\"", "") else { return };
    assert_eq!(shell.run("true").segment, "dev 11h59m (venv) ");
    assert_eq!(shell.run("PS1=$OLD_PS1").segment, "dev 11h59m ", "left after the hook was loaded");
}

/// bash-preexec in miniature: it must be first, takes what follows its last element for a typed command, and hands out
/// status and PIPESTATUS by its own list.
#[test]
fn bash_preexec_stays_first_and_last() {
    let preexec = r#"
__bp_precmd_invoke_cmd() { bp_status=$? bp_pipes="${PIPESTATUS[*]}"; local f
    for f in "${precmd_functions[@]}"; do (exit $bp_status); "$f"; done; }
__bp_interactive_mode() { bp_interactive=on; }
debugged() { [[ $bp_interactive != on ]] && return; bp_interactive=
    [[ $BASH_COMMAND == __bp_precmd_invoke_cmd ]] || { preexecs="$preexecs,$BASH_COMMAND"; }; }
mine() { mine_status=$?; aws in-precmd >precmd-ran; }
precmd_functions=(mine)"#;
    let install = "PROMPT_COMMAND=(\"__bp_precmd_invoke_cmd\n${PROMPT_COMMAND[*]}\" __bp_interactive_mode)\n\
                   trap debugged DEBUG";
    let both = format!("{preexec}\n{install}");
    for (before, after) in [(both.as_str(), ""), (preexec, install)] {
        let home = with_dev();
        home.script("aws", "#!/bin/sh\necho ran \"$@\"\n");
        let Some(mut shell) = bash(&home, before, after) else { return };
        shell.run("true");
        shell.run("");
        assert_eq!(shell.run("echo first").segment, "dev 11h59m ");
        shell.run("");
        shell.run("false | (exit 3)");
        assert_eq!(shell.run("preexecs=; echo $bp_status $bp_pipes $mine_status").text, "3 1 3 3\n");
        shell.run("");
        shell.run("");
        assert_eq!(shell.run("echo $preexecs").text, ",echo $preexecs\n", "no hook was taken for a typed command");
        home.credentials(session("dev", -100));
        shell.run("true");
        let raw = String::from_utf8_lossy(&shell.terminal.raw()).into_owned();
        assert!(!raw.contains("MFA code"), "{raw:?}");
    }
}

#[test]
fn a_taken_over_prompt_command_keeps_the_order() {
    let home = with_dev();
    // As VS Code's integration does: it evaluates the old value inside its own function.
    let take_over = r#"old=("${PROMPT_COMMAND[@]}")
wrapped() { local c; for c in "${old[@]}"; do eval "${c:-}"; done; }
PROMPT_COMMAND=wrapped"#;
    for before in ["", "PROMPT_COMMAND='PS1=$PS1'"] {
        let Some(mut shell) = bash(&home, before, take_over) else { return };
        assert_eq!(shell.run("true").segment, "dev 11h59m ");
        shell.run("true");
        assert_eq!(shell.run("echo \"$PROMPT_COMMAND\"").text, "wrapped\n", "not placed a second time");
        assert_eq!(shell.run("(exit 3)").status, 3);
    }
}

/// starship and its like stand in front of ours in the start file, and show the variable at the first prompt already.
#[test]
fn a_prompt_writer_in_front_shows_the_first_prompts_segment() {
    for writer in ["PROMPT_COMMAND=write", "PROMPT_COMMAND=(write)"] {
        let home = with_dev();
        let before = format!("{writer}\nwrite() {{ PS1=\"[${{AWSENV_PROMPT-}}] $mine\"; }}; mine=$PS1");
        let rc = format!("{before}\n{}", r#"eval "$(awsenv init bash --no-prompt)""#);
        let Some(mut shell) = Session::start(Shell::Bash, &home, &rc) else { return };
        let first = shell.terminal.everything();
        assert!(first.contains("[dev 11h59m] @1:0>"), "{writer}: {first}");
        assert_eq!(shell.run("true").segment, "[dev 11h59m] ", "{writer}");
    }
}

#[test]
fn a_prompt_command_assigned_behind_the_hook_is_named_and_mended() {
    for after in ["PROMPT_COMMAND=mine", "PROMPT_COMMAND=(mine)", "unset PROMPT_COMMAND"] {
        let home = with_dev();
        let Some(mut shell) = bash(&home, "mine() { :; }", after) else { return };
        let said = shell.run("awsenv doctor").text;
        assert!(
            said.contains("assigned PROMPT_COMMAND anew, which threw the hook out; the first awsenv put it back"),
            "{said}"
        );
        assert!(!said.contains("too old"), "{after}: {said}");
        assert_eq!(shell.run("true").segment, "dev 11h59m ", "{after}");
    }
}

#[test]
fn a_lost_hook_is_named_in_a_pipe_too_and_beside_functions_of_ones_own() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "mine() { :; }; aws() { :; }", "PROMPT_COMMAND=mine") else { return };
    let said = shell.run("awsenv doctor | cat").text;
    assert!(said.contains("assigned PROMPT_COMMAND anew, so no prompt has run it"), "{said}");
    assert!(said.contains("`aws` is a function of your own") && !said.contains("does not work"), "{said}");
    assert_eq!(shell.run("true").segment, "", "a subshell mends nothing");
    let said = shell.run("awsenv doctor").text;
    assert!(said.contains("the first awsenv put it back") && said.contains("`aws` is a function"), "{said}");
    assert_eq!(shell.run("true").segment, "dev 11h59m ");
}

/// starship calls our function before it runs the old PROMPT_COMMAND: the line is still a typed one.
#[test]
fn the_hint_comes_beside_a_prompt_tool_that_calls_ours_first() {
    let mut home = home();
    home.credentials(session("dev", -300));
    home.set("AWS_PROFILE", "dev");
    let starship = r#"
starship_precmd() { local s=$?; "${starship_precmd_user_func-:}"; (exit $s); eval "$old"; }
old=$PROMPT_COMMAND PROMPT_COMMAND=starship_precmd"#;
    let Some(mut shell) = bash(&home, "", starship) else { return };
    shell.run("true");
    let said = shell.run("false").text;
    assert!(said.contains("the session of dev ended 5m ago"), "{said}");
}
