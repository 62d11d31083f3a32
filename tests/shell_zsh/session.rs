//! A day at the terminal: use, the question, the command, leave, with the real binary and an AWS that checks codes.

use crate::desk::{AWSENV, HOOK, answered, home_with_session, over, question, questions, zsh, zsh_with};

/// The environment, as far as AWS, awsenv or a proxy is concerned.
const ENVIRONMENT: &str = "env | grep -ai '^aws\\|proxy' | sort";

#[test]
fn the_session_of_the_readme() {
    let mut over = over();
    over.home.unset("AWS_PROFILE");
    over.home.settings("[profile dev]\nproxy = corp\n[proxy corp]\nhttps = http://127.0.0.1:9\n");
    let Some(mut zsh) = zsh_with(&over.home, &format!("export HTTPS_PROXY='http://it is \"mine\"'\n{HOOK}")) else {
        return;
    };
    let before = zsh.run(ENVIRONMENT).text;

    // Enter switches without a code, Ctrl-C does not switch.
    zsh.type_line("awsenv use dev");
    assert_eq!(zsh.expect_question(), question(&over.dev));
    zsh.terminal.mark().send("\x03");
    let stopped = zsh.prompt();
    assert_eq!((stopped.status, stopped.segment.as_str()), (130, ""));
    assert_eq!(zsh.run(ENVIRONMENT).text, before);
    assert_eq!(answered(&mut zsh, "awsenv use dev", &over.dev, "\r").segment, "dev expired ");
    let during = zsh.run(ENVIRONMENT).text;
    for line in
        ["AWS_PROFILE=dev\n", "AWSENV_PROFILE=dev\n", "AWSENV_PROMPT=dev expired\n", "HTTPS_PROXY=http://127.0.0.1:9\n"]
    {
        assert!(during.contains(line), "{line} in {during}");
    }

    // The guard asks, the command runs, the next one asks nothing.
    let ran = answered(&mut zsh, "aws s3 ls | head", &over.dev, &format!("{}\r", over.dev.code()));
    assert!(ran.text.ends_with("aws ran: s3 ls profile=dev ask=\n"), "{ran:?}");
    assert_eq!(zsh.run("aws s3 ls").text, "aws ran: s3 ls profile=dev ask=\n");
    assert!(zsh.run("").segment.starts_with("dev 1"));

    assert_eq!(zsh.run("awsenv leave").text, "");
    assert_eq!(zsh.run(ENVIRONMENT).text, before);
    assert_eq!(zsh.run("").segment, "");
}

#[test]
fn use_goes_to_and_fro() {
    let mut over = over();
    over.home.unset("AWS_PROFILE");
    let Some(mut zsh) = zsh(&over.home) else { return };
    assert!(
        answered(&mut zsh, "awsenv use dev", &over.dev, &format!("{}\r", over.dev.code())).segment.starts_with("dev 1")
    );
    assert_eq!(answered(&mut zsh, "awsenv use other", &over.other, "\r").segment, "other expired ");
    assert!(zsh.run("awsenv use -").segment.starts_with("dev 1"));
    assert!(zsh.run("awsenv use --region eu-west-3").segment.starts_with("dev 1"));
    assert_eq!(zsh.run("echo $AWS_REGION").text, "eu-west-3\n");
    assert_eq!(answered(&mut zsh, "awsenv use -", &over.other, "\r").segment, "other expired ");
    assert_eq!(zsh.run("echo ${AWS_REGION-unset}").text, "unset\n");
    let code = over.other.code();
    assert!(zsh.run(&format!("awsenv use other {code}")).segment.starts_with("other 1"));
    let unknown = zsh.run("awsenv use othr");
    assert!(unknown.status == 1 && unknown.text.contains("other"), "{unknown:?}");
    assert!(unknown.segment.starts_with("other 1"));
    assert!(zsh.run("awsenv status").text.contains("other"));
    assert!(zsh.run("awsenv use --help").text.contains("Usage"));
}

#[test]
fn a_new_pane_can_leave_what_it_inherited() {
    let mut over = over();
    over.home.unset("AWS_PROFILE");
    let Some(mut first) = zsh(&over.home) else { return };
    answered(&mut first, "awsenv use dev", &over.dev, &format!("{}\r", over.dev.code()));
    let inherited = first.run(ENVIRONMENT).text;
    let settled =
        |text: &str| text.lines().filter(|l| !l.starts_with("AWSENV_PROMPT")).map(str::to_owned).collect::<Vec<_>>();
    for (name, value) in inherited.lines().filter_map(|line| line.split_once('=')) {
        over.home.set(name, value);
    }
    let Some(mut pane) = zsh(&over.home) else { return };
    assert!(pane.run("").segment.starts_with("dev 1"));
    assert_eq!(settled(&pane.run(ENVIRONMENT).text), settled(&inherited));
    let left = pane.run("awsenv leave");
    assert!(left.text.contains("AWS_PROFILE") && left.segment.is_empty(), "{left:?}");
    let rest = pane.run(ENVIRONMENT).text;
    assert!(!rest.contains("AWSENV") && !rest.contains("AWS_PROFILE") && !rest.contains("EXPIRATION"), "{rest}");
}

#[test]
fn init_can_choose_a_profile_where_there_is_none() {
    let mut over = over();
    let rc = "eval \"$(awsenv init zsh --use other)\"";
    let Some(mut chosen) = zsh_with(&over.home, rc) else { return };
    assert_eq!(chosen.run("").segment, "dev expired ");
    over.home.unset("AWS_PROFILE");
    let Some(mut free) = zsh_with(&over.home, rc) else { return };
    assert_eq!(free.run("").segment, "other expired ");
    assert_eq!(free.run("echo $AWSENV_PROFILE").text, "other\n");
    assert_eq!(questions(&free.terminal.raw()), 0);
    assert_eq!(free.run("awsenv leave").segment, "");
}

#[test]
fn use_in_an_rc_file_never_asks() {
    let mut over = over();
    over.home.unset("AWS_PROFILE");
    let Some(mut zsh) = zsh_with(&over.home, &format!("{HOOK}\nawsenv use dev")) else { return };
    assert_eq!(zsh.run("").segment, "dev expired ");
    assert_eq!(questions(&zsh.terminal.raw()), 0);
}

#[test]
fn a_profile_that_only_its_sibling_serves_runs_through_it() {
    let mut over = over();
    let user = over.aws.user("plain");
    let device = user.device("plain");
    over.home.config(format!(
        "[profile plain]\n{}mfa_serial = {}\nregion = eu-west-1\n",
        user.key().lines(),
        device.serial()
    ));
    over.home.settings("[mfa]\nsession_profiles = yes\n");
    over.home.set("AWS_PROFILE", "plain");
    let Some(mut zsh) = zsh(&over.home) else { return };
    let ran = answered(&mut zsh, "aws x", &device, &format!("{}\r", device.code()));
    assert!(ran.text.ends_with("\naws ran: x profile=plain-session ask=\n"), "{ran:?}");
    assert!(ran.segment.starts_with("plain 1"), "{ran:?}");
    assert_eq!(zsh.run("AWS_PROFILE=dev AWSENV_ASK=never aws z").text, "aws ran: z profile=dev ask=never\n");
    assert!(zsh.run("awsenv use plain").text.is_empty());
    assert_eq!(zsh.run("aws y").text, "aws ran: y profile=plain-session ask=\n");
}

#[test]
fn a_fresh_session_runs_through_the_sibling_without_a_process() {
    let home = home_with_session(7230);
    home.command_that_tells("aws");
    // What the hook has to say where AWS_PROFILE names a profile that only its sibling serves.
    let text = format!(
        "#!/bin/sh\n'{AWSENV}' \"$@\"\n[ \"$1\" = hook ] && echo \"typeset -g __awsenv_through='dev-session'\"\n\
         [ \"$1\" = guard ] && echo guard was called >&2; exit 0\n"
    );
    let binary = home.script("stand-in", &text);
    let Some(mut zsh) = zsh_with(&home, &format!("{HOOK}; __awsenv_bin='{}'", binary.display())) else { return };
    assert_eq!(zsh.run("aws y; echo $AWS_PROFILE").text, "aws ran: y profile=dev-session ask=\ndev\n");
    assert_eq!(zsh.run("aws y | cat").text, "aws ran: y profile=dev-session ask=\n");
    assert_eq!(zsh.run("aws y --profile dev").text, "guard was called\naws ran: y --profile dev profile=dev ask=\n");
}
