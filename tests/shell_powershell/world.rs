//! What the tests here stand in.

use testbed::aws::{Device, FakeAws, Key, User};
use testbed::{Home, Spec, Terminal};

/// A home with profiles `dev` and `prod` in the layout of aws-mfa, an AWS that checks their codes, and an `aws` that says how
/// it was called.
pub struct World {
    pub home: Home,
    pub device: Device,
    user: User,
    key: Key,
    // Answers as long as the home is there.
    _aws: FakeAws,
}

impl World {
    /// Their sessions end so many seconds from now.
    pub fn new(seconds: i64) -> World {
        let aws = FakeAws::start();
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
        home.use_aws(&aws);
        home.script("aws", "#!/bin/sh\necho \"aws ran: $* profile=$AWS_PROFILE ask=$AWSENV_ASK\"\n");
        home.config("[profile dev]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n");
        let world = World { home, device, user, key, _aws: aws };
        world.sessions_end_in(seconds);
        world
    }

    fn sessions_end_in(&self, seconds: i64) {
        let session = self.user.session(seconds);
        let section = |profile: &str| {
            format!(
                "[{profile}-long-term]\n{}aws_mfa_device = {}\n[{profile}]\naws_access_key_id = {}\n\
                 aws_secret_access_key = {}\naws_session_token = {}\nexpiration = {}\n",
                self.key.lines(),
                self.device.serial(),
                session.access_key_id,
                session.secret_access_key,
                session.session_token,
                session.expiration_as_aws_mfa(),
            )
        };
        self.home.credentials(section("dev") + &section("prod"));
    }

    /// A program in this home, on a terminal high enough that nothing scrolls away.
    pub fn terminal(&self, program: &str, args: &[&str]) -> Terminal {
        let mut spec = Spec::new(program).args(args.iter().copied()).cwd(self.home.path());
        (spec.env, spec.rows) = (self.home.env(), 400);
        Terminal::start(spec)
    }
}
