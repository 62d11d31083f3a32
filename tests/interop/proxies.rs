//! A proxy that refuses the password: it is tried once, not once per command.

use testbed::proxy::{Policy, Proxy};
use testbed::{Session, Shell};

use super::desk::Desk;

#[test]
fn twenty_guarded_commands_behind_a_proxy_that_answers_407_are_one_attempt() {
    let mut desk = Desk::new();
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "new".into()));
    desk.home.unset("AWS_ENDPOINT_URL").unset("HTTPS_PROXY");
    desk.home.settings(format!(
        "[mfa]\nsession_profiles = yes\n[profile r]\nproxy = corp\n[proxy corp]\nhttps = taro:old@{}\n",
        proxy.address()
    ));
    // A role that is renewed without a question, so that nobody has to answer twenty times.
    let role = desk.aws.role("Plain").trusts(desk.user.arn());
    let config = desk.home.text(".aws/config");
    desk.home
        .config(format!("{config}[profile r]\nrole_arn = {}\nsource_profile = base\nregion = us-east-1\n", role.arn()));
    desk.home.script("aws", "#!/bin/sh\necho ran\n");
    let Some(mut shell) = Session::start(Shell::Bash, &desk.home, Shell::Bash.hook()) else { return };
    assert_eq!(shell.run("awsenv use r").status, 0);
    for number in 0..20 {
        let ran = shell.run("aws s3 ls");
        assert!(ran.status == 0 && ran.text.contains("ran\n"), "{number}: {ran:?}");
        let said = if number == 0 { "407" } else { "nothing was sent" };
        assert!(ran.text.contains(said) || ran.text.contains("refused"), "{number}: {ran:?}");
    }
    assert_eq!(proxy.attempts().len(), 1, "{:?}", proxy.attempts());
    assert!(!shell.terminal.everything().contains("old@"), "the password shows nowhere");
    // Another password is another try.
    desk.home.settings(desk.home.text(".config/awsenv/config").replace("taro:old@", "taro:newer@"));
    shell.run("aws s3 ls");
    assert_eq!(proxy.attempts().len(), 2);
}
