//! How many processes a prompt and a guarded command start.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use testbed::{Home, Session};

use crate::desk::{home_with_session, put_command, zsh};

/// What a shell starts, as strace sees it.
struct Traced {
    strace: Child,
    /// Kept open: strace says more, and would die of a closed pipe.
    _messages: BufReader<ChildStderr>,
    home: std::path::PathBuf,
}

impl Traced {
    fn attach(home: &Home, session: &Session) -> Option<Traced> {
        let strace = testbed::require("strace")?;
        let mut strace = Command::new(strace)
            .args(["-f", "-e", "trace=process", "-o"])
            .arg(home.path().join("trace"))
            .args(["-p", &session.terminal.pid().to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut messages = BufReader::new(strace.stderr.take().unwrap());
        messages.read_line(&mut line).unwrap();
        assert!(line.contains("attached"), "{line}");
        Some(Traced { strace, _messages: messages, home: home.path().to_owned() })
    }

    /// The programs started, after strace has let go.
    fn programs(mut self) -> (usize, Vec<String>) {
        let pid = rustix::process::Pid::from_child(&self.strace);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.strace.wait().unwrap();
        let trace = std::fs::read_to_string(self.home.join("trace")).unwrap();
        let forks = ["fork(", "clone(", "clone3("].map(|call| trace.matches(call).count());
        let programs = trace.lines().filter(|l| l.contains("execve(") && l.contains("= 0"));
        (forks.iter().sum(), programs.map(str::to_owned).collect())
    }
}

#[test]
fn ten_prompts_start_no_process() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh(&home) else { return };
    zsh.run("");
    let Some(traced) = Traced::attach(&home, &zsh) else { return };
    for _ in 0..9 {
        assert_eq!(zsh.run("").segment, "dev 2h00m ");
    }
    // One that must be seen, so that a blind strace is no success.
    zsh.run("sh -c :");
    let (forks, programs) = traced.programs();
    assert_eq!((forks, programs.len()), (1, 1), "{programs:?}");
    assert!(programs[0].contains("\"-c\", \":\""), "{programs:?}");
}

#[test]
fn a_guarded_command_starts_only_itself() {
    let home = home_with_session(7230);
    put_command(&home, "aws");
    let Some(mut zsh) = zsh(&home) else { return };
    zsh.run("");
    let Some(traced) = Traced::attach(&home, &zsh) else { return };
    assert_eq!(zsh.run("aws s3 ls").text, "aws ran: s3 ls profile=dev ask=\n");
    let (forks, programs) = traced.programs();
    assert_eq!((forks, programs.len()), (1, 1), "{programs:?}");
}

#[test]
fn without_a_place_for_a_stamp_the_binary_is_not_asked_again_and_again() {
    let mut home = home_with_session(7230);
    // A folder that others can write to is no place for state, and neither is a file.
    home.write("no-folder", "");
    let no_folder = home.path().join("no-folder");
    home.set("AWSENV_STATE_DIR", &no_folder).set("XDG_RUNTIME_DIR", &no_folder);
    home.set("XDG_STATE_HOME", &no_folder);
    let Some(mut zsh) = zsh(&home) else { return };
    zsh.run("");
    let Some(traced) = Traced::attach(&home, &zsh) else { return };
    for _ in 0..10 {
        let prompt = zsh.run("");
        assert_eq!((prompt.segment.as_str(), prompt.text.as_str()), ("dev 2h00m ", ""));
    }
    let (_, programs) = traced.programs();
    assert!(programs.len() <= 1, "{programs:?}");
}
