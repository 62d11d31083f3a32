//! Nothing is started that nobody asked for.

use testbed::{Session, Shell, trace};

use crate::world::World;

/// See [`trace::started`].
fn started(world: &World, rc: &str, act: impl FnOnce(&mut Session)) -> Option<(Vec<String>, usize)> {
    trace::started(Shell::Nushell, &world.home, &format!("{rc}\n{}", Shell::Nushell.hook()), act)
}

#[test]
fn ten_prompts_start_nothing() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    // The person's own `ls` is not what looks at the files.
    for own in ["", "alias ls = ^ls -l", "def ls [...rest] { ^ls ...$rest }"] {
        let rc = format!("$env.AWS_PROFILE = 'dev'\n{own}");
        let Some((programs, processes)) = started(&world, &rc, |nu| {
            for _ in 0..10 {
                let after = nu.run("ignore");
                assert_eq!((after.segment.as_str(), after.text.as_str()), ("dev 1h59m ", ""));
            }
        }) else {
            return;
        };
        assert_eq!((programs, processes), (vec![], 0), "{own}");
    }
}

#[test]
fn a_guarded_command_on_a_good_session_starts_itself_alone() {
    let world = World::new();
    world.session_ends_in(7200);
    let Some((programs, processes)) = started(&world, "$env.AWS_PROFILE = 'dev'", |nu| {
        nu.run("aws s3 ls");
    }) else {
        return;
    };
    assert_eq!(processes, 1, "{programs:#?}");
    assert!(programs.len() == 1 && programs[0].contains("/bin/aws\""), "{programs:#?}");
}

#[test]
fn a_change_starts_the_binary_once() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some((programs, _)) = started(&world, "$env.AWS_PROFILE = 'dev'", |nu| {
        assert_eq!(nu.run("$env.AWS_PROFILE = 'keys'").segment, "keys ");
    }) else {
        return;
    };
    assert_eq!(programs.len(), 1, "{programs:#?}");
}

#[test]
fn without_a_place_for_stamps_ten_prompts_start_nothing_either() {
    let mut world = World::new();
    world.session_ends_in(7200 - 5);
    // Nobody, root included, can make a folder there.
    for name in ["AWSENV_STATE_DIR", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"] {
        world.home.set(name, "/proc/nowhere");
    }
    let Some((programs, processes)) = started(&world, "$env.AWS_PROFILE = 'dev'", |nu| {
        for _ in 0..10 {
            assert_eq!(nu.run("ignore").segment, "dev 1h59m ");
        }
    }) else {
        return;
    };
    assert_eq!((programs, processes), (vec![], 0));
}

#[test]
fn a_missing_binary_is_looked_for_no_more_than_once_a_minute() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some((programs, _)) = started(&world, "$env.AWS_PROFILE = 'dev'", |nu| {
        nu.run("$env.__awsenv.bin = '/bin/false'; $env.AWS_PROFILE = 'prod'");
        for _ in 0..10 {
            nu.run("ignore");
        }
    }) else {
        return;
    };
    assert_eq!(programs.len(), 1, "{programs:#?}");
}
