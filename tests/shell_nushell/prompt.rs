//! The segment, and the variables that other programs read.

use crate::world::World;

#[test]
fn the_segment_shows_profile_and_time_left() {
    let world = World::new();
    world.session_ends_in(12 * 3600 - 30);
    let Some(mut nu) = world.nu("") else { return };
    assert_eq!(nu.run("ignore").segment, "", "no profile is chosen");
    assert_eq!(nu.run("^env | lines | where $it =~ '^AWS(ENV)?_(PROMPT|NAMES|SESSION)' | length").text, "0\n");
    assert_eq!(nu.run("$env.AWS_PROFILE = 'dev'").segment, "dev 11h59m ");
    assert_eq!(nu.run("^printenv AWSENV_PROMPT").text, "dev 11h59m\n");
    assert!(nu.run("^printenv AWS_SESSION_EXPIRATION").text.ends_with("Z\n"), "as starship reads it");
    for (seconds, shown) in [
        (7200 - 5, "dev 1h59m "),
        (3600 - 5, "dev 59m "),
        (3660 - 5, "dev 1h00m "),
        (55, "dev <1m "),
        (-5, "dev expired "),
    ] {
        world.session_ends_in(seconds);
        assert_eq!(nu.run("ignore").segment, shown, "{seconds}");
    }
    assert_eq!(nu.run("$env.AWS_PROFILE = 'keys'").segment, "keys ", "keys without an end");
    assert_eq!(nu.run("^env | lines | where $it =~ '^AWS_SESSION' | length").text, "0\n");
    assert_eq!(nu.run("hide-env AWS_PROFILE").segment, "");
    assert_eq!(nu.run("$env.AWS_PROFILE = 'nobody'").segment, "nobody ");
}

#[test]
fn a_session_ends_without_a_process() {
    let world = World::new();
    world.session_ends_in(5);
    let Some(mut nu) = world.dev() else { return };
    // The answer holds from the second after the files' own on.
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert_eq!(nu.run("ignore").segment, "dev <1m ");
    nu.run("$env.__awsenv.bin = '/nonexistent'");
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert_eq!(nu.run("ignore").segment, "dev expired ");
}

#[test]
fn no_session_production_and_a_format_are_shown() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    world.home.settings("[profile prod]\nproduction = true\n[prompt]\nformat = ({profile}) {left} {region}\n");
    let Some(mut nu) = world.dev() else { return };
    assert_eq!(nu.run("ignore").segment, "(dev) 1h59m eu-west-1 ");
    assert_eq!(nu.run("$env.AWS_PROFILE = 'prod'").segment, "!! (prod) 1h59m eu-west-1 ");
    world.home.settings("[x\n");
    assert_eq!(nu.run("ignore").segment, "", "broken settings: nothing, in silence");
    world.home.settings("");
    assert_eq!(nu.run("ignore").segment, "prod 1h59m ");
    world.home.credentials("[prod-long-term]\naws_access_key_id = A\naws_secret_access_key = s\naws_mfa_device = d\n");
    assert_eq!(nu.run("ignore").segment, "prod no session ");
}

#[test]
fn files_that_go_come_or_get_older_are_seen() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut nu) = world.dev() else { return };
    let file = world.home.path().join(".aws/credentials");
    let aside = world.home.path().join("aside");
    std::fs::rename(&file, &aside).expect("it can be moved");
    assert!(!nu.run("ignore").segment.contains("1h59m"));
    std::fs::rename(&aside, &file).expect("it can be moved");
    assert_eq!(nu.run("ignore").segment, "dev 1h59m ");
    // Older than everything, by a rename.
    let text = world.home.text(".aws/credentials").replace("[dev]", "[dev2]");
    std::fs::write(&aside, text).expect("the home can be written");
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    world.home.changed_at(&aside, hour_ago);
    std::fs::rename(&aside, &file).expect("it can be moved");
    assert_eq!(nu.run("ignore").segment, "dev no session ");
    // Settings where there were none.
    world.home.settings("[prompt]\nformat = <{profile}>\n");
    assert_eq!(nu.run("ignore").segment, "<dev> ");
    std::fs::remove_dir_all(world.home.path().join(".config/awsenv")).expect("it is there");
    assert_eq!(nu.run("ignore").segment, "dev no session ");
}

#[test]
fn colours_go_by_the_time_left() {
    for (seconds, colour) in [(7200, "32"), (600, "33"), (-5, "31")] {
        let mut world = World::new();
        world.session_ends_in(seconds);
        let raw = |nu: &testbed::Session| String::from_utf8_lossy(&nu.terminal.raw()).into_owned();
        let Some(mut nu) = world.dev() else { return };
        nu.run("ignore");
        assert!(raw(&nu).contains(&format!("\x1b[{colour}mdev ")), "{seconds}");
        for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
            let before = world.home.env();
            world.home.set(name, value);
            let Some(mut nu) = world.dev() else { return };
            assert!(nu.run("ignore").segment.starts_with("dev "));
            assert!(!raw(&nu).contains(&format!("\x1b[{colour}mdev ")), "{name}");
            for (name, value) in before {
                world.home.set(name, value);
            }
            world.home.unset("NO_COLOR");
        }
    }
}

#[test]
fn a_person_who_had_an_expiration_has_it_back() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut nu) = world.nu("$env.AWS_SESSION_EXPIRATION = 'mine'") else { return };
    let shown = "[$env.AWS_SESSION_EXPIRATION? $env.AWSENV_NAMES?] | to nuon";
    assert_eq!(nu.run(shown).text, "[mine, null]\n");
    nu.run("$env.AWS_PROFILE = 'dev'");
    assert!(nu.run("$env.AWS_SESSION_EXPIRATION").text.ends_with("Z\n"));
    nu.run("$env.AWS_PROFILE = 'keys'");
    assert_eq!(nu.run(shown).text, "[mine, null]\n");
}

#[test]
fn the_prompt_is_the_persons_whoever_sets_it_and_when() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    let Some(mut nu) = world.dev() else { return };
    assert_eq!(nu.run("ignore").segment, "dev 1h59m ");
    // A virtual environment, a theme: a text or a closure.
    nu.run("$env.PROMPT_COMMAND = {|| $\"\\(venv) @($env.at.prompt):($env.LAST_EXIT_CODE)>\" }");
    assert_eq!(nu.run("ignore").segment, "dev 1h59m (venv) ");
    assert_eq!(nu.run("ignore").segment, "dev 1h59m (venv) ", "once");
    assert_eq!(nu.run("^sh -c 'exit 5'").status, 5, "and it sees the status");
    nu.run("$env.PROMPT_COMMAND = '@100:0>'");
    nu.type_line("ignore").terminal.expect("\ndev 1h59m @100:0>");
}

#[test]
fn starship_and_oh_my_posh_show_the_variable_themselves() {
    let world = World::new();
    world.session_ends_in(7200 - 5);
    for name in ["STARSHIP_SHELL", "POSH_SHELL"] {
        let rc = format!(
            "$env.AWS_PROFILE = 'dev'\n$env.{name} = 'nu'\n\
             $env.PROMPT_COMMAND = {{|| $\"tool ($env.AWSENV_PROMPT?) @($env.at.prompt):($env.LAST_EXIT_CODE)>\" }}"
        );
        let Some(mut nu) = world.nu(&rc) else { return };
        assert_eq!(nu.run("ignore").segment, "tool dev 1h59m ", "{name}");
        assert_eq!(nu.run("$env.AWS_PROFILE = 'keys'").segment, "tool keys ", "fresh before it renders");
    }
    let rc = "mkdir ($nu.data-dir | path join vendor/autoload); awsenv init nushell --no-prompt \
              | save --force ($nu.data-dir | path join vendor/autoload/awsenv.nu)";
    let rc = format!("$env.AWS_PROFILE = 'dev'\n{rc}");
    let Some(mut nu) = testbed::Session::start(testbed::Shell::Nushell, &world.home, &rc) else { return };
    assert_eq!(nu.run("ignore").segment, "");
    assert_eq!(nu.run("$env.AWSENV_PROMPT").text, "dev 1h59m\n");
}
