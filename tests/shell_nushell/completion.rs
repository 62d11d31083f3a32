//! What TAB offers.

use testbed::Session;

use crate::world::World;

/// What the hook offers for these words, one per line.
fn offered(nu: &mut Session, words: &str) -> String {
    nu.run(&format!("__awsenv_complete {words} | get value | to text")).text
}

#[test]
fn commands_flags_and_profiles_are_offered() {
    let world = World::new();
    world.session_ends_in(7200);
    world.home.config("[profile dev]\n[profile \"my profile\"]\n[profile \"$(touch X)\"]\n[profile -x]\n");
    let Some(mut nu) = world.nu("") else { return };
    assert_eq!(offered(&mut nu, "[awsenv lea]"), "leave\n");
    let all = offered(&mut nu, "[awsenv '']");
    assert!(all.contains("use\n") && all.contains("doctor\n") && !all.contains("guard") && !all.contains(' '), "{all}");
    assert_eq!(offered(&mut nu, "[awsenv use '']"), "dev\n\"my profile\"\n\"$(touch X)\"\n\"-x\"\nprod\nkeys\n");
    assert_eq!(offered(&mut nu, "[awsenv refresh de]"), "dev\n");
    assert_eq!(offered(&mut nu, "[awsenv use '\"my']"), "\"my profile\"\n");
    assert_eq!(offered(&mut nu, "[awsenv use --r]"), "--region\n");
    assert_eq!(offered(&mut nu, "[awsenv config '']"), "path\n");
    assert_eq!(offered(&mut nu, "[awsenv export --fo]"), "--format\n");
    assert!(!world.home.path().join("X").exists());
}

#[test]
fn tab_takes_what_is_offered() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.config("[profile dev]\n[profile \"my profile\"]\n");
    let Some(mut nu) = world.nu("") else { return };
    nu.terminal.mark().send("awsenv use my\t").expect("\"my profile\"");
    nu.terminal.send(b"\r");
    assert_eq!(nu.prompt().segment, "my profile no session ");
    // A guarded command is completed by whatever completes programs.
    nu.run("$env.config.completions.external = {enable: true, completer: {|spans| [$\"known-($spans | length)\"] }}");
    nu.terminal.mark().send("aws s3 \t").expect("known-3");
    nu.terminal.send(b"\x03");
}
