//! Many processes, one question, one call.

use testbed::{FakeAws, Home};

use crate::many_processes::{all_well, start};
use crate::stage::{self, Person, expired, home, script, works};

const QUESTION: &str = "MFA code for ";

/// Six of each kind, and what they need to know about the shell that they stand for.
const TWENTY: &str = "
    for i in 1 2 3 4 5 6 7; do awsenv guard bash 1 $$ $i -- aws s3 ls >/dev/null & done
    for i in 1 2 3 4 5 6 7; do awsenv credentials dev >/dev/null & done
    for i in 1 2 3 4 5 6; do awsenv refresh dev & done
    bad=0; for job in $(jobs -p); do wait $job || bad=$?; done; echo all done, bad $bad.";

fn count(text: &[u8], what: &str) -> usize {
    String::from_utf8_lossy(text).matches(what).count()
}

#[test]
fn twenty_processes_on_one_terminal_ask_once_and_call_once() {
    let aws = FakeAws::start();
    let (mut home, taro) = expired(&aws);
    home.set("AWS_PROFILE", "dev");
    let mut terminal = script(&home, TWENTY);
    terminal.expect(QUESTION).line(&taro.device.code()).expect("all done, bad 0.");
    assert_eq!(count(&terminal.raw(), QUESTION), 1, "{}", terminal.everything());
    assert_eq!(aws.calls_of("GetSessionToken").len(), 1);
    assert!(works(&aws, &home.text(".aws/credentials"), "dev"));
}

#[test]
fn on_several_terminals_the_first_code_serves_all() {
    let aws = FakeAws::start();
    let (mut home, taro) = expired(&aws);
    home.set("AWS_PROFILE", "dev");
    let mut first = script(&home, TWENTY);
    first.expect(QUESTION);
    let mut others: Vec<_> = (0..3).map(|_| script(&home, TWENTY)).collect();
    for other in &mut others {
        other.expect("is asking for the code of dev since");
    }
    // One is taken over: two questions stand, and the code typed here ends both.
    others[0].line("").expect(QUESTION);
    others[0].line(&taro.device.code());
    for terminal in others.iter_mut().chain([&mut first]) {
        terminal.expect("all done, bad 0.");
    }
    assert_eq!(count(&first.raw(), QUESTION) + others.iter().map(|t| count(&t.raw(), QUESTION)).sum::<usize>(), 2);
    assert_eq!(aws.calls_of("GetSessionToken").len(), 1);
}

fn roles(aws: &FakeAws, home: &Home, taro: &Person, names: &[&str]) {
    let mut config = "[profile base]\nregion = us-east-1\n".to_owned();
    for name in names {
        let role = aws.role(name).trusts(taro.user.arn()).needs_mfa();
        config += &format!(
            "[profile {name}]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\n",
            role.arn(),
            taro.device.serial()
        );
    }
    home.config(config);
    home.credentials(format!("[base]\n{}", taro.key.lines()));
}

#[test]
fn roles_on_one_device_ask_once_and_each_is_assumed_once() {
    let aws = FakeAws::start();
    let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
    roles(&aws, &home, &taro, &["admin", "ops"]);
    let twenty = "for i in 1 2 3 4 5 6 7 8 9 10; do awsenv credentials admin >/dev/null & awsenv credentials ops >/dev/null & done
        bad=0; for job in $(jobs -p); do wait $job || bad=$?; done; echo all done, bad $bad.";
    let mut terminal = script(&home, twenty);
    terminal.expect(QUESTION).line(&taro.device.code()).expect("all done, bad 0.");
    assert_eq!(count(&terminal.raw(), QUESTION), 1, "{}", terminal.everything());
    let calls = |what| aws.calls_of(what).len();
    assert_eq!((calls("GetSessionToken"), calls("AssumeRole")), (1, 2));

    // An hour later the MFA session still lives: no question, and again one call for each.
    for file in stage::all_files(&home.path().join(".aws/cli/cache")) {
        std::fs::remove_file(file).unwrap();
    }
    let names = ["admin", "ops"].into_iter().cycle().take(20);
    all_well(names.map(|name| start(&home, &["credentials", name])).collect());
    assert_eq!((calls("GetSessionToken"), calls("AssumeRole")), (1, 4));
}

#[test]
fn a_code_from_a_command_is_fetched_once_for_all() {
    let aws = FakeAws::start();
    let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
    home.credentials(format!("{}mfa_process = ykman-stand-in\n", taro.long_term("dev")));
    let ran = home.outside().join("ran");
    home.script(
        "ykman-stand-in",
        &format!("#!/bin/sh\necho x >>'{}'\nsleep 0.2\necho {}\n", ran.display(), taro.device.code()),
    );
    all_well((0..10).map(|_| start(&home, &["credentials", "dev"])).collect());
    assert_eq!(aws.calls_of("GetSessionToken").len(), 1);
    assert_eq!(std::fs::read_to_string(ran).unwrap(), "x\n");
}
