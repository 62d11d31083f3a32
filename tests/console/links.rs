//! Links into the console: who gets in, to which page, for how long.

use testbed::aws::{ACCOUNT, Fault};
use testbed::proxy::{Policy, Proxy};

use super::desk::{Desk, REGION};

#[test]
fn a_role_gets_in_through_the_printed_link() {
    let desk = Desk::new();
    let link = desk.link(&["admin"]);
    let begin = format!("{}/federation?Action=login&Issuer=awsenv&Destination=", desk.aws.url());
    assert!(link.starts_with(&begin), "{link}");
    assert!(desk.aws.console_sign_ins().is_empty(), "nobody has followed it");
    desk.follow(&link);
    let page = format!("https://{REGION}.console.aws.amazon.com/console/home?region={REGION}");
    let [(who, to)] = &desk.aws.console_sign_ins()[..] else { panic!("one came in") };
    assert!(who.starts_with(&format!("arn:aws:iam::{ACCOUNT}:role/admin/awsenv-taro")) && *to == page, "{who} {to}");
}

#[test]
fn keys_go_in_the_body_and_the_session_lasts_as_it_was_asked_for() {
    let desk = Desk::with("duration_seconds = 7200\n");
    desk.link(&["admin"]);
    let calls = desk.aws.calls_of("getSigninToken");
    assert_eq!((calls.len(), calls[0].method.as_str()), (1, "POST"), "{calls:?}");
    assert_eq!(calls[0].params.get("SessionDuration").map(String::as_str), Some("7200"));
    // The session is in the AWS CLI's cache; the console's link is made anew.
    desk.link(&["admin"]);
    assert_eq!((desk.aws.calls_of("AssumeRole").len(), desk.aws.calls_of("getSigninToken").len()), (1, 2));
}

#[test]
fn a_role_of_a_session_asks_for_no_duration() {
    let desk = Desk::with(
        "[profile deploy]\nrole_arn = arn:aws:iam::444455556666:role/deploy\nsource_profile = admin\nregion = eu-west-1\n",
    );
    let _ = desk.aws.role("arn:aws:iam::444455556666:role/deploy").trusts("arn:aws:iam::123456789012:role/admin");
    desk.follow(&desk.link(&["deploy"]));
    let calls = desk.aws.calls_of("getSigninToken");
    assert!(calls.len() == 1 && !calls[0].params.contains_key("SessionDuration"), "{calls:?}");
    assert!(desk.aws.console_sign_ins()[0].0.starts_with("arn:aws:iam::444455556666:role/deploy/"));
}

#[test]
fn a_cached_session_for_which_aws_takes_no_duration_gets_in_without_one() {
    let desk = Desk::new();
    // As another tool would leave it in the AWS CLI's cache: made from a session.
    desk.link(&["admin"]);
    let folder = desk.home.path().join(".aws/cli/cache");
    let file = folder.read_dir().expect("a folder").next().expect("a file").expect("readable").path();
    let chained = desk.aws.role("other").trusts(&format!("arn:aws:iam::{ACCOUNT}:role/admin"));
    desk.home.config(format!(
        "[profile admin]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/admin\nsource_profile = base\n\
         [profile other]\nrole_arn = {}\nsource_profile = admin\n",
        chained.arn()
    ));
    desk.link(&["other"]);
    let other = folder.read_dir().expect("a folder").flatten().map(|f| f.path()).find(|f| *f != file).expect("another");
    std::fs::copy(other, &file).expect("it can be written");
    desk.aws.forget_calls();
    desk.follow(&desk.link(&["admin"]));
    let calls = desk.aws.calls_of("getSigninToken");
    let durations: Vec<_> = calls.iter().map(|c| (c.params.contains_key("SessionDuration"), c.accepted)).collect();
    assert_eq!(durations, [(true, false), (false, true)]);
    assert_eq!(desk.pages(), ["https://console.aws.amazon.com/console/home"]);
}

#[test]
fn a_service_is_named_as_people_say_it() {
    let desk = Desk::new();
    for (said, page) in [
        ("s3", "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"),
        ("CFN", "https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1"),
        ("iam", "https://console.aws.amazon.com/iam/home?region=eu-west-1"),
        ("some-new-thing", "https://eu-west-1.console.aws.amazon.com/some-new-thing/home?region=eu-west-1"),
    ] {
        desk.follow(&desk.link(&["admin", "--service", said]));
        assert_eq!(desk.pages().last().expect("in"), page);
    }
    desk.aws.forget_calls();
    for service in ["a/b", "s3?x=1", "s3#x", "../x", ""] {
        let ran = desk.run(&["console", "admin", "--service", service]);
        assert!(ran.status == 2 && ran.err.contains("letters, digits and hyphens"), "{service}: {ran:?}");
    }
    assert!(desk.aws.calls().is_empty());
}

#[test]
fn each_partition_has_its_own_console() {
    let roles = ["arn:aws-cn:iam::123456789012:role/r", "arn:aws-us-gov:iam::123456789012:role/r"];
    let desk = Desk::with(&format!(
        "[profile cn]\nrole_arn = {}\nsource_profile = base\nregion = cn-north-1\n\
         [profile gov]\nrole_arn = {}\nsource_profile = base\n",
        roles[0], roles[1]
    ));
    for role in roles {
        let _ = desk.aws.role(role).trusts(desk.user.arn());
    }
    desk.follow(&desk.link(&["cn", "--service", "ec2"]));
    desk.follow(&desk.link(&["gov", "--service", "ec2"]));
    assert_eq!(
        desk.pages(),
        [
            "https://cn-north-1.console.amazonaws.cn/ec2/home?region=cn-north-1",
            "https://console.amazonaws-us-gov.com/ec2/home"
        ]
    );
}

#[test]
fn a_role_of_identity_center_and_one_behind_a_code_get_in() {
    let mut desk = Desk::new();
    let directory = desk.aws.directory("https://d-1234567890.awsapps.com/start", REGION);
    directory.assign("111122223333", "Development", "Admin");
    desk.home.write(testbed::aws::cache_name("corp"), directory.token(3600).file());
    let coded = desk.aws.role("coded").trusts(desk.user.arn()).needs_mfa();
    desk.home.config(format!(
        "{}[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\nregion = {REGION}\n\
         [profile coded]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\n",
        directory.section("corp"),
        coded.arn(),
        desk.device.serial(),
    ));
    desk.follow(&desk.link(&["dev"]));
    assert!(!desk.aws.calls_of("getSigninToken")[0].params.contains_key("SessionDuration"));
    desk.browser();
    let mut terminal = desk.terminal(&["console", "coded"]);
    terminal.expect("MFA code for coded").line(&desk.device.code());
    terminal.expect("the console of coded opens in the browser");
    assert_eq!(super::desk::exit(&mut terminal), 0);
    desk.aws.wait_for_calls("login", 2);
    assert!(desk.aws.console_sign_ins()[1].0.starts_with(coded.arn()), "{:?}", desk.aws.console_sign_ins());
    // Neither was asked for with a duration, which AWS would have refused.
    assert!(desk.aws.calls_of("getSigninToken").iter().all(|c| c.accepted));
}

#[test]
fn aws_mfas_layout_gets_in_where_it_becomes_a_role() {
    let desk = Desk::new();
    let role = desk.aws.role("mfa").trusts(desk.user.arn()).needs_mfa();
    let (keys, serial) = (desk.key.lines(), desk.device.serial());
    desk.home.credentials(format!("[dev-long-term]\n{keys}aws_mfa_device = {serial}\nassume_role = {}\n", role.arn()));
    assert_eq!(desk.run(&["refresh", "dev", &desk.device.code()]).status, 0);
    desk.follow(&desk.link(&["dev"]));
    assert!(desk.aws.console_sign_ins()[0].0.starts_with(role.arn()));
    assert_eq!(desk.aws.calls_of("getSigninToken")[0].params.get("SessionDuration").map(String::as_str), Some("3600"));
}

#[test]
fn aws_itself_is_reached_by_its_name_through_the_profiles_proxy() {
    let mut desk = Desk::new();
    let proxy = Proxy::start(desk.aws.https_address(), Policy::Basic("taro".into(), "geheim".into()));
    desk.home.write(".testbed-ca.pem", desk.aws.ca_pem());
    let bundle = desk.home.path().join(".testbed-ca.pem");
    desk.home.unset("AWS_ENDPOINT_URL");
    let config = desk.home.text(".aws/config");
    desk.home
        .config(config.replace("[profile admin]\n", &format!("[profile admin]\nca_bundle = {}\n", bundle.display())));
    let url = proxy.url().replace("http://", "http://taro:geheim@");
    desk.home.settings(format!("[profile admin]\nproxy = corp\n[proxy corp]\nhttps = {url}\n"));
    let link = desk.link(&["admin"]);
    assert!(link.starts_with("https://signin.aws.amazon.com/federation?Action=login&"), "{link}");
    let targets: Vec<String> = proxy.attempts().into_iter().map(|a| a.target).collect();
    assert!(targets.contains(&"CONNECT signin.aws.amazon.com:443".to_owned()), "{targets:?}");
    assert!(desk.aws.calls_of("getSigninToken").iter().all(|c| c.tls && c.host == "signin.aws.amazon.com"));
}

#[test]
fn a_passing_failure_is_tried_again() {
    let desk = Desk::new();
    desk.aws.fault_on("getSigninToken", Fault::GatewayHtml, 1);
    desk.link(&["admin"]);
    assert_eq!(desk.aws.calls_of("getSigninToken").len(), 2);
}
