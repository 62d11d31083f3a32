//! The segment, the variables that go with it, and the one hint.

use std::time::SystemTime;

use testbed::Home;

use crate::desk::{AWSENV, HOOK, home_with_session, write_session, write_session_at, zsh, zsh_with};

#[test]
fn the_segment_shows_the_profile_and_the_time_left() {
    let home = home_with_session(2 * 3600 + 30);
    let Some(mut zsh) = zsh(&home) else { return };
    assert_eq!(zsh.run("").segment, "dev 2h00m ");
    assert_eq!(zsh.run("print -r -- \"<$AWSENV_PROMPT>\"").text, "<dev 2h00m>\n");
    let exported = zsh.run("env | grep -a '^AWSENV\\|^AWS_SESSION' | sort").text;
    let lines: Vec<_> = exported.lines().collect();
    assert_eq!(lines[..2], ["AWSENV_NAMES=1 - AWS_SESSION_EXPIRATION:*", "AWSENV_PROMPT=dev 2h00m"], "{exported}");
    assert!(lines[2].starts_with("AWS_SESSION_EXPIRATION=20") && lines[2].ends_with('Z'), "{exported}");
    assert_eq!(lines.len(), 3, "{exported}");
}

#[test]
fn what_others_change_shows_at_the_next_prompt() {
    let home = home_with_session(2 * 3600 + 30);
    let Some(mut zsh) = zsh(&home) else { return };
    write_session(&home, 59);
    assert_eq!(zsh.run("").segment, "dev <1m ");
    home.write(".aws/config", "[profile other]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n");
    assert_eq!(zsh.run("export AWS_PROFILE=other").segment, "other ");
    assert_eq!(zsh.run("export AWS_PROFILE=dev").segment, "dev <1m ");
    std::fs::remove_file(home.path().join(".aws/credentials")).unwrap();
    assert_eq!(zsh.run("").segment, "dev ");
}

#[test]
fn files_and_folders_that_come_and_go_show_at_the_next_prompt() {
    let home = home_with_session(2 * 3600 + 30);
    let Some(mut zsh) = zsh(&home) else { return };
    // Until a prompt has found nothing to do.
    for _ in 0..3 {
        assert_eq!(zsh.run("").segment, "dev 2h00m ");
    }
    home.settings("[prompt]\nformat = in {profile}\n");
    assert_eq!(zsh.run("").segment, "in dev ");
    std::fs::rename(home.path().join(".aws"), home.path().join("away")).unwrap();
    assert_eq!(zsh.run("[[ ! -e ~/.aws ]] && echo gone").text, "gone\n");
    assert_eq!(zsh.run("print -r -- \"<$AWS_SESSION_EXPIRATION>\"").text, "<>\n");
    std::fs::rename(home.path().join("away"), home.path().join(".aws")).unwrap();
    zsh.run("");
    assert_ne!(zsh.run("print -r -- \"<$AWS_SESSION_EXPIRATION>\"").text, "<>\n");
}

#[test]
fn without_a_profile_everything_is_as_without_awsenv() {
    let home = Home::new(AWSENV);
    let Some(mut zsh) = zsh_with(&home, &format!("env | sort >before; before=$PS1\n{HOOK}")) else { return };
    let after = zsh.run("env | grep -av '^_=' | sort >after; [[ $PS1 == $before ]] && grep -av '^_=' before | diff - after && echo same");
    assert_eq!(after.text, "same\n");
    // Chosen and given up again.
    zsh.run("export AWS_PROFILE=dev AWS_SESSION_EXPIRATION=mine");
    write_session(&home, 7230);
    assert_eq!(zsh.run("").segment, "dev 2h00m ");
    assert_ne!(zsh.run("echo $AWS_SESSION_EXPIRATION").text, "mine\n");
    zsh.run("unset AWS_PROFILE");
    assert_eq!(zsh.run("env | grep -a AWSENV; echo $AWS_SESSION_EXPIRATION").text, "mine\n");
}

#[test]
fn the_end_is_told_in_words_and_colours() {
    for (seconds, text, colour) in [(7230, "dev 2h00m ", 2), (300 + 30, "dev 5m ", 3), (-7500, "dev expired ", 1)] {
        let home = home_with_session(seconds);
        let Some(mut zsh) = zsh(&home) else { return };
        assert_eq!(zsh.run("").segment, text);
        let raw = String::from_utf8_lossy(&zsh.terminal.raw()).into_owned();
        assert!(raw.contains(&format!("\x1b[3{colour}m{text}\x1b[39m")), "{raw:?}");
    }
}

#[test]
fn no_colour_where_none_is_wanted() {
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let mut home = home_with_session(7230);
        home.set(name, value);
        let Some(mut zsh) = zsh(&home) else { return };
        assert_eq!(zsh.run("").segment, "dev 2h00m ");
        let raw = String::from_utf8_lossy(&zsh.terminal.raw()).into_owned();
        assert!(!raw.contains("\x1b[3"), "{name}: {raw:?}");
    }
}

#[test]
fn a_failed_line_after_the_end_gives_one_hint() {
    let home = home_with_session(-12 * 60 - 5);
    let Some(mut zsh) = zsh(&home) else { return };
    assert_eq!(zsh.run("true").text, "");
    assert_eq!(zsh.run("").text, "");
    assert_eq!(zsh.run("false").text, "awsenv: the session of dev ended 12m ago: awsenv refresh\n");
    assert_eq!(zsh.run("false").text, "");
    zsh.type_line("sh -c 'echo ready; exec sleep 60'").terminal.expect("ready\n").send(b"\x03");
    assert!(!zsh.prompt().text.contains("awsenv"));
    // The next session that ends gets its own.
    write_session(&home, -3 * 3600 - 5);
    home.write(".aws/config", "");
    zsh.run("");
    assert_eq!(zsh.run("sh -c 'exit 2'").text, "awsenv: the session of dev ended 3h00m ago: awsenv refresh\n");
    write_session(&home, -12 * 86400 - 5);
    home.write(".aws/config", "");
    zsh.run("");
    assert_eq!(zsh.run("false").text, "awsenv: the session of dev ended 12 days ago: awsenv refresh\n");
}

#[test]
fn prompt_tools_keep_their_prompt_and_get_the_variable_in_time() {
    // starship renders from PROMPT itself, oh-my-posh in its hook: both must see this prompt's text.
    let starship = "prompt_starship_precmd() { : }; precmd_functions+=(prompt_starship_precmd)\n\
        PROMPT='<${AWSENV_PROMPT}>'$PROMPT";
    let posh =
        "_omp_precmd() { rendered=$AWSENV_PROMPT }; precmd_functions+=(_omp_precmd); PROMPT='<${rendered}>'$PROMPT";
    for tool in [starship, posh] {
        for rc in [format!("{tool}\n{HOOK}"), format!("{HOOK}\n{tool}")] {
            let home = home_with_session(7230);
            let Some(mut zsh) = zsh_with(&home, &rc) else { return };
            assert_eq!(zsh.run("").segment, "<dev 2h00m>");
            write_session(&home, 3630);
            home.write(".aws/config", "");
            assert_eq!(zsh.run("").segment, "<dev 1h00m>", "{rc}");
            assert!(!zsh.run("echo $PROMPT").text.contains("%41v"));
        }
    }
}

#[test]
fn a_directory_tool_that_sets_the_profile_is_followed_at_once() {
    let mut home = home_with_session(7230);
    home.unset("AWS_PROFILE");
    let direnv = "envrc() { [[ $PWD == */work ]] && export AWS_PROFILE=dev || unset AWS_PROFILE }\n\
        precmd_functions=(envrc $precmd_functions)";
    for rc in [format!("{direnv}\n{HOOK}"), format!("{HOOK}\n{direnv}")] {
        let Some(mut zsh) = zsh_with(&home, &rc) else { return };
        assert_eq!(zsh.run("mkdir -p work; cd work").segment, "dev 2h00m ");
        assert_eq!(zsh.run("cd ..").segment, "");
    }
}

#[test]
fn prompts_that_conda_and_venv_change_keep_one_segment() {
    let activate = "OLD_PS1=$PS1; PS1=\"(venv) $PS1\"";
    let deactivate = "PS1=$OLD_PS1; unset OLD_PS1";
    let home = home_with_session(7230);
    // Activated behind the hook.
    let Some(mut zsh) = zsh(&home) else { return };
    assert_eq!(zsh.run(activate).segment, "(venv) dev 2h00m ");
    assert_eq!(zsh.run(deactivate).segment, "dev 2h00m ");
    // Activated before the hook, left behind it.
    let Some(mut zsh) = zsh_with(&home, &format!("{activate}\n{HOOK}")) else { return };
    assert_eq!(zsh.run("").segment, "dev 2h00m (venv) ");
    assert_eq!(zsh.run(deactivate).segment, "dev 2h00m ");
    // The hook taken out in between: the old prompt comes back with an empty reference.
    let Some(mut zsh) = zsh_with(&home, HOOK) else { return };
    zsh.run(activate);
    assert_eq!(zsh.run("awsenv off").segment, "(venv) ");
    assert_eq!(zsh.run(deactivate).segment, "");
}

#[test]
fn no_prompt_still_publishes() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh_with(&home, "eval \"$(awsenv init zsh --no-prompt)\"") else { return };
    assert_eq!(zsh.run("").segment, "");
    assert_eq!(zsh.run("echo $AWSENV_PROMPT").text, "dev 2h00m\n");
}

#[test]
fn no_change_is_missed_however_fast_it_comes() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh(&home) else { return };
    for (round, hours) in (1..=6).enumerate() {
        write_session_at(&home, hours * 3600 + 50, SystemTime::now());
        assert_eq!(zsh.run("").segment, format!("dev {hours}h00m "), "round {round}, within one second");
    }
    // An older file moved in over it, and its folder tells.
    let credentials = home.path().join(".aws/credentials");
    let other = home_with_session(9 * 3600 + 50);
    let moved = home.path().join(".aws/other");
    std::fs::copy(other.path().join(".aws/credentials"), &moved).unwrap();
    home.changed_at(".aws/other", SystemTime::now() - std::time::Duration::from_secs(86_400));
    std::fs::rename(&moved, &credentials).unwrap();
    assert_eq!(zsh.run("").segment, "dev 9h00m ");
}
