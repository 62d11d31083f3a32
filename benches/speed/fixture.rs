//! The programs that are measured, and homes with a session that is good.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Command;

use testbed::Home;
use testbed::aws::Credentials;

/// The release builds, whatever profile this stop-watch itself was built with, installed into a folder of their own: what
/// a linker has just written lies in memory in smaller pieces than what was copied or read, and starts more slowly.
pub struct Programs {
    pub awsenv: PathBuf,
    /// The empty program with clap.
    pub hello: PathBuf,
    _folder: tempfile::TempDir,
}

impl Programs {
    #[cfg(unix)]
    pub fn build() -> Programs {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the benches lie in the workspace");
        let build = ["build", "--release", "--locked", "--package", "awsenv", "--package", "speed", "--bins"];
        let built = Command::new(cargo).args(build).current_dir(root).status().expect("cargo runs");
        assert!(built.success(), "the release build failed");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Programs::from(&target.join("release"))
    }

    /// Installs the programs that lie in this folder.
    pub fn from(release: &Path) -> Programs {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let installed = |name: &str| {
            let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            let place = folder.path().join(&file);
            std::fs::copy(release.join(&file), &place).unwrap_or_else(|e| panic!("{}: {e}", place.display()));
            place
        };
        Programs { awsenv: installed("awsenv"), hello: installed("hello"), _folder: folder }
    }

    /// A home in which `awsenv` is on the PATH, with `dev` and `other` in force for eleven hours.
    pub fn home(&self) -> Home {
        let mut home = Home::new(&self.awsenv);
        home.set("AWS_PROFILE", "dev").config(profiles(0)).credentials(sessions());
        home
    }
}

/// A config file with `dev`, `other` and so many more profiles of the usual kinds.
pub fn profiles(count: usize) -> String {
    let mut text = String::from(
        "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n\n\
         [profile dev]\nregion = eu-west-1\n\n[profile other]\nregion = us-east-1\n",
    );
    for number in 0..count {
        let account = 100_000_000_000 + number;
        text += &format!("\n[profile team{number:04}]\nregion = eu-central-1\n");
        text += &match number % 4 {
            0 => format!("sso_session = corp\nsso_account_id = {account}\nsso_role_name = Admin\n"),
            1 => format!("role_arn = arn:aws:iam::{account}:role/admin\nsource_profile = dev\n"),
            2 => format!("aws_access_key_id = AKIA{account}\naws_secret_access_key = {}\n", "s".repeat(40)),
            _ => "credential_process = /usr/local/bin/keys\noutput = json\n".to_owned(),
        };
    }
    text
}

/// A config file with so many profiles of ten roles in each account, as `awsenv sso profiles` writes them.
#[cfg(unix)]
pub fn sso_profiles(count: usize) -> String {
    let mut text = profiles(0);
    for number in 0..count {
        let (account, role) = (100_000_000_000 + number / 10, number % 10);
        text += &format!(
            "\n[profile team{account}-Role{role}]\nsso_session = corp\nsso_account_id = {account}\n\
             sso_role_name = Role{role}\nregion = eu-west-1\nawsenv_assignment = {account}/Role{role}\n"
        );
    }
    text
}

/// The credentials file of `dev` and `other`, as aws-mfa would have left it an hour ago.
fn sessions() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let one = |name: &str| {
        let session = Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "s".repeat(40),
            session_token: "t".repeat(300),
            expires: i64::try_from(now).unwrap_or(0) + 11 * 3600,
        };
        format!(
            "[{name}-long-term]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {key}\n\
             aws_mfa_device = arn:aws:iam::123456789012:mfa/{name}\n\
             [{name}]\naws_access_key_id = {id}\naws_secret_access_key = {key}\naws_session_token = {token}\n\
             aws_security_token = {token}\nexpiration = {end}\n",
            key = session.secret_access_key,
            id = session.access_key_id,
            token = session.session_token,
            end = session.expiration_as_aws_mfa(),
        )
    };
    one("dev") + &one("other")
}

/// The words of the call behind `awsenv use PROFILE`.
pub fn use_call(profile: &str) -> Vec<OsString> {
    ["switch", "bash", "1", "0", "", "dev", "--", profile].map(OsString::from).into()
}
