//! Each command in the situations that matter.

use testbed::aws::Fault;
use testbed::proxy::Policy;

use super::page::Page;
use super::secrets;
use super::seen::{self, Seen};
use super::world::{OLD, PIPED, REGION, START_URL, World};

/// What every command was seen to do.
pub struct Report<'p> {
    pub page: &'p Page,
    pub seen: Vec<(String, Seen)>,
}

impl Report<'_> {
    /// On a terminal; it ends as it should.
    fn typed(&mut self, command: &str, world: World, args: &[&str]) {
        self.ends(command, world, args, 0);
    }

    fn ends(&mut self, command: &str, mut world: World, args: &[&str], status: i32) {
        self.one(command, &mut world, args, Some(status));
    }

    /// However it ends.
    fn fails(&mut self, command: &str, mut world: World, args: &[&str]) {
        self.one(command, &mut world, args, None);
    }

    fn one(&mut self, command: &str, world: &mut World, args: &[&str], status: Option<i32>) {
        let known = world.aws.secrets();
        let run = world.type_at(command, args);
        assert_eq!(run.status, status.unwrap_or(run.status), "{command} {args:?}:\n{}", run.said);
        secrets::none_shows(self.page, world, &run, known);
        self.note(command, &seen::of(self.page, world, &run));
    }

    /// Without a terminal.
    fn piped(&mut self, command: &str, mut world: World, args: &[&str], input: &str) {
        let known = world.aws.secrets();
        let run = world.run(command, args, input);
        assert_eq!(run.status, 0, "{command} {args:?}:\n{}", run.said);
        secrets::none_shows(self.page, &world, &run, known);
        self.note(command, &seen::of(self.page, &world, &run));
    }

    fn note(&mut self, command: &str, seen: &Seen) {
        match self.seen.iter_mut().find(|(name, _)| name == command) {
            Some((_, all)) => all.add(seen),
            None => self.seen.push((command.to_owned(), seen.clone())),
        }
    }
}

/// The profiles whose keys have to be got, each in a world of its own: good ones and ones that are over.
fn sessions() -> Vec<(World, &'static str)> {
    vec![
        (World::new().session(3600), "dev"),
        (World::new().session(-60), "dev"),
        (World::new().session(-60).with_mfa_process(), "dev"),
        (World::new().session(-60).with_key_process(), "dev"),
        (World::new().session(-60).with_mfa_process().with_password_process(), "ondev"),
        (World::new(), "base"),
        (World::new(), "plain"),
        (World::new(), "admin"),
        (World::new(), "role"),
        (World::new(), "corp"),
        (World::new().token(3600), "corp"),
        (World::new().token(-60), "corp"),
        (World::new().signed_in(600), "log"),
        (World::new().signed_in(-60), "log"),
        (World::new(), "proc"),
        (World::new(), "ci"),
        (World::new(), "ec2"),
        (World::new(), "box"),
    ]
}

/// With profile `P`: each kind of session, got and then found.
fn of_each_session(report: &mut Report, command: &str, args: &[&str], is_refused: &dyn Fn(&str) -> bool) {
    for (mut world, profile) in sessions() {
        let args: Vec<&str> = args.iter().map(|word| if *word == "P" { profile } else { word }).collect();
        let status = i32::from(is_refused(profile));
        report.one(command, &mut world, &args, Some(status));
        if ["plain", "admin", "role", "corp"].contains(&profile) {
            report.one(command, &mut world, &args, Some(status));
        }
    }
}

/// The commands that need a session.
pub fn of_sessions(report: &mut Report) {
    for (command, args) in [
        ("refresh", &["refresh", "P"][..]),
        ("exec", &["exec", "P", "--", "true", "the-command"]),
        ("exec", &["exec", "--renew", "P", "--", "true", "the-command"]),
        ("export", &["export", "P"]),
        ("credentials", &["credentials", "P"]),
        ("switch", &["switch", "bash", "1", "1", "", "", "P"]),
        ("guard", &["guard", "bash", "1", "1", "1", "aws", "s3", "ls", "--profile", "P"]),
    ] {
        of_each_session(report, command, args, &|_| false);
    }
    // AWS lets no user's session into the console.
    let is_users = |profile: &str| ["dev", "base", "plain", "log", "proc"].contains(&profile);
    of_each_session(report, "console", &["console", "P"], &is_users);
    // A sibling is brought up to date.
    let mut world = World::new();
    world.type_at("switch", &["switch", "bash", "1", "1", "", "", "plain"]);
    let config = world.home.text(".aws/config");
    world.home.config(config.replace("[profile plain]\n", "[profile plain]\noutput = json\n"));
    report.typed("refresh", world, &["refresh", "plain"]);
    // The AWS CLI's own sign-in.
    report.typed("refresh", World::new().with_cli_login(), &["refresh", "log"]);
}

/// What goes wrong at AWS: it repeats what it was sent, in the words of each kind of refusal, or does not answer as it should.
pub const FAULTS: [Fault; 10] = [
    Fault::Echo(403, "AccessDenied"),
    Fault::Echo(400, "ValidationError"),
    Fault::Echo(500, "InternalFailure"),
    Fault::Echo(400, "AccessDeniedException"),
    Fault::Echo(400, "InvalidRequestException"),
    Fault::Echo(401, "UnauthorizedException"),
    Fault::Echo(400, "SomethingNew"),
    Fault::EchoAsSent(400, "SomethingElse"),
    Fault::Portal,
    Fault::CutInside,
];

/// The commands that speak to AWS, where this goes wrong.
pub fn of_failures(report: &mut Report, fault: &Fault) {
    for (world, profile) in sessions() {
        world.aws.fault(fault.clone(), 50);
        report.fails("export", world, &["export", profile]);
    }
    for (command, args, action) in [
        ("console", &["console", "corp"][..], "getSigninToken"),
        ("logout", &["logout", "corp"], "Logout"),
        ("iam password create", &["iam", "password", "create", "hanako"], "CreateLoginProfile"),
        ("iam password change", &["iam", "password", "change"], "ChangePassword"),
        ("iam mfa enable", &["iam", "mfa", "enable"], "EnableMFADevice"),
        ("iam keys rotate", &["iam", "keys", "rotate"], "CreateAccessKey"),
    ] {
        let world = World::new().session(3600).token(3600).with("AWS_PROFILE", "dev");
        world.user.set_password(OLD, false);
        world.aws.fault_on(action, fault.clone(), 9);
        report.fails(command, world, args);
    }
}

/// A proxy that wants another password.
pub fn of_proxies(report: &mut Report) {
    for profile in ["dev", "role", "corp", "log"] {
        let world = World::new().session(-60).signed_in(-60).with_password_process();
        world.proxy.set_policy(Policy::Basic("taro".into(), "another".into()));
        report.fails("export", world, &["export", profile]);
    }
}

/// The commands about sign-ins, files and shells.
pub fn of_files(report: &mut Report) {
    for profile in ["dev", "plain", "admin", "role", "corp", "log", "proc", "ci", "ec2"] {
        let world = || {
            let mut world = World::new().session(3600).token(3600).signed_in(600);
            world.type_at("export", &["export", profile]);
            world.with("AWS_PROFILE", profile)
        };
        report.typed("status", world(), &["status"]);
        report.typed("status", world().with_password_in_settings(), &["status", "--json"]);
        report.typed("prompt", world(), &["prompt"]);
        report.typed("hook", world(), &["hook", "bash", "1", "first"]);
        // The hook is not loaded there, which is a problem.
        report.ends("doctor", world().with("SHELL", "/bin/bash"), &["doctor"], 1);
    }
    let mut world = World::new().session(3600).token(3600).signed_in(600);
    world.type_at("export", &["export", "admin"]);
    report.typed("list", world, &["list"]);
    report.typed("list", World::new().with_password_in_settings(), &["list", "--json"]);
    report.ends("doctor", World::new().with_password_in_settings(), &["doctor", "--json"], 0);
    report.typed("names", World::new(), &["names"]);
    report.typed("leave", World::new().session(3600).with("AWS_PROFILE", "dev"), &["leave", "bash", "1"]);
    report.ends("use", World::new(), &["use", "dev"], 1);
    report.ends("off", World::new(), &["off"], 1);
    report.typed("init", World::new(), &["init", "bash", "--use", "dev"]);
    report.typed("completions", World::new(), &["completions", "zsh"]);
    report.typed("config path", World::new(), &["config", "path"]);
    for option in ["--version", "--help"] {
        report.typed(option, World::new(), &[option]);
    }
    for (command, args) in [
        ("sso accounts", &["sso", "accounts"][..]),
        ("sso roles", &["sso", "roles", "--profile", "corp"]),
        ("sso profiles", &["sso", "profiles", "--write"]),
    ] {
        for world in [World::new(), World::new().token(3600), World::new().token(-60).with_password_process()] {
            report.typed(command, world, args);
        }
    }
    for profile in ["dev", "plain", "admin", "role", "corp", "log"] {
        let mut world = World::new().session(3600).token(3600).signed_in(600).with_password_process();
        world.type_at("export", &["export", profile]);
        report.typed("logout", world, &["logout", profile]);
    }
    report.typed("mfa", World::new().session(3600), &["mfa", "--profile", "dev"]);
    report.typed("mfa", World::new().session(-60), &["mfa", "--profile", "dev"]);
    report.typed("mfa", World::new().session(-60).with_mfa_process(), &["mfa", "--profile", "dev"]);
    report.typed("mfa", World::new().session(-60).with_key_process(), &["mfa", "--profile", "dev"]);
    report.typed("mfa", World::new().session(-60).with_password_process(), &["mfa", "--profile", "dev"]);
    report.typed("mfa", World::new(), &["mfa", "--setup", "--profile", "new"]);
}

/// The set-up: the hook alone, a first sign-in, and profiles that are there already, with all that they lack.
pub fn of_setup(report: &mut Report) {
    report.typed("setup", World::new(), &["setup", "--shell", "bash"]);
    for world in [World::new(), World::new().with_password_process()] {
        let bundle = world.home.path().join("ca.pem").display().to_string();
        let args = ["setup", "--sso", START_URL, "--sso-region", REGION, "new"];
        report.typed("setup", world.with("AWS_CA_BUNDLE", &bundle), &args);
    }
    for (world, profile) in sessions() {
        report.typed("setup", world.with("SHELL", "/bin/bash"), &["setup", profile]);
    }
    let world = World::new().with_cli_login().with("SHELL", "/bin/bash");
    report.typed("setup", world, &["setup", "log"]);
    // Keys whose device is not known yet.
    let over = || World::new().session(-60).without_device().with("SHELL", "/bin/bash");
    report.typed("setup", over(), &["setup", "dev"]);
    report.typed("setup", over().with_yubikey(), &["setup", "dev"]);
    report.typed("setup", over().with_key_process(), &["setup", "dev"]);
}

/// The commands of IAM.
pub fn of_iam(report: &mut Report) {
    let over = || World::new().session(-60).with("AWS_PROFILE", "dev");
    let good = || World::new().session(3600).with("AWS_PROFILE", "dev");
    // Who is no user has to be told which one is meant, and IAM wants a code behind a user's session.
    let is_users = |profile: &str| ["dev", "base", "plain", "proc"].contains(&profile);
    for (command, args) in [("iam mfa list", &["mfa", "list"][..]), ("iam mfa enable", &["mfa", "enable"])] {
        let args = [&["iam", "--profile", "P"], args].concat();
        of_each_session(report, command, &args, &|profile| !is_users(profile));
    }
    for args in [&["iam", "show"][..], &["iam", "show", "--json"]] {
        report.typed("iam show", good(), args);
    }
    report.typed("iam password create", good(), &["iam", "password", "create", "hanako", "--generate"]);
    report.piped("iam password create", good(), &["iam", "password", "create", "hanako"], &format!("{PIPED}\n"));
    report.typed("iam password create", over(), &["iam", "password", "create", "hanako"]);
    for (command, args) in [
        ("iam password set", &["iam", "password", "set", "hanako"][..]),
        ("iam password change", &["iam", "password", "change"]),
        ("iam password delete", &["iam", "password", "delete", "hanako"]),
        ("iam revoke", &["iam", "revoke", "--user", "hanako"]),
        ("iam keys list", &["iam", "keys", "list"]),
        ("iam keys rotate", &["iam", "keys", "rotate"]),
        ("iam keys disable", &["iam", "keys", "disable", "--user", "hanako"]),
        ("iam keys delete", &["iam", "keys", "delete", "--user", "hanako"]),
        ("iam mfa list", &["iam", "mfa", "list"]),
        ("iam mfa enable", &["iam", "mfa", "enable"]),
        ("iam mfa disable", &["iam", "mfa", "disable", "--user", "hanako"]),
    ] {
        for world in [good(), over()] {
            world.user.set_password(OLD, false);
            world.hanako.set_password(OLD, false);
            world.hanako.key();
            world.hanako.device("hanako");
            report.typed(command, world, args);
        }
    }
}

/// Sessions whose long-term keys are in the keyring.
pub fn of_keys_in_keyring(report: &mut Report) {
    let over = || World::new().session(-60).with_kept_keys();
    for (command, args) in [
        ("refresh", &["refresh", "P"][..]),
        ("exec", &["exec", "P", "--", "true", "the-command"]),
        ("export", &["export", "P"]),
        ("credentials", &["credentials", "P"]),
        ("switch", &["switch", "bash", "1", "1", "", "", "P"]),
        ("guard", &["guard", "bash", "1", "1", "1", "aws", "s3", "ls", "--profile", "P"]),
    ] {
        for profile in ["dev", "base", "plain", "admin", "role"] {
            let args: Vec<&str> = args.iter().map(|word| if *word == "P" { profile } else { word }).collect();
            report.typed(command, over(), &args);
        }
    }
    report.typed("credentials", over(), &["credentials", "--long-term", "dev-long-term"]);
    report.typed("mfa", over(), &["mfa", "--profile", "dev"]);
    report.typed("console", over(), &["console", "role"]);
    report.typed("iam show", over(), &["iam", "--profile", "dev", "show"]);
    report.typed("iam keys rotate", over(), &["iam", "--profile", "dev", "keys", "rotate"]);
    report.typed("doctor", over(), &["doctor"]);
    // Nothing that stands at a prompt opens it.
    for (command, args) in [
        ("status", &["status"][..]),
        ("list", &["list"]),
        ("prompt", &["prompt"]),
        ("hook", &["hook", "bash", "1", "first"]),
        ("init", &["init", "bash", "--use", "dev"]),
        ("names", &["names"]),
    ] {
        report.typed(command, over().with("AWS_PROFILE", "dev"), args);
        report.typed(command, World::new().session(3600).with_kept_password().with("AWS_PROFILE", "dev"), args);
    }
}

/// What goes into the keyring and out of it; proxies' passwords in it; the set-up that offers it.
pub fn of_keyring(report: &mut Report) {
    report.typed("keyring store", World::new().with_keyring(), &["keyring", "store", "dev"]);
    report.typed("keyring store", World::new().with_keyring(), &["keyring", "store", "copy"]);
    report.typed("keyring store", World::new().with_keyring(), &["keyring", "store", "new"]);
    report.typed("keyring restore", World::new().with_kept_keys(), &["keyring", "restore", "dev"]);
    let corp = ["--proxy", "corp"];
    let in_settings = World::new().with_password_in_settings().with_keyring();
    report.typed("keyring store", in_settings, &[&["keyring", "store"][..], &corp].concat());
    report.typed("keyring restore", World::new().with_kept_password(), &[&["keyring", "restore"][..], &corp].concat());
    let behind = || World::new().session(-60).with_kept_password();
    for (command, args) in [
        ("refresh", &["refresh", "dev"][..]),
        ("switch", &["switch", "bash", "1", "1", "", "", "dev"]),
        ("guard", &["guard", "bash", "1", "1", "1", "aws", "s3", "ls", "--profile", "dev"]),
        ("mfa", &["mfa", "--profile", "dev"]),
        ("sso accounts", &["sso", "accounts"]),
        ("sso roles", &["sso", "roles", "--profile", "corp"]),
        ("sso profiles", &["sso", "profiles", "--write"]),
    ] {
        report.typed(command, behind(), args);
    }
    let mut world = World::new().token(3600).with_kept_password();
    world.type_at("export", &["export", "corp"]);
    report.typed("logout", world, &["logout", "corp"]);
    for world in [
        World::new(),
        World::new().with_keyring(),
        World::new().with_yubikey(),
        World::new().without_settings(),
        World::new().with_password_process(),
    ] {
        let (bundle, proxy) = (world.home.path().join("ca.pem").display().to_string(), world.proxy.url());
        let world = world.with("AWS_CA_BUNDLE", &bundle).with("HTTPS_PROXY", &proxy).with("SHELL", "/bin/bash");
        report.typed("setup", world, &["setup", "fresh"]);
    }
}
