//! The binary's half of the guard, called as PowerShell's hook calls it: the terminal is stdin, stdout is read, and what
//! stderr says nobody sees.

use std::time::Duration;

use testbed::Terminal;

use crate::world::World;

/// One command as the hook writes it down.
fn command(inline: &str, words: &[&str]) -> String {
    let words: String = words.iter().map(|word| format!("\u{1f}{word}")).collect();
    format!("{inline}{words}")
}

/// Starts the guard for a line with these commands.
fn guard(world: &mut World, number: u32, commands: &[String]) -> Terminal {
    world.home.set("AWSENV_WORDS", commands.join("\u{1e}"));
    let call = format!("awsenv guard powershell 1 $$ {number} -- >~/answer 2>~/errors; echo \"exit $?\"");
    world.terminal("/bin/sh", &["-c", &call])
}

/// What it has said to the shell, once it has ended with this code.
fn answer(world: &World, terminal: &mut Terminal, code: u8) -> String {
    terminal.expect(&format!("exit {code}\n"));
    terminal.exit_status(Duration::from_secs(10));
    assert_eq!(world.home.text("errors"), "");
    world.home.text("answer")
}

const NEVER: &str = "$global:__awsenv_run_ask = 'never'\n";

fn in_force(profile: &str) -> World {
    let mut world = World::new(-7500);
    world.home.set("AWS_PROFILE", profile);
    world
}

#[test]
fn a_line_is_asked_once_for_each_of_its_profiles() {
    let mut world = in_force("dev");
    let ls = command("-", &["=aws", "=s3", "=ls"]);
    let other = command("=prod", &["=aws", "=s3", "=ls"]);
    let mut terminal = guard(&mut world, 1, &[ls.clone(), ls.clone(), other.clone(), ls, other]);
    terminal.expect("MFA code for dev (").mark().line("");
    terminal.expect("MFA code for prod (").mark().line("");
    assert_eq!(answer(&world, &mut terminal, 0), NEVER);
    assert!(!terminal.since_mark().contains("MFA code"), "{}", terminal.everything());
}

#[test]
fn a_code_lets_the_line_run_and_says_so_on_the_terminal() {
    let mut world = in_force("dev");
    let mut terminal = guard(&mut world, 1, &[command("-", &["=aws", "=s3", "=ls"])]);
    terminal.expect("awsenv: the session of dev ended 2h0").expect("MFA code for dev (");
    terminal.line(&world.device.code()).expect("awsenv: dev is good until ");
    assert_eq!(answer(&world, &mut terminal, 0), "");
}

#[test]
fn stop_is_130_and_holds_for_the_line() {
    let mut world = in_force("dev");
    let commands = [command("-", &["=aws", "=s3", "=ls"]), command("=prod", &["=aws", "=s3", "=ls"])];
    let mut terminal = guard(&mut world, 1, &commands);
    terminal.expect("MFA code for dev (").mark().send(b"\x03");
    assert_eq!(answer(&world, &mut terminal, 130), "");
    assert!(!terminal.since_mark().contains("MFA code"), "{}", terminal.everything());
}

#[test]
fn what_is_not_known_or_needs_no_session_is_not_asked_about() {
    let mut world = in_force("dev");
    let commands = [
        command("?", &["=aws", "=s3", "=ls"]),
        command("-", &["=aws", "=s3", "=ls", "=--profile", "?$p"]),
        command("-", &["=aws", "?\"--profile=$p\"", "=s3", "=ls"]),
        command("-", &["=aws", "=sso", "=login"]),
        command("=gone", &["=aws", "=s3", "=ls"]),
        command("-", &["=terraform", "=fmt"]),
    ];
    let mut terminal = guard(&mut world, 1, &commands);
    assert_eq!(answer(&world, &mut terminal, 0), "");
    assert!(!terminal.everything().contains("MFA code"), "{}", terminal.everything());
    // What follows `--%` is read as the program will see it.
    let mut terminal = guard(&mut world, 2, &[command("?", &["=aws", "=--%", "=s3 ls --profile prod"])]);
    terminal.expect("MFA code for prod (").line("");
    assert_eq!(answer(&world, &mut terminal, 0), NEVER);
}

#[test]
fn use_reads_its_words_where_nothing_can_change_them() {
    let mut world = World::new(3600);
    world.home.credentials("[it's \"a\" $name]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n");
    world.home.set("AWSENV_WORDS", "\u{1f}\u{1f}it's \"a\" $name");
    let run = |world: &World| {
        let output = world.home.awsenv(&["switch", "powershell", "1", "0", ".", ".", "--"]).output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let text = run(&world);
    assert!(text.contains("$global:__awsenv_set_values = @('it''s \"a\" $name', "), "{text}");
    // The one before, by `-`.
    world.home.set("AWSENV_WORDS", "dev\u{1f}\u{1f}-");
    assert!(run(&world).contains("$global:__awsenv_set_values = @('dev', "), "{}", run(&world));
}
