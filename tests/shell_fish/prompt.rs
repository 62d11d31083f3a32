//! The segment, and what stays as it was.

use crate::world::{HOOK, World};

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
fn what_is_loaded_at_first_use_is_of_the_binary_that_was_loaded_last() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    assert_eq!(fish.run("functions -q __awsenv_use; or echo not yet").text, "not yet\n");
    fish.run("set -g real $__awsenv_bin; set -g __awsenv_bin /nonexistent/awsenv");
    let gone = fish.run("awsenv use prod");
    assert!(gone.status == 127 && gone.text.contains("/nonexistent/awsenv is gone"), "{gone:?}");
    fish.run("set -g __awsenv_bin $real; awsenv use prod");
    assert_eq!(fish.run("true").segment, "prod 1h59m ");
    fish.run(HOOK);
    assert_eq!(fish.run("set -q __awsenv_rest; or echo not yet").text, "not yet\n");
    fish.run("functions --erase __awsenv_leave; awsenv leave");
    assert_eq!(fish.run("true").segment, "dev 1h59m ", "loaded again, and what `use` had kept is still there");
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

#[test]
fn changes_by_others_show_at_the_next_prompt() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    let file = world.home.path().join(".aws/credentials");
    let aside = world.home.path().join("aside");
    let text = |hours: i64| {
        world.session_ends_in(hours * 3600 - 5);
        world.home.read(".aws/credentials")
    };
    // In place, as fast as prompts come: many within one second of the stamp.
    for hours in [3, 4, 5, 6] {
        text(hours);
        assert_eq!(fish.run("true").segment, format!("dev {}h59m ", hours - 1));
    }
    // An older file, moved in.
    let older = text(8);
    text(9);
    assert_eq!(fish.run("true").segment, "dev 8h59m ");
    std::fs::write(&aside, older).expect("the home can be written");
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    world.home.changed_at(&aside, hour_ago);
    std::fs::rename(&aside, &file).expect("it can be moved");
    assert_eq!(fish.run("true").segment, "dev 7h59m ");
    // A file that appears, together with its folder.
    world.home.settings("[prompt]\nformat = ({profile}) {left}\n");
    assert_eq!(fish.run("true").segment, "(dev) 7h59m ");
    std::fs::remove_dir_all(world.home.path().join(".config/awsenv")).expect("it is there");
    assert_eq!(fish.run("true").segment, "dev 7h59m ");
    // A file that appears in an empty folder, older than everything.
    let folder = world.home.path().join(".config/awsenv");
    std::fs::create_dir_all(&folder).expect("the home can be written");
    assert_eq!(fish.run("true").segment, "dev 7h59m ");
    world.home.write("settings", "[prompt]\nformat = <{profile}> {left}\n");
    let settings = world.home.path().join("settings");
    world.home.changed_at(&settings, hour_ago);
    std::fs::rename(&settings, folder.join("config")).expect("it can be moved");
    assert_eq!(fish.run("true").segment, "<dev> 7h59m ");
    std::fs::remove_file(folder.join("config")).expect("it is there");
    assert_eq!(fish.run("true").segment, "dev 7h59m ");
    // Files that go and come back.
    std::fs::rename(&file, &aside).expect("it can be moved");
    assert!(!fish.run("true").segment.contains("7h59m"));
    std::fs::rename(&aside, &file).expect("it can be moved");
    assert_eq!(fish.run("true").segment, "dev 7h59m ");
}

#[test]
fn a_person_who_had_an_expiration_has_it_back() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.fish(&format!("set -gx AWS_SESSION_EXPIRATION mine\n{HOOK}")) else { return };
    assert_eq!(fish.run("echo $AWS_SESSION_EXPIRATION").text, "mine\n");
    fish.run("set -gx AWS_PROFILE dev");
    assert!(fish.run("echo $AWS_SESSION_EXPIRATION").text.ends_with("Z\n"));
    fish.run("set -gx AWS_PROFILE keys");
    assert_eq!(fish.run("echo $AWS_SESSION_EXPIRATION; set -q AWSENV_NAMES; or echo unset").text, "mine\nunset\n");
}

#[test]
fn a_binary_that_fails_is_silent() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut fish) = world.dev() else { return };
    for script in ["echo 'set -g __awsenv_line oops'; echo noise >&2; exit 101", "exit 1", "kill -9 $$"] {
        let broken = world.home.script("broken", &format!("#!/bin/sh\n{script}\n"));
        fish.run(&format!("set -g __awsenv_bin {}", broken.display()));
        fish.run("set -gx AWS_PROFILE prod");
        let after = fish.run("set -gx AWS_PROFILE dev");
        assert_eq!((after.text.as_str(), after.segment.as_str(), after.status), ("", "", 0), "{script}");
        let guarded = fish.run("aws s3 ls");
        assert!(
            guarded.text.ends_with("aws ran: s3 ls profile=dev ask=\n") && guarded.status == 0,
            "{script}: {guarded:?}"
        );
    }
    fish.run("set -g __awsenv_bin /etc/passwd");
    let after = fish.run("set -gx AWS_PROFILE prod");
    assert_eq!((after.text.as_str(), after.segment.as_str()), ("", ""));
}

#[test]
fn without_a_binary_at_the_first_prompt_there_is_silence_and_another_try() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let broken = world.home.script("broken", "#!/bin/sh\necho 'set -g oops'; echo noise >&2; exit 101\n");
    for bin in ["/nonexistent/awsenv".to_owned(), broken.display().to_string()] {
        let rc = format!("set -gx AWS_PROFILE dev\n{HOOK}\nset -g real $__awsenv_bin; set -g __awsenv_bin {bin}");
        let Some(mut fish) = world.fish(&rc) else { return };
        let raw = String::from_utf8_lossy(&fish.terminal.raw()).into_owned();
        assert!(!raw.contains("noise") && !raw.contains("awsenv"), "{raw}");
        let after = fish.run("set -q oops; or echo silent");
        assert_eq!((after.text.as_str(), after.segment.as_str()), ("silent\n", ""), "{bin}");
        assert_eq!(fish.run("set -g __awsenv_bin $real").segment, "", "not before a minute is over: {bin}");
        assert_eq!(fish.run("set -g __awsenv_retry 0").segment, "dev 1h59m ", "{bin}");
    }
}

#[test]
fn before_the_first_prompt_completion_and_use_load_what_they_need() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let script =
        format!("{HOOK}\ncomplete -C 'awsenv lea' | string replace -r '\\t.*' ''\nawsenv use dev\necho $AWS_PROFILE");
    let Some((out, err)) = world.batch(&script) else { return };
    assert_eq!((String::from_utf8_lossy(&out).as_ref(), err.as_str()), ("leave\ndev\n", ""));
}
