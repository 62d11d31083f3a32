//! Commands as shells and SDKs start them.

use std::time::{Duration, Instant};

use testbed::{FakeAws, Home, Shell, Spec, Terminal};

use crate::fixture::{Programs, use_call};
use crate::report::{Row, time};
use crate::turns::{beyond, medians, ratio, run};

/// `prompt`, `use`, `init`, `credentials` and the hooks' calls.
pub fn starts(programs: &Programs) -> Vec<Row> {
    let home = programs.home();
    let awsenv = |args: &[&str]| run(&mut home.awsenv(args));
    let mut turn = 0;
    let times = medians(
        150,
        &mut [
            &mut || run(&mut home.command(&programs.hello)),
            &mut || awsenv(&["prompt"]),
            // To and fro, as a person goes: the list of what was used last changes each time.
            &mut || {
                turn += 1;
                run(home.awsenv(&[]).args(use_call(["dev", "other"][turn % 2])))
            },
            &mut || awsenv(&["init", "bash"]),
            &mut || awsenv(&["init", "zsh"]),
            &mut || awsenv(&["init", "fish"]),
            &mut || awsenv(&["init", "nushell"]),
            &mut || awsenv(&["credentials", "--no-ask", "dev"]),
            &mut || awsenv(&["hook", "bash", "1"]),
            &mut || awsenv(&["guard", "bash", "1", "1", "1", "--", "aws", "s3", "ls"]),
        ],
    );
    let [hello, prompt, use_, bash, zsh, fish, nushell, credentials, hook, guard] = times[..] else {
        unreachable!("one time for each")
    };
    vec![
        Row::plain("the empty program", time(hello)),
        Row::at_most("awsenv prompt", ratio(prompt, hello), 1.5, "x"),
        Row::at_most("awsenv use", ratio(use_, hello), 1.5, "x"),
        Row::at_most("awsenv init bash", ratio(bash, hello), 1.5, "x"),
        Row::at_most("awsenv init zsh", ratio(zsh, hello), 1.5, "x"),
        Row::at_most("awsenv init fish", ratio(fish, hello), 1.5, "x"),
        Row::at_most("awsenv init nushell", ratio(nushell, hello), 1.5, "x"),
        Row::at_most("awsenv credentials, session in the file", ratio(credentials, hello), 3.0, "x"),
        Row::plain("after a change: the hook's call", format!("{:.2} x", ratio(hook, hello))),
        Row::plain("a guarded command: the guard's call", format!("{:.2} x", ratio(guard, hello))),
    ]
}

/// What the line in the start file costs: a shell that reads it and ends.
pub fn shells(programs: &Programs) -> Vec<Row> {
    let mut rows = Vec::new();
    for shell in Shell::ALL {
        let Some(program) = testbed::require(shell.program()) else { continue };
        let home = |rc: &str| {
            let home = programs.home();
            home.write(shell.rc_file(), format!("{rc}\n"));
            if shell == Shell::Fish {
                home.write(".local/share/fish/generated_completions/none.fish", "");
            }
            home
        };
        let (plain, hooked) = (home(""), home(shell.hook()));
        let start = |home: &Home| {
            let arguments =
                shell.arguments().iter().copied().chain([if shell == Shell::Nushell { "-e" } else { "-c" }, "exit"]);
            let mut spec = Spec::new(&program).args(arguments).cwd(home.path());
            spec.env = home.env();
            let begin = Instant::now();
            let terminal = Terminal::start(spec);
            // Everything is read when the last holder of the terminal is gone.
            terminal.changed(usize::MAX, testbed::pty::DEADLINE);
            let time = begin.elapsed();
            assert!(terminal.is_over(), "{} does not end: {}", shell.name(), terminal.everything());
            time
        };
        let times = medians(
            60,
            &mut [&mut || run(&mut plain.command(&programs.hello)), &mut || start(&plain), &mut || start(&hooked)],
        );
        let [hello, without, with] = times[..] else { unreachable!("one time for each") };
        let most = hello.mul_f64(1.5) + Duration::from_millis(1);
        let (added, most) = (beyond(with, without).as_secs_f64() * 1e3, most.as_secs_f64() * 1e3);
        let what = format!("{} (alone {})", shell.name(), time(without));
        // nushell can only load what lies in a file: it writes and reads one, and parses all of it. No budget promises less.
        rows.push(match shell {
            Shell::Nushell => Row::plain(what, format!("{added:.2} ms")),
            _ => Row::at_most(what, added, most, "ms"),
        });
    }
    rows
}

/// A new session with a code, against an AWS on this machine.
pub fn refresh(programs: &Programs) -> Vec<Row> {
    let Some(curl) = testbed::require("curl") else { return Vec::new() };
    let aws = FakeAws::start();
    let user = aws.user("taro");
    let (key, device) = (user.key(), user.device("taro"));
    let mut home = programs.home();
    home.use_aws(&aws).set("AWS_PROFILE", "fresh");
    home.config("[profile fresh]\nregion = us-east-1\n");
    home.credentials(format!("[fresh-long-term]\n{}aws_mfa_device = {}\n", key.lines(), device.serial()));
    let user = format!("{}:{}", key.id, key.secret);
    let url = aws.url();
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let call = ["-sS", "--fail", "--aws-sigv4", "aws:amz:us-east-1:sts", "--user", &user, "-d", body, &url];
    let times = medians(
        40,
        &mut [&mut || run(home.command(&curl).args(call)), &mut || {
            let code = device.code();
            run(&mut home.awsenv(&["refresh", "fresh", &code, "--force"]))
        }],
    );
    let [curl, refresh] = times[..] else { unreachable!("one time for each") };
    vec![Row::plain("curl", time(curl)), Row::at_most("awsenv refresh", ratio(refresh, curl), 3.0, "x")]
}
