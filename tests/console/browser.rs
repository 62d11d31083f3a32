//! Opening the link: a one-shot address on the browser's command line, the settings' own command, and no browser at all.

use testbed::Home;

use super::desk::{Desk, exit};

/// A command of that name which notes its words and goes to the link of its last one, decoding it where it is a container's.
fn program(home: &Home, name: &str) {
    let script = "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; url=$word; done >>\"$HOME/argv\"\n\
        case $url in ext+container:*) url=$(printf %s \"${url##*url=}\" | sed 's/%3A/:/g; s/%2F/\\//g');; esac\n\
        exec curl -s -L -o \"$HOME/page\" \"$url\"\n";
    home.script(name, script);
}

#[test]
fn the_browsers_command_line_holds_no_token() {
    let mut desk = Desk::new();
    desk.browser();
    let ran = desk.run(&["console", "admin"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert_eq!(ran.err, "awsenv: the console of admin opens in the browser (127.0.0.1)\n");
    desk.aws.wait_for_calls("login", 1);
    assert_eq!(desk.pages(), ["https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"]);
    let [address] = &desk.argv()[..] else { panic!("{:?}", desk.argv()) };
    let path = address.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.split_once('/')).expect("a path").1;
    assert!(path.len() == 43 && !address.contains("SigninToken"), "{address}");
}

#[test]
fn the_address_leads_on_once_and_only_whom_it_was_given_to() {
    let mut desk = Desk::new();
    // A stranger's guesses first, then the right one with the answer kept, then the right one again.
    let script = "#!/bin/sh\nexec 2>/dev/null\nport=${1%/*}\n\
        curl -s -o \"$HOME/guess\" -w '%{http_code}' \"$port/\" >\"$HOME/first\"\n\
        curl -s -o /dev/null -X POST -w '%{http_code}' \"$1\" >\"$HOME/posted\"\n\
        curl -s -D \"$HOME/head\" \"$1\"\n\
        curl -s -D \"$HOME/again\" \"$1\"\necho done >\"$HOME/over\"\n";
    let browser = desk.home.script("browser", script);
    desk.home.set("BROWSER", browser);
    assert_eq!(desk.run(&["console", "admin"]).status, 0);
    let end = std::time::Instant::now() + testbed::pty::DEADLINE;
    while !desk.home.path().join("over").exists() {
        assert!(std::time::Instant::now() < end, "the browser does not end");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!((desk.home.text("first").as_str(), desk.home.text("posted").as_str()), ("404", "404"));
    let head = desk.home.text("head");
    assert!(head.starts_with("HTTP/1.1 302") && head.contains("SigninToken="), "{head}");
    assert!(head.contains("Referrer-Policy: no-referrer") && head.contains("Cache-Control: no-store"), "{head}");
    let again = std::fs::read_to_string(desk.home.path().join("again")).unwrap_or_default();
    assert!(!again.contains("SigninToken"), "{again}");
    assert!(!desk.home.text("guess").contains("SigninToken"));
}

#[test]
fn over_ssh_the_link_is_shown_instead() {
    let mut desk = Desk::new();
    desk.browser();
    desk.home.set("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22");
    let ran = desk.run(&["console", "admin"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(
        ran.err.contains("there is no browser here that you would see; this link opens the console of admin"),
        "{ran:?}"
    );
    let link = ran.err.lines().last().expect("a link").trim();
    desk.follow(link);
    assert_eq!((desk.pages().len(), desk.argv().len()), (1, 0));
}

#[test]
fn a_browser_that_does_not_start_is_named() {
    let mut desk = Desk::new();
    desk.home.set("BROWSER", "/nonexistent/browser");
    let ran = desk.run(&["console", "admin"]);
    assert!(ran.status == 1 && ran.err.contains("/nonexistent/browser does not start: "), "{ran:?}");
    assert!(
        ran.err.contains("`awsenv console --print` prints the link") && !ran.err.contains("SigninToken"),
        "{ran:?}"
    );
}

#[test]
fn the_settings_name_a_browser_for_each_profile() {
    let desk = Desk::new();
    program(&desk.home, "fox");
    desk.home.settings(
        "[profile *]\nbrowser = fox --profile-directory='{profile} {account}' {url}\n\
         [profile admin]\nbrowser = fox 'ext+container:name={profile}&url={url}'\n",
    );
    assert_eq!(desk.run(&["console", "admin"]).status, 0);
    desk.aws.wait_for_calls("login", 1);
    let [word] = &desk.argv()[..] else { panic!("{:?}", desk.argv()) };
    assert!(word.starts_with("ext+container:name=admin&url=http%3A%2F%2F127.0.0.1%3A"), "{word}");

    desk.home.settings("[profile *]\nbrowser = fox --profile-directory='{profile} {account}' {url}\n");
    assert_eq!(desk.run(&["console", "admin"]).status, 0);
    desk.aws.wait_for_calls("login", 2);
    assert_eq!(desk.argv()[1], "--profile-directory=admin 123456789012");
    assert!(desk.argv()[2].starts_with("http://127.0.0.1:"));
}

#[test]
fn the_settings_browser_opens_sign_ins_too() {
    let mut desk = Desk::new();
    program(&desk.home, "fox");
    let directory = desk.aws.directory("https://d-1234567890.awsapps.com/start", "eu-west-1");
    directory.assign("111122223333", "Development", "Admin");
    directory.set_consent(testbed::aws::Consent::Allow);
    let section = directory.section("corp");
    desk.home.config(format!(
        "{section}[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\n\
         [profile bare]\nsso_session = corp\n"
    ));
    desk.home.settings("[profile *]\nbrowser = fox {account} {url}\n");
    let mut terminal = desk.terminal(&["refresh", "dev"]);
    terminal.expect("opens in the browser").expect("dev is good");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    assert_eq!(desk.argv()[0], "111122223333");
    // What a command needs and nobody knows keeps nobody from signing in.
    desk.home.set("BROWSER", "/nonexistent/browser");
    let mut terminal = desk.terminal(&["refresh", "bare", "--force"]);
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    directory.end_sign_ins();
    std::fs::remove_file(desk.home.path().join(testbed::aws::cache_name("corp"))).expect("it is there");
    let mut terminal = desk.terminal(&["refresh", "bare"]);
    terminal.expect("browser: the account of this profile is not known, and {account} needs it; open this link");
    terminal.send("\x03");
    assert_eq!(exit(&mut terminal), 130);
}

#[test]
fn a_browser_of_a_file_that_the_environment_names_waits_for_a_word() {
    let mut desk = Desk::new();
    desk.browser();
    program(&desk.home, "fox");
    desk.home.write("clone/config", "[profile *]\nbrowser = fox {url}\n");
    desk.home.set("AWSENV_CONFIG", desk.home.path().join("clone/config"));
    let ran = desk.run(&["console", "admin"]);
    assert!(ran.status == 0 && ran.err.contains("it is not confirmed: left out: browser = fox {url}"), "{ran:?}");
    assert_eq!(desk.argv().len(), 1, "BROWSER opened it");
    let mut terminal = desk.terminal(&["console", "admin"]);
    terminal.expect("browser = fox {url}").expect("Let it count").line("y");
    terminal.expect("the console of admin opens");
    assert_eq!(exit(&mut terminal), 0);
    desk.home.set("BROWSER", "/nonexistent/browser");
    let ran = desk.run(&["console", "admin"]);
    assert_eq!((ran.status, ran.err.lines().count()), (0, 1), "confirmed once: {ran:?}");
}

#[test]
fn mistakes_in_the_settings_and_missing_programs_are_told() {
    let desk = Desk::new();
    desk.home.settings("[profile admin]\nbrowser = firefox {link}\n");
    let ran = desk.run(&["console", "admin"]);
    let why = "[profile admin] browser = firefox {link}: knows {url}, {profile} and {account}";
    assert!(ran.status == 1 && ran.err.contains(why), "{ran:?}");
    desk.home.settings("[profile admin]\nbrowser = firefocks {url}\n");
    let ran = desk.run(&["doctor"]);
    assert!(ran.out.contains("note     profile admin: browser = firefocks {url}: firefocks is not on PATH"), "{ran:?}");
    let ran = desk.run(&["console", "admin"]);
    assert!(ran.status == 1 && ran.err.contains("firefocks does not start"), "{ran:?}");
}

#[test]
fn the_documented_settings_are_read() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/console.md")).expect("the page");
    let settings = page.split_once("```ini\n").and_then(|(_, rest)| rest.split_once("```")).expect("an example").0;
    let desk = Desk::new();
    desk.home.settings(settings);
    program(&desk.home, "firefox");
    let ran = desk.run(&["console", "admin"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(desk.argv()[0].starts_with("ext+container:name=admin&url=http%3A%2F%2F127.0.0.1"), "{:?}", desk.argv());
}
