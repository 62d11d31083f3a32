//! What a hook costs at every prompt: a typed line that does nothing, until the next prompt stands.

use std::time::{Duration, Instant};

use testbed::{Home, Session, Shell};

use crate::fixture::Programs;
use crate::report::{Row, time};
use crate::turns::{beyond, medians_of_series, ratio};

pub fn rows(programs: &Programs) -> Vec<Row> {
    let Some(_direnv) = testbed::require("direnv") else { return Vec::new() };
    let starship = testbed::starship();
    let mut rows = Vec::new();
    for shell in Shell::ALL {
        let mut hooks = vec![String::new(), shell.hook().to_owned(), direnv(shell).to_owned()];
        hooks.extend(starship.iter().filter_map(|program| starship_in(shell, &program.display().to_string())));
        let homes: Vec<Home> = hooks.iter().map(|_| home(programs)).collect();
        let sessions = homes.iter().zip(&hooks).map(|(home, hook)| Session::start(shell, home, hook));
        let Some(mut sessions) = sessions.collect::<Option<Vec<_>>>() else { continue };
        let [_, hooked, ..] = &mut sessions[..] else { unreachable!("the hook's is the second") };
        assert!(hooked.run("").segment.starts_with("dev "), "the hook of {} is not there", shell.name());

        // The second after the last change of a file belongs to that change.
        wait_for_whole_seconds();
        let mut runs: Vec<_> = sessions.iter_mut().map(|session| move || prompt(session)).collect();
        let mut runs: Vec<&mut dyn FnMut() -> Duration> = runs.iter_mut().map(|run| run as _).collect();
        let times = medians_of_series(60, &mut runs);
        let [plain, ours, direnv, ..] = times[..] else { unreachable!("one time for each") };
        let (ours, direnv) = (beyond(ours, plain), beyond(direnv, plain));
        let least = match shell {
            Shell::Bash | Shell::Zsh => Some(40.0),
            Shell::Fish => Some(15.0),
            // It asks for the times of files by listing them, and has no cheaper way: no budget was set for that.
            Shell::Nushell => None,
        };
        let name = shell.name();
        rows.push(Row::plain(format!("{name}: a plain prompt"), time(plain)));
        rows.push(Row::plain(format!("{name}: awsenv"), time(ours)));
        rows.push(Row::plain(format!("{name}: direnv"), time(direnv)));
        if let Some(starship) = times.get(3) {
            let starship = beyond(*starship, plain);
            rows.push(Row::plain(format!("{name}: starship"), time(starship)));
            rows.push(Row::plain(
                format!("{name}: awsenv is cheaper than starship by"),
                format!("{:.0} x", ratio(starship, ours)),
            ));
        }
        let what = format!("{name}: awsenv is cheaper than direnv by");
        rows.push(match least {
            Some(least) => Row::at_least(what, ratio(direnv, ours), least, "x"),
            None => Row::plain(what, format!("{:.0} x", ratio(direnv, ours))),
        });
    }
    rows
}

/// A home in which starship's prompt has one line: fish draws longer ones more than once.
fn home(programs: &Programs) -> Home {
    let mut home = programs.home();
    let config = home.path().join("starship.toml");
    home.write("starship.toml", "add_newline = false\n[line_break]\ndisabled = true\n");
    home.set("STARSHIP_CONFIG", config);
    home
}

fn prompt(session: &mut Session) -> Duration {
    let start = Instant::now();
    session.run(":");
    start.elapsed()
}

fn direnv(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => r#"eval "$(direnv hook bash)""#,
        Shell::Zsh => r#"eval "$(direnv hook zsh)""#,
        Shell::Fish => "direnv hook fish | source",
        // As direnv's manual has it for nushell.
        Shell::Nushell => {
            "$env.config.hooks.pre_prompt ++= [{|| direnv export json | from json | default {} | load-env }]"
        }
    }
}

/// starship's own prompt, with the numbered one of the tests behind it. Not in nushell, which reads starship's file behind
/// everything that a test could write.
fn starship_in(shell: Shell, program: &str) -> Option<String> {
    Some(match shell {
        Shell::Bash => format!(
            "eval \"$({program} init bash)\"\n\
             at_mark() {{ PS1+='@$((AT_PROMPT+=1)):$?>'; }}\nPROMPT_COMMAND+=$'\\nat_mark'\n"
        ),
        Shell::Zsh => format!("eval \"$({program} init zsh)\"\nPROMPT+='@${{at_prompt}}:%?>'\n"),
        Shell::Fish => format!(
            "{program} init fish | source\nfunctions -c fish_prompt starship_prompt\n\
             function fish_prompt; starship_prompt; echo -n \"@$at_prompt:0>\"; end\n"
        ),
        Shell::Nushell => return None,
    })
}

/// Waits until two seconds have begun since now.
pub fn wait_for_whole_seconds() {
    let whole = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |t| t.as_secs());
    let end = whole() + 2;
    while whole() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
}
