//! Two worlds that differ in the program only.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use testbed::aws::{Device, Key, Role, User};
use testbed::pty::DEADLINE;
use testbed::{FakeAws, Home, Spec, Terminal};

pub const DEVICE: &str = "arn:aws:iam::123456789012:mfa/taro";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/Admin";

/// A home, a fake AWS with taro, his key and device and a role, and the program `aws-mfa`.
pub struct World {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
    pub device: Device,
    _role: Role,
    pub program: PathBuf,
}

/// What comes on stdin.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// Its end.
    Nothing,
    /// A good code.
    Code,
    /// Six digits that are no code now.
    Wrong,
    Text(&'a str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl World {
    fn new(program: impl FnOnce(&Home) -> PathBuf) -> World {
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        let aws = FakeAws::start();
        // boto3 wants a region beside an endpoint.
        home.use_aws(&aws).set("AWS_DEFAULT_REGION", "us-east-1").set("COLUMNS", "100");
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let role = aws.role("Admin").trusts(user.arn()).needs_mfa().max_duration(43_200);
        let program = program(&home);
        World { home, aws, user, key, device, _role: role, program }
    }

    /// awsenv under the name of aws-mfa.
    pub fn ours() -> World {
        World::new(|home| {
            let link = home.outside().join("bin/aws-mfa");
            std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_awsenv"), &link).expect("a new home has no such file");
            link
        })
    }

    pub fn long_term(&self) -> String {
        format!("[dev-long-term]\n{}aws_mfa_device = {DEVICE}\n", self.key.lines())
    }

    /// `[dev]` as aws-mfa writes it; ends in so many seconds.
    pub fn session(&self, seconds: i64) -> String {
        let made = self.user.session(seconds);
        format!(
            "[dev]\nassumed_role = False\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n\
             aws_security_token = {}\nexpiration = {}\n",
            made.access_key_id,
            made.secret_access_key,
            made.session_token,
            made.session_token,
            made.expiration_as_aws_mfa()
        )
    }

    pub fn credentials(&self) -> String {
        self.home.text(".aws/credentials")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.home.command_alone(&self.program);
        command.args(args);
        command
    }

    pub fn start(&self, args: &[&str], vars: &[(&str, &str)]) -> Child {
        let mut command = self.command(args);
        command.envs(vars.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|e| panic!("{}: {e}", self.program.display()))
    }

    /// Runs it to its end.
    pub fn run_with(&self, args: &[&str], input: Input, vars: &[(&str, &str)]) -> Ran {
        let mut child = self.start(args, vars);
        let text = match input {
            Input::Nothing => String::new(),
            Input::Code => format!("{}\n", self.device.code()),
            Input::Wrong => format!("{}\n", self.device.wrong_code()),
            Input::Text(text) => text.to_owned(),
        };
        // It may end without having read.
        let _ = child.stdin.take().expect("piped").write_all(text.as_bytes());
        self.ran(child)
    }

    pub fn run(&self, args: &[&str], input: Input) -> Ran {
        self.run_with(args, input, &[])
    }

    pub fn ran(&self, child: Child) -> Ran {
        let done = child.wait_with_output().expect("it ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran { status: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
    }

    /// Starts it, waits for the code question and lets `meanwhile` happen before the code is typed.
    pub fn run_around(&self, args: &[&str], meanwhile: impl FnOnce(&World)) -> Ran {
        let mut child = self.start(args, &[]);
        let out = child.stdout.as_mut().expect("piped");
        let mut seen = Vec::new();
        while !seen.ends_with(b" seconds):") {
            let mut byte = [0];
            assert_eq!(out.read(&mut byte).expect("a pipe"), 1, "{:?}", String::from_utf8_lossy(&seen));
            seen.push(byte[0]);
        }
        meanwhile(self);
        let code = self.device.code();
        child.stdin.take().expect("piped").write_all(format!("{code}\n").as_bytes()).expect("it waits for it");
        let mut ran = self.ran(child);
        ran.out.insert_str(0, std::str::from_utf8(&seen).expect("UTF-8"));
        ran
    }

    /// On a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(&self.program).args(args.iter().copied()).cwd(self.home.path());
        spec.env = self.home.env();
        Terminal::start(spec)
    }

    /// What was asked of AWS, the code left out.
    pub fn calls(&self) -> Vec<(String, Vec<(String, String)>)> {
        let params = |call: &testbed::aws::Call| {
            call.params.iter().filter(|(key, _)| *key != "TokenCode").map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        self.aws.calls().iter().map(|call| (call.action.clone(), params(call))).collect()
    }
}

/// How a program on a terminal ended, once all that it wrote is there.
pub fn exit(terminal: &mut Terminal) -> ExitStatus {
    let status = terminal.exit_status(DEADLINE);
    let end = Instant::now() + DEADLINE;
    while !terminal.is_over() && Instant::now() < end {
        terminal.changed(terminal.raw().len(), Duration::from_millis(20));
    }
    status
}

/// The real aws-mfa and ours.
pub struct Pair {
    pub real: World,
    pub ours: World,
}

impl Pair {
    /// `None` where the real one is missing.
    pub fn new() -> Option<Pair> {
        let python = testbed::require_python("awsmfa")?;
        Some(Pair { real: World::new(|_| python.with_file_name("aws-mfa")), ours: World::ours() })
    }

    /// With `[dev-long-term]` and more.
    pub fn with(more: impl Fn(&World) -> String) -> Option<Pair> {
        let pair = Pair::new()?;
        pair.each(|w| {
            w.home.credentials(format!("{}{}", w.long_term(), more(w)));
        });
        Some(pair)
    }

    pub fn each(&self, does: impl Fn(&World)) {
        does(&self.real);
        does(&self.ours);
    }

    pub fn set(&mut self, name: &str, value: &str) -> &mut Pair {
        self.real.home.set(name, value);
        self.ours.home.set(name, value);
        self
    }

    /// Both run it.
    pub fn run(&self, args: &[&str], input: Input) -> (Ran, Ran) {
        (self.real.run(args, input), self.ours.run(args, input))
    }

    /// Both run it, and nobody could tell which is which: exit code, every line, what was asked of AWS, and what is in the
    /// file afterwards. Gives stdout, made comparable.
    #[track_caller]
    pub fn same(&self, args: &[&str], input: Input) -> String {
        let (real, ours) = self.run(args, input);
        let (real_out, ours_out) = (self.comparable(&self.real, &real.out), self.comparable(&self.ours, &ours.out));
        assert_eq!(ours_out, real_out, "{args:?} {input:?}\n{ours:?}\n{real:?}");
        assert_eq!(ours.status, real.status, "{args:?} {input:?}");
        // What awsenv has to say beside aws-mfa's log is on stderr, and always after its own name.
        assert!(ours.err.lines().all(|l| l.starts_with("awsenv: ")) && real.err.is_empty(), "{ours:?}\n{real:?}");
        assert_eq!(self.ours.calls(), self.real.calls(), "{args:?} {input:?}");
        self.same_files();
        ours_out
    }

    /// The same sections, keys and values in the same order, but for the one key that is ours.
    #[track_caller]
    pub fn same_files(&self) {
        let sections = |w: &World| match std::fs::read_to_string(w.home.path().join(".aws/credentials")) {
            Ok(text) => sections(&text),
            Err(_) => Vec::new(),
        };
        let mut ours = sections(&self.ours);
        ours.iter_mut().for_each(|(_, keys)| keys.retain(|(key, value)| (key.as_str(), value.as_str()) != MANAGER));
        assert_eq!(ours, sections(&self.real));
    }

    fn comparable(&self, world: &World, text: &str) -> String {
        comparable(&text.replace(&world.home.path().display().to_string(), "HOME"))
    }
}

pub const MANAGER: (&str, &str) = ("manager", "awsenv");

/// Times become TIME, a count of seconds with a fraction SECONDS.
pub fn comparable(text: &str) -> String {
    const FORM: &[u8] = b"0000-00-00 00:00:00";
    let is_time = |bytes: &[u8]| {
        bytes.len() == FORM.len()
            && bytes.iter().zip(FORM).all(|(b, f)| if *f == b'0' { b.is_ascii_digit() } else { b == f })
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.as_bytes().get(..FORM.len()).is_some_and(is_time) {
            out.push_str("TIME");
            rest = &rest[FORM.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
        if out.ends_with("still valid for ") {
            let (number, behind) = rest.split_once(' ').expect("a number and a blank");
            let (whole, part) = number.split_once('.').expect("a fraction, as Python has it");
            assert!(whole.parse::<u32>().is_ok() && (1..=6).contains(&part.len()) && part.parse::<u32>().is_ok());
            out.push_str("SECONDS ");
            rest = behind;
        }
    }
    out
}

/// Sections with their keys and values; the time of an `expiration` becomes TIME.
pub fn sections(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        match (line.strip_prefix('['), line.split_once('='), found.last_mut()) {
            (Some(name), _, _) => found.push((name.trim_end_matches(']').to_owned(), Vec::new())),
            (None, Some((key, value)), Some((_, keys))) => keys.push((key.trim().to_owned(), comparable(value.trim()))),
            _ => panic!("{line:?} in {text}"),
        }
    }
    found
}
