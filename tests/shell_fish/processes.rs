//! Nothing is started that nobody asked for.

use testbed::{Session, Shell, trace};

use crate::world::{HOOK, World};

/// See [`trace::started`].
fn started(world: &World, rc: &str, act: impl FnOnce(&mut Session)) -> Option<(Vec<String>, usize)> {
    trace::started(Shell::Fish, &world.home, rc, act)
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

#[test]
fn without_a_place_for_stamps_ten_prompts_start_one_process_at_most() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    // Nobody, root included, can make a folder there.
    world
        .home
        .set("AWSENV_STATE_DIR", "/proc/nowhere")
        .set("XDG_STATE_HOME", "/proc/nowhere")
        .set("XDG_RUNTIME_DIR", "/proc/nowhere");
    let rc = format!("set -gx AWS_PROFILE dev\n{HOOK}");
    let Some((programs, _)) = started(&world, &rc, |fish| {
        for _ in 0..10 {
            let after = fish.run("true");
            assert_eq!((after.text.as_str(), after.segment.as_str()), ("", "dev 1h59m "));
        }
        assert_eq!(fish.run("string match -rq '^1[0-9]{9}$' -- $__awsenv_now; and echo clock").text, "clock\n");
    }) else {
        return;
    };
    assert!(programs.len() <= 1, "{programs:#?}");
}

#[test]
fn loading_starts_nothing() {
    let world = World::new();
    let (Some(strace), Some(fish)) = (testbed::require("strace"), testbed::require("fish")) else { return };
    let hook = world.home.path().join("hook.fish");
    std::fs::write(&hook, world.home.awsenv(&["init", "fish"]).output().expect("awsenv runs").stdout)
        .expect("it can be written");
    let log = world.home.outside().join("strace");
    let mut command = world.home.command(strace);
    command.args(["-f", "-e", "trace=process", "-o"]).arg(&log).arg(fish).args(["--no-config", "-i", "-c"]);
    let out = command.arg(format!("source {}", hook.display())).output().expect("strace runs");
    assert!(out.status.success() && out.stdout.is_empty() && out.stderr.is_empty(), "{out:?}");
    let text = std::fs::read_to_string(&log).expect("strace writes");
    assert_eq!(text.matches("execve(").count(), 1, "fish itself: {text}");
}
