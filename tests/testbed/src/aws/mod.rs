//! An AWS on loopback that checks what the real one checks: signatures, sessions, one-time codes, trust, durations.
//!
//! It speaks STS, IAM Identity Center (OIDC with its pages, portal), AWS Sign-In (console federation, the tokens of
//! `aws login`), IAM as far as passwords, devices, keys and inline policies go, and the little of S3 that the tests and the
//! demo need, with AWS's own error texts.
//! Nothing in it is random towards a test: codes are given on request ([`Device::code`]), faults come when scripted.

mod account;
mod answer;
mod call;
pub mod client;
mod faults;
mod federation;
mod iam;
mod login;
mod permission;
mod png;
mod request;
mod rest;
mod s3;
mod secrets;
mod server;
mod signature;
mod sso;
mod sts;
pub mod totp;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub use account::{Credentials, Device, Key, Role, Shown, User};
pub use call::Call;
pub use faults::{Fault, Gate};
pub use iam::PasswordPolicy;
pub use login::Login;
pub use sso::{Consent, Directory, PendingDevice, SsoToken, cache_name};

use account::Accounts;
use call::Log;
use faults::Faults;

/// The account of users and roles that are made by name alone.
pub const ACCOUNT: &str = "123456789012";

/// The running server. Dropping it closes its ports.
pub struct FakeAws {
    state: Shared,
    http: server::Listener,
    https: server::Listener,
    ca: String,
}

/// Everything the server knows, shared by its connections and the handles that tests hold.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<State>>);

#[derive(Default)]
pub(crate) struct State {
    /// Seconds by which this AWS's clock is ahead of the machine's.
    clock_offset: i64,
    accounts: Accounts,
    faults: Faults,
    log: Log,
    center: sso::Center,
    logins: login::Logins,
    /// Console sign-in tokens: who gets in, and until when (seconds since 1970).
    signin_tokens: BTreeMap<String, (String, i64)>,
    /// Who got into the console (role ARN and session name), and the address that was asked for.
    console_sign_ins: Vec<(String, String)>,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // A request that panicked is a bug in here; the test that sees its cut connection fails with its output.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl State {
    /// Seconds since 1970 (UTC) on this AWS's clock.
    pub(crate) fn now(&self) -> i64 {
        chrono::Utc::now().timestamp() + self.clock_offset
    }
}

impl FakeAws {
    /// An AWS without users, and with two buckets, on a free port of 127.0.0.1 (and one more for TLS).
    pub fn start() -> FakeAws {
        let state = Shared::default();
        let (tls, ca) = server::certificates();
        FakeAws {
            http: server::Listener::start(state.clone(), None),
            https: server::Listener::start(state.clone(), Some(tls)),
            state,
            ca,
        }
    }

    /// `http://127.0.0.1:PORT`, for AWS_ENDPOINT_URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.http.address)
    }

    /// `https://localhost:PORT`, with a certificate of [`FakeAws::ca_pem`].
    pub fn https_url(&self) -> String {
        format!("https://localhost:{}", self.https.address.port())
    }

    /// Where the TLS port listens. Its certificate also holds for `sts.amazonaws.com`, `sts.REGION.amazonaws.com`
    /// (the common regions) and `*.fake.test`, so that a proxy can lead those names here.
    pub fn https_address(&self) -> SocketAddr {
        self.https.address
    }

    /// The certificate authority of the TLS port, as a CA bundle.
    pub fn ca_pem(&self) -> &str {
        &self.ca
    }

    /// A new IAM user, by name in [`ACCOUNT`] or by ARN (`arn:aws-cn:iam::…`, and IAM wants that partition's region).
    pub fn user(&self, name: &str) -> User {
        if name.starts_with("arn:") {
            User::new(self.state.clone(), name.to_owned())
        } else {
            self.user_in(ACCOUNT, name)
        }
    }

    /// A new IAM user of this account.
    pub fn user_in(&self, account: &str, name: &str) -> User {
        User::new(self.state.clone(), format!("arn:aws:iam::{account}:user/{name}"))
    }

    /// A new role, by name in [`ACCOUNT`] or by ARN. Nobody may assume it yet: [`Role::trusts`].
    pub fn role(&self, name: &str) -> Role {
        Role::new(self.state.clone(), name)
    }

    /// A new directory of IAM Identity Center: `https://d-1234567890.awsapps.com/start`, and the one region that serves it.
    pub fn directory(&self, start_url: &str, region: &str) -> Directory {
        Directory::new(self.state.clone(), start_url, region)
    }

    /// A sign-in by `aws login`: of `arn:aws:iam::ACCOUNT:user/NAME`, or of `…:assumed-role/ROLE/NAME`.
    pub fn login(&self, session: &str) -> Login {
        Login::new(self.state.clone(), session)
    }

    /// The region for which [`FakeAws::url`] stands at OIDC and portal from now on (by AWS's names the host says it);
    /// `None`, as at first: whichever a client asks about.
    pub fn set_region(&self, region: Option<&str>) {
        self.state.lock().center.loopback_region = region.map(str::to_owned);
    }

    /// How often tokens were asked for with this grant (`refresh_token`, `authorization_code`; `device_code` for its long
    /// name), refused ones among them.
    pub fn token_calls(&self, grant: &str) -> usize {
        let asked = |c: &&Call| c.params.get("grantType").is_some_and(|g| g.rsplit(':').next() == Some(grant));
        self.calls_of("CreateToken").iter().filter(asked).count()
    }

    /// Who got into the console (role ARN and session name), and to which address, one pair per sign-in.
    pub fn console_sign_ins(&self) -> Vec<(String, String)> {
        self.state.lock().console_sign_ins.clone()
    }

    /// The next `count` calls go wrong in this way.
    pub fn fault(&self, fault: Fault, count: usize) {
        self.state.lock().faults.add(None, &fault, count);
    }

    /// The next `count` calls of this action go wrong in this way; others pass.
    pub fn fault_on(&self, action: &str, fault: Fault, count: usize) {
        self.state.lock().faults.add(Some(action), &fault, count);
    }

    /// Every call so far, in the order in which they were answered.
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().log.calls.clone()
    }

    /// The calls of one action.
    pub fn calls_of(&self, action: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|c| c.action == action).collect()
    }

    /// Forgets the calls so far.
    pub fn forget_calls(&self) {
        self.state.lock().log.calls.clear();
    }

    /// Waits until `count` calls of this action have come (deadline 20 s), and gives them.
    pub fn wait_for_calls(&self, action: &str, count: usize) -> Vec<Call> {
        let end = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let calls = self.calls_of(action);
            if calls.len() >= count {
                return calls;
            }
            assert!(std::time::Instant::now() < end, "{count} calls of {action} did not come: {:?}", self.calls());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Puts this AWS's clock so many seconds ahead of the machine's (behind when negative).
    pub fn set_clock_offset(&self, seconds: i64) {
        self.state.lock().clock_offset = seconds;
    }

    /// Ends every session that was given out so far.
    pub fn end_sessions(&self) {
        let mut state = self.state.lock();
        let now = state.now();
        state.accounts.end_sessions(now);
    }

    /// The buckets that `aws s3 ls` shows, with their creation times (RFC 3339).
    pub fn set_buckets(&self, buckets: &[(&str, &str)]) {
        let buckets = buckets.iter().map(|(name, made)| (String::from(*name), String::from(*made))).collect();
        self.state.lock().accounts.buckets = Some(buckets);
    }
}
