//! A home, a fake AWS, and the other tools.

use std::path::PathBuf;
use std::process::Command;

use testbed::aws::{Device, Key, User};
use testbed::proxy::Policy;
use testbed::{FakeAws, Home, Proxy};

pub struct Desk {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
    pub device: Device,
    /// Leads every name to the fake AWS.
    _proxy: Proxy,
}

/// A program of another tool, and how it is told a profile.
pub struct Tool {
    pub name: &'static str,
    pub program: PathBuf,
}

/// The AWS CLI v1, beside the virtual environment's Python.
pub fn cli_v1() -> Option<Tool> {
    let program = testbed::require_python("awscli")?.with_file_name("aws");
    Some(Tool { name: "AWS CLI v1", program })
}

/// The AWS CLI v2.
pub fn cli_v2() -> Option<Tool> {
    let named = std::env::var_os("AWSENV_TEST_AWS_V2").map(PathBuf::from);
    let program = named.or_else(|| {
        // The first `aws` that is v2: an active virtual environment may put its v1 first.
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join("aws")).find(|aws| {
            let version = Command::new(aws).arg("--version").output();
            version.is_ok_and(|v| String::from_utf8_lossy(&v.stdout).contains("aws-cli/2"))
        })
    });
    if program.is_none() {
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "the AWS CLI v2 is needed");
        testbed::skipped("the AWS CLI v2 is not on this machine");
    }
    Some(Tool { name: "AWS CLI v2", program: program? })
}

/// Whatever of the two is there.
pub fn clis() -> Vec<Tool> {
    [cli_v1(), cli_v2()].into_iter().flatten().collect()
}

/// boto3's answer to "who am I", on stdout.
pub const WHO: &str = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])";

impl Desk {
    /// taro with a key and a device, `[dev-long-term]`, a role `admin` behind the device and a plain profile `prod`.
    pub fn new() -> Desk {
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        let aws = FakeAws::start();
        home.use_aws(&aws);
        home.set("AWS_DEFAULT_REGION", "us-east-1");
        // Before 2.13 the AWS CLI v2 does not know AWS_ENDPOINT_URL: this way it comes here too.
        let proxy = Proxy::start(aws.https_address(), Policy::Open);
        home.write("ca.pem", aws.ca_pem());
        let bundle = home.path().join("ca.pem");
        home.set("HTTPS_PROXY", proxy.url()).set("AWS_CA_BUNDLE", bundle).set("AWS_PAGER", "");
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let role = aws.role("Admin").trusts(user.arn()).needs_mfa();
        let prod = aws.user("prod").key();
        home.config(format!(
            "[profile dev]\nregion = us-east-1\n\n[profile admin]\nrole_arn = {}\nsource_profile = base\nmfa_serial = {}\n\
             region = us-east-1\n",
            role.arn(),
            device.serial()
        ));
        home.credentials(format!(
            "[base]\n{}\n[prod]\n{}\n[dev-long-term]\n{}aws_mfa_device = {}\n",
            key.lines(),
            prod.lines(),
            key.lines(),
            device.serial()
        ));
        home.settings("[mfa]\nsession_profiles = yes\n");
        Desk { home, aws, user, key, device, _proxy: proxy }
    }

    /// Runs a program without a terminal; gives whether it succeeded, its stdout and stderr.
    pub fn run(&self, mut command: Command) -> (bool, String, String) {
        let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.success(), text(&done.stdout), text(&done.stderr))
    }

    /// `awsenv` without a terminal, which must succeed; gives its stdout.
    pub fn awsenv(&self, args: &[&str]) -> String {
        let mut command = self.home.command_alone("awsenv");
        command.args(args);
        let (ok, out, err) = self.run(command);
        assert!(ok, "awsenv {args:?}: {err}");
        out
    }

    /// A new session of a profile.
    pub fn refresh(&self, profile: &str) {
        self.awsenv(&["refresh", profile, &self.device.code()]);
    }

    /// `use PROFILE` as a shell does it, for its sibling.
    pub fn switch(&self, profile: &str) {
        self.awsenv(&["switch", "bash", "1", "0", "", "", profile]);
    }

    /// `aws ARGS`; gives its stdout.
    pub fn aws(&self, tool: &Tool, args: &[&str], vars: &[(&str, &str)]) -> String {
        let mut command = self.home.command_alone(&tool.program);
        command.args(args).envs(vars.iter().copied());
        let (ok, out, err) = self.run(command);
        assert!(ok, "{} {args:?} {vars:?}: {err}", tool.name);
        out
    }

    /// Who `aws` is.
    pub fn who(&self, tool: &Tool, vars: &[(&str, &str)]) -> String {
        self.aws(tool, &["sts", "get-caller-identity", "--query", "Arn", "--output", "text"], vars).trim().to_owned()
    }

    /// A line of Python; gives whether it succeeded, its stdout and stderr. `None` where boto3 is missing.
    pub fn python(&self, line: &str, vars: &[(&str, &str)]) -> Option<(bool, String, String)> {
        let mut command = self.home.command_alone(testbed::require_python("boto3")?);
        command.args(["-c", line]).envs(vars.iter().copied());
        Some(self.run(command))
    }

    /// boto3's ARN with these variables.
    pub fn boto3(&self, vars: &[(&str, &str)]) -> Option<String> {
        let (ok, out, err) = self.python(WHO, vars)?;
        assert!(ok, "boto3 {vars:?}: {err}");
        Some(out.trim().to_owned())
    }
}

pub const TARO: &str = "arn:aws:iam::123456789012:user/taro";
pub const PROD: &str = "arn:aws:iam::123456789012:user/prod";
pub const ADMIN: &str = "arn:aws:sts::123456789012:assumed-role/Admin/";
