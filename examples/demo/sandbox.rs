//! What the demo runs in: the binary, the fake AWS with one user, a home with a session that is over.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use testbed::aws::Device;
use testbed::{FakeAws, Home, Shell};

use crate::stand_in;

pub type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// awsenv against an AWS on this machine: nothing here is real, nothing leaves it.
#[derive(Parser)]
#[command(name = "demo")]
pub struct Options {
    /// Play the session of the README and print what was seen; exit code 0 only if all of it came
    #[arg(long)]
    pub auto: bool,
    /// bash, zsh, fish or nushell; your own ($SHELL) if it is one of them, else bash
    #[arg(long, value_parser = shell_named)]
    pub shell: Option<Shell>,
    /// Use the demo's stand-in even where there is an AWS CLI
    #[arg(long)]
    pub stand_in: bool,
}

fn shell_named(name: &str) -> Result<Shell, String> {
    Shell::ALL.into_iter().find(|shell| shell.name() == name).ok_or_else(|| "bash, zsh, fish or nushell".into())
}

pub struct Sandbox {
    // The home goes before the AWS that its shells may still call.
    pub home: Home,
    pub device: Device,
    pub shell: Shell,
    pub program: PathBuf,
    /// Whether `aws` is the demo's own, because the machine has none that can be led elsewhere.
    pub stand_in: bool,
    pub aws: FakeAws,
}

impl Sandbox {
    pub fn make(options: &Options) -> Result<Sandbox> {
        let binary = build_awsenv()?;
        let (shell, program) = choose_shell(options.shell)?;
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        user.deny_without_mfa();

        let mut home = Home::new(binary);
        home.use_aws(&aws).set("AWS_PROFILE", "personal").set("AWS_PAGER", "");
        // As aws-mfa left it yesterday: the long-term keys beside the session that they made.
        let over = user.session(-2 * 3600 - 5 * 60);
        let own = aws.user("private").key();
        let directory = aws.directory("https://d-1234567890.awsapps.com/start", "us-east-1");
        directory.assign("111122223333", "Development", "Admin");
        home.config(format!(
            "[profile personal]\nregion = us-east-1\n\n[profile dev]\nregion = us-east-1\n\n{}\n[profile sso]\n\
             sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\nregion = us-east-1\n",
            directory.section("corp")
        ));
        home.credentials(format!(
            "[personal]\n{}\n[dev-long-term]\n{}aws_mfa_device = {}\n\n\
             [dev]\nassumed_role = False\naws_access_key_id = {}\naws_secret_access_key = {}\n\
             aws_session_token = {}\naws_security_token = {}\nexpiration = {}\n",
            own.lines(),
            key.lines(),
            device.serial(),
            over.access_key_id,
            over.secret_access_key,
            over.session_token,
            over.session_token,
            over.expiration_as_aws_mfa()
        ));
        let stand_in = options.stand_in || !cli_can_be_led();
        if stand_in {
            let this = std::env::current_exe()?;
            let this = shlex::try_quote(this.to_str().ok_or("the demo's path is not UTF-8")?)?.into_owned();
            home.script("aws", &format!("#!/bin/sh\nexec {this} {} \"$@\"\n", stand_in::WORD));
        }
        Ok(Sandbox { home, device, shell, program, stand_in, aws })
    }

    /// What `aws` is here, for the person who watches.
    pub fn cli(&self) -> &'static str {
        match self.stand_in {
            true => "`aws` is this demo's stand-in for the AWS CLI: it knows only `s3 ls`",
            false => "`aws` is the AWS CLI of this machine",
        }
    }
}

/// Builds the binary with the profile that this example was built with, and gives its path: `cargo run --example` does
/// not build it.
fn build_awsenv() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into());
    let example = std::env::current_exe()?;
    let profile = example.ancestors().nth(2).and_then(Path::file_name).and_then(|name| name.to_str());
    let profile = profile.filter(|name| *name != "debug").unwrap_or("dev");
    // Both as `cargo run` says now; as they were at build time when the example is started by hand.
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let manifest = Path::new(&folder).join("Cargo.toml");
    let mut build = Command::new(cargo);
    // What cargo tells this example about its own package would count as a changed environment in build scripts (ring).
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_PRIMARY_"].iter().any(|own| text.starts_with(own)) {
            build.env_remove(&name);
        }
    }
    let output = build
        // With the example, although that is built: alone, awsenv's dependencies would be built again with fewer features.
        .args(["build", "--bin", "awsenv", "--example", "demo", "--profile", profile])
        .arg("--manifest-path")
        .arg(manifest)
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("awsenv was not built; cargo says why above".into());
    }
    let messages = String::from_utf8(output.stdout)?;
    let built = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_ours = message.get("target")?.get("name")? == "awsenv";
        message.get("executable")?.as_str().filter(|_| is_ours).map(PathBuf::from)
    });
    built.ok_or_else(|| "cargo names no executable".into())
}

fn choose_shell(wanted: Option<Shell>) -> Result<(Shell, PathBuf)> {
    let own = std::env::var_os("SHELL").map(PathBuf::from).filter(|path| path.is_file());
    let is = |shell: Shell| own.clone().filter(|path| path.file_name().is_some_and(|name| name == shell.program()));
    let found = match wanted {
        Some(shell) => is(shell).or_else(|| testbed::find(shell.program())).map(|program| (shell, program)),
        None => Shell::ALL.into_iter().find_map(|shell| Some((shell, is(shell)?))),
    };
    let bash = || testbed::find("bash").filter(|_| wanted.is_none()).map(|program| (Shell::Bash, program));
    found
        .or_else(bash)
        .ok_or_else(|| format!("{} is not on this machine", wanted.unwrap_or(Shell::Bash).program()).into())
}

/// Whether the machine's AWS CLI reads AWS_ENDPOINT_URL (1.29, 2.13; July 2023): an older one would ask the real AWS.
fn cli_can_be_led() -> bool {
    let Some(cli) = testbed::find("aws") else { return false };
    let Ok(output) = Command::new(cli).arg("--version").output() else { return false };
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let version = text.strip_prefix("aws-cli/").and_then(|rest| rest.split(' ').next());
    let mut numbers = version.unwrap_or_default().split('.').map_while(|number| number.parse::<u32>().ok());
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (major, minor) >= (2, 13) || (major == 1 && minor >= 29)
}
