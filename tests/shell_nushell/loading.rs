//! Loading the hook: the text, twice, where nobody types, and beside broken settings.

use testbed::Shell;

use crate::world::{FILE, World, environment};

#[test]
fn what_init_prints_is_text_that_nushell_reads() {
    let world = World::new();
    let Some(nu) = testbed::require("nu") else { return };
    let out = world.home.awsenv(&["init", "nushell"]).output().expect("awsenv runs");
    assert!(out.stderr.is_empty() && !out.stdout.contains(&b'\r'), "{out:?}");
    assert_eq!(world.home.awsenv(&["init", "nu"]).output().expect("awsenv runs").stdout.len(), out.stdout.len());
    let file = world.hook();
    let script = format!("nu-check --debug {} | print; source {0}; $env.__awsenv.bin | print", file.display());
    let out = world.home.command(nu).args(["--no-config-file", "-c", &script]).output().expect("nu runs");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.stderr.is_empty() && said.starts_with("true\n/") && said.lines().count() == 2, "{out:?}");
}

#[test]
fn loading_is_silent_and_starts_nothing_also_where_nobody_types() {
    let world = World::new();
    let (Some(nu), Some(strace)) = (testbed::require("nu"), testbed::require("strace")) else { return };
    let nu = nu.canonicalize().expect("nu is there");
    // Not by the line, which starts `awsenv init` as it must; and nushell reads its autoload folder only for a person.
    let config = ".config/nushell/config.nu";
    world.home.write(config, format!("source {}\n", world.hook().display()));
    let log = world.home.outside().join("strace");
    let mut command = world.home.command(strace);
    command.args(["-f", "-e", "trace=execve", "-o"]).arg(&log).arg(&nu).args(["--login", "-c", "print fine"]);
    let out = command.output().expect("strace runs");
    assert_eq!((String::from_utf8_lossy(&out.stdout).as_ref(), out.stderr.len()), ("fine\n", 0), "{out:?}");
    let text = std::fs::read_to_string(&log).expect("strace writes");
    // nushell itself starts `tput` for `print`.
    assert!(!text.contains("/awsenv\""), "{text}");

    let probe = || {
        let out = world.home.command(&nu).args(["--login", "-c", "^env"]).output().expect("nu runs");
        let mut lines: Vec<_> = out.stdout.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        lines.retain(|line| !line.starts_with(b"CMD_DURATION_MS"));
        lines.sort();
        (lines, out.stderr)
    };
    let hooked = probe();
    world.home.write(config, "");
    assert_eq!(probe(), hooked, "`nu -l -c`, as editors start it, sees no difference");
}

#[test]
fn loading_twice_is_loading_once() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut nu) = world.nu("") else { return };
    let before = environment(&mut nu, &world);
    nu.run("awsenv use dev");
    for _ in 0..2 {
        let again = nu.run(&format!("source ~/{FILE}"));
        assert_eq!((again.text.as_str(), again.segment.as_str()), ("", "dev 1h59m "));
    }
    assert_eq!(nu.run("$env.config.hooks.pre_prompt | length").text, "2\n", "ours, and one of this test");
    assert_eq!(nu.run("$env.config.hooks.pre_execution | length").text, "1\n");
    world.session_ends_in(-5);
    nu.type_line("aws s3 ls").expect_question();
    assert!(nu.answer("").prompt().text.contains("aws ran"));
    assert_eq!(nu.run("awsenv leave").segment, "");
    assert_eq!(environment(&mut nu, &world), before, "what `use` had to give back was kept");
}

#[test]
fn without_the_guard_nothing_is_defined() {
    let world = World::new();
    world.session_ends_in(-5);
    let hook = Shell::Nushell.hook().replace("init nushell", "init nushell --no-guard");
    let rc = format!("$env.AWS_PROFILE = 'dev'\n{hook}");
    let Some(mut nu) = testbed::Session::start(Shell::Nushell, &world.home, &rc) else { return };
    let plain = nu.run("aws s3 ls");
    assert_eq!((plain.text.as_str(), plain.segment.as_str()), ("aws ran: s3 ls profile=dev ask=\n", "dev expired "));
    assert_eq!(nu.run("which aws | get 0.type").text, "external\n");
}

#[test]
fn setup_adds_the_line_once() {
    let world = World::new();
    let config = ".config/nushell/config.nu";
    world.home.write(config, "$env.config.show_banner = false");
    for said in ["done: start a new nushell", "nothing to do"] {
        let out = world.home.awsenv(&["setup", "--shell", "nushell", "--yes"]).output().expect("awsenv runs");
        assert!(out.status.success() && String::from_utf8_lossy(&out.stderr).contains(said), "{out:?}");
    }
    let text = world.home.text(config);
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(text.lines().last(), Some(Shell::Nushell.hook()));
    let told = world.home.awsenv(&["doctor"]).env("SHELL", "/usr/bin/nu").output().expect("awsenv runs").stdout;
    assert!(String::from_utf8_lossy(&told).contains("config.nu:2 loads it"), "{}", String::from_utf8_lossy(&told));
}
