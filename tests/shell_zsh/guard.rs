//! The guard, with the real binary and an AWS that checks codes.

use std::time::{Duration, SystemTime};

use crate::desk::{HOOK, answered, home_with_session, over, questions, zsh, zsh_with};

#[test]
fn an_expired_session_asks_once_and_then_nothing() {
    for line in ["aws s3 ls", "aws s3 ls | head"] {
        let over = over();
        let Some(mut zsh) = zsh(&over.home) else { return };
        assert_eq!(zsh.run("").segment, "dev expired ");
        let ran = answered(&mut zsh, line, &over.dev, &format!("{}\r", over.dev.code()));
        assert!(ran.text.starts_with("awsenv: dev is good until "), "{ran:?}");
        assert!(ran.text.ends_with("\naws ran: s3 ls profile=dev ask=\n"), "{ran:?}");
        assert!(ran.segment.starts_with("dev 1"), "{ran:?}");
        assert_eq!(zsh.run(line).text, "aws ran: s3 ls profile=dev ask=\n");
        assert_eq!(over.aws.calls().len(), 1);
    }
}

#[test]
fn enter_runs_without_and_is_asked_once_for_a_line() {
    let over = over();
    let Some(mut zsh) = zsh(&over.home) else { return };
    let ran = answered(&mut zsh, "aws s3 ls", &over.dev, "\r");
    assert!(ran.text.ends_with("aws ran: s3 ls profile=dev ask=never\n"), "{ran:?}");
    for line in [
        "for i in 1 2 3; do aws $i | cat; done",
        "for i in 1 2 3; do aws $i; done",
        "aws 1; (aws 2); echo $(aws 3)",
        "aws 1 | cat; aws 2 && { aws 3 }",
    ] {
        let ran = answered(&mut zsh, line, &over.dev, "\r");
        let lines: Vec<_> = ran.text.lines().filter(|l| l.starts_with("aws ran")).collect();
        assert_eq!(lines.len(), 3, "{ran:?}");
        assert!(lines.iter().all(|l| l.ends_with("ask=never")) && !ran.text.contains("MFA code"), "{ran:?}");
    }
    // Another line, another question.
    let ran = answered(&mut zsh, "aws s3 ls", &over.dev, "\r");
    assert!(ran.text.ends_with("ask=never\n"), "{ran:?}");
    assert_eq!(over.aws.calls().len(), 0);
}

#[test]
fn ctrl_c_ends_the_whole_line() {
    let over = over();
    let Some(mut zsh) = zsh(&over.home) else { return };
    for line in [
        "aws x && echo NO",
        "aws x; echo NO",
        "aws x || echo NO",
        "for i in 1 2; do aws $i; echo NO; done; echo NO",
        "while true; do aws x | cat; done",
        "aws x | cat; echo NO",
        "aws x | head && echo NO; aws y",
        "cat /dev/null | aws x; echo NO",
        "sleep 1 | aws x; echo NO",
        "sleep 1 | aws x | cat && echo NO",
        "(aws x | cat; echo NO)",
        "(aws x | cat; echo NO); echo NO",
        "( (aws x); echo NO )",
        "( (aws x); echo NO ); echo NO",
        "{ aws x; echo NO; } | cat; echo NO",
        "y=$(aws x); echo NO $y",
        "echo NO $(aws x) $(aws y); echo NO",
        "f() { aws x; echo NO; }; f; echo NO",
        "time aws x; echo NO",
        "! aws x; echo NO",
        "if aws x; then echo NO; else echo NO; fi; echo NO",
        "eval 'aws x; echo NO'; echo NO",
    ] {
        let stopped = answered(&mut zsh, line, &over.dev, "\x03");
        assert!(!stopped.text.contains("NO") && !stopped.text.contains("ran"), "{line}: {stopped:?}");
        assert!(!stopped.text.contains("MFA code"), "{line}: {stopped:?}");
        assert_eq!(zsh.run("echo alive").text, "alive\n", "{line}");
    }
    let stopped = answered(&mut zsh, "aws x", &over.dev, "\x03");
    assert_eq!(stopped.status, 130);
    // Where the user has a trap of their own only `&&` is protected, and nothing is asked again.
    zsh.run("trap 'echo trapped' INT");
    let trapped = answered(&mut zsh, "aws x && echo NO; aws y; (aws z)", &over.dev, "\x03");
    assert!(trapped.text.contains("trapped") && !trapped.text.contains("NO"), "{trapped:?}");
    assert!(!trapped.text.contains("ran") && !trapped.text.contains("MFA code"), "{trapped:?}");
}

#[test]
fn the_question_is_for_the_profile_of_the_command() {
    let over = over();
    let Some(mut zsh) = zsh(&over.home) else { return };
    zsh.run("alias a='aws --output json'; deploy() { terraform apply \"$@\" }");
    for (line, device, ran) in [
        ("AWS_PROFILE=other aws s3 ls", &over.other, "aws ran: s3 ls profile=other ask=never"),
        ("aws s3 ls --profile other", &over.other, "aws ran: s3 ls --profile other profile=dev ask=never"),
        ("aws --profile=other s3 ls", &over.other, "aws ran: --profile=other s3 ls profile=dev ask=never"),
        ("aws s3 ls --prof other", &over.other, "aws ran: s3 ls --prof other profile=dev ask=never"),
        ("a s3 ls", &over.dev, "aws ran: --output json s3 ls profile=dev ask=never"),
        ("\\aws s3 ls", &over.dev, "aws ran: s3 ls profile=dev ask=never"),
        ("noglob aws s3 ls *", &over.dev, "aws ran: s3 ls * profile=dev ask=never"),
        ("deploy -auto", &over.dev, "terraform ran: apply -auto profile=dev ask=never"),
        ("(sleep 1; echo in) | aws s3 cp - x", &over.dev, "aws ran: s3 cp - x profile=dev ask=never"),
        ("echo in | aws s3 cp - x", &over.dev, "aws ran: s3 cp - x profile=dev ask=never"),
        ("aws 'a  b' \"c*\"", &over.dev, "aws ran: a  b c* profile=dev ask=never"),
    ] {
        let answer = answered(&mut zsh, line, device, "\r");
        assert_eq!(answer.text, format!("{ran}\n"), "{line}");
    }
    // dev gets a session; other is still asked for, and dev is not.
    answered(&mut zsh, "aws s3 ls", &over.dev, &format!("{}\r", over.dev.code()));
    answered(&mut zsh, "AWS_PROFILE=other aws s3 ls", &over.other, "\r");
    assert_eq!(zsh.run("aws s3 ls").text, "aws ran: s3 ls profile=dev ask=\n");
    assert_eq!(zsh.run("aws s3 ls --page-size 5").text, "aws ran: s3 ls --page-size 5 profile=dev ask=\n");
}

#[test]
fn time_still_tells_the_time() {
    let over = over();
    let Some(mut zsh) = zsh(&over.home) else { return };
    let timed = answered(&mut zsh, "time aws 100% x", &over.dev, &format!("{}\r", over.dev.code()));
    assert!(timed.text.contains("\naws ran: 100% x profile=dev ask=\naws 100% x  0."), "{timed:?}");
    for (line, times) in [
        ("time aws x", 1),
        ("time AWS_PROFILE=dev aws x", 1),
        ("time aws x | cat", 2),
        ("time sleep 0; aws x", 1),
        ("aws x; time=1", 0),
    ] {
        let timed = zsh.run(line);
        assert_eq!(timed.text.matches(" total\n").count(), times, "{line}: {timed:?}");
        assert!(timed.text.contains("aws ran: x"), "{timed:?}");
    }
}

#[test]
fn nothing_but_a_typed_line_is_asked() {
    let over = over();
    let rc = "aws rc >>log\nprecmd() { aws precmd >>log }\nprecmd_functions+=(early); early() { aws early >>log }\n\
        chpwd() { aws chpwd >>log }\npreexec() { aws preexec >>log }\n\
        widget() { aws widget >>log; zle redisplay }; zle -N widget; bindkey '^Xw' widget\n\
        TRAPUSR1() { aws trap >>log }\nautoload -Uz compinit; compinit -D -u\n\
        _thing() { aws completing >>log; compadd done }; compdef _thing thing\n";
    let rc = format!("{rc}{HOOK}\nPS1=\"\\$(aws prompt >>log)$PS1\"\naws behind >>log");
    let Some(mut zsh) = zsh_with(&over.home, &rc) else { return };
    assert_eq!(zsh.run("true").text, "");
    assert_eq!(zsh.run("cd .").text, "");
    zsh.terminal.mark().send("\x18wthing \t").expect("thing done");
    zsh.terminal.send("\x15");
    assert_eq!(zsh.run("").text, "");
    let log = over.home.text("log");
    for place in ["rc", "precmd", "early", "chpwd", "preexec", "widget", "completing", "prompt", "behind"] {
        assert!(log.contains(&format!("aws ran: {place} ")), "{place}: {log}");
    }
    assert_eq!(questions(&zsh.terminal.raw()), 0);
}

#[test]
fn what_cannot_be_asked_runs() {
    let over = over();
    let Some(mut zsh) = zsh(&over.home) else { return };
    zsh.run("aws bg >bg 2>&1 & wait");
    assert!(over.home.text("bg").contains("aws ran: bg "), "{}", over.home.text("bg"));
    zsh.run("(sleep 0.1; aws later >later 2>&1) & wait");
    assert!(over.home.text("later").contains("aws ran: later "));
    assert_eq!(zsh.run("AWSENV_ASK=never aws x").text, "aws ran: x profile=dev ask=never\n");
    for line in ["aws sso login", "aws configure list-profiles", "aws --version", "terraform fmt", "aws help"] {
        let ran = zsh.run(line);
        assert!(ran.text.contains(" ran: ") && ran.text.ends_with("ask=\n"), "{line}: {ran:?}");
    }
    assert_eq!(
        zsh.run("zsh -c 'aws x'; zsh -ic 'aws y'").text,
        "aws ran: x profile=dev ask=\naws ran: y profile=dev ask=\n"
    );
    assert_eq!(zsh.run("sh -c 'aws x' | cat").text, "aws ran: x profile=dev ask=\n");
    assert_eq!(questions(&zsh.terminal.raw()), 0);
}

#[test]
fn without_a_terminal_the_command_runs() {
    let over = over();
    let Some(zsh) = testbed::require("zsh") else { return };
    over.home.write(".zshrc", format!("{HOOK}\n"));
    let mut setsid = over.home.command("setsid");
    let mut child = setsid
        .arg(zsh)
        .args(["-d", "-i"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"aws one\naws two\n").unwrap();
    let out = child.wait_with_output().unwrap();
    let (text, errors) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(text.contains("aws ran: one") && text.contains("aws ran: two"), "{text} {errors}");
    assert!(!errors.contains("MFA code"), "{errors}");
    assert_eq!(errors.matches("no terminal to ask on").count(), 1, "{errors}");
}

#[test]
fn the_users_own_function_is_left_alone() {
    let over = over();
    let Some(mut zsh) =
        zsh_with(&over.home, &format!("aws() {{ echo mine $* }}\n{HOOK}\nterraform() {{ echo mine too }}"))
    else {
        return;
    };
    assert_eq!(zsh.run("aws x; terraform y").text, "mine x\nmine too\n");
    assert_eq!(zsh.run("awsenv off; aws x; terraform y").text, "mine x\nmine too\n");
}

#[test]
fn commands_are_guarded_as_they_come_and_go() {
    let over = over();
    let Some(mut zsh) = zsh(&over.home) else { return };
    assert_eq!(zsh.run("whence -w mytool; true").text, "mytool: none\n");
    over.home.settings("[guard]\nalso = mytool\n");
    over.home.write("tools/mytool", "#!/bin/sh\necho mytool ran\n");
    zsh.run("chmod +x tools/mytool");
    zsh.run("path+=(~/tools)");
    let ran = answered(&mut zsh, "mytool x", &over.dev, "\r");
    assert!(ran.text.ends_with("mytool ran\n"), "{ran:?}");
    over.home.settings("[guard]\ncommands = terraform\n");
    zsh.run("");
    assert_eq!(zsh.run("mytool x").text, "mytool ran\n");
    assert_eq!(zsh.run("whence -w mytool terraform").text, "mytool: command\nterraform: function\n");
    let Some(mut plain) = zsh_with(&over.home, "eval \"$(awsenv init zsh --no-guard)\"") else { return };
    assert_eq!(plain.run("whence -w terraform").text, "terraform: command\n");
}

#[test]
fn a_session_made_in_another_terminal_counts_here() {
    let over = over();
    let Some((mut one, mut two)) = zsh(&over.home).zip(zsh(&over.home)) else { return };
    answered(&mut one, "aws s3 ls", &over.dev, &format!("{}\r", over.dev.code()));
    // Typed without a new prompt in between: the guard must find out by itself.
    assert_eq!(two.run("aws s3 ls").text, "aws ran: s3 ls profile=dev ask=\n");
    assert!(two.run("").segment.starts_with("dev 1"));
}

#[test]
fn a_path_that_grows_brings_its_commands_under_guard() {
    let home = home_with_session(7230);
    home.settings("[guard]\nalso = mytool\n").write("tools/mytool", "#!/bin/sh\necho mytool ran\n");
    for file in [".config/awsenv/config", ".config/awsenv"] {
        home.changed_at(file, SystemTime::now() - Duration::from_secs(60));
    }
    let Some(mut zsh) = zsh(&home) else { return };
    zsh.run("chmod +x tools/mytool");
    zsh.run("path+=(~/tools)");
    assert_eq!(zsh.run("whence -w mytool").text, "mytool: function\n");
    assert_eq!(zsh.run("mytool x").text, "mytool ran\n");
    zsh.run("path[-1]=()");
    assert_eq!(zsh.run("whence -w mytool; true").text, "mytool: none\n");
}
