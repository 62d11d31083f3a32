//! What awsenv must leave as it was.

use std::process::{Command, Stdio};

use testbed::{Home, Session};

use crate::desk::{AWSENV, HOOK, home_with_session, write_session, zsh, zsh_with};

#[test]
fn status_and_what_belongs_to_it_is_as_without_awsenv() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh(&home) else { return };
    assert_eq!(zsh.run("sh -c 'exit 42'").status, 42);
    assert_eq!(zsh.run("echo $?").text, "42\n");
    zsh.run("sh -c 'exit 3' | sh -c 'exit 4' | true");
    assert_eq!(zsh.run("echo $pipestatus").text, "3 4 0\n");
    zsh.run("echo one 'last word'");
    assert_eq!(zsh.run("echo \"<$_>\"").text, "<last word>\n");
}

#[test]
fn traps_run_for_the_users_commands_only() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh_with(&home, &format!("trap 'echo ZERR' ZERR\ntrap 'echo USR1' USR1\n{HOOK}")) else {
        return;
    };
    assert_eq!(zsh.run("true").text, "");
    assert_eq!(zsh.run("false").text, "ZERR\n");
    write_session(&home, 3630);
    assert_eq!(zsh.run("export AWS_PROFILE=none").text, "");
    assert_eq!(zsh.run("kill -USR1 $$").text, "USR1\n");
}

#[test]
fn any_options_of_the_user_are_fine() {
    let options = "ksh_arrays sh_word_split no_unset warn_create_global warn_nested_var all_export rc_quotes \
        csh_junkie_quotes glob_subst magic_equal_subst no_rcs posix_builtins ksh_typeset auto_cd err_return no_glob glob_assign";
    let home = home_with_session(7230);
    let aliases = "alias -g dev=BAD aws=BAD; alias print=false export=false whence=false aws='aws --x'";
    let rc = format!("setopt {options}\n{aliases}\nload() {{ {HOOK}; }}\nload\nprint_options() {{ setopt | sort; }}");
    let Some(mut zsh) = zsh_with(&home, &rc) else { return };
    assert_eq!(zsh.run("").segment, "dev 2h00m ");
    assert_eq!(zsh.run("\\builtin whence -w awsenv").text, "awsenv: function\n");
    let exported = zsh.run("env | grep -a '^__awsenv' || true");
    assert_eq!(exported.text, "");
    write_session(&home, 3630);
    home.write(".aws/config", "");
    assert_eq!(zsh.run("").text, "");
    assert_eq!(zsh.run("").segment, "dev 1h00m ");
    let Some(mut zsh) = zsh_with(&home, &format!("setopt xtrace\n{HOOK}\nunsetopt xtrace")) else { return };
    assert_eq!(zsh.run("true").text, "");
}

#[test]
fn loading_twice_doubles_nothing() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh_with(&home, &format!("{HOOK}\n{HOOK}")) else { return };
    let count = "print -r -- ${(M)#precmd_functions:#__awsenv*} ${(M)#preexec_functions:#__awsenv*}";
    assert_eq!(zsh.run("").segment, "dev 2h00m ");
    assert_eq!(zsh.run(count).text, "1 1\n");
    assert_eq!(zsh.run(HOOK).segment, "dev 2h00m ");
    assert_eq!(zsh.run(count).text, "1 1\n");
    assert_eq!(zsh.run("").segment, "dev 2h00m ");
}

#[test]
fn a_home_with_a_blank_and_an_apostrophe_works() {
    let mut home = Home::named(AWSENV, "it's a home");
    home.set("AWS_PROFILE", "dev");
    write_session(&home, 7230);
    let link = home.path().join("awsenv");
    std::os::unix::fs::symlink(AWSENV, &link).unwrap();
    let Some(mut zsh) = zsh_with(&home, "eval \"$(~/awsenv init zsh)\"") else { return };
    assert_eq!(zsh.run("").segment, "dev 2h00m ");
    assert_eq!(zsh.run("awsenv --version | wc -l").text.trim(), "1");
}

#[test]
fn a_probe_of_the_environment_finds_nothing_of_ours() {
    let home = home_with_session(7230);
    let Some(zsh) = testbed::require("zsh") else { return };
    home.write(".zshrc", format!("{HOOK}\n"));
    let out = home.command(&zsh).args(["-d", "-ilc", "env"]).stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("AWS_PROFILE=dev") && !text.contains("AWSENV") && !text.contains("__awsenv"), "{text}");
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}

#[test]
fn a_script_that_loads_the_hook_gets_the_command_only() {
    let home = home_with_session(7230);
    let Some(zsh) = testbed::require("zsh") else { return };
    let script = home.script(
        "script",
        &format!("{HOOK}\nprint -r -- ${{(k)functions[(I)aws]}} $precmd_functions.\nwhence -w awsenv\n"),
    );
    let out = home.command(&zsh).args(["-d", "-f"]).arg(script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), ".\nawsenv: function\n");
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}

#[test]
fn off_takes_everything_out() {
    let home = home_with_session(7230);
    let list = "typeset +m '*awsenv*' '*AWSENV*'; print -rl -- ${(k)functions[(I)*awsenv*]} ${(k)functions[(I)aws]}; \
        print -r -- $precmd_functions $preexec_functions $PS1";
    home.command_that_tells("aws");
    let Some(mut plain) = zsh_with(&home, "") else { return };
    let Some(mut zsh) = zsh(&home) else { return };
    assert_ne!(zsh.run(list).text, plain.run(list).text);
    assert_eq!(zsh.run("awsenv off").text, "");
    assert_eq!(zsh.run(list).text, plain.run(list).text);
    assert_eq!(zsh.run("echo $AWS_SESSION_EXPIRATION").text, "\n");
    assert_eq!(zsh.run("awsenv --version | wc -l").text.trim(), "1");
}

#[test]
fn a_missing_binary_is_silent() {
    let home = home_with_session(-60);
    home.command_that_tells("aws");
    let link = home.path().join("awsenv");
    std::os::unix::fs::symlink(AWSENV, &link).unwrap();
    let Some(mut zsh) = zsh_with(&home, "eval \"$(~/awsenv init zsh)\"; rm ~/awsenv") else { return };
    let aws = zsh.run("aws s3 ls");
    assert_eq!((aws.text.as_str(), aws.segment.as_str(), aws.status), ("aws ran: s3 ls profile=dev ask=\n", "", 0));
    assert_eq!(zsh.run("AWS_PROFILE=x aws y").text, "aws ran: y profile=x ask=\n");
}

#[test]
fn zsh_itself_finds_no_fault_in_what_init_prints() {
    let Some(zsh) = testbed::require("zsh") else { return };
    let home = Home::new(AWSENV);
    let init = home.awsenv(&["init", "zsh"]).output().unwrap();
    assert!(init.status.success() && init.stderr.is_empty());
    home.write("init.zsh", &init.stdout);
    let check = Command::new(zsh).args(["-f", "-n"]).arg(home.path().join("init.zsh")).output().unwrap();
    assert_eq!((check.status.code(), check.stderr.escape_ascii().to_string()), (Some(0), String::new()));
}

#[test]
fn use_in_a_pipeline_says_that_it_has_no_effect() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh(&home) else { return };
    let refused = |zsh: &mut Session, line: &str| {
        let out = zsh.run(line);
        assert!(out.text.contains("no effect in a subshell or pipeline"), "{out:?}");
    };
    refused(&mut zsh, "awsenv use dev | cat");
    refused(&mut zsh, "(awsenv use dev)");
    refused(&mut zsh, "awsenv leave | cat");
}
