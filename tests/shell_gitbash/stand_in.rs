//! bash's side of the dialogue, with a script in the place of the program: what it may print, and what bash makes of it. Runs
//! wherever bash does.

use testbed::{Home, Session, Shell};

/// The lines of the hook that only a program for Windows prints.
fn only_on_windows() -> String {
    let hook =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/shell/bash.sh")).expect("the hook is there");
    let parts = hook.split("# ==== only with a program for Windows ====\n").skip(1);
    parts.map(|part| part.split_once("# ==== with any program ====\n").expect("each has its end").0).collect()
}

/// A bash that takes itself for MSYS2's, whose program does what `script` says for `guard` and `refresh`, and writes down what
/// it is told.
fn bash(script: &str) -> Option<(Home, Session)> {
    let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    home.config("[profile dev]\nmfa_serial = phone\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
    home.set("OSTYPE", "msys").set("AWS_PROFILE", "dev");
    home.write("hook.sh", only_on_windows());
    let program = home.script(
        "stand-in",
        &format!(
            "#!/bin/bash\ncase $1 in hook | init | names | completions) exec '{}' \"$@\" ;; esac\n\
             printf '%s\\n' \"$1 answers=$AWSENV_ANSWERS converts=${{MSYS2_ARG_CONV_EXCL-yes}}${{AWSENV_ARG_CONV_EXCL:+, own $AWSENV_ARG_CONV_EXCL}}\" >>'{1}/told'\n\
             ask() {{ printf '\\001%s\\n' \"$1\"; }}\nhear() {{ IFS= read -r heard; echo \"$heard\" >>'{1}/told'; }}\n{script}\n",
            env!("CARGO_BIN_EXE_awsenv"),
            home.path().display(),
        ),
    );
    home.script(
        "aws",
        "#!/bin/sh\necho \"ran $* as $AWS_PROFILE${AWSENV_ANSWERS-}${AWSENV_ARG_CONV_EXCL-}${MSYS2_ARG_CONV_EXCL-}\"\n",
    );
    let rc = format!("{}\n. ~/hook.sh\n__awsenv_bin='{}'", Shell::Bash.hook(), program.display());
    let session = Session::start(Shell::Bash, &home, &rc)?;
    Some((home, session))
}

/// What the program was told, and its shell's process id as `PID`.
fn told(home: &Home, shell: &Session) -> Vec<String> {
    home.text("told").lines().map(|l| l.replace(&shell.terminal.pid().to_string(), "PID")).collect()
}

fn question(shell: &mut Session, text: &str) {
    shell.terminal.find("the question", |seen| seen.ends_with(text).then_some(()));
}

#[test]
fn questions_go_to_the_terminal_and_everything_else_on() {
    let script = r#"ask '!before it'; ask '?1 First? '; hear; ask '?2 a $(x) `x` \n %s * ~: '; hear
        printf '?3 no question\n \001?4 none\n%s\n' '*'; echo 'to stderr' >&2; printf end; exit 5"#;
    let Some((home, mut shell)) = bash(script) else { return };
    shell.type_line("awsenv refresh >out; echo status $?");
    question(&mut shell, "before it\nFirst? ");
    shell.answer("one \\t $x 'two'");
    question(&mut shell, "a $(x) `x` \\n %s * ~: ");
    let done = shell.answer("").prompt();
    assert_eq!(done.text, "to stderr\nstatus 5\n");
    assert_eq!(home.read("out"), b"?3 no question\n \x01?4 none\n*\nend");
    assert_eq!(told(&home, &shell), ["refresh answers=1 PID converts=*", "1=one \\t $x 'two'", "2="]);
}

#[test]
fn the_guards_answer_is_what_the_hook_evaluates() {
    let script = "ask '?1 Code? '; hear; case $heard in *^) exit 130 ;; esac; echo '__awsenv_run_profile=other'";
    let Some((home, mut shell)) = bash(script) else { return };
    shell.type_line("aws s3 ls --name /aws/x | head -1");
    question(&mut shell, "Code? ");
    assert_eq!(shell.answer("123456").prompt().text, "ran s3 ls --name /aws/x as other\n");
    shell.type_line("aws a; echo NO");
    question(&mut shell, "Code? ");
    shell.terminal.mark().send("\x04");
    let stopped = shell.prompt();
    assert!(stopped.status == 130 && !stopped.text.contains("NO"), "{stopped:?}");
    let expected =
        ["guard answers=1 PID converts=*", "1=123456", "guard answers=1 PID converts=*", "1^"].map(str::to_owned);
    assert_eq!(told(&home, &shell), expected);
}

#[test]
fn a_secret_is_not_shown() {
    let Some((home, mut shell)) = bash("ask '*1 Secret: '; hear; exit 0") else { return };
    shell.type_line("awsenv refresh");
    question(&mut shell, "Secret: ");
    shell.terminal.send("hun\x7fnter2\r");
    assert_eq!(shell.prompt().text, "Secret: \n");
    assert_eq!(told(&home, &shell)[1], "1=hunter2");
    assert!(!shell.terminal.everything().contains("nter2"));
}

#[test]
fn a_question_that_is_taken_back_leaves_the_terminal_and_the_keys_alone() {
    let script = "ask '?1 Code? '; until [[ -e go ]]; do sleep 0.1; done; ask /1; hear; echo taken >&2; exit 0";
    let Some((home, mut shell)) = bash(script) else { return };
    let modes = shell.run("stty -g").text;
    shell.type_line("awsenv refresh");
    question(&mut shell, "Code? ");
    home.write("go", "");
    let done = shell.prompt();
    assert_eq!(done.text, "Code? \ntaken\n");
    assert_eq!(shell.run("echo mine").text, "mine\n", "nobody else reads");
    assert_eq!(shell.run("stty -g").text, modes);
    assert_eq!(told(&home, &shell)[1], "1^");
}

/// Whoever waits for the answer is still being started.
#[test]
fn a_question_that_is_taken_back_at_once_ends_each_time() {
    let Some((home, mut shell)) = bash("printf '\\001?1 Code? \\n\\001/1\\n'; hear; exit 0") else { return };
    let modes = shell.run("stty -g").text;
    let done = shell.run("for i in {1..100}; do awsenv refresh; done");
    assert_eq!((done.text, done.status), ("Code? \n".repeat(100), 0));
    assert_eq!((shell.run("echo mine").text, shell.run("stty -g").text), ("mine\n".into(), modes));
    let told = told(&home, &shell);
    assert_eq!(told.iter().filter(|line| *line == "1^").count(), 100, "{told:?}");
}

/// As one does that has not come so far yet, or was told to by whoever started the shell.
#[test]
fn a_reader_that_ignores_signals_is_ended_too() {
    let script = "ask '?1 Code? '; until [[ -e go ]]; do sleep 0.1; done; ask /1; hear; exit 0";
    let Some((home, mut shell)) = bash(script) else { return };
    home.script("dd", "#!/bin/sh\ntrap '' TERM INT HUP\nexec /bin/dd \"$@\"\n");
    shell.type_line("awsenv refresh");
    question(&mut shell, "Code? ");
    home.write("go", "");
    assert_eq!(shell.prompt().text, "Code? \n");
    assert_eq!(shell.run("echo mine").text, "mine\n", "nobody else reads");
    assert_eq!(told(&home, &shell)[1], "1^");
}

#[test]
fn a_program_that_dies_at_its_question_leaves_nothing_behind() {
    let Some((home, mut shell)) = bash("ask '?1 Code? '; until [[ -e go ]]; do sleep 0.1; done; kill -KILL $$") else {
        return;
    };
    let modes = shell.run("stty -g").text;
    shell.type_line("awsenv refresh");
    question(&mut shell, "Code? ");
    home.write("go", "");
    assert_eq!(shell.prompt().status, 137);
    assert_eq!((shell.run("echo mine").text, shell.run("stty -g").text), ("mine\n".into(), modes));
}

#[test]
fn what_exec_runs_sees_words_and_variables_as_without_us() {
    let Some((home, mut shell)) = bash("echo \"$*\"; exit 3") else { return };
    let ran = shell.run("awsenv exec dev -- aws /x");
    assert_eq!((ran.text.as_str(), ran.status), ("exec dev -- aws /x\n", 3));
    assert_eq!(shell.run("awsenv list").text, "list\n");
    assert_eq!(told(&home, &shell), ["exec answers= converts=yes", "list answers= converts=*"]);
}

/// So that the program can give it back to what it starts.
#[test]
fn the_persons_own_rule_for_words_is_handed_on() {
    let Some((home, mut shell)) = bash("exit 0") else { return };
    shell.run("export MSYS2_ARG_CONV_EXCL=/own");
    shell.run("awsenv refresh; awsenv list; awsenv exec dev");
    assert_eq!(shell.run("echo $MSYS2_ARG_CONV_EXCL ${AWSENV_ARG_CONV_EXCL-none}").text, "/own none\n");
    let expected = [
        "refresh answers=1 PID converts=*, own /own",
        "list answers= converts=*, own /own",
        "exec answers= converts=/own",
    ];
    assert_eq!(told(&home, &shell), expected);
}

#[test]
fn a_coprocess_of_the_persons_own_is_left_alone() {
    let Some((_home, mut shell)) = bash("ask '?1 Code? '; hear; exit 0") else { return };
    shell.run("coproc MINE { cat; }");
    shell.type_line("awsenv refresh");
    question(&mut shell, "Code? ");
    assert_eq!(shell.answer("x").prompt().text, "");
    assert_eq!(shell.run("echo still >&${MINE[1]}; read -r x <&${MINE[0]}; echo $x").text, "still\n");
}

/// Where a shell of Linux loads these lines after all, nothing is different.
#[test]
fn only_below_msys2_and_cygwin() {
    let Some((home, mut shell)) = bash("exit 4") else { return };
    assert_eq!(shell.run("OSTYPE=linux-gnu; eval \"$(awsenv init bash)\"; . ~/hook.sh").status, 0);
    shell.run(&format!("__awsenv_bin='{}'", home.outside().join("bin/stand-in").display()));
    assert_eq!(shell.run("awsenv refresh").status, 4);
    assert_eq!(told(&home, &shell), ["refresh answers= converts=yes"]);
}

/// `/proc/PID/winpid` is where Cygwin says it; a path through `..` leads to one of the test's.
#[test]
fn the_process_id_is_windows_own_where_it_is_known() {
    let Some((home, mut shell)) = bash("") else { return };
    home.write("crlf/winpid", "4242\r\n").write("hostile/winpid", "a[$(touch ~/ran)]\n");
    shell.run("__awsenv_more");
    let mut found = |folder: &str| {
        shell.run(&format!("__awsenv_find_pid \"..$HOME/{folder}\"; echo \"${{__awsenv_pid##*/}}\"")).text
    };
    assert_eq!(found("crlf"), "4242\n");
    assert_eq!((found("hostile"), found("none")), ("hostile\n".into(), "none\n".into()), "else as bash knows it");
    assert!(!home.path().join("ran").exists());
}
