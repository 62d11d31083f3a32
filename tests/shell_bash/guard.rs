//! The guard: who is asked, when, and what runs afterwards.

use testbed::aws::{Device, FakeAws, Fault, Gate};
use testbed::{Home, Session};

use crate::{bash, home, processes, session};

/// A home whose `dev` has ended, with `aws` as a script that says how it was run; the user's device; their AWS.
struct Scene {
    home: Home,
    device: Device,
    aws: FakeAws,
}

fn ended() -> Scene {
    let aws = FakeAws::start();
    let taro = aws.user("taro");
    let device = taro.device("phone");
    let mut home = home();
    let long_term = |name: &str| {
        let key = taro.key().lines();
        format!("[{name}-long-term]\n{key}\naws_mfa_device = {}\n", device.serial())
    };
    let temporary =
        |name: &str| session(name, -3600).split_once(&format!("[{name}]")).map(|(_, keys)| format!("[{name}]{keys}"));
    let sections: Vec<String> =
        ["dev", "prod"].iter().flat_map(|n| [Some(long_term(n)), temporary(n)]).flatten().collect();
    home.credentials(sections.concat());
    home.config("[profile good]\nregion = eu-west-1\naws_access_key_id = AKIAGOOD\naws_secret_access_key = x\n");
    home.set("AWS_PROFILE", "dev").set("AWS_ENDPOINT_URL", aws.url()).set("AWS_REGION", "us-east-1");
    home.script("aws", "#!/bin/sh\necho \"ran $* as $AWS_PROFILE${AWSENV_ASK+ asking $AWSENV_ASK}\"\n");
    Scene { home, device, aws }
}

impl Scene {
    fn bash(&self, before: &str, after: &str) -> Option<Session> {
        bash(&self.home, before, after)
    }

    fn asked(&self) -> usize {
        self.aws.calls_of("GetSessionToken").len()
    }
}

/// How many questions stand in a text.
fn questions(text: &str) -> usize {
    text.matches("MFA code for ").count()
}

#[test]
fn an_ended_session_asks_once_and_the_command_runs() {
    let scene = ended();
    let Some(mut shell) = scene.bash("", "") else { return };
    shell.type_line("aws s3 ls | head -1");
    let question = shell.expect_question();
    let serial = scene.device.serial();
    assert_eq!(question, format!("MFA code for dev ({serial}), Enter to go on without, Ctrl-C to stop: "));
    let first = shell.answer(&scene.device.code()).prompt();
    assert!(first.text.ends_with("ran s3 ls as dev\n"), "{first:?}");
    assert!(["dev 12h00m ", "dev 11h59m "].contains(&first.segment.as_str()), "{first:?}");
    let second = shell.run("aws s3 ls");
    assert_eq!(second.text, "ran s3 ls as dev\n", "the next one asks nothing");
    assert_eq!(scene.asked(), 1);
}

#[test]
fn a_fresh_session_starts_the_command_and_nothing_else() {
    let mut scene = ended();
    scene.home.credentials(session("dev", 7200));
    scene.home.age();
    let Some(mut shell) = scene.bash("", "") else { return };
    let starts = processes(&mut shell, |shell| {
        assert_eq!(shell.run("aws s3 ls").text, "ran s3 ls as dev\n");
    });
    let Some(starts) = starts else { return };
    let runs = |what: &str| starts.iter().filter(|l| l.contains(what)).count();
    // One child, which becomes the script.
    assert_eq!((runs("clone"), runs("execve"), runs("fork")), (1, 1, 0), "{starts:#?}");
    scene.home.set("AWS_PROFILE", "good");
    let Some(mut shell) = scene.bash("", "") else { return };
    assert_eq!(shell.run("aws s3 ls").text, "ran s3 ls as good\n", "keys without an end");
}

#[test]
fn enter_runs_without_and_is_not_asked_again_on_that_line() {
    let scene = ended();
    let Some(mut shell) = scene.bash("", "") else { return };
    for line in [
        "aws one",
        "for i in 1 2 3; do aws $i; done",
        "for i in 1 2; do aws $i | cat; done",
        "aws a; (aws b); x=$(aws c); echo $x",
    ] {
        shell.type_line(line);
        shell.expect_question();
        let out = shell.answer("").prompt();
        assert_eq!(questions(&out.text), 0, "{line}: {out:?}");
        let ran = out.text.matches(" as dev asking never").count();
        let expected =
            line.matches("aws").count() + if line.contains("1 2 3") { 2 } else { usize::from(line.contains("for")) };
        assert_eq!(ran, expected, "{line}: {out:?}");
        assert_eq!(out.status, 0);
    }
    assert_eq!(scene.asked(), 0);
    assert_eq!(shell.run("env | grep AWSENV_ASK").text, "", "only for the command");
}

#[test]
fn ctrl_c_stops_everything_behind_it() {
    let scene = ended();
    let Some(mut shell) = scene.bash("f() { aws in-f; echo NO; }", "") else { return };
    for line in [
        "aws x",
        "aws x && echo NO",
        "aws x; echo NO",
        "aws x || echo NO",
        "aws x | cat; echo NO",
        "cat </dev/null | aws x; echo NO",
        "for i in 1 2 3; do aws $i; echo NO; done; echo NO",
        "for i in 1 2 3; do aws $i | cat; echo NO; done",
        "while :; do aws x; echo NO; done",
        "(aws x; echo NO); echo NO",
        "(aws x | cat; echo NO)",
        "( (aws x); echo NO )",
        "echo \"NO $(aws x)\"; echo NO",
        "v=$(aws x); echo NO",
        "f; echo NO",
        "f | cat; echo NO",
        "time aws x; echo NO",
        "! aws x && echo NO",
        "if aws x; then echo NO; else echo NO; fi",
        "{ aws x; echo NO; } 2>/dev/null",
        "eval 'aws x; echo NO'; echo NO",
    ] {
        shell.type_line(line);
        shell.expect_question();
        shell.terminal.mark().send(b"\x03");
        let out = shell.prompt();
        assert!(!out.text.contains("NO") && !out.text.contains("ran "), "{line}: {out:?}");
        assert_eq!(questions(&out.text), 0, "{line}: {out:?}");
        assert_ne!(out.status, 0, "{line}: {out:?}");
    }
    assert_eq!(
        shell.run("printf '%q %s\\n' \"$IFS\" \"$-\"; trap").text,
        "$' \\t\\n' himBHs\n",
        "the shell is as before"
    );
    assert_eq!(scene.asked(), 0);
}

/// With the user's own trap the line goes on; what depends on the command does not, and nothing asks again.
#[test]
fn ctrl_c_under_the_users_own_trap_protects_what_depends_on_it() {
    let scene = ended();
    let Some(mut shell) = scene.bash("trap 'echo trapped' INT", "") else { return };
    shell.type_line("aws x && echo NO; aws y; aws z && echo NO");
    shell.expect_question();
    shell.terminal.mark().send(b"\x03");
    let out = shell.prompt();
    assert!(out.text.contains("trapped") && !out.text.contains("NO") && !out.text.contains("ran "), "{out:?}");
    assert_eq!(questions(&out.text), 0);
    shell.type_line("aws x");
    shell.expect_question();
}

#[test]
fn the_profile_of_the_command_is_the_one_that_is_asked_for() {
    let scene = ended();
    let Some(mut shell) = scene.bash("", "") else { return };
    for line in ["AWS_PROFILE=prod aws x", "aws --profile prod x", "aws x --profile=prod", "aws x --prof prod"] {
        shell.type_line(line);
        let question = shell.expect_question();
        assert!(question.starts_with("MFA code for prod ("), "{line}: {question}");
        let out = shell.answer("").prompt();
        assert_eq!(out.text.matches("ran ").count(), 1, "{out:?}");
        assert_eq!(exported_profile(&mut shell), "dev");
    }
    assert_eq!(shell.run("AWS_PROFILE=good aws x").text, "ran x as good\n");
    assert_eq!(shell.run("aws --profile good x").text, "ran --profile good x as dev\n");
    assert_eq!(shell.run("export AWS_PROFILE=good; aws x").text, "ran x as good\n", "changed on the same line");
}

fn exported_profile(shell: &mut Session) -> String {
    shell.run("printenv AWS_PROFILE").text.trim_end().to_owned()
}

#[test]
fn time_and_command_lines_of_every_shape_are_guarded() {
    let scene = ended();
    scene.home.write("sourced", "aws from a file\n");
    let Some(mut shell) = scene.bash("alias a='aws'\nalias aws='aws --flag'\nf() { aws in f; }", "") else { return };
    for line in [
        "time aws x",
        "! aws x",
        "a x",
        "f",
        ". ./sourced",
        "eval aws x",
        "{ aws x; }",
        "x=1 aws x",
        "aws x >out; cat out",
        "aws x 2>&1",
    ] {
        shell.type_line(line);
        shell.expect_question();
        let out = shell.answer("").prompt();
        assert!(out.text.contains("ran "), "{line}: {out:?}");
    }
    for line in ["command aws x", "env aws x", "bash -c 'aws x'", "xargs aws x </dev/null"] {
        let out = shell.run(line);
        assert!(out.text.contains("ran ") && questions(&out.text) == 0, "{line}: {out:?}");
    }
}

#[test]
fn background_and_no_terminal_are_never_asked() {
    let scene = ended();
    let Some(mut shell) = scene.bash("", "") else { return };
    let out = shell.run("aws x & wait");
    assert!(out.text.contains("ran x as dev"), "{out:?}");
    assert_eq!(questions(&out.text), 0);
    let out = shell.run("setsid --wait bash -ic 'aws x' </dev/null 2>/dev/null | cat");
    assert!(out.text.contains("ran x as dev"), "{out:?}");
    assert_eq!(questions(&out.text), 0);
    for line in ["aws sso login", "aws configure list-profiles", "aws help", "aws --version"] {
        let out = shell.run(line);
        assert!(out.text.contains("ran ") && questions(&out.text) == 0, "{line}: {out:?}");
    }
}

/// What the shell calls by itself is no typed command.
#[test]
fn hooks_prompts_rc_files_and_completion_are_never_asked() {
    let scene = ended();
    let hooks = [
        ("aws in-rc >rc-ran", ""),
        ("PROMPT_COMMAND='aws in-hook >hook-ran'", ""),
        ("PROMPT_COMMAND=('aws in-array >hook-ran')", ""),
        ("", "PROMPT_COMMAND='aws in-front >hook-ran;'\"$PROMPT_COMMAND\""),
        ("", "PROMPT_COMMAND+=('aws behind >hook-ran')"),
        ("PS1='$(aws in-ps1 >ps1-ran)'$PS1", ""),
        (
            "starship_precmd() { \"${starship_precmd_user_func-:}\"; PS1=\"@$((n+=1)):0>\"; }\nstarship_precmd_user_func=mine; \
          mine() { aws mine >hook-ran; }; PROMPT_COMMAND=starship_precmd",
            "",
        ),
        ("comp() { aws in-completion >comp-ran; COMPREPLY=(found); }; complete -F comp thing", ""),
        ("bind -x '\"\\C-t\": aws in-key >key-ran'", ""),
        ("trap 'aws in-trap >trap-ran' USR1", ""),
    ];
    for (before, after) in hooks {
        let Some(mut shell) = scene.bash(before, after) else { return };
        // Twice: some of them put themselves in front, which is seen at the next prompt.
        shell.run("true");
        shell.run("true");
        if before.contains("comp()") {
            shell.terminal.mark().send("thing \t").expect("thing found");
            shell.terminal.send(b"\x15");
        }
        if before.contains("bind") {
            shell.terminal.send(b"\x14");
        }
        if before.contains("USR1") {
            let pid = rustix::process::Pid::from_raw(shell.terminal.pid() as i32).expect("a pid is not 0");
            rustix::process::kill_process(pid, rustix::process::Signal::USR1).expect("the shell is there");
            shell.run("");
            assert!(scene.home.path().join("trap-ran").exists());
        }
        let out = shell.run("echo next");
        assert!(out.text.ends_with("next\n"), "{before}{after}: {out:?}");
        let raw = String::from_utf8_lossy(&shell.terminal.raw()).into_owned();
        assert_eq!(questions(&raw), 0, "{before}{after}: {raw:?}");
        shell.type_line("aws typed");
        shell.expect_question();
    }
}

#[test]
fn a_hook_put_in_front_on_a_typed_line_is_not_asked_either() {
    let scene = ended();
    let Some(mut shell) = scene.bash("", "") else { return };
    for line in ["PROMPT_COMMAND=\"aws front >ran; $PROMPT_COMMAND\"", "PROMPT_COMMAND='aws alone >ran'"] {
        assert_eq!(questions(&shell.run(line).text), 0, "{line}");
        assert_eq!(shell.run("cat ran; true").text.matches("ran ").count(), 1);
    }
    shell.run("awsenv --version");
    shell.type_line("aws x");
    shell.expect_question();
}

#[test]
fn ps0_may_end_in_a_backslash_or_come_later() {
    let scene = ended();
    let Some(mut shell) = scene.bash("PS0='\\'", "") else { return };
    shell.type_line("aws x");
    shell.expect_question();
    shell.answer("").prompt();
    shell.run("PS0='[mine]'");
    assert_eq!(shell.run("echo").text, "[mine]\n");
    shell.type_line("aws x");
    shell.expect_question();
    shell.answer("").prompt();
    shell.run("set -u");
    shell.type_line("aws x");
    shell.expect_question();
}

#[test]
fn a_users_own_function_alias_and_missing_commands_stay() {
    let mut scene = ended();
    scene.home.set("AWS_PROFILE", "good");
    scene.home.script("terraform", "#!/bin/sh\necho terraform\n");
    let own = "aws() { echo my own; }";
    for (before, after) in [(own, ""), ("", own)] {
        let Some(mut shell) = scene.bash(before, after) else { return };
        assert_eq!(shell.run("aws x").text, "my own\n");
        assert_eq!(shell.run("type -t terraform sam").text, "function\n", "only what PATH knows");
        shell.run("mkdir -p more; printf '#!/bin/sh\\necho sam' >more/sam; chmod +x more/sam; PATH=$PWD/more:$PATH");
        assert_eq!(shell.run("type -t sam").text, "function\n", "PATH has changed");
        shell.run("PATH=${PATH#*:}");
        assert_eq!(shell.run("type -t sam").text, "");
        assert_eq!(shell.run("awsenv off; aws x").text, "my own\n");
    }
}

#[test]
fn there_is_no_guard_where_it_is_not_wanted_or_cannot_be() {
    let scene = ended();
    for (before, after) in
        [("set -o posix", ""), ("shopt -u promptvars; PROMPT_COMMAND='s=$?; PS1=\"@$((n+=1)):$s>\"'", "")]
    {
        let Some(mut shell) = scene.bash(before, after) else { return };
        assert_eq!(shell.run("aws x").text, "ran x as dev\n", "{before}");
    }
    let rc = r#"eval "$(awsenv init bash --no-guard)""#;
    let Some(mut shell) = Session::start(testbed::Shell::Bash, &scene.home, rc) else { return };
    assert_eq!(shell.run("type -t aws").text, "file\n");
}

#[test]
fn status_arguments_and_input_pass_through() {
    let mut scene = ended();
    scene.home.set("AWS_PROFILE", "good");
    let script = "#!/bin/sh\nfor a; do echo \"<$a>\"; done\ncat\nexit 42\n";
    scene.home.script("aws", script);
    let Some(mut shell) = scene.bash("", "") else { return };
    let out = shell.run("echo input | aws 'a b' '' '*' \"\\$x\"");
    assert_eq!((out.text.as_str(), out.status), ("<a b>\n<>\n<*>\n<$x>\ninput\n", 42));
    shell.run("aws last </dev/null");
    assert_eq!(shell.run("echo $_").text, "last\n");
    shell.run("false | aws x </dev/null | cat >/dev/null");
    assert_eq!(shell.run("echo ${PIPESTATUS[@]}").text, "1 42 0\n");
}

/// A profile that no SDK can serve by itself: this one command runs through its sibling, the shell keeps what was typed.
#[test]
fn a_profile_set_by_hand_runs_through_its_sibling_for_one_command() {
    let mut scene = ended();
    let taro = scene.aws.user("jiro");
    let device = taro.device("tablet");
    let key = taro.key().lines();
    scene.home.credentials(format!("[plain]\n{key}\n"));
    scene.home.config(format!("[profile plain]\nregion = us-east-1\nmfa_serial = {}\n", device.serial()));
    scene.home.settings("[mfa]\nsession_profiles = yes\n");
    scene.home.set("AWS_PROFILE", "plain");
    let Some(mut shell) = scene.bash("", "") else { return };
    shell.type_line("aws x | cat; aws y");
    assert!(shell.expect_question().starts_with("MFA code for plain ("));
    let out = shell.answer(&device.code()).prompt();
    assert!(out.text.contains("ran x as plain-session") && out.text.ends_with("ran y as plain-session\n"), "{out:?}");
    assert_eq!(exported_profile(&mut shell), "plain");
}

#[test]
fn ctrl_c_while_aws_does_not_answer_stops_the_line() {
    let scene = ended();
    let gate = Gate::new();
    scene.aws.fault(Fault::Hold(gate.clone()), 1);
    let Some(mut shell) = scene.bash("", "") else { return };
    shell.type_line("aws x; echo NO");
    shell.expect_question();
    shell.answer(&scene.device.code());
    gate.wait_arrived(1);
    shell.terminal.send(b"\x03");
    let out = shell.prompt();
    assert!(!out.text.contains("NO") && !out.text.contains("ran "), "{out:?}");
    assert_eq!(shell.run("echo alive").text, "alive\n");
    gate.open();
}

#[test]
fn whatever_separates_words_in_this_shell_the_guard_asks() {
    for ifs in [r"$'\n'", ":", "''", "0", ":0123"] {
        let scene = ended();
        let Some(mut shell) = scene.bash(&format!("IFS={ifs}"), "") else { return };
        shell.type_line("aws s3 ls").expect_question();
        shell.terminal.send(b"\r");
        shell.prompt();
        // What makes the guard be looked at again.
        shell.run("PATH=$PATH:/opt");
        shell.type_line("aws s3 ls").expect_question();
        shell.terminal.send(b"\r");
        shell.prompt();
    }
}

#[test]
fn options_that_were_away_for_a_while_leave_the_guard_as_it_was() {
    let scene = ended();
    scene.home.age();
    let Some(mut shell) = scene.bash("", "") else { return };
    // promptvars gone, the files read anew meanwhile, and back: PS1 is the test's own mark, so all on two lines.
    shell.run("shopt -u promptvars; touch -d '1 minute ago' ~/.aws/config; PS1='@100:0>'");
    shell.run("shopt -s promptvars; PS1='@$((AT_PROMPT+=1)):$?>'; AT_PROMPT=200");
    shell.run("true");
    shell.type_line("aws s3 ls").expect_question();
    shell.terminal.send(b"\r");
    shell.prompt();
}

/// `set -a` puts even functions into the environment of a shell below.
#[test]
fn a_shell_below_one_that_exports_everything_has_a_guard_of_its_own() {
    let scene = ended();
    let Some(mut shell) = scene.bash("set -a", "") else { return };
    shell.run("true");
    shell.terminal.mark();
    shell.terminal.line("bash --noprofile -i").expect("@1:");
    shell.terminal.mark().line("aws s3 ls").expect("MFA code for dev").send(b"\r").expect("ran s3 ls");
    shell.terminal.mark().line("set -u; awsenv use good; echo \"now $AWS_PROFILE\"").expect("now good");
}
