//! Who most tests are about: taro, an IAM user with a key and a device, at home where awsenv is.

use std::path::Path;

use crate::aws::{Device, Key, User};
use crate::{FakeAws, Home};

/// A home, and an AWS that knows taro.
pub struct Taro {
    pub home: Home,
    pub aws: FakeAws,
    pub user: User,
    pub key: Key,
    pub device: Device,
}

impl Taro {
    /// Nothing is in the home yet; awsenv there speaks to this AWS.
    pub fn new(binary: impl AsRef<Path>) -> Taro {
        let mut home = Home::new(binary);
        let aws = FakeAws::start();
        home.use_aws(&aws);
        let user = aws.user("taro");
        let (key, device) = (user.key(), user.device("taro"));
        Taro { home, aws, user, key, device }
    }
}
