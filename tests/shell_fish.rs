//! fish as a person uses it: prompt, guard, `use` and `leave`, on a real terminal with the real binary.

#![cfg(unix)]

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use awsenv::shell::Shell as Language;
use proptest::prelude::*;
use testbed::aws::{Device, FakeAws, Key, User};
use testbed::{Home, Session, Shell};

const HOOK: &str = "awsenv init fish | source";

/// A home with the profile `dev` in the layout of aws-mfa, an AWS that checks its codes, and an `aws` that says how it
/// was called.
struct World {
    home: Home,
    aws: FakeAws,
    user: User,
    key: Key,
    device: Device,
}

impl World {
    fn new() -> World {
        Self::named("home")
    }

    fn named(home: &str) -> World {
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let mut home = Home::named(env!("CARGO_BIN_EXE_awsenv"), home);
        home.set("AWS_ENDPOINT_URL", aws.url());
        home.script("aws", "#!/bin/sh\necho \"aws ran: $* profile=$AWS_PROFILE ask=$AWSENV_ASK\"\n");
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n[profile keys]\n");
        World { home, aws, user, key, device }
    }

    /// dev's session ends so many seconds from now.
    fn session_ends_in(&self, seconds: i64) -> &Self {
        let session = self.user.session(seconds);
        let mut text = String::new();
        for profile in ["dev", "prod"] {
            text += &format!(
                "[{profile}-long-term]\n{}aws_mfa_device = {}\n[{profile}]\naws_access_key_id = {}\n\
                 aws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
                self.key.lines(),
                self.device.serial(),
                session.access_key_id,
                session.secret_access_key,
                session.session_token,
                session.expiration_as_aws_mfa(),
            );
        }
        self.home.credentials(text + "[keys]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
        self
    }

    fn fish(&self, rc: &str) -> Option<Session> {
        Session::start(Shell::Fish, &self.home, rc)
    }

    /// fish with the hook and dev in force.
    fn dev(&self) -> Option<Session> {
        self.fish(&format!("set -gx AWS_PROFILE dev\n{HOOK}"))
    }

    /// What fish prints when it runs this without a terminal.
    fn batch(&self, script: &str) -> Option<(Vec<u8>, String)> {
        let fish = testbed::require("fish")?;
        let file = self.home.path().join("batch.fish");
        std::fs::write(&file, script).expect("the home can be written");
        let out = self.home.command(fish).arg("--no-config").arg(&file).output().expect("fish runs");
        Some((out.stdout, String::from_utf8_lossy(&out.stderr).into_owned()))
    }
}

fn stamps(home: &Home) -> Vec<PathBuf> {
    let folder = home.path().join(".local/state/awsenv");
    let entries = std::fs::read_dir(folder).expect("the hook has made the state folder");
    let paths = entries.map(|e| e.expect("the folder can be read").path());
    paths.filter(|p| p.file_name().is_some_and(|n| n.as_bytes().starts_with(b"stamp-"))).collect()
}

// ---- The text of the hook ----

#[test]
fn what_init_prints_is_clean_fish() {
    let world = World::named("it's a home");
    let text = world.home.awsenv(&["init", "fish"]).output().expect("awsenv runs").stdout;
    let file = world.home.path().join("hook.fish");
    std::fs::write(&file, &text).expect("the home can be written");
    for (program, args) in [("fish", &["--no-execute"][..]), ("fish_indent", &["--check"][..])] {
        let Some(path) = testbed::require(program) else { return };
        let file = if program == "fish" {
            file.clone()
        } else {
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/shell/fish.fish"))
        };
        let out = world.home.command(path).args(args).arg(file).output().expect("it runs");
        assert!(out.status.success() && out.stderr.is_empty(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
    }
    assert!(!text.contains(&b'\r'));
}

#[test]
fn loading_is_silent_also_where_nobody_types() {
    let world = World::new();
    let Some((out, err)) = world.batch(&format!("{HOOK}\n{HOOK}\nstatus is-interactive; or echo fine")) else { return };
    assert_eq!((String::from_utf8_lossy(&out).as_ref(), err.as_str()), ("fine\n", ""));

    let Some(fish) = testbed::require("fish") else { return };
    let probe = |rc: &str| {
        world.home.write(".config/fish/config.fish", rc);
        let out = world.home.command(&fish).args(["-ilc", "env"]).output().expect("fish runs");
        let mut lines: Vec<_> = out.stdout.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        lines.sort();
        (lines, String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (plain, hooked) = (probe(""), probe(HOOK));
    assert_eq!(plain, hooked, "`fish -ilc env`, as editors start it, sees no difference");
}

// ---- The prompt ----

#[test]
fn the_segment_shows_profile_and_time_left() {
    let world = World::new();
    world.session_ends_in(12 * 3600 - 30);
    let Some(mut fish) = world.fish(HOOK) else { return };
    assert_eq!(fish.run("true").segment, "", "no profile is chosen");
    assert_eq!(fish.run("env | grep -E '^AWS(ENV)?_(PROMPT|NAMES|SESSION)'").text, "");
    assert_eq!(fish.run("set -gx AWS_PROFILE dev").segment, "dev 11h59m ");
    assert_eq!(fish.run("env | grep ^AWSENV_PROMPT").text, "AWSENV_PROMPT=dev 11h59m\n");
    assert!(fish.run("env | grep ^AWS_SESSION").text.ends_with("Z\n"), "as starship reads it");

    world.session_ends_in(3600 + 5 * 60 + 20);
    assert_eq!(fish.run("true").segment, "dev 1h05m ");
    world.session_ends_in(59 * 60 + 30);
    assert_eq!(fish.run("true").segment, "dev 59m ");
    world.session_ends_in(50);
    assert_eq!(fish.run("true").segment, "dev <1m ");
    world.session_ends_in(-100);
    assert_eq!(fish.run("true").segment, "dev expired ");
    std::fs::remove_file(world.home.path().join(".aws/credentials")).expect("it is there");
    let gone = fish.run("true").segment;
    assert!(!gone.contains("expired"), "the file is gone: {gone:?}");
    world.session_ends_in(7200 - 5);
    assert_eq!(fish.run("set -gx AWS_PROFILE keys").segment, "keys ", "keys without an end have no time");
    assert_eq!(fish.run("set -e AWS_PROFILE").segment, "");
    assert_eq!(fish.run("env | grep -E '^AWS(ENV_(PROMPT|NAMES)|_SESSION)'").text, "", "as without awsenv");
}

#[test]
fn the_end_is_noticed_without_any_file_changing() {
    let world = World::new();
    world.session_ends_in(4);
    let Some(mut fish) = world.dev() else { return };
    let started = std::time::Instant::now();
    while fish.run("true").segment != "dev expired " {
        assert!(started.elapsed() < testbed::pty::DEADLINE, "the prompt never said expired");
    }
}

#[test]
fn status_and_pipestatus_are_the_persons() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let rc = format!(
        "set -gx AWS_PROFILE dev\n{HOOK}\nfunction fish_prompt; echo -n \"@$at_prompt:$pipestatus[-1]>\"; set -g saw $status; end"
    );
    let Some(mut fish) = world.fish(&rc) else { return };
    assert_eq!(fish.run("false").status, 1);
    assert_eq!(fish.run("true | sh -c 'exit 7'").status, 7);
    assert_eq!(fish.run("sh -c 'exit 9' | true; echo $pipestatus").text, "9 0\n");
    fish.run("sh -c 'exit 42'");
    assert_eq!(fish.run("echo $status").text, "42\n");
    fish.run("sh -c 'exit 3' | true");
    assert_eq!(fish.run("echo $pipestatus").text, "3 0\n");
}

#[test]
fn prompts_that_others_wrap_and_unwrap_keep_the_segment() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    // What virtualenv's activate.fish and conda's hook do.
    let activate = "functions -c fish_prompt _old_fish_prompt; function fish_prompt; set -l s $status; echo -n '(venv) '; \
                    true; _old_fish_prompt; end";
    let deactivate =
        "functions -e fish_prompt; functions -c _old_fish_prompt fish_prompt; functions -e _old_fish_prompt";
    for before in [false, true] {
        let first = if before { activate } else { "" };
        let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE dev\n{first}\n{HOOK}")) else { return };
        if !before {
            assert_eq!(fish.run("true").segment, "dev 1h59m ");
            fish.run(activate);
        }
        assert_eq!(fish.run("true").segment, "dev 1h59m (venv) ");
        fish.run(deactivate);
        assert_eq!(fish.run("true").segment, "dev 1h59m ");
        fish.run("function fish_mode_prompt; echo -n '[mode] '; end");
        fish.run("true");
        assert_eq!(fish.run("true").segment, "dev 1h59m [mode] ");
        fish.run("functions -e fish_mode_prompt");
        fish.run("true");
        assert_eq!(fish.run("true").segment, "dev 1h59m ");
        fish.run("awsenv off");
        assert_eq!(fish.run("true").segment, "");
    }
}

#[test]
fn loading_twice_doubles_nothing_and_off_leaves_nothing() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.fish("") else { return };
    let names = "functions -a -n; set -n; complete | string match '*awsenv*'";
    fish.run("set -gx AWS_PROFILE dev; fish_mode_prompt; functions -q aws");
    let before = fish.run(names).text;
    fish.run(HOOK);
    fish.run("true");
    fish.run(HOOK);
    assert_eq!(fish.run("true").segment, "dev 1h59m ");
    assert_eq!(fish.run("echo (functions -a -n | string match 'fish_mode_prompt' | count)").text, "1\n");
    fish.run("awsenv off");
    assert_eq!(fish.run("true").segment, "");
    let mut after = fish.run(names).text;
    if after.contains("__fish_") {
        // Functions that fish loads by itself when they are first wanted.
        after = after
            .lines()
            .filter(|l| before.lines().any(|b| b == *l) || l.contains("awsenv"))
            .fold(String::new(), |t, l| t + l + "\n");
    }
    assert_eq!(after, before);
}

#[test]
fn a_home_with_a_space_and_an_apostrophe() {
    let world = World::named("it's a home");
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    assert_eq!(fish.run("true").segment, "dev 1h59m ");
    assert!(fish.run("awsenv --version").text.starts_with("awsenv "));
    world.session_ends_in(-5);
    assert_eq!(fish.run("true").segment, "dev expired ");
}

#[test]
fn other_tools_show_the_variable_themselves() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    for tool in ["function enable_transience; end; functions -e fish_mode_prompt", "function set_poshcontext; end"] {
        let prompt = "function fish_prompt; echo -n \"<$AWSENV_PROMPT> @$at_prompt:$status>\"; end";
        let Some(mut fish) = world.fish(&format!("{HOOK}\n{tool}\n{prompt}")) else { return };
        assert_eq!(fish.run("set -gx AWS_PROFILE dev").segment, "<dev 1h59m> ", "fresh before the tool renders");
    }
    let Some(mut fish) = world.fish("awsenv init fish --no-prompt | source") else { return };
    assert_eq!(fish.run("set -gx AWS_PROFILE dev").segment, "");
    assert_eq!(fish.run("echo $AWSENV_PROMPT").text, "dev 1h59m\n");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    let shown = |world: &World| {
        let fish = world.dev()?;
        Some(String::from_utf8_lossy(&fish.terminal.raw()).contains("mdev 1h59m"))
    };
    let Some(coloured) = shown(&world) else { return };
    assert!(coloured, "a colour stands in front of the segment");
    world.home.set("NO_COLOR", "1");
    assert_eq!(shown(&world), Some(false));
    world.home.unset("NO_COLOR").set("TERM", "dumb");
    assert_eq!(shown(&world), Some(false));
}

#[test]
fn read_shows_its_own_prompt_only() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    fish.type_line("read -P 'Name: ' name; echo got $name").terminal.expect("Name: ");
    fish.terminal.line("taro");
    let after = fish.prompt();
    assert!(after.text.contains("got taro") && !after.text.contains("1h59m"), "{after:?}");
}

// ---- Nothing is started ----

/// The programs that were started while `act` ran, and whether any process was made.
fn started(world: &World, rc: &str, act: impl FnOnce(&mut Session)) -> Option<(Vec<String>, usize)> {
    let (strace, fish) = (testbed::require("strace")?, testbed::require("fish")?);
    let log = world.home.outside().join("strace");
    let (strace, fish, file) = (strace.display(), fish.display(), log.display());
    let program = format!("#!/bin/sh\nexec {strace} -f -s 200 -e trace=process -o '{file}' {fish} \"$@\"\n");
    let program = world.home.script("traced-fish", &program);
    let mut session = Session::start_program(Shell::Fish, &program, &world.home, rc);
    // The stamp lies a second back while its file's second lasts; from then on counts.
    let begun = std::time::Instant::now();
    while begun.elapsed() < std::time::Duration::from_millis(1200) {
        session.run("true");
    }
    let read = || std::fs::read_to_string(&log).expect("strace writes");
    let before = read().len();
    act(&mut session);
    let text = read()[before..].to_owned();
    let programs = text.lines().filter(|l| l.contains("execve(")).map(str::to_owned).collect();
    // Threads are not processes: fish reads history and directories in some.
    let processes =
        text.lines().filter(|l| l.contains("fork(") || (l.contains("clone") && !l.contains("CLONE_THREAD")));
    Some((programs, processes.count()))
}

#[test]
fn ten_prompts_start_nothing() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let rc = format!("set -gx AWS_PROFILE dev\n{HOOK}");
    let Some((programs, processes)) = started(&world, &rc, |fish| {
        for _ in 0..10 {
            assert_eq!(fish.run("true").segment, "dev 1h59m ");
        }
    }) else {
        return;
    };
    assert_eq!((programs, processes), (vec![], 0));
}

// ---- Stamps that are not ours to trust ----

#[test]
fn a_hostile_stamp_runs_nothing_and_shows_nothing() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    let mark = world.home.path().join("X");
    let run = format!("(touch {})", mark.display());
    let big = "a".repeat(1_000_000);
    let lines: Vec<Vec<u8>> = vec![
        format!("1 {run} valid 60 - dev").into(),
        format!("1 a[${run}] valid 60 - dev").into(),
        format!("1 5 valid ${run} - dev").into(),
        format!("1 5 valid 60 {run} dev").into(),
        format!("1 5 {run} 60 - dev").into(),
        b"1 5 valid 60 - \x1b]0;owned\x07dev \t".to_vec(),
        b"1 5 valid 60 - a\x9bb\t".to_vec(),
        "1 5 valid 60 - a\u{202e}b\t".into(),
        b"1 5 valid \060 - a\t".to_vec(),
        b"1 5 valid 60 - a\tb\tc".to_vec(),
        b"1 08 valid 60 - dev".to_vec(),
        b"1 99999999999999999999 valid 60 - dev".to_vec(),
        b"2 5 valid 60 - dev \t".to_vec(),
        b"1 -5 valid 60 - dev \t".to_vec(),
        format!("1 5 valid 60 - {big}").into(),
        big.clone().into(),
        b"\n1 5 valid 60 - dev".to_vec(),
        b"( ! -n -o".to_vec(),
        vec![],
    ];
    let [stamp] = stamps(&world.home).try_into().expect("one profile, one stamp");
    for line in lines {
        std::fs::write(&stamp, &line).expect("the stamp is ours");
        let shown = line.escape_ascii().to_string();
        let shown = &shown[..shown.len().min(80)];
        let after = fish.run("echo ok");
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("ok\n", ""), "{shown}");
        let raw = fish.terminal.raw();
        assert!(!raw.windows(5).any(|w| w == b"owned") && !raw.contains(&0x9b), "{shown}");
        assert!(!mark.exists(), "{shown}");
    }
    // Executed text in a label is text.
    std::fs::write(&stamp, format!("1 0 permanent 60 - {run} $HOME %s \\x41 \t\n")).expect("the stamp is ours");
    assert_eq!(fish.run("true").segment, format!("{run} $HOME %s \\x41 "));
    assert!(!mark.exists());
    // A pipe in its place is not read, and the binary makes a stamp again.
    std::fs::remove_file(&stamp).expect("the stamp is ours");
    assert!(std::process::Command::new("mkfifo").arg(&stamp).status().expect("mkfifo runs").success());
    assert_eq!(fish.run("true").segment, "dev 1h59m ");
}

#[test]
fn hostile_inherited_variables_run_nothing() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    let mark = world.home.path().join("X");
    let values = [
        format!("a[$(touch {0})](touch {0})", mark.display()),
        "\x1b]0;owned\x07\n(".into(),
        "!".into(),
        "(".into(),
        "x".repeat(20_000),
    ];
    let names = [
        "AWSENV_PROMPT",
        "AWSENV_NAMES",
        "AWSENV_PROFILE",
        "AWS_SESSION_EXPIRATION",
        "__awsenv_bin",
        "__awsenv_key",
        "__awsenv_changed",
        "__awsenv_stamp",
        "__awsenv_line",
        "__awsenv_owned",
        "__awsenv_previous",
        "__awsenv_until",
        "__awsenv_commands",
        "__awsenv_AWS_PROFILE_was",
        "__awsenv_segment",
        "__awsenv_expiry",
        "__awsenv_loaded",
        "__awsenv_lines",
        "__awsenv_wraps",
        "__awsenv_retry",
        "__awsenv_clock",
        "__awsenv_want_profile",
    ];
    for value in values {
        for name in names {
            world.home.set(name, &value);
        }
        let Some(mut fish) = world.dev() else { return };
        assert_eq!(fish.run("true").segment, "dev 1h59m ", "{value:.40}");
        assert_eq!(fish.run("aws s3 ls").status, 0, "{value:.40}");
        let raw = String::from_utf8_lossy(&fish.terminal.raw()).into_owned();
        assert!(!raw.contains("owned") && !raw.contains("test:"), "{value:.40}: {raw}");
        assert!(!mark.exists(), "{value:.40}");
        assert_eq!(fish.run("env | grep -c '^__awsenv_[a-z]*='").text, "0\n", "{value:.40}");
    }
}

// ---- Quoting ----

/// Values that have broken other tools, and any other bytes but NUL.
fn values() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => 1u8..=255, 1 => prop::sample::select(b"'\"\\$`!(){}[]*?~%&|;<>#^-=\n\t\r\x1b \xff\xc3\xa9".to_vec())];
    prop::collection::vec(byte, 0..40)
}

#[test]
fn any_bytes_come_back_from_fish_as_they_went_in() {
    let world = World::new();
    if testbed::require("fish").is_none() {
        return;
    }
    let fixed: [&[u8]; 9] = [
        b"",
        b"-n",
        b"--",
        b"\xef\x98\x80",
        "\u{f6ff}\u{fdd0}\u{10ffff}é".as_bytes(),
        b"$(touch X)",
        b"\xc3",
        b"\\X41",
        b"a\n\nb\n",
    ];
    proptest!(ProptestConfig::with_cases(12), |(random in prop::collection::vec(values(), 60))| {
        let all: Vec<&[u8]> = fixed.iter().copied().chain(random.iter().map(Vec::as_slice)).collect();
        let mut script = Language::Fish.assign_list("all", &all);
        for value in &all {
            script.extend(Language::Fish.assign("one", value));
            script.extend(b"set -a ones $one\n");
            script.extend(Language::Fish.export("EXPORTED", value));
            script.extend(b"sh -c 'printf \"%s\\\\0\" \"$EXPORTED\"' >>exported\n");
        }
        script.extend(b"printf '%s\\0' $all $ones\n");
        let exported = world.home.path().join("exported");
        for locale in ["C.UTF-8", "C"] {
            let _ = std::fs::remove_file(&exported);
            let path = world.home.path().join("quote.fish");
            std::fs::write(&path, &script).expect("the home can be written");
            let out = world.home.command("fish").env("LC_ALL", locale).arg("--no-config").arg(&path).output().expect("fish runs");
            prop_assert_eq!(String::from_utf8_lossy(&out.stderr), "");
            let got: Vec<&[u8]> = out.stdout.split(|b| *b == 0).collect();
            let want: Vec<&[u8]> = all.iter().chain(&all).copied().chain([&b""[..]]).collect();
            prop_assert_eq!(got, want);
            let seen = std::fs::read(&exported).expect("programs were started");
            let want: Vec<&[u8]> = all.iter().copied().chain([&b""[..]]).collect();
            prop_assert_eq!(seen.split(|b| *b == 0).collect::<Vec<_>>(), want);
        }
    });
}

// ---- The guard ----

const AWS: &str = "aws ran: s3 ls profile=dev ask=\n";

#[test]
fn an_expired_session_asks_once_and_runs() {
    let world = World::new();
    world.session_ends_in(-7500);
    let Some(mut fish) = world.dev() else { return };
    let question = fish.type_line("aws s3 ls | head").expect_question();
    assert!(question.starts_with("MFA code for dev (arn:aws:iam::123456789012:mfa/taro), Enter"), "{question}");
    let after = fish.answer(&world.device.code()).prompt();
    assert!(after.text.ends_with(AWS), "{after:?}");
    assert!(["dev 12h00m ", "dev 11h59m "].contains(&after.segment.as_str()), "{after:?}");
    let next = fish.run("aws s3 ls");
    assert_eq!((next.text.as_str(), next.status), (AWS, 0));
    assert_eq!(fish.run("cat /dev/null | aws s3 ls | cat | cat").text, AWS);
    assert_eq!(fish.run("env | grep -c AWSENV_ASK").text, "0\n");
}

#[test]
fn enter_runs_without_and_is_remembered_for_the_line() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.dev() else { return };
    let without = "aws ran: s3 ls profile=dev ask=never\n";
    fish.type_line("for i in 1 2 3; aws s3 ls | cat; end; aws s3 ls").expect_question();
    let after = fish.answer("").prompt();
    assert!(after.text.ends_with(&without.repeat(4)), "{after:?}");
    assert_eq!(after.status, 0);
    fish.type_line("aws s3 ls").expect_question();
    assert!(fish.answer("").prompt().text.ends_with(without), "the next line asks again");
}

#[test]
fn ctrl_c_runs_nothing_of_the_line() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.dev() else { return };
    let lines = [
        "aws s3 ls && echo DONE",
        "aws s3 ls; echo DONE",
        "aws s3 ls; or echo DONE",
        "for i in 1 2 3; aws s3 ls; end; echo DONE",
        "while true; aws s3 ls; end; echo DONE",
        "begin; aws s3 ls | cat; echo DONE; end",
        "begin; begin; aws s3 ls; end; echo DONE; end | cat",
        "echo DONE (aws s3 ls)",
        "function twice; aws s3 ls; aws s3 ls; echo DONE; end; twice; echo DONE",
        "aws s3 ls | cat && echo DONE",
        "yes | aws s3 ls; aws s3 ls; echo DONE",
        "if aws s3 ls; echo DONE; else; echo DONE; end",
    ];
    for line in lines {
        fish.type_line(line).expect_question();
        fish.terminal.mark().send(b"\x03");
        let after = fish.prompt();
        assert!(!after.text.contains("DONE") && !after.text.contains("aws ran"), "{line}: {after:?}");
        assert!(!after.text.contains("MFA code"), "{line}: asked again: {after:?}");
        assert_eq!(fish.run("echo alive").text, "alive\n", "{line}");
    }
    assert!(fish.run("awsenv --version | cat").text.starts_with("awsenv "));
}

#[test]
fn a_person_who_handles_interrupts_is_asked_once_and_keeps_what_follows_and() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.dev() else { return };
    fish.run("function on_int --on-signal INT; echo trapped; end");
    fish.type_line("aws s3 ls && echo DONE").expect_question();
    fish.terminal.mark().send(b"\x03");
    let after = fish.prompt();
    assert!(
        !after.text.contains("DONE") && !after.text.contains("aws ran") && after.text.contains("trapped"),
        "{after:?}"
    );
    fish.type_line("for i in 1 2 3; aws s3 ls; end").expect_question();
    fish.terminal.mark().send(b"\x03");
    let after = fish.prompt();
    assert!(!after.text.contains("aws ran") && !after.text.contains("MFA code"), "{after:?}");
}

#[test]
fn the_right_profile_is_asked_for() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE keys\n{HOOK}")) else { return };
    assert_eq!(fish.run("aws s3 ls").text, "aws ran: s3 ls profile=keys ask=\n");
    let lines = [
        "AWS_PROFILE=prod aws s3 ls",
        "aws --profile prod s3 ls",
        "aws s3 ls --profile=prod",
        "time aws s3 ls --prof prod",
        "not aws s3 ls --profile prod",
        "set -gx AWS_PROFILE prod; aws s3 ls",
        "aws s3 ls --query 'a & b'",
        "aws s3 ls --query a\\&b # this & that",
        "aws s3 ls --query \"a & b\" 2>&1 && true",
        "aws s3 ls",
        "set -gx AWS_PROFILE keys; aws s3 ls --profile prod",
    ];
    for line in lines {
        let question = fish.type_line(line).expect_question();
        assert!(question.starts_with("MFA code for prod ("), "{line}: {question}");
        assert!(fish.answer("").prompt().text.contains("aws ran: "), "{line}");
    }
}

#[test]
fn what_needs_no_session_is_not_asked_about() {
    let world = World::new();
    world.session_ends_in(-5);
    world.home.script("terraform", "#!/bin/sh\necho terraform ran: $*\n");
    let Some(mut fish) = world.dev() else { return };
    for line in ["aws sso login", "aws configure list-profiles", "aws --version", "aws s3 help", "terraform fmt"] {
        let after = fish.run(line);
        assert!(after.text.contains(" ran: ") && after.text.lines().count() == 1, "{line}: {after:?}");
    }
    assert_eq!(fish.run("AWSENV_ASK=never aws s3 ls").text, "aws ran: s3 ls profile=dev ask=never\n");
    fish.type_line("terraform plan").expect_question();
    fish.terminal.mark().send(b"\x03");
    fish.prompt();
}

#[test]
fn only_what_is_typed_is_asked_about() {
    let world = World::new();
    world.session_ends_in(-5);
    // Everything of the person's that fish runs by itself; each calls aws, some of it before our handlers, some behind.
    let early = "aws s3 early\nfunction e1 --on-event fish_prompt; aws s3 e1; end\n\
                 function e2 --on-event fish_preexec; aws s3 e2; end\nfunction e3 --on-event fish_postexec; aws s3 e3; end";
    let late = "aws s3 late\nfunction l1 --on-event fish_prompt; aws s3 l1; end\n\
                function l2 --on-event fish_preexec; aws s3 l2; end\nfunction l3 --on-event fish_postexec; aws s3 l3; end\n\
                function fish_right_prompt; echo -n (aws s3 right); end\nfunction fish_title; aws s3 title; end\n\
                functions -c fish_prompt own_prompt; function fish_prompt; set -g left (aws s3 left); own_prompt; end\n\
                complete -c tool -f -a '(aws s3 complete; echo DONE)'\nbind \\cg 'set -g bound (aws s3 bound)'";
    let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE dev\n{early}\n{HOOK}\n{late}")) else { return };
    for line in ["true", "", "false", "echo $left"] {
        let after = fish.run(line);
        assert!(!after.text.contains("MFA code"), "{line:?}: {after:?}");
    }
    fish.terminal.mark().send(b"\x07");
    fish.terminal.send("tool \t").expect("DONE");
    let after = fish.type_line("").prompt();
    assert!(!after.text.contains("MFA code"), "{after:?}");
    assert!(fish.run("echo $bound").text.contains("aws ran: s3 bound"));
    fish.type_line("aws s3 ls").expect_question();
    assert!(fish.answer("").prompt().text.contains("aws ran: s3 ls"));
}

#[test]
fn the_background_is_not_asked() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.dev() else { return };
    for line in [
        "aws s3 ls &",
        "true; aws s3 ls & ; true",
        "begin; aws s3 ls; end &",
        "echo 'it\\'s'; aws s3 ls --query \"&\" & # on",
    ] {
        fish.type_line(line);
        fish.terminal.expect("aws ran: s3 ls");
        let after = fish.prompt();
        assert!(!after.text.contains("MFA code"), "{line}: {after:?}");
        fish.run("wait");
    }
    // fish runs a function in the foreground also behind a `&`: there, a question can be answered.
    fish.run("function inside; aws s3 ls & ; echo behind; end");
    fish.type_line("inside").expect_question();
    let after = fish.answer("").prompt();
    assert!(after.text.contains("aws ran: s3 ls") && after.text.contains("behind"), "{after:?}");
    fish.type_line("aws s3 ls").expect_question();
    fish.terminal.mark().send(b"\x03");
    assert_eq!(fish.prompt().status, 130);
}

#[test]
fn without_a_terminal_or_a_binary_the_command_runs() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some((out, err)) = world.batch(&format!("set -gx AWS_PROFILE dev\n{HOOK}\naws s3 ls")) else { return };
    assert_eq!((String::from_utf8_lossy(&out).as_ref(), err.as_str()), (AWS, ""));
    let Some(mut fish) = world.dev() else { return };
    fish.run("set -g __awsenv_bin /nonexistent/awsenv");
    let after = fish.run("aws s3 ls");
    assert_eq!((after.text.as_str(), after.status), (AWS, 0));
    assert_eq!(fish.run("set -gx AWS_PROFILE prod").text, "");
    assert_eq!(fish.run("true").segment, "", "empty and silent");
}

#[test]
fn a_persons_own_function_stays() {
    let world = World::new();
    world.session_ends_in(-5);
    let rc = format!("set -gx AWS_PROFILE dev\nalias aws='echo mine'\n{HOOK}");
    let Some(mut fish) = world.fish(&rc) else { return };
    assert_eq!(fish.run("aws s3 ls").text, "mine s3 ls\n");
    fish.run("functions -e aws; set -gxp PATH /");
    fish.type_line("aws s3 ls").expect_question();
    fish.answer("").prompt();
    fish.run("function aws; echo later; end");
    fish.run("set -gxp PATH /tmp");
    assert_eq!(fish.run("aws s3 ls").text, "later\n");
    fish.run("awsenv off");
    assert_eq!(fish.run("aws s3 ls").text, "later\n");
}

#[test]
fn a_failed_line_after_the_end_gives_one_hint() {
    let world = World::new();
    world.session_ends_in(-13 * 60);
    let Some(mut fish) = world.dev() else { return };
    assert_eq!(fish.run("true").text, "");
    assert_eq!(fish.run("false").text, "awsenv: the session of dev ended 13m ago: awsenv refresh\n");
    assert_eq!(fish.run("false").text, "");
    assert_eq!(fish.run("").text, "");
    world.session_ends_in(7200);
    assert_eq!(fish.run("false").text, "");
    world.session_ends_in(-7500);
    fish.run("true");
    assert_eq!(fish.run("sh -c 'exit 2'").text, "awsenv: the session of dev ended 2h05m ago: awsenv refresh\n");
}

#[test]
fn a_guarded_command_on_a_good_session_starts_itself_alone() {
    let world = World::new();
    world.session_ends_in(7200);
    let rc = format!("set -gx AWS_PROFILE dev\n{HOOK}");
    let Some((programs, processes)) = started(&world, &rc, |fish| {
        fish.run("aws s3 ls");
    }) else {
        return;
    };
    assert_eq!(processes, 1, "{programs:#?}");
    assert!(programs.len() == 1 && programs[0].contains("/bin/aws\""), "{programs:#?}");
}

// ---- use, leave, off ----

/// What a program started by this shell sees, but for what fish itself changes.
fn environment(fish: &mut Session, world: &World) -> Vec<String> {
    let file = world.home.path().join("environment");
    fish.run(&format!("env -0 >'{}'", file.display()));
    let bytes = std::fs::read(&file).expect("env has run");
    let variables = bytes.split(|b| *b == 0).filter(|v| !v.is_empty()).map(|v| v.escape_ascii().to_string());
    let mut all: Vec<_> = variables.filter(|v| !v.starts_with("AWSENV_PROMPT=")).collect();
    all.sort();
    all
}

fn value<'a>(environment: &'a [String], name: &str) -> Option<&'a str> {
    environment.iter().find_map(|v| v.strip_prefix(name)?.strip_prefix('='))
}

const SETTINGS: &str = "[profile dev]\nproxy = corp\nenv.TEAM = a 'b' $c\nenv.TOOL_PATH = /a:/b\n[profile prod]\nproxy = none\n\
                        [proxy corp]\nhttp = http://proxy.corp:3128\nhttps = http://proxy.corp:3128\nno_proxy = .corp\n";

#[test]
fn use_switches_and_leave_restores_everything() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIAMINE"),
        ("AWS_SECRET_ACCESS_KEY", "mine"),
        ("AWS_SESSION_EXPIRATION", "2020-01-01T00:00:00Z"),
        ("https_proxy", "http://u:p@mine:1"),
        ("NO_PROXY", "mine.example"),
        ("TOOL_PATH", "/mine:/too"),
        ("TEAM", "mine\n\n"),
    ] {
        world.home.set(name, value);
    }
    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("set -gx --path LISTED a b; set -g AWS_DEFAULT_PROFILE local");
    let before = environment(&mut fish, &world);
    let used = fish.run("awsenv use dev");
    assert_eq!((used.text.as_str(), used.status, used.segment.as_str()), ("", 0, "dev 1h59m "));
    let dev = environment(&mut fish, &world);
    assert_eq!(value(&dev, "AWS_PROFILE"), Some("dev"));
    assert_eq!(value(&dev, "https_proxy"), Some("http://proxy.corp:3128"));
    assert_eq!(value(&dev, "TEAM"), Some("a \\'b\\' $c"));
    assert_eq!(value(&dev, "TOOL_PATH"), Some("/a:/b"));
    assert!(value(&dev, "NO_PROXY").is_some_and(|n| n.contains("mine.example") && n.contains(".corp")));
    assert!(value(&dev, "AWS_SESSION_EXPIRATION").is_some_and(|e| !e.starts_with("2020")));
    assert_eq!(value(&dev, "AWS_ACCESS_KEY_ID"), None);

    fish.run("awsenv use prod");
    let prod = environment(&mut fish, &world);
    assert_eq!((value(&prod, "AWS_PROFILE"), value(&prod, "https_proxy")), (Some("prod"), None));
    assert_eq!((value(&prod, "TEAM"), value(&prod, "NO_PROXY")), (Some("mine\\n\\n"), Some("mine.example")));
    fish.run("awsenv use -");
    let again = environment(&mut fish, &world);
    assert_eq!(value(&again, "AWS_PROFILE"), Some("dev"));
    assert_eq!(value(&again, "NO_PROXY"), value(&dev, "NO_PROXY"), "the union does not grow");

    let left = fish.run("awsenv leave");
    assert_eq!((left.text.as_str(), left.status), ("", 0));
    assert_eq!(environment(&mut fish, &world), before);
    assert_eq!(fish.run("count $TOOL_PATH; set -q --path TOOL_PATH LISTED; and not set -qx AWS_DEFAULT_PROFILE; and echo $AWS_DEFAULT_PROFILE").text, "2\nlocal\n");
    fish.run("awsenv use -");
    assert_eq!(value(&environment(&mut fish, &world), "AWS_PROFILE"), Some("dev"), "the profile that was left");
}

#[test]
fn a_failed_or_stopped_use_changes_nothing() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE keys\n{HOOK}")) else { return };
    let before = environment(&mut fish, &world);
    let unknown = fish.run("awsenv use dve && echo DONE");
    assert!(unknown.status == 1 && unknown.text.contains("dev") && !unknown.text.contains("DONE"), "{unknown:?}");
    fish.type_line("awsenv use dev && echo DONE").expect_question();
    fish.terminal.mark().send(b"\x03");
    let stopped = fish.prompt();
    assert!(stopped.status == 130 && !stopped.text.contains("DONE"), "{stopped:?}");
    assert_eq!(environment(&mut fish, &world), before);
    fish.type_line("awsenv use dev").expect_question();
    assert_eq!(fish.answer("").prompt().segment, "dev expired ");
    fish.run("awsenv use -");
    assert_eq!(value(&environment(&mut fish, &world), "AWS_PROFILE"), Some("keys"), "also set before awsenv");
    let code = world.device.code();
    let used = fish.run(&format!("awsenv use dev {code}"));
    assert!(used.status == 0 && used.segment.starts_with("dev 1"), "{used:?}");
}

#[test]
fn what_the_person_changed_since_is_kept() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("awsenv use dev");
    fish.run("set -gx HTTP_PROXY http://other:1; set -gx AWS_PROFILE keys");
    assert_eq!(fish.run("true").segment, "keys ");
    let left = fish.run("awsenv leave");
    assert!(
        left.text.starts_with("awsenv: ") && left.text.contains("HTTP_PROXY") && left.text.lines().count() == 1,
        "{left:?}"
    );
    let after = environment(&mut fish, &world);
    assert_eq!((value(&after, "HTTP_PROXY"), value(&after, "AWS_PROFILE")), (Some("http://other:1"), Some("keys")));
    assert_eq!(
        (value(&after, "HTTPS_PROXY"), value(&after, "AWSENV_PROFILE"), value(&after, "AWSENV_NAMES")),
        (None, None, None)
    );
}

#[test]
fn a_shell_in_the_shell_leaves_what_it_inherited() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings(SETTINGS);
    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("awsenv use dev");
    let inner = fish.type_line("fish -C 'set -g at_prompt 100'").prompt();
    assert_eq!(inner.segment, "dev 1h59m ");
    let left = fish.run("awsenv leave");
    assert!(left.text.contains("inherited"), "{left:?}");
    assert_eq!(left.segment, "");
    let after = environment(&mut fish, &world);
    for name in
        ["AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_NAMES", "HTTPS_PROXY", "https_proxy", "AWS_SESSION_EXPIRATION"]
    {
        assert_eq!(value(&after, name), None, "{name}");
    }
}

#[test]
fn use_in_the_rc_file_never_asks() {
    let world = World::new();
    world.session_ends_in(-5);
    for rc in [format!("{HOOK}\nawsenv use dev"), "awsenv init fish --use dev | source".to_owned()] {
        let Some(mut fish) = world.fish(&rc) else { return };
        let after = fish.run("echo $AWS_PROFILE");
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("dev\n", "dev expired "), "{rc}");
        assert!(!String::from_utf8_lossy(&fish.terminal.raw()).contains("MFA code"), "{rc}");
    }
    let Some(mut fish) = world.fish("set -gx AWS_PROFILE keys\nawsenv init fish --use dev | source") else { return };
    assert_eq!(fish.run("echo $AWS_PROFILE").text, "keys\n", "chosen already");
}

#[test]
fn variables_that_fish_does_not_give_away_stop_use_as_a_whole() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.fish(HOOK) else { return };
    let switch =
        "__awsenv_set_names 'AWS_PROFILE' 'PWD'\nset -g __awsenv_set_values 'dev' '/x'\nset -g __awsenv_unset_names";
    let stand_in = world.home.script("stand-in", &format!("#!/bin/sh\necho \"set -g {switch}\"\n"));
    fish.run(&format!("set -g __awsenv_bin {}", stand_in.display()));
    let before = environment(&mut fish, &world);
    let refused = fish.run("awsenv use dev");
    assert!(refused.status == 1 && refused.text.contains("PWD") && refused.text.lines().count() == 1, "{refused:?}");
    assert_eq!(environment(&mut fish, &world), before);

    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.run("set -Ux AWS_ACCESS_KEY_ID AKIAUNIVERSAL; set -Ux HTTP_PROXY http://universal:1");
    let before = environment(&mut fish, &world);
    let refused = fish.run("awsenv use dev");
    assert!(refused.status == 1 && refused.text.contains("set -eU AWS_ACCESS_KEY_ID"), "{refused:?}");
    assert_eq!(environment(&mut fish, &world), before);
    fish.run("set -eU AWS_ACCESS_KEY_ID");
    world.home.settings(SETTINGS);
    assert_eq!(fish.run("awsenv use dev").status, 0);
    assert_eq!(value(&environment(&mut fish, &world), "HTTP_PROXY"), Some("http://proxy.corp:3128"));
    fish.run("awsenv leave");
    assert_eq!(
        fish.run("echo $HTTP_PROXY; set -qg HTTP_PROXY; or echo universal").text,
        "http://universal:1\nuniversal\n"
    );
}

#[test]
fn any_values_survive_use_and_leave() {
    let world = World::new();
    if testbed::require("fish").is_none() {
        return;
    }
    // Speaks the protocol with the values of this test; the real one cannot set all of them.
    let stand_in =
        world.home.script("stand-in", "#!/bin/sh\n[ \"$1\" = switch ] || exit 1\nenv -0 >seen\nexec cat \"$SWITCH\"\n");
    let names =
        ["AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_NAMES", "http_proxy", "TOOL_PATH", "AWS_ACCESS_KEY_ID", "XPATH"];
    let read = |name: &str| {
        let bytes = std::fs::read(world.home.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let ours = |v: &&[u8]| names.iter().any(|n| v.starts_with(format!("{n}=").as_bytes()));
        let mut all: Vec<Vec<u8>> = bytes.split(|b| *b == 0).filter(ours).map(<[u8]>::to_vec).collect();
        all.sort();
        all
    };
    let settings = ProptestConfig::with_cases(60);
    proptest!(settings, |(old in prop::collection::vec(prop::option::of(values()), 7), one in prop::collection::vec(values(), 5),
                          two in prop::collection::vec(values(), 5))| {
        let mut script = Language::Fish.assign("__awsenv_bin", stand_in.as_os_str().as_bytes());
        script.extend(Language::Fish.hook().bytes());
        script.extend(b"\nenv -0 >before\nSWITCH=one awsenv use x; or exit 9\nenv -0 >first\nSWITCH=two awsenv use y; or exit 9\n\
                        env -0 >second\nawsenv leave; or exit 9\nenv -0 >after\n");
        let path = world.home.path().join("use.fish");
        std::fs::write(&path, script).expect("the home can be written");
        for (file, values) in [("one", &one), ("two", &two)] {
            let values: Vec<&[u8]> = [&b"x"[..]].into_iter().chain(values[1..].iter().map(Vec::as_slice)).collect();
            let text = [Language::Fish.assign_list("__awsenv_set_names", &names[..5]), Language::Fish.assign_list("__awsenv_set_values", &values),
                        Language::Fish.assign_list("__awsenv_unset_names", &names[5..])].concat();
            std::fs::write(world.home.path().join(file), text).expect("the home can be written");
        }
        let mut command = world.home.command("fish");
        command.arg("--no-config").arg(&path);
        for (name, value) in names.iter().zip(&old) {
            if let Some(value) = value {
                command.env(name, std::ffi::OsStr::from_bytes(value));
            }
        }
        let out = command.output().expect("fish runs");
        prop_assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr)), (Some(0), "".into()));
        prop_assert_eq!(read("before"), read("after"));
        prop_assert_eq!(read("before"), read("seen"), "the second use sees the environment from before the first");
        for (file, values) in [("first", &one), ("second", &two)] {
            let mut want: Vec<Vec<u8>> = names[1..5].iter().zip(&values[1..]).map(|(n, v)| [n.as_bytes(), b"=", v].concat()).collect();
            want.push(b"AWS_PROFILE=x".to_vec());
            want.sort();
            prop_assert_eq!(read(file), want);
        }
    });
}

// ---- Completion ----

#[test]
fn tab_completes_commands_and_profiles_and_starts_nothing_before() {
    let world = World::new();
    world.session_ends_in(7200);
    world.home.config("[profile dev]\n[profile \"my profile\"]\n[profile \"$(touch X)\"]\n");
    let Some(mut fish) = world.fish(HOOK) else { return };
    let complete =
        |fish: &mut Session, line: &str| fish.run(&format!("complete -C '{line}' | string replace -r '\\t.*' ''")).text;
    assert_eq!(complete(&mut fish, "awsenv lea"), "leave\n");
    assert_eq!(complete(&mut fish, "awsenv use "), "$(touch X)\ndev\nkeys\nmy profile\nprod\n");
    assert_eq!(complete(&mut fish, "awsenv refresh de"), "dev\n");
    assert_eq!(complete(&mut fish, "awsenv use --reg"), "--region\n");
    assert!(!world.home.path().join("X").exists());

    let Some(mut fish) = world.fish(HOOK) else { return };
    fish.terminal.mark().send("awsenv sta\t").expect("awsenv status");
    let after = fish.type_line("dev").prompt();
    assert!(after.text.contains("dev"), "{after:?}");
}
