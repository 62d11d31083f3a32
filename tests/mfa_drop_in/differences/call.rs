//! Around the code and the call.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use testbed::Terminal;
use testbed::aws::Fault;
use testbed::proxy::{Policy, Proxy};

use super::super::pair::{DEVICE, Input, Pair, ROLE, Ran, World, exit};
use super::{DEV, FORCE, one_line, traceback};

differences! {

a_code_is_sent_once [
    "a code that was sent within 90 seconds",
    "is sent, and AWS refuses it",
    "is not sent; the ERROR line, with the same beginning, says when the next code comes",
    "AWS takes each code once; the reason does not show in its answer"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let twice = |w: &World| {
        let code = format!("{}\n", w.device.code());
        assert_eq!(w.run(&DEV, Input::Text(&code)).status, Some(0));
        let before = w.credentials();
        let again = w.run(&FORCE, Input::Text(&code));
        assert_eq!((again.status, w.credentials()), (Some(1), before));
        assert!(again.out.contains("ERROR - An error occured while calling assume role: "), "{again:?}");
        (again.out, w.aws.calls().len())
    };
    assert_eq!(twice(&pair.real).1, 2);
    let (out, calls) = twice(&pair.ours);
    assert!(calls == 1 && out.contains("this code was just used") && out.contains("the next one comes in"), "{out}");
}

the_shape_of_a_code [
    "a code with blanks (`492 039`, as apps show it), or of other than six digits",
    "checks that there are six characters or more",
    "takes the blanks; all else is `Token must be six digits`, and nothing is sent",
    "asked for in #36, PR #43; a password typed by mistake must not go to AWS"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let (real, ours) = pair.run(&DEV, Input::Text("hunter22\n"));
    assert!(real.out.contains("(ValidationError) when calling"), "{real:?}");
    one_line(&ours, "ERROR - Token must be six digits");
    assert!(pair.ours.aws.calls().is_empty());
    let split = |w: &World| {
        let code = w.device.code();
        w.run(&DEV, Input::Text(&format!("{} {}\n", &code[..3], &code[3..])))
    };
    assert_eq!((split(&pair.real).status, split(&pair.ours).status), (Some(1), Some(0)));
}

what_aws_would_not_take [
    "a duration, device, role or role session name that AWS never takes",
    "asks for the code, then `Token must be six digits`, or AWS's refusal",
    "says so before the question",
    "asked for in #36, PR #65; it costs no code"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let role = ["--assume-role", ROLE];
    for (args, why) in [
        (&["--duration", "60"][..], "ERROR - a session of 1m cannot be had: AWS gives 15m to 36h00m"),
        (&["--duration", "129601"], "ERROR - a session of 36h00m cannot be had"),
        (&["--device", "phone"], "ERROR - phone is no MFA device: it is an ARN"),
        (&["--assume-role", "Admin"], "ERROR - Admin is no role: it is an ARN"),
        (&[role[0], role[1], "--role-session-name", "x"], "ERROR - a role's session cannot be called x: "),
        (&[role[0], role[1], "--role-session-name", "a b"], "ERROR - a role's session cannot be called a b: "),
    ] {
        let (real, ours) = pair.run(&[&DEV, args].concat(), Input::Code);
        let asked = |ran: &Ran| ran.out.contains("Enter AWS MFA code for device");
        assert!(asked(&real) && real.status == Some(1), "{real:?}");
        assert!(real.out.contains("Token must be six digits") || real.out.contains("(ValidationError)"), "{real:?}");
        one_line(&ours, why);
        assert!(!asked(&ours), "{ours:?}");
    }
}

a_call_is_made_once [
    "AWS's passing troubles (throttling, 5xx)",
    "the code is sent up to five times",
    "it is sent once; the ERROR line is the same",
    "AWS may have taken it already, and refuses the second one"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    pair.each(|w| w.aws.fault_on("GetSessionToken", Fault::ServerError(503), 1));
    let (real, ours) = pair.run(&DEV, Input::Code);
    assert_eq!((real.status, pair.real.aws.calls().len()), (Some(0), 2), "{real:?}");
    assert_eq!(pair.ours.aws.calls().len(), 1);
    one_line(&ours, "ERROR - An error occured while calling assume role: An error occurred (");
}

no_answer [
    "stdin at its end, at any question",
    "traceback",
    "one ERROR line, exit code 1",
    "a job without a person should say what it lacks"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let (real, ours) = pair.run(&DEV, Input::Nothing);
    traceback(&real, "EOFError");
    one_line(&ours, "ERROR - no code: stdin is at its end: type it, pipe it in, or give it with --token");
    let (real, ours) = pair.run(&["--setup"], Input::Nothing);
    traceback(&real, "EOFError");
    one_line(&ours, "ERROR - no profile name: stdin is at its end");
}

nobody_answers [
    "no network, a proxy that refuses, a file that cannot be written",
    "traceback, after the code",
    "one ERROR line, exit code 1; what can be known before the question is said before it",
    "it costs no code"
] {
    let Some(mut pair) = Pair::with(|_| String::new()) else { return };
    let gone = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its own");
    pair.set("AWS_ENDPOINT_URL", &format!("http://{gone}")).set("AWS_MAX_ATTEMPTS", "1");
    let (real, ours) = pair.run(&DEV, Input::Code);
    traceback(&real, "EndpointConnectionError");
    one_line(&ours, "ERROR - An error occured while calling assume role: 127.0.0.1");
}

a_foreign_profile_in_the_environment [
    "`--profile` beside an AWS_PROFILE or AWS_DEFAULT_PROFILE that boto3 does not know",
    "traceback, after the code",
    "does not matter",
    "asked for in #30, #83, PR #18, #84"
] {
    let Some(mut pair) = Pair::with(|_| String::new()) else { return };
    pair.set("AWS_PROFILE", "gone").set("AWS_DEFAULT_PROFILE", "gone-too");
    let (real, ours) = pair.run(&DEV, Input::Code);
    traceback(&real, "ProfileNotFound");
    assert_eq!(ours.status, Some(0), "{ours:?}");
}

the_partition_of_the_device [
    "which STS is called",
    "boto3's choice: the region of whatever profile is in the environment, else sts.amazonaws.com",
    "the profile's region, else the home of the device's or role's partition (China, GovCloud)",
    "asked for in #86, PR #77, #89"
] {
    let Some(mut pair) = Pair::new() else { return };
    let device = "arn:aws-us-gov:iam::123456789012:mfa/taro";
    pair.each(|w| { w.home.credentials(w.long_term().replace(DEVICE, device)); });
    let target = |w: &mut World| {
        let proxy = Proxy::start(w.aws.https_address(), Policy::Open);
        w.home.unset("AWS_DEFAULT_REGION").unset("AWS_ENDPOINT_URL").set("HTTPS_PROXY", proxy.url());
        // They trust no certificate of ours, and get as far as the name.
        w.home.set("AWS_MAX_ATTEMPTS", "1");
        w.run(&DEV, Input::Code);
        proxy.attempts().pop().expect("it came by the proxy").target
    };
    let real = target(&mut pair.real);
    assert!(real.contains("sts.amazonaws.com") || real.contains("sts.us-east-1."), "{real}");
    let ours = target(&mut pair.ours);
    assert!(ours.contains("sts.us-gov-"), "{ours}");
}

a_security_key [
    "a security key (FIDO, U2F) as the device",
    "asks for a code, which AWS refuses",
    "says that AWS takes codes of authenticator apps only, and asks nothing",
    "asked for in #34"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let args = ["--profile", "dev", "--device", "arn:aws:iam::123456789012:u2f/user/taro/key"];
    let (real, ours) = pair.run(&args, Input::Code);
    assert!(real.out.contains("unable to validate MFA code"), "{real:?}");
    one_line(&ours, "is a security key");
    assert!(!ours.out.contains("Enter AWS MFA code"));
}

the_environments_way [
    "a proxy and a CA bundle that the environment names, and nobody who reads the question",
    "the code and the keys go that way",
    "nothing is sent until a person has said once, in a terminal, that they are theirs (`awsenv refresh`)",
    "the two together can read the keys, and a cloned repository's `.envrc` can set them"
] {
    let Some(mut pair) = Pair::with(|_| String::new()) else { return };
    let by_name = |w: &mut World| {
        let proxy = Proxy::start(w.aws.https_address(), Policy::Open);
        w.home.use_aws_by_name(&w.aws, &proxy);
        (w.run(&DEV, Input::Code), w.aws.calls().len())
    };
    let (ran, calls) = by_name(&mut pair.real);
    assert_eq!((ran.status, calls), (Some(0), 1), "{ran:?}");
    let (ran, calls) = by_name(&mut pair.ours);
    one_line(&ran, "ERROR - nothing was sent by way of ");
    assert_eq!(calls, 0);
}

wrong_usage [
    "wrong usage, `--help`",
    "argparse's words",
    "awsenv's words; exit codes 2 and 0, stderr and stdout as there; `--long` is clear, for it means one thing",
    "nobody reads them by program"
] {
    let Some(pair) = Pair::with(|w| w.session(9000)) else { return };
    let (real, ours) = pair.run(&["--unknown"], Input::Nothing);
    assert!(real.err.contains("aws-mfa: error: unrecognized arguments: --unknown"), "{real:?}");
    assert!(ours.err.contains("error: unexpected argument '--unknown'") && ours.err.contains("Usage: aws-mfa "), "{ours:?}");
    let (real, ours) = pair.run(&["--long", "long-term", "--profile", "dev"], Input::Nothing);
    assert_eq!((real.status, ours.status), (Some(2), Some(0)), "{ours:?}");
}

the_code_as_a_flag [
    "`--token`, `--mfa-token`",
    "the build on PyPI does not know it, the one on GitHub does",
    "takes it, and says `DEBUG - Received token as argument` as that one does",
    "both call themselves 0.0.12"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let with = |w: &World, flag: &str| w.run(&["--profile", "dev", "--force", flag, &w.device.code()], Input::Nothing);
    assert_eq!(with(&pair.real, "--token").status, Some(2));
    for flag in ["--token", "--mfa-token"] {
        let ran = with(&pair.ours, flag);
        assert!(ran.status == Some(0) && ran.out.contains("DEBUG - Received token as argument\nINFO - Fetching"), "{ran:?}");
    }
    assert_eq!(pair.ours.run(&["--profile", "dev", "--force", "--token", "12345"], Input::Nothing).status, Some(1));
}

a_variable_that_is_no_number [
    "MFA_STS_DURATION that is no number",
    "traceback",
    "one ERROR line; `12h` is understood, there and behind `--duration`",
    "a length of time is written so elsewhere"
] {
    let Some(mut pair) = Pair::with(|_| String::new()) else { return };
    let (real, ours) = pair.set("MFA_STS_DURATION", "long").run(&DEV, Input::Code);
    traceback(&real, "ValueError");
    one_line(&ours, "ERROR - MFA_STS_DURATION is no length of time");
    // Behind a flag nobody looks at it.
    pair.same(&["--profile", "dev", "--duration", "900"], Input::Wrong);
    let (_, ours) = pair.set("MFA_STS_DURATION", "2h").run(&DEV, Input::Code);
    assert!(ours.out.contains("renewing for 7200 seconds") && ours.status == Some(0), "{ours:?}");
    assert!(pair.ours.run(&["--profile", "dev", "--force", "--duration", "1h30m"], Input::Code).out.contains("Duration: 5400"));
}

what_a_refusal_means [
    "what AWS's refusal means",
    "is not said",
    "one line on stderr, beside aws-mfa's line on stdout: `awsenv: AWS refused the MFA device …: this is a user's ARN …`",
    "asked for in #25, #46"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let args = ["--profile", "dev", "--device", "arn:aws:iam::123456789012:user/taro"];
    let (real, ours) = pair.run(&args, Input::Code);
    assert_eq!((real.status, &real.out, real.err.as_str()), (Some(1), &ours.out, ""));
    assert!(ours.err.contains("awsenv: AWS refused the MFA device") && ours.err.contains("this is a user's ARN"), "{ours:?}");
}

another_process_was_faster [
    "another process gets the session while the code is typed",
    "calls AWS again",
    "takes that session; no code is spent",
    "two questions for one code"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let refresh = |w: &World| {
        let done = w.home.command_alone("awsenv").args(["refresh", "dev", &w.device.code()]).output().expect("it starts");
        assert!(done.status.success(), "{done:?}");
    };
    let calls = |w: &World| (w.run_around(&DEV, refresh).status, w.aws.calls_of("GetSessionToken").len());
    assert_eq!((calls(&pair.real), calls(&pair.ours)), ((Some(0), 2), (Some(0), 1)));
}

a_shorter_session [
    "a session that is shorter than what was asked for",
    "is not said",
    "a WARNING line in front of `Success!`",
    "asked for in #64"
] {
    let Some(mut pair) = Pair::with(|_| String::new()) else { return };
    let aws = TcpListener::bind("127.0.0.1:0").expect("a free port");
    pair.set("AWS_ENDPOINT_URL", &format!("http://{}", aws.local_addr().expect("its own")));
    let server = std::thread::spawn(move || (0..2).for_each(|_| give_an_hour(&aws)));
    let (real, ours) = pair.run(&DEV, Input::Code);
    server.join().expect("both came");
    let success = "INFO - Success! Your credentials will expire in 43200 seconds at: ";
    assert!(real.out.contains(&format!("Duration: 43200\n{success}")), "{real:?}");
    assert!(ours.out.contains(" seconds where 43200 were asked for\nINFO - Success!"), "{ours:?}");
    assert!(ours.out.contains("WARNING - AWS gave a session of 3") && ours.status == Some(0), "{ours:?}");
}

the_zone_on_a_terminal [
    "`they will expire at …`, on a terminal",
    "UTC, without saying so",
    "`… UTC (21:19 here)`; into a pipe or a file as aws-mfa has it",
    "asked for in #74"
] {
    let Some(mut pair) = Pair::with(|w| w.session(9000)) else { return };
    pair.set("TZ", "Asia/Tokyo");
    let screen = |w: &World| {
        let mut terminal = w.terminal(&DEV);
        let status = exit(&mut terminal);
        assert_eq!(status.code(), Some(0));
        terminal.everything()
    };
    let real = screen(&pair.real);
    let plain = |text: &str| text.trim_end().ends_with(|c: char| c.is_ascii_digit()) && text.contains("they will expire at");
    assert!(plain(&real), "{real}");
    let ours = screen(&pair.ours);
    assert!(ours.contains(" UTC (") && ours.trim_end().ends_with(" here)"), "{ours}");
    assert!(plain(&pair.same(&DEV, Input::Nothing).replace("TIME", "0")));
}

what_a_person_should_know [
    "what a person should know before the code goes out",
    "is not said",
    "one line on stderr each, on a terminal: a proxy, CA bundle, role or credentials file of the environment, an endpoint that is not AWS's",
    "any of these may be another's"
] {
    let Some(mut pair) = Pair::with(|_| String::new()) else { return };
    pair.each(|w| { w.home.write("elsewhere", w.long_term()); });
    pair.set("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere").set("MFA_ASSUME_ROLE", ROLE);
    let mut terminal = pair.ours.terminal(&DEV);
    terminal.expect(&format!("awsenv: it becomes a session of the role {ROLE} (MFA_ASSUME_ROLE)"));
    terminal.expect("/elsewhere (AWS_SHARED_CREDENTIALS_FILE)").expect("seconds):").line(&pair.ours.device.code());
    assert_eq!(exit(&mut terminal).code(), Some(0));
    // Without a person the log alone is there.
    assert_eq!(pair.ours.run(&FORCE, Input::Code).err, "");
    let mut terminal = pair.real.terminal(&DEV);
    terminal.expect("seconds):").line(&pair.real.device.code());
    exit(&mut terminal);
    assert!(!terminal.everything().contains("elsewhere"));
}

ctrl_c [
    "Ctrl-C at a question",
    "traceback",
    "ends quietly with exit code 130; nothing is left behind",
    "it is no accident"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let question = "(renewing for 43200 seconds):";
    let mut terminal = pair.real.terminal(&DEV);
    terminal.expect(question);
    let seen = |terminal: &Terminal| terminal.everything().contains("KeyboardInterrupt");
    for _ in 0..20 {
        // Python misses one that comes between its question and its wait.
        terminal.send(b"\x03");
        let end = Instant::now() + Duration::from_secs(1);
        while !seen(&terminal) && Instant::now() < end {
            terminal.changed(terminal.raw().len(), Duration::from_millis(50));
        }
        if seen(&terminal) {
            break;
        }
    }
    assert!(seen(&terminal), "{}", terminal.everything());

    let mut terminal = pair.ours.terminal(&DEV);
    terminal.expect(question).send(b"\x03");
    assert_eq!(exit(&mut terminal).code(), Some(130), "{}", terminal.everything());
    assert!(terminal.everything().trim_end().ends_with("seconds):^C"), "{}", terminal.everything());
    let mut left: Vec<_> = std::fs::read_dir(pair.ours.home.path().join(".aws")).expect("there").flatten().collect();
    left.retain(|file| file.file_name() != ".awsenv.lock");
    assert_eq!(left.len(), 1, "{left:?}");
}

}

/// Answers one GetSessionToken with an hour, whatever was asked for.
fn give_an_hour(aws: &TcpListener) {
    let (stream, _) = aws.accept().expect("a call");
    let mut reader = BufReader::new(&stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a request");
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    std::io::Read::read_exact(&mut reader, &mut vec![0; length]).expect("a body");
    let (now, hour) = (chrono::Utc::now(), chrono::Duration::hours(1));
    let (date, end) = (now.format("%a, %d %b %Y %H:%M:%S GMT"), (now + hour).format("%Y-%m-%dT%H:%M:%SZ"));
    let body = format!(
        "<GetSessionTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetSessionTokenResult><Credentials>\
         <AccessKeyId>ASIASHORT</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>{end}</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>"
    );
    let head =
        format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n", body.len());
    (&stream).write_all(format!("{head}{body}").as_bytes()).expect("it waits for it");
}
