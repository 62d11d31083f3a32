//! The segment, the published variables, and everything that must stay as it was.

use testbed::{Home, Session, Shell};

use crate::{bash, home, processes, session};

/// The value of a variable as a child of the shell sees it, or nothing.
pub fn exported(shell: &mut Session, name: &str) -> Option<String> {
    let text = shell.run(&format!("printenv {name}; true")).text;
    (!text.is_empty()).then(|| text.trim_end_matches('\n').to_owned())
}

pub fn with_dev() -> Home {
    let mut home = home();
    home.credentials(session("dev", 12 * 3600 - 5));
    home.set("AWS_PROFILE", "dev");
    home
}

#[test]
fn the_segment_says_name_and_time_left_in_front_of_the_prompt() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "", "") else { return };
    assert_eq!(shell.run("true").segment, "dev 11h59m ");
    assert_eq!(exported(&mut shell, "AWSENV_PROMPT").as_deref(), Some("dev 11h59m"));
    let end = exported(&mut shell, "AWS_SESSION_EXPIRATION").expect("it is set");
    assert!(end.ends_with('Z') && end.len() == 20, "{end}");

    home.credentials(session("dev", 59 * 60 + 30));
    assert_eq!(shell.run("true").segment, "dev 59m ");
    home.credentials(session("dev", 30));
    assert_eq!(shell.run("true").segment, "dev <1m ");
    home.credentials(session("dev", -5));
    assert_eq!(shell.run("true").segment, "dev expired ");

    assert_eq!(shell.run("unset AWS_PROFILE").segment, "");
    let text = shell.run("env | grep ^AWS").text;
    assert_eq!(text, "AWS_EC2_METADATA_DISABLED=true\n", "nothing of awsenv's is left");
}

#[test]
fn no_prompt_publishes_and_shows_nothing() {
    let home = with_dev();
    let rc = r#"eval "$(awsenv init bash --no-prompt)""#;
    let Some(mut shell) = Session::start(Shell::Bash, &home, rc) else { return };
    assert_eq!(shell.run("true").segment, "");
    assert_eq!(exported(&mut shell, "AWSENV_PROMPT").as_deref(), Some("dev 11h59m"));
}

#[test]
fn a_profile_chosen_by_a_later_hook_shows_at_once() {
    let home = home();
    home.credentials(format!("{}{}", session("dev", 7200 + 90), session("prod", 90)));
    let rc = r#"
direnv_like() { export AWS_PROFILE=$(cat "$HOME/wanted" 2>/dev/null); }
PROMPT_COMMAND="$PROMPT_COMMAND; direnv_like""#;
    let Some(mut shell) = bash(&home, "", rc) else { return };
    home.write("wanted", "prod");
    assert_eq!(shell.run("true").segment, "prod 1m ");
    home.write("wanted", "dev");
    assert_eq!(shell.run("true").segment, "dev 2h01m ");
}

#[test]
fn status_and_last_argument_are_the_commands_own() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "", "") else { return };
    assert_eq!(shell.run("(exit 7)").status, 7);
    assert_eq!(shell.run("echo $?").text, "7\n");
    shell.run("true one two");
    assert_eq!(shell.run("echo $_").text, "two\n");
    shell.run("false | (exit 3) | true");
    assert_eq!(shell.run("echo ${PIPESTATUS[@]}").text, "1 3 0\n");
}

/// What the user's own hook sees, in each of its three forms.
#[test]
fn hooks_see_status_and_pipestatus_as_without_awsenv() {
    let forms =
        [("PROMPT_COMMAND=mine", ""), ("PROMPT_COMMAND=(mine)", ""), ("", r#"PROMPT_COMMAND="$PROMPT_COMMAND;mine""#)];
    for (before, after) in forms {
        let home = with_dev();
        let mine = "mine() { seen=\"$? ${PIPESTATUS[*]} $_\"; }\n";
        let Some(mut shell) = bash(&home, &format!("{mine}{before}"), after) else { return };
        for (line, expected) in [("false | true", "0 1 0"), ("true | (exit 4)", "4 0 4"), ("(exit 9)", "9 9")] {
            shell.run(line);
            let seen = shell.run("echo \"$seen\"").text;
            assert!(seen.starts_with(expected), "{before}{after}: {line} was seen as {seen}");
        }
        assert_eq!(shell.run("true").segment, "dev 11h59m ", "{before}{after}");
    }
}

#[test]
fn traps_strict_mode_and_errexit_see_nothing_of_the_hook() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "set -u", "trap 'echo ERR' ERR\ntrap 'echo CHLD-or-exit' EXIT") else { return };
    assert_eq!(shell.run("false").text, "ERR\n", "once, for the command itself");
    assert_eq!(shell.run("").text, "");
    let lines = shell.run("set -e; ! true");
    assert_eq!((lines.text.as_str(), lines.status), ("", 1));
    assert_eq!(shell.run("echo alive").text, "alive\n");
    assert_eq!(shell.run("trap -p INT CHLD DEBUG RETURN").text, "");
    assert_eq!(shell.run("true").segment, "dev 11h59m ");
}

#[test]
fn loading_twice_is_loading_once() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "PROMPT_COMMAND='count=$((count+1))'", Shell::Bash.hook()) else { return };
    let before = shell.run("declare -p PROMPT_COMMAND PS0").text;
    assert_eq!(shell.run("eval \"$(awsenv init bash)\"").segment, "dev 11h59m ");
    assert_eq!(shell.run("declare -p PROMPT_COMMAND PS0").text, before);
    let first: u32 = shell.run("echo $count").text.trim().parse().expect("a number");
    let second: u32 = shell.run("echo $count").text.trim().parse().expect("a number");
    assert_eq!(second, first + 1);
}

#[test]
fn a_home_with_a_space_and_an_apostrophe() {
    let mut home = Home::named(env!("CARGO_BIN_EXE_awsenv"), "it's a home");
    home.credentials(session("dev", 7200 + 90));
    home.set("AWS_PROFILE", "dev");
    let bin = home.path().join("awsenv");
    std::fs::copy(env!("CARGO_BIN_EXE_awsenv"), &bin).expect("the binary can be copied");
    let Some(mut shell) = Session::start(Shell::Bash, &home, r#"eval "$("$HOME/awsenv" init bash)""#) else { return };
    assert_eq!(shell.run("true").segment, "dev 2h01m ");
    assert!(shell.run("awsenv --version").text.starts_with("awsenv "));
}

#[test]
fn ten_prompts_start_no_process() {
    let home = with_dev();
    home.age();
    let Some(mut shell) = bash(&home, "", "") else { return };
    let starts = processes(&mut shell, |shell| {
        for _ in 0..10 {
            assert_eq!(shell.run("true").segment, "dev 11h59m ");
        }
    });
    assert_eq!(starts.unwrap_or_default(), Vec::<String>::new());
}

/// As with a read-only home: the line itself is what the hook knows, and a minute is how long it knows it.
#[test]
fn without_a_place_for_the_stamp_ten_prompts_start_one_process_at_most() {
    let home = with_dev();
    // No folder can be made below a file.
    home.write(".local", "");
    home.age();
    let Some(mut shell) = bash(&home, "", "") else { return };
    assert_eq!(shell.run("echo \"[$__awsenv_stamp]\"").text, "[]\n", "there is no place");
    let starts = processes(&mut shell, |shell| {
        for _ in 0..10 {
            let out = shell.run("true");
            assert_eq!((out.segment.as_str(), out.text.as_str()), ("dev 11h59m ", ""));
        }
    });
    let execs = starts.unwrap_or_default().iter().filter(|l| l.contains("execve")).count();
    assert!(execs <= 1, "{execs}");
    assert_eq!(shell.run("export AWS_PROFILE=other").segment, "other ");
}

#[test]
fn without_promptvars_the_segment_is_plain_text_and_follows() {
    let home = with_dev();
    // The test's own prompt needs promptvars: it is written out by a hook here.
    let rc = "shopt -u promptvars\nn=0\nPROMPT_COMMAND='status=$?; PS1=\"@$((n+=1)):$status>\"'";
    let Some(mut shell) = bash(&home, rc, "") else { return };
    assert_eq!(shell.run("true").segment, "dev 11h59m ");
    home.credentials(session("dev", 90));
    assert_eq!(shell.run("true").segment, "dev 1m ");
    assert_eq!(shell.run("echo \"[$PS0]\"").text, "[]\n");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let mut home = with_dev();
    let Some(shell) = bash(&home, "", "") else { return };
    assert!(String::from_utf8_lossy(&shell.terminal.raw()).contains("\x1b[32mdev 11h59m\x1b[0m "));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        home.set(name, value);
        let Some(mut shell) = bash(&home, "", "") else { return };
        shell.run("true");
        let raw = String::from_utf8_lossy(&shell.terminal.raw()).into_owned();
        assert!(raw.contains("dev 11h59m @") && !raw.contains("\x1b[32m"), "{name}: {raw:?}");
        home.unset(name).set("TERM", "xterm-256color");
    }
}

#[test]
fn a_failed_line_tells_when_the_session_ended() {
    for (seconds, told) in [(-190, "3m"), (-7500, "2h05m"), (-12 * 86400 - 60, "12 days")] {
        let mut home = home();
        home.credentials(session("dev", seconds));
        home.set("AWS_PROFILE", "dev");
        let Some(mut shell) = bash(&home, "", "") else { return };
        shell.run("true");
        assert_eq!(shell.run("false").text, format!("awsenv: the session of dev ended {told} ago: awsenv refresh\n"));
    }
}

#[test]
fn starship_and_oh_my_posh_get_the_variable_before_they_render() {
    let starship = r#"
starship_precmd() { local s=$?; "${starship_precmd_user_func-:}"; eval "$STARSHIP_PROMPT_COMMAND"
    PS1="<$AWSENV_PROMPT> @$((n+=1)):$s>"; }
mine() { called=yes; }
starship_precmd_user_func=mine"#;
    let install = "STARSHIP_PROMPT_COMMAND=$PROMPT_COMMAND; PROMPT_COMMAND=starship_precmd";
    let omp = r#"_omp_hook() { PS1="<$AWSENV_PROMPT> @\$((n+=1)):$?>"; }"#;
    let before = [
        (format!("{starship}\n{install}"), ""),
        (starship.to_owned(), install),
        (format!("{omp}\nPROMPT_COMMAND=_omp_hook"), ""),
        (omp.to_owned(), "PROMPT_COMMAND=\"_omp_hook;$PROMPT_COMMAND\""),
    ];
    for (before, after) in before {
        let home = with_dev();
        let Some(mut shell) = bash(&home, &before, after) else { return };
        assert_eq!(shell.run("true").segment, "<dev 11h59m> ", "{before}");
        assert_eq!(shell.run("(exit 5)").status, 5);
        assert_eq!(shell.run("true").segment, "<dev 11h59m> ");
        if before.contains("starship") {
            assert_eq!(shell.run("echo $called").text, "yes\n", "the user's own function still runs");
            shell.run("awsenv off");
            assert_eq!(shell.run("echo \"${STARSHIP_PROMPT_COMMAND-}\"").text, "\n", "{before}");
        }
    }
}

#[test]
fn a_changed_file_shows_at_the_next_prompt() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "", "") else { return };
    for (seconds, expected) in [(3690, "dev 1h01m "), (690, "dev 11m "), (-9, "dev expired ")] {
        home.credentials(session("dev", seconds));
        assert_eq!(shell.run("true").segment, expected);
    }
    std::fs::remove_file(home.path().join(".aws/credentials")).expect("it is there");
    assert!(!shell.run("true").segment.contains("expired"));
    home.credentials(session("dev", 690));
    assert_eq!(shell.run("true").segment, "dev 11m ");
}

/// Neither is looked for itself: the folder's time tells.
#[test]
fn a_file_that_appears_in_a_watched_folder_or_goes_shows_at_the_next_prompt() {
    let home = with_dev();
    home.write(".config/awsenv/other", "");
    home.age();
    let Some(mut shell) = bash(&home, "", "") else { return };
    let production = || home.settings("[profile dev]\nproduction = true\n");
    assert!(shell.run("true").segment.starts_with("dev "));
    for _ in 0..2 {
        production();
        assert!(shell.run("true").segment.starts_with("!! dev "));
        std::fs::remove_file(home.path().join(".config/awsenv/config")).expect("it is there");
        assert!(shell.run("true").segment.starts_with("dev "));
    }
    // The folder itself, and what lay in it.
    std::fs::remove_dir_all(home.path().join(".config/awsenv")).expect("it is there");
    assert!(shell.run("true").segment.starts_with("dev "));
    production();
    assert!(shell.run("true").segment.starts_with("!! dev "));
}

#[test]
fn a_failed_line_after_the_end_is_told_once() {
    let home = with_dev();
    home.credentials(session("dev", -12 * 60 - 5));
    let Some(mut shell) = bash(&home, "", "") else { return };
    assert_eq!(shell.run("true").text, "");
    assert_eq!(shell.run("false").text, "awsenv: the session of dev ended 12m ago: awsenv refresh\n");
    assert_eq!(shell.run("false").text, "");
    assert_eq!(shell.run("").text, "");

    let home = with_dev();
    let Some(mut shell) = bash(&home, "", "") else { return };
    assert_eq!(shell.run("false").text, "", "a session that is good");
}

#[test]
fn a_probe_of_the_environment_sees_nothing_extra() {
    let home = with_dev();
    let path = home.env().into_iter().find(|(name, _)| name == "PATH").expect("a home has a PATH").1;
    let path = path.to_str().expect("it is UTF-8").to_owned();
    // /etc/profile sets another one.
    home.write(".bash_profile", format!("PATH='{path}'\n. ~/.bashrc"));
    home.write(".bashrc", Shell::Bash.hook());
    let run = |args: &[&str]| {
        let out = home.command("bash").args(args).output().expect("bash starts");
        (String::from_utf8_lossy(&out.stdout).into_owned(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    if testbed::require("bash").is_none() {
        return;
    }
    let with = run(&["-ilc", "env | sort | grep -v '^_='"]);
    assert!(run(&["-ilc", "type -t awsenv"]).0.contains("function"));
    home.write(".bashrc", "");
    assert_eq!(with, run(&["-ilc", "env | sort | grep -v '^_='"]));
}

#[test]
fn a_missing_binary_is_silent() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "", "__awsenv_bin=/nowhere/awsenv") else { return };
    let line = shell.run("echo hello");
    assert_eq!((line.text.as_str(), line.segment.as_str()), ("hello\n", ""));
    home.script("aws", "#!/bin/sh\necho ran \"$@\"\n");
    assert_eq!(shell.run("aws s3 ls").text, "ran s3 ls\n");
}

#[test]
fn a_hook_that_was_overwritten_comes_back_with_the_next_awsenv() {
    let home = with_dev();
    let Some(mut shell) = bash(&home, "", "") else { return };
    shell.run("PROMPT_COMMAND='true'");
    home.credentials(session("dev", 690));
    shell.run("true");
    assert_eq!(shell.run("awsenv --version").segment, "dev 11m ");
    assert_eq!(shell.run("true").segment, "dev 11m ");
}

#[test]
fn off_leaves_the_shell_as_it_was() {
    let home = with_dev();
    home.script("aws", "#!/bin/sh\necho ran \"$@\"\n");
    let state = "shopt -p; shopt -po; declare -p PROMPT_COMMAND PS0 PS1; trap; complete -p awsenv; env; \
                 set | grep -i awsenv | grep -v \"^_=\"";
    let plain = "PROMPT_COMMAND='seen=yes'\n";
    let Some(mut shell) = Session::start(Shell::Bash, &home, plain) else { return };
    let before = shell.run(&format!("true; {{ {state}; }} 2>&1 | grep -v AT_PROMPT=")).text;
    let Some(mut shell) = bash(&home, plain, "") else { return };
    assert_eq!(shell.run("awsenv off").segment, "");
    let after = shell.run(&format!("true; {{ {state}; }} 2>&1 | grep -v AT_PROMPT=")).text;
    assert_eq!(after, before);
    assert_eq!(shell.run("declare -F | grep -c awsenv").text, "0\n");
}

#[test]
fn off_works_when_the_binary_is_gone() {
    let home = with_dev();
    home.script("aws", "#!/bin/sh\necho ran \"$@\"\n");
    let Some(mut shell) = bash(&home, "set -u", "") else { return };
    shell.run("__awsenv_bin=/nowhere/awsenv");
    assert_eq!(shell.run("awsenv off").segment, "");
    assert_eq!(shell.run("declare -F | grep -c awsenv").text, "0\n");
    assert_eq!(shell.run("false; aws x").text, "ran x\n");
    assert_eq!(shell.run("echo ${AWSENV_PROMPT-none}").text, "none\n");
}

/// The branches for old versions, in the bash at hand: their facts (no PS0, no EPOCHSECONDS, no `${x@a}`) cannot be
/// shown here, but what is left out must not be missed.
#[test]
fn what_old_versions_get_works_without_the_rest() {
    for version in ["3 2", "4 2", "4 3", "5 0"] {
        let home = with_dev();
        home.script("aws", "#!/bin/sh\necho ran \"$@\"\n");
        let load = "eval \"$(awsenv init bash | sed 's/BASH_VERSINFO/__version/g')\"";
        let rc = format!("set -u\n__version=({version})\nPROMPT_COMMAND='seen=$?'\n{load}");
        let Some(mut shell) = Session::start(Shell::Bash, &home, &rc) else { return };
        assert_eq!(shell.run("true").segment, "dev 11h59m ", "{version}");
        assert_eq!(shell.run("false").status, 1);
        assert_eq!(shell.run("echo $seen").text, "1\n");
        let guarded = if version == "5 0" { "function\n" } else { "file\n" };
        assert_eq!(shell.run("type -t aws").text, guarded, "{version}");
        home.credentials(session("dev", -100));
        assert_eq!(shell.run("true").segment, "dev expired ");
        assert_eq!(shell.run("false").text, "awsenv: the session of dev ended 1m ago: awsenv refresh\n");
        assert_eq!(shell.run("false").text, "");
        assert_eq!(shell.run("echo ${SECONDS}0").status, 0);
        assert_eq!(shell.run("awsenv off").segment, "", "{version}");
    }
}

#[test]
fn options_that_change_later_are_followed() {
    let home = with_dev();
    home.credentials(format!("{}{}", session("dev", 7200 + 90), session("DEV", 90)));
    home.age();
    let Some(mut shell) = bash(&home, "", "") else { return };
    assert_eq!(shell.run("shopt -s nocasematch").segment, "dev 2h01m ");
    assert_eq!(shell.run("AWS_PROFILE=DEV").segment, "DEV 1m ");
    assert_eq!(shell.run("shopt -u nocasematch; AWS_PROFILE=dev").segment, "dev 2h01m ");
}
