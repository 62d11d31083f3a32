//! The text that `init` prints.

use std::path::PathBuf;

use crate::world::{HOOK, World};

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

#[test]
fn an_older_fish_says_what_it_lacks_and_is_left_alone() {
    let world = World::new();
    world.session_ends_in(-5);
    let rc = format!("{} | string replace 'builtin -q path' false | source", HOOK.trim_end_matches(" | source"));
    let Some(mut fish) = world.fish(&format!("set -gx AWS_PROFILE dev\n{rc}")) else { return };
    let plain = fish.run("aws s3 ls");
    assert_eq!((plain.text.as_str(), plain.segment.as_str()), ("aws ran: s3 ls profile=dev ask=\n", ""));
    let used = fish.run("awsenv use prod");
    assert!(used.status == 1 && used.text.contains("3.5 is needed") && used.text.lines().count() == 1, "{used:?}");
    assert!(fish.run("awsenv list").text.contains("dev"));
}
