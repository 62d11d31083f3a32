//! PowerShell, where there is one: what the hook costs at a prompt and at the start. No budget was set for it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use testbed::{Home, Spec, Terminal};

use crate::fixture::Programs;
use crate::report::{Row, time};
use crate::turns::{beyond, medians, medians_of_series};

const PROFILE: &str = ".config/powershell/Microsoft.PowerShell_profile.ps1";
/// `@N>` where N grows with every prompt.
const PROMPT: &str = "$global:at_prompt = 0\nfunction prompt { $global:at_prompt++; \"@$global:at_prompt>\" }\n";
const HOOK: &str = "awsenv init powershell | Out-String | Invoke-Expression\n";

/// A PowerShell that waits for lines.
struct Session {
    terminal: Terminal,
    prompts: u64,
}

impl Session {
    fn start(program: &Path, home: &Home) -> Session {
        let mut session = Session { terminal: terminal(program, home, &["-NoLogo"]), prompts: 0 };
        session.prompt();
        session
    }

    /// Waits for the next prompt; gives what stands in front of the number. PSReadLine draws a line many times: only the
    /// screen tells how it looks.
    fn prompt(&mut self) -> String {
        let last = self.prompts;
        let find = |screen: &testbed::pty::Screen| {
            let text = screen.contents();
            let (segment, rest) = text.trim_end().lines().next_back()?.split_once('@')?;
            let number = rest.strip_suffix('>')?.parse().ok().filter(|number| *number > last)?;
            Some((number, segment.to_owned()))
        };
        self.terminal.wait_for(|screen| find(screen).is_some(), "the next prompt");
        let (number, segment) = find(&self.terminal.picture()).expect("it has just been there");
        self.prompts = number;
        segment
    }

    fn enter(&mut self) -> Duration {
        let begin = Instant::now();
        self.terminal.line("");
        self.prompt();
        begin.elapsed()
    }
}

/// One row that says so where there is no PowerShell.
fn missing() -> Vec<Row> {
    vec![Row::plain("powershell", "did not run: pwsh is not on PATH")]
}

/// A line that does nothing, until the next prompt stands.
pub fn prompts(programs: &Programs) -> Vec<Row> {
    let Some(program) = testbed::find("pwsh") else { return missing() };
    let homes = ["", HOOK].map(|hook| home(programs, hook));
    let [mut plain, mut hooked] = homes.each_ref().map(|home| Session::start(&program, home));
    hooked.enter();
    hooked.terminal.line("");
    assert!(hooked.prompt().starts_with("dev "), "the hook of powershell is not there");
    crate::prompts::wait_for_whole_seconds();
    let times = medians_of_series(30, &mut [&mut || plain.enter(), &mut || hooked.enter()]);
    vec![
        Row::plain("powershell: a plain prompt", time(times[0])),
        Row::plain("powershell: awsenv", time(beyond(times[1], times[0]))),
    ]
}

/// A shell that reads its start file and ends.
pub fn start(programs: &Programs) -> Vec<Row> {
    let Some(program) = testbed::find("pwsh") else { return missing() };
    let [plain, hooked] = ["", HOOK].map(|hook| home(programs, hook));
    let run = |home: &Home| {
        let begin = Instant::now();
        let terminal = terminal(&program, home, &["-NoLogo", "-Command", "exit"]);
        terminal.changed(usize::MAX, testbed::pty::DEADLINE);
        let time = begin.elapsed();
        assert!(terminal.is_over(), "powershell does not end: {}", terminal.everything());
        time
    };
    let times = medians(20, &mut [&mut || run(&plain), &mut || run(&hooked)]);
    let added = beyond(times[1], times[0]);
    vec![Row::plain(format!("powershell (alone {})", time(times[0])), time(added))]
}

fn home(programs: &Programs, hook: &str) -> Home {
    let mut home = programs.home();
    home.write(PathBuf::from(PROFILE), format!("{PROMPT}{hook}"));
    home.set("POWERSHELL_TELEMETRY_OPTOUT", "1").set("POWERSHELL_UPDATECHECK", "Off");
    home
}

fn terminal(program: &Path, home: &Home, words: &[&str]) -> Terminal {
    let mut spec = Spec::new(program).args(words.iter().copied()).cwd(home.path());
    // So high that nothing scrolls away.
    (spec.env, spec.rows) = (home.env(), 2000);
    Terminal::start(spec)
}
