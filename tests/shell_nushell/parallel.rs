//! Guarded commands that run at the same time, and those in a `try`.

use testbed::{Spec, Terminal};

use crate::world::World;

/// nushell gives the terminal to each program that it starts, so that of several at a time any may have it.
#[test]
fn par_each_leads_to_one_question_with_one_answer() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    let line = "print ([1 2 3 4] | par-each {|n| aws s3 $n | lines } | to nuon)";
    nu.run(&format!("def four [] {{ {line} }}"));
    let lines = [line, "four"];
    let ran = |text: &str, n| text.contains(&format!("aws ran: s3 {n} profile=dev ask="));
    for line in lines.into_iter().cycle().take(8) {
        nu.type_line(line).expect_question();
        let after = nu.answer("").prompt();
        assert!((1..=4).all(|n| ran(&after.text, n)) && after.status == 0, "{line}: {after:?}");
        assert!(!after.text.contains("MFA code") && !after.text.contains("background"), "{line}: {after:?}");

        nu.type_line(line).expect_question();
        nu.terminal.mark().send(b"\x03");
        let after = nu.prompt();
        assert!(!(1..=4).any(|n| ran(&after.text, n)) && after.status != 0, "{line}: {after:?}");
        assert!(!after.text.contains("MFA code") && !after.text.contains("background"), "{line}: {after:?}");
    }
    nu.type_line(lines[0]).expect_question();
    let after = nu.answer(&world.device.code()).prompt();
    assert!((1..=4).all(|n| ran(&after.text, n)) && after.status == 0, "{after:?}");
    assert_eq!(after.text.matches("is good until").count(), 1, "{after:?}");
    let left = std::fs::read_dir(world.home.path().join(".local/state/awsenv")).expect("it is there");
    let turns = left.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("line-turn-"));
    assert_eq!(turns.count(), 0, "nothing is left behind");
}

/// The same without chance: the one that asks was started first, and the other has the terminal.
#[test]
fn who_waits_lends_its_terminal_to_who_asks() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(bash) = testbed::require("bash") else { return };
    let script = "set -m; export AWS_PROFILE=dev; guard() { awsenv guard nushell 1 $PPID 7 -- aws s3 ls; }\n\
        guard >one & until [ -e ~/.local/state/awsenv/line-turn-* ]; do :; done\n\
        guard >two; echo \"other $?\"; wait $!; echo \"first $?\"";
    for (keys, code, said) in [("\r", 0, "never"), ("\x03", 130, "")] {
        let mut spec = Spec::new(&bash).args(["-c", &script.replace(" 7 ", &format!(" {code}7 "))]);
        spec = spec.cwd(world.home.path());
        spec.env = world.home.env();
        let mut terminal = Terminal::start(spec);
        terminal.expect("Ctrl-C to stop: ").send(keys);
        terminal.expect(&format!("other {code}\n")).expect(&format!("first {code}\n"));
        assert_eq!(terminal.everything().matches("MFA code").count(), 1, "{}", terminal.everything());
        for file in ["one", "two"] {
            assert!(world.home.text(file).contains(said) && world.home.text(file).is_empty() == said.is_empty());
        }
    }
}

#[test]
fn a_try_catches_a_stop_and_later_guarded_commands_do_not_run() {
    let world = World::new();
    world.session_ends_in(-5);
    let Some(mut nu) = world.dev() else { return };
    nu.type_line("try { aws s3 one; print IN-TRY } catch { print ('CAU' + 'GHT') }; print ('BEH' + 'IND'); aws s3 two; print END")
        .expect_question();
    nu.terminal.mark().send(b"\x03");
    let after = nu.prompt();
    let printed: Vec<&str> = after.text.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!((printed.as_slice(), after.status), (["CAUGHT", "BEHIND"].as_slice(), 130), "{after:?}");
}
