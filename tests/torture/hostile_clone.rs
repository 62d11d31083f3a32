//! A cloned repository whose `.envrc` sets whatever it likes: none of its commands runs, nothing secret leaves, and the
//! prompt says nothing.

use std::path::PathBuf;

use testbed::proxy::Policy;
use testbed::{FakeAws, Home, Proxy, Session, Shell};

use crate::stage::{self, AWSENV, Person, run, said, script};

/// A victim's home with the clone in it.
struct Victim {
    aws: FakeAws,
    proxy: Proxy,
    home: Home,
    taro: Person,
    clone: PathBuf,
}

const SETTINGS: &str = "[profile *]
proxy = evil
allow_endpoint = evil.example
env.EVIL = 1
[proxy evil]
https = http://127.0.0.1:PORT
username = x
password_process = touch RAN-password
[prompt]
format = {profile} {left}
";

impl Victim {
    /// `dev`: aws-mfa, good for an hour. `plain`: a role without MFA, to be fetched silently. `admin`: a role behind MFA.
    fn new() -> Victim {
        let aws = FakeAws::start();
        let proxy = Proxy::start(aws.https_address(), Policy::Open);
        let mut home = Home::new(AWSENV);
        let taro = Person::new(&aws, "taro");
        let (plain, admin) =
            (aws.role("plain").trusts(taro.user.arn()), aws.role("admin").trusts(taro.user.arn()).needs_mfa());
        home.config(format!(
            "[profile base]\nregion = us-east-1\n[profile plain]\nrole_arn = {}\nsource_profile = base\n\
             [profile admin]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\n",
            plain.arn(),
            admin.arn(),
            taro.device.serial()
        ));
        home.credentials(format!("[base]\n{}{}{}", taro.key.lines(), taro.long_term("dev"), taro.session("dev", 3600)));
        home.write("ca.pem", aws.ca_pem());
        let clone = home.path().join("clone");
        let run = |name: &str| format!("touch {}", clone.join(format!("RAN-{name}")).display());
        home.write("clone/ca.pem", aws.ca_pem());
        home.write(
            "clone/settings",
            SETTINGS.replace("PORT", port(&proxy)).replace("touch RAN-password", &run("password")),
        );
        home.write(
            "clone/config",
            format!(
                "[profile base]\nregion = us-east-1\n[profile plain]\nrole_arn = {}\nsource_profile = base\n\
                 [profile dev]\nregion = us-east-1\nmfa_process = {}\n\
                 [profile process]\ncredential_process = {}\n\
                 [profile late-long-term]\naws_mfa_device = {}\ncredential_process = {}\n\
                 [profile admin]\nrole_arn = {}\nsource_profile = process\nmfa_serial = {}\nmfa_process = {}\n",
                plain.arn(),
                run("mfa"),
                run("process"),
                taro.device.serial(),
                run("long-term"),
                admin.arn(),
                taro.device.serial(),
                run("mfa")
            ),
        );
        home.set("AWS_EC2_METADATA_DISABLED", "true");
        Victim { aws, proxy, home, taro, clone }
    }

    /// What the clone's `.envrc` sets.
    fn enter(&mut self) -> &mut Self {
        let proxy = self.proxy_url();
        let clone = self.clone.clone();
        for (name, file) in [
            ("AWSENV_CONFIG", "settings"),
            ("AWS_CONFIG_FILE", "config"),
            ("AWSENV_STATE_DIR", "state"),
            ("AWS_CA_BUNDLE", "ca.pem"),
        ] {
            self.home.set(name, clone.join(file));
        }
        self.home
            .set("HTTPS_PROXY", proxy)
            .set("AWS_ENDPOINT_URL", "https://evil.example")
            .set("AWS_ENDPOINT_URL_STS", "https://evil.example");
        self
    }

    fn proxy_url(&self) -> String {
        self.proxy.url()
    }

    /// Nothing of the clone has run, and nothing has left.
    #[track_caller]
    fn is_unharmed(&self, when: &str) {
        let ran: Vec<_> =
            stage::all_files(&self.clone).into_iter().filter(|p| p.to_string_lossy().contains("RAN-")).collect();
        assert_eq!(ran, [] as [PathBuf; 0], "{when}");
        assert_eq!(self.proxy.attempts(), [], "{when}");
        assert_eq!(self.aws.calls(), [], "{when}");
    }

    fn without_password(&self) -> String {
        let lines = self.home.text("clone/settings");
        let kept = lines.lines().filter(|l| !l.contains("password_process") && !l.contains("username"));
        kept.map(|l| format!("{l}\n")).collect()
    }

    fn secrets(&self) -> Vec<String> {
        let file = self.home.text(".aws/credentials");
        let secret = |line: &str| line.contains("secret_access_key") || line.contains("token");
        file.lines().filter(|l| secret(l)).filter_map(|l| l.split_once(" = ")).map(|(_, v)| v.to_owned()).collect()
    }
}

fn port(proxy: &Proxy) -> &str {
    let url: &'static str = Box::leak(proxy.url().into_boxed_str());
    url.rsplit(':').next().unwrap().trim_end_matches('/')
}

#[test]
fn no_command_runs_and_nothing_leaves_whatever_is_called_without_a_terminal() {
    let mut victim = Victim::new();
    victim.enter();
    call_everything(&mut victim);
    // Its settings again, without the line at which most calls end before they come to the proxy.
    let settings = victim.without_password();
    victim.home.write("clone/settings", settings);
    call_everything(&mut victim);
}

fn call_everything(victim: &mut Victim) {
    let commands = [
        "status",
        "list",
        "list --json",
        "names",
        "prompt",
        "hook bash 1",
        "init bash",
        "doctor",
        "leave bash 1",
        "guard bash 1 1 1 -- aws s3 ls",
        "refresh",
        "refresh --force",
        "exec PROFILE -- true",
        "credentials PROFILE",
        "export PROFILE",
        "switch bash 1 0 x y PROFILE",
        "refresh --force PROFILE 123456",
    ];
    for profile in ["plain", "dev", "admin", "process", "late", "base"] {
        victim.home.set("AWS_PROFILE", profile);
        for command in commands {
            let command = command.replace("PROFILE", profile);
            let (_, out, err) = said(&run(&mut victim.home.awsenv(&command.split(' ').collect::<Vec<_>>())));
            let when = format!("{profile}: {command}: {out}{err}");
            victim.is_unharmed(&when);
            let keys_are_its_purpose = ["credentials", "export"].iter().any(|c| command.starts_with(c));
            let shown = if keys_are_its_purpose { err.clone() } else { out + &err };
            assert!(!victim.secrets().iter().any(|s| shown.contains(s)), "{when}");
            assert!(!err.contains("panicked") && !err.contains("EVIL=") && !when.contains(" EVIL "), "{when}");
        }
    }
}

#[test]
fn settings_under_another_xdg_folder_count_as_the_environments() {
    let mut victim = Victim::new();
    victim.home.write("clone/xdg/awsenv/config", victim.home.read("clone/settings"));
    victim.home.set("XDG_CONFIG_HOME", victim.clone.join("xdg"));
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("left out: [proxy evil] password_process"), "{err}");
    assert!(err.contains("clone/xdg/awsenv/config: "), "the file is named: {err}");
    victim.is_unharmed(&err);
    // Without that line: the variables are left out as well, and the profile is chosen all the same.
    victim.home.write("clone/xdg/awsenv/config", "[profile *]\nenv.EVIL = 1\n");
    let (code, out, err) = said(&run(&mut victim.home.awsenv(&["switch", "bash", "1", "0", "x", "y", "dev"])));
    assert_eq!((code, out.contains("AWS_PROFILE"), out.contains("EVIL")), (0, true, false), "{out}{err}");
    assert!(err.contains("left out: env.EVIL = 1"), "{err}");
    // The usual place under its own name is the usual place.
    victim.home.set("XDG_CONFIG_HOME", victim.home.path().join(".config"));
    victim.home.settings("[profile *]\nenv.MINE = 1\n");
    let (code, out, err) = said(&run(&mut victim.home.awsenv(&["switch", "bash", "1", "0", "x", "y", "dev"])));
    assert_eq!((code, out.contains("MINE"), err.as_str()), (0, true, ""), "{out}");
}

#[test]
fn a_person_who_says_yes_gets_the_commands_and_who_says_no_does_not() {
    for (answer, runs) in [("n", false), ("y", true)] {
        let mut victim = Victim::new();
        victim.home.set("AWS_CONFIG_FILE", victim.clone.join("config"));
        let mut terminal = script(&victim.home, "awsenv exec process -- true; echo ended $?.");
        terminal
            .expect("clone/config, which an environment variable names, says:")
            .expect("RAN-process")
            .expect("[y/n] ");
        victim.is_unharmed("before the answer");
        terminal.line(answer).expect("ended 125.");
        assert_eq!(victim.clone.join("RAN-process").exists(), runs, "{}", terminal.everything());
    }
}

#[test]
fn proxy_and_bundle_from_the_environment_get_no_silent_call_until_a_person_said_yes() {
    let mut victim = Victim::new();
    let ca = victim.home.path().join("ca.pem");
    let proxy = victim.proxy_url();
    victim.home.set("HTTPS_PROXY", &proxy).set("AWS_CA_BUNDLE", &ca).set("AWS_PROFILE", "plain");
    for words in [
        &["credentials", "plain"][..],
        &["guard", "bash", "1", "1", "1", "--", "aws", "s3", "ls"],
        &["refresh", "plain"],
    ] {
        let (_, _, err) = said(&run(&mut victim.home.awsenv(words)));
        assert_eq!(err.lines().count(), 1, "{err}");
        assert!(
            err.contains("(HTTPS_PROXY)") && err.contains("(AWS_CA_BUNDLE)") && err.contains("awsenv refresh plain"),
            "{err}"
        );
        victim.is_unharmed(&err);
    }
    let mut terminal = script(&victim.home, "awsenv refresh plain; echo ended $?.");
    terminal.expect("(HTTPS_PROXY)").expect("(AWS_CA_BUNDLE)").expect("[y/n] ").line("n").expect("ended 1.");
    victim.is_unharmed("n");
    let mut terminal = script(&victim.home, "awsenv refresh plain; echo ended $?.");
    terminal.expect("[y/n] ").line("y").expect("ended 0.");
    assert_eq!(victim.proxy.attempts().len(), 1);

    // From now on silently, for this pair only.
    std::fs::remove_dir_all(victim.home.path().join(".aws/cli")).unwrap();
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!((code, victim.proxy.attempts().len()), (0, 2), "{err}");
    std::fs::remove_dir_all(victim.home.path().join(".aws/cli")).unwrap();
    victim.home.set("AWS_CA_BUNDLE", victim.clone.join("ca.pem"));
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!((code, victim.proxy.attempts().len()), (1, 2), "{err}");
}

#[test]
fn a_code_typed_below_their_names_says_that_they_are_the_users() {
    let mut victim = Victim::new();
    let (proxy, ca) = (victim.proxy_url(), victim.home.path().join("ca.pem"));
    victim.home.set("HTTPS_PROXY", &proxy).set("AWS_CA_BUNDLE", &ca);
    let mut terminal = script(&victim.home, "awsenv refresh admin; echo ended $?.");
    terminal
        .expect("(HTTPS_PROXY)")
        .expect("(AWS_CA_BUNDLE)")
        .expect("MFA code for admin")
        .line(&victim.taro.device.code())
        .expect("ended 0.");
    let before = victim.proxy.attempts().len();
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!((code, victim.proxy.attempts().len()), (0, before + 1), "{err}");
}

#[test]
fn a_company_that_sets_only_one_of_them_or_names_the_proxy_in_the_settings_is_not_bothered() {
    let mut victim = Victim::new();
    let (proxy, ca) = (victim.proxy_url(), victim.home.path().join("ca.pem"));
    // The bundle from the environment, the proxy from the user's own settings.
    victim.home.settings(format!("[profile plain]\nproxy = corp\n[proxy corp]\nhttps = {proxy}\n"));
    victim.home.set("AWS_CA_BUNDLE", &ca);
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!((code, victim.proxy.attempts().len()), (0, 1), "{err}");
    std::fs::remove_dir_all(victim.home.path().join(".aws/cli")).unwrap();
    // The proxy from the environment, the bundle from the user's own config.
    victim.home.settings("");
    let config = victim
        .home
        .text(".aws/config")
        .replace("[profile plain]", &format!("[profile plain]\nca_bundle = {}", ca.display()));
    victim.home.config(config);
    victim.home.unset("AWS_CA_BUNDLE").set("HTTPS_PROXY", &proxy);
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!((code, victim.proxy.attempts().len()), (0, 2), "{err}");
}

#[test]
fn files_that_the_environment_names_count_as_the_environment() {
    let mut victim = Victim::new();
    let clone = victim.clone.clone();
    let without_password = victim.without_password();
    victim.home.write("clone/settings", without_password);
    // Proxy in the settings and bundle in the config of the clone.
    let config = victim
        .home
        .text("clone/config")
        .replace("[profile plain]", &format!("[profile plain]\nca_bundle = {}", clone.join("ca.pem").display()));
    victim.home.write("clone/config", config);
    victim.home.set("AWSENV_CONFIG", clone.join("settings")).set("AWS_CONFIG_FILE", clone.join("config"));
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!(code, 1, "{err}");
    victim.is_unharmed(&err);
    assert!(err.contains("[proxy evil] in the settings that the environment names"), "{err}");
    // An endpoint that the clone's own settings allow.
    victim.home.set("AWS_ENDPOINT_URL", "https://evil.example");
    let (code, _, err) = said(&run(&mut victim.home.awsenv(&["credentials", "plain"])));
    assert_eq!(code, 1, "{err}");
    victim.is_unharmed(&err);
    assert!(err.contains("evil.example"), "{err}");
}

#[test]
fn a_code_given_as_an_argument_goes_nowhere_that_nobody_named() {
    let mut victim = Victim::new();
    victim.enter();
    victim.home.unset("AWS_CONFIG_FILE").unset("AWSENV_CONFIG");
    for gone in [None, Some(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])] {
        gone.iter().flatten().for_each(|name| {
            victim.home.unset(name);
        });
        let (code, _, err) =
            said(&run(&mut victim.home.awsenv(&["refresh", "--force", "dev", &victim.taro.device.code()])));
        assert_eq!((code, err.lines().count()), (1, 1), "{err}");
        victim.is_unharmed(&err);
    }
}

#[test]
fn a_question_in_the_clone_names_everything_and_enter_sends_nothing() {
    let mut victim = Victim::new();
    victim.enter();
    victim.home.unset("AWS_CONFIG_FILE").unset("AWSENV_CONFIG").set("AWS_PROFILE", "dev");
    let mut terminal = script(
        &victim.home,
        "awsenv guard bash 1 $$ 1 -- aws s3 ls >/dev/null; echo good $?.; awsenv refresh --force dev; echo ended $?.",
    );
    terminal
        .expect("good 0.")
        .expect("proxy 127.0.0.1")
        .expect("CA bundle")
        .expect("evil.example, which is not AWS")
        .expect("MFA code for dev");
    terminal.send(b"\x03").expect("ended 130.");
    victim.is_unharmed("Ctrl-C");
}

#[test]
fn the_prompt_says_nothing_in_the_clone() {
    for shell in Shell::ALL {
        let mut victim = Victim::new();
        victim.home.set("AWS_PROFILE", "dev");
        let rc = shell.hook();
        let Some(mut session) = Session::start(shell, &victim.home, rc) else { continue };
        assert!(session.run(shell.nothing()).segment.starts_with("dev "));
        let set = |name: &str, value: String| shell.set(name, &value);
        let at = |file: &str| victim.clone.join(file).display().to_string();
        let lines = [
            format!("cd {}", victim.clone.display()),
            set("AWSENV_CONFIG", at("settings")),
            set("AWS_CONFIG_FILE", at("config")),
            set("AWSENV_STATE_DIR", at("state")),
            set("AWS_CA_BUNDLE", at("ca.pem")),
            set("HTTPS_PROXY", victim.proxy_url()),
            set("AWS_ENDPOINT_URL", "https://evil.example".into()),
            set("AWS_PROFILE", "process".into()),
            set("AWS_PROFILE", "plain".into()),
            shell.nothing().into(),
        ];
        for line in lines {
            let seen = session.run(&line);
            assert_eq!((seen.text.as_str(), seen.status), ("", 0), "{shell:?}: {line}: {seen:?}");
        }
        victim.is_unharmed(&format!("{shell:?}"));
    }
}
