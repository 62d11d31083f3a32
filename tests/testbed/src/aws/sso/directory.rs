//! The handle through which a test makes a directory, answers for its user, and turns its tokens.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat};
use serde_json::json;
use sha1::{Digest, Sha1};

use super::oidc::{DEVICE_CODE, REFRESH_TOKEN};
use super::{ACCOUNT_ACCESS, Client, DirectoryRecord, portal, start_url};
use crate::aws::Shared;

/// How the user at the browser answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Looks at the page; somebody has to click, or [`Directory::allow`] to answer.
    Ask,
    /// Clicks Allow; a page that runs scripts is needed (a real browser).
    Click,
    /// Allows at once, without a page: a device code at its request, `/authorize` by redirecting.
    Allow,
    /// Denies in the same way.
    Deny,
}

/// A device code that waits for its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDevice {
    /// `ABCD-EFGH`.
    pub user_code: String,
    /// The name under which the client registered.
    pub client_name: String,
    /// The scopes for which it registered.
    pub scopes: Vec<String>,
}

/// A sign-in that was made without a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoToken {
    pub start_url: String,
    pub region: String,
    pub access_token: String,
    pub refresh_token: String,
    pub client_id: String,
    pub client_secret: String,
    /// Seconds since 1970 (UTC).
    pub expires: i64,
    /// Seconds since 1970 (UTC).
    pub registration_expires: i64,
}

impl SsoToken {
    /// The file in `~/.aws/sso/cache`, as the AWS CLI writes it.
    pub fn file(&self) -> String {
        let file = json!({
            "startUrl": self.start_url, "region": self.region, "accessToken": self.access_token,
            "expiresAt": rfc3339(self.expires), "clientId": self.client_id, "clientSecret": self.client_secret,
            "registrationExpiresAt": rfc3339(self.registration_expires), "refreshToken": self.refresh_token,
        });
        file.to_string()
    }
}

fn rfc3339(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The path under the home of a token's file: `key` is the name of the sso-session, or the start URL of a profile
/// without one.
pub fn cache_name(key: &str) -> String {
    let hash: String = Sha1::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    format!(".aws/sso/cache/{hash}.json")
}

impl DirectoryRecord {
    fn new(region: &str) -> DirectoryRecord {
        DirectoryRecord {
            region: region.to_owned(),
            users: BTreeMap::from([("taro".to_owned(), BTreeMap::new())]),
            browser_user: "taro".to_owned(),
            consent: Consent::Ask,
            next_consents: VecDeque::new(),
            token_life: 3_600,
            sign_in_life: 28_800,
            role_life: 3_600,
            device_life: 600,
            interval: 1,
            page_size: 20,
            verification_uri: None,
            lenient_region: false,
        }
    }

    pub(super) fn consent(&mut self) -> Consent {
        self.next_consents.pop_front().unwrap_or(self.consent)
    }

    /// The answer to a device code for which nobody opens a page.
    pub(super) fn consent_without_page(&mut self) -> Option<super::Decision> {
        match self.next_consents.front().copied().unwrap_or(self.consent) {
            Consent::Ask | Consent::Click => return None,
            Consent::Allow | Consent::Deny => {}
        }
        Some(match self.consent() {
            Consent::Deny => super::Decision::Denied,
            _ => super::Decision::Allowed(self.browser_user.clone()),
        })
    }
}

/// A directory of IAM Identity Center. Its user is `taro` unless said otherwise.
#[derive(Clone)]
pub struct Directory {
    state: Shared,
    start_url: String,
}

impl Directory {
    pub(in crate::aws) fn new(state: Shared, written: &str, region: &str) -> Directory {
        let start_url = start_url(written);
        let other = state.lock().center.directories.insert(start_url.clone(), DirectoryRecord::new(region));
        assert!(other.is_none(), "{start_url} exists");
        Directory { state, start_url }
    }

    /// The start URL.
    pub fn start_url(&self) -> &str {
        &self.start_url
    }

    /// `[sso-session NAME]` as `aws configure sso` writes it.
    pub fn section(&self, name: &str) -> String {
        let (url, region) = (&self.start_url, self.with(|directory| directory.region.clone()));
        format!(
            "[sso-session {name}]\nsso_start_url = {url}\nsso_region = {region}\n\
             sso_registration_scopes = {ACCOUNT_ACCESS}\n"
        )
    }

    /// Gives this role (permission set) in this account to `taro`.
    pub fn assign(&self, account: &str, account_name: &str, role: &str) -> &Self {
        self.assign_to("taro", account, account_name, role)
    }

    /// Gives it to this user, who is new at the first call.
    pub fn assign_to(&self, user: &str, account: &str, account_name: &str, role: &str) -> &Self {
        self.with(|directory| {
            let accounts = directory.users.entry(user.to_owned()).or_default();
            let access = accounts.entry(account.to_owned()).or_default();
            account_name.clone_into(&mut access.account_name);
            access.roles.push(role.to_owned());
        });
        self
    }

    /// Takes every role of an account away from everybody.
    pub fn unassign(&self, account: &str) {
        self.with(|directory| directory.users.values_mut().for_each(|accounts| drop(accounts.remove(account))));
    }

    /// The ARN of the role behind an assignment, for the trust of other roles.
    pub fn role_arn(&self, account: &str, role: &str) -> String {
        portal::role_arn(&self.with(|directory| directory.region.clone()), account, role)
    }

    /// Who sits at the browser and answers from now on.
    pub fn set_browser_user(&self, user: &str) {
        self.with(|directory| {
            directory.users.entry(user.to_owned()).or_default();
            user.clone_into(&mut directory.browser_user);
        });
    }

    /// How that user answers from now on.
    pub fn set_consent(&self, consent: Consent) {
        self.with(|directory| directory.consent = consent);
    }

    /// How that user answers the next request that has no answer of its own yet.
    pub fn consent_next(&self, consent: Consent) {
        self.with(|directory| directory.next_consents.push_back(consent));
    }

    /// The device codes that wait.
    pub fn pending_devices(&self) -> Vec<PendingDevice> {
        let state = self.state.lock();
        let own = |d: &&super::DeviceRequest| d.start_url == self.start_url && d.answer.is_none();
        let open = state.center.devices.values().filter(own).map(|device| {
            let client = state.center.clients.get(&device.client);
            let (client_name, scopes) = client.map(|c| (c.name.clone(), c.scopes.clone())).unwrap_or_default();
            PendingDevice { user_code: device.user_code.clone(), client_name, scopes }
        });
        open.collect()
    }

    /// Waits for a device code (deadline 20 s).
    pub fn wait_for_device(&self) -> PendingDevice {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(device) = self.pending_devices().pop() {
                return device;
            }
            assert!(Instant::now() < end, "no device code was asked for");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Allows an open device code.
    pub fn allow(&self, user_code: &str) {
        self.decide(user_code, true);
    }

    /// Denies an open device code.
    pub fn deny(&self, user_code: &str) {
        self.decide(user_code, false);
    }

    fn decide(&self, user_code: &str, allowed: bool) {
        let decided = self.state.lock().decide_device(user_code, allowed);
        decided.unwrap_or_else(|text| panic!("{user_code}: {text}"));
    }

    /// Ends the open device codes: `expired_token`.
    pub fn end_devices(&self) {
        let mut state = self.state.lock();
        let now = state.now();
        state.center.devices.values_mut().for_each(|device| device.expires = device.expires.min(now));
    }

    /// Signs `taro` in without a call, by a registration with scopes; the access token ends in so many seconds (may be
    /// negative), the refresh token is unused.
    pub fn token(&self, seconds: i64) -> SsoToken {
        let mut state = self.state.lock();
        let now = state.now();
        let (id, secret) = (state.accounts.word("client", 22), state.accounts.word("client secret", 900));
        let registration_expires = now + state.center.registration_life;
        let region = state.center.directories[&self.start_url].region.clone();
        let scopes = vec![ACCOUNT_ACCESS.to_owned()];
        let client = Client {
            secret: secret.clone(),
            name: "botocore-client-my-sso".into(),
            expires: registration_expires,
            scopes: scopes.clone(),
            grants: vec![DEVICE_CODE.into(), REFRESH_TOKEN.into()],
            redirect_uris: Vec::new(),
            issuer: None,
            region: Some(region.clone()),
        };
        state.center.clients.insert(id.clone(), client);
        let sign_in = state.sign_in(self.start_url.clone(), "taro".into(), &id, scopes);
        SsoToken {
            start_url: self.start_url.clone(),
            region,
            access_token: state.access_token(sign_in, seconds),
            refresh_token: state.refresh_token(sign_in),
            client_id: id,
            client_secret: secret,
            expires: now + seconds,
            registration_expires,
        }
    }

    /// Ends every access token; refresh tokens stay good.
    pub fn end_access_tokens(&self) {
        let mut state = self.state.lock();
        let now = state.now();
        state.center.access_tokens.values_mut().for_each(|token| token.expires = token.expires.min(now));
    }

    /// Ends every sign-in with its access and refresh tokens, as an administrator does.
    pub fn end_sign_ins(&self) {
        let mut state = self.state.lock();
        state.center.access_tokens.clear();
        state.center.refresh_tokens.clear();
    }

    /// Ends every client's registration.
    pub fn end_registrations(&self) {
        let mut state = self.state.lock();
        let now = state.now();
        state.center.clients.values_mut().for_each(|client| client.expires = client.expires.min(now));
    }

    /// Seconds that registrations last from now on; 90 days unless said otherwise.
    pub fn set_registration_life(&self, seconds: i64) {
        self.state.lock().center.registration_life = seconds;
    }

    /// Seconds that access tokens last from now on; 3600 unless said otherwise.
    pub fn set_token_life(&self, seconds: i64) {
        self.with(|directory| directory.token_life = seconds);
    }

    /// Seconds after which a sign-in cannot be refreshed any more, from now on; 8 hours unless said otherwise.
    pub fn set_sign_in_life(&self, seconds: i64) {
        self.with(|directory| directory.sign_in_life = seconds);
    }

    /// Seconds that a role's keys last from now on; 3600 unless said otherwise.
    pub fn set_role_life(&self, seconds: i64) {
        self.with(|directory| directory.role_life = seconds);
    }

    /// Seconds that a device code waits, from now on; 600 unless said otherwise.
    pub fn set_device_life(&self, seconds: i64) {
        self.with(|directory| directory.device_life = seconds);
    }

    /// Seconds between two polls for a device code, from now on; 1 unless said otherwise, and with 0 nothing is too early.
    pub fn set_interval(&self, seconds: u64) {
        self.with(|directory| directory.interval = seconds);
    }

    /// Accounts or roles on a page; 20 unless said otherwise.
    pub fn set_page_size(&self, size: usize) {
        self.with(|directory| directory.page_size = size);
    }

    /// Where device codes are confirmed, from now on: what a hostile or mistaken server might say.
    pub fn set_verification_uri(&self, uri: &str) {
        self.with(|directory| directory.verification_uri = Some(uri.to_owned()));
    }

    /// Another region's endpoint takes this start URL for a device code, and only the browser says `invalid_grant`
    /// (github.com/aws/aws-cli/issues/5058); otherwise it says InvalidRequestException.
    pub fn set_lenient_region(&self, lenient: bool) {
        self.with(|directory| directory.lenient_region = lenient);
    }

    fn with<T>(&self, ask: impl FnOnce(&mut DirectoryRecord) -> T) -> T {
        let mut state = self.state.lock();
        ask(state.center.directories.get_mut(&self.start_url).expect("directories are not taken away"))
    }
}
