//! IAM Identity Center: client registrations and tokens (SSO OIDC), accounts, roles and their keys (the portal). All calls
//! are unsigned JSON over HTTPS; the forms are those of botocore's models `sso-oidc/2019-06-10` and `sso/2019-06-10`.
//!
//! A call that spends something (a code, a refresh token) is sent once.

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};

use super::sso_error::SsoError;
use super::unsigned::{Body, Call};
use super::{Answer, Keys, Session, Transport};
use crate::time::Timestamp;

/// The header that shows the portal an access token.
const BEARER: &str = "x-amz-sso_bearer_token";

/// What nobody may see of a request's JSON.
const SECRET_KEYS: [&str; 5] = ["clientSecret", "deviceCode", "code", "codeVerifier", "refreshToken"];

/// Which browser sign-in a registration is for; AWS lets each use only what it was registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Authorization code with PKCE; comes back to this redirect URI, registered without its port.
    Browser,
    /// Device code.
    Device,
}

/// A registered client: AWS knows this installation by it.
#[derive(Debug, Clone)]
pub struct Client {
    /// `clientId`.
    pub id: String,
    /// `clientSecret`.
    pub secret: SecretString,
    /// When the registration ends.
    pub expires_at: Timestamp,
}

/// A sign-in that waits for a person at another screen.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// `deviceCode`, which the token is got with.
    pub code: SecretString,
    /// `userCode`, which the person compares or types.
    pub user_code: String,
    /// `verificationUri`.
    pub url: String,
    /// `verificationUriComplete`: the same with the code in it.
    pub url_with_code: Option<String>,
    /// Seconds until the code ends.
    pub expires_in: i64,
    /// Seconds between two looks.
    pub interval: u64,
}

/// What a token is given for.
#[derive(Debug, Clone, Copy)]
pub enum Grant<'g> {
    /// A device code that a person has approved.
    DeviceCode(&'g SecretString),
    /// The code that the browser came back with.
    AuthorizationCode {
        /// It.
        code: &'g SecretString,
        /// The PKCE verifier whose hash was in the link.
        verifier: &'g SecretString,
        /// The redirect URI of the link, with its port.
        redirect_uri: &'g str,
    },
    /// The refresh token of the last sign-in; AWS takes each once.
    Refresh(&'g SecretString),
}

/// A new access token.
#[derive(Debug, Clone)]
pub struct Token {
    /// `accessToken`.
    pub access: SecretString,
    /// Seconds until it ends.
    pub expires_in: i64,
    /// `refreshToken`, where the client's scopes bring one.
    pub refresh: Option<SecretString>,
}

/// What no server has a reason to exceed, seconds: a device code for a day, a token for ninety.
const LONGEST_CODE: i64 = 86_400;
const LONGEST_TOKEN: i64 = 90 * 86_400;
/// The end of the year 9999, the last time that every reader takes; seconds since 1970.
const LAST_TIME: i64 = 253_402_300_800;

/// An account that the signed-in person may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The address of its root user.
    pub email: String,
}

/// SSO OIDC at one endpoint.
#[derive(Clone, Copy)]
pub struct Oidc<'a>(pub Transport<'a>);

/// The portal at one endpoint.
#[derive(Clone, Copy)]
pub struct Portal<'a>(pub Transport<'a>);

impl Oidc<'_> {
    /// The redirect URI as it is registered: without a port, since AWS lets any port of this machine come back to it.
    pub const REDIRECT_URI: &'static str = "http://127.0.0.1/oauth/callback";

    /// RegisterClient. `scopes` is empty for a legacy profile, whose tokens then have no refresh token.
    ///
    /// # Errors
    /// What AWS says, or why it says nothing.
    pub fn register(&self, name: &str, scopes: &[String], flow: Flow, issuer: &str) -> Result<Client, SsoError> {
        let mut asked = json!({ "clientName": name, "clientType": "public" });
        if !scopes.is_empty() {
            asked["scopes"] = scopes.into();
        }
        if flow == Flow::Browser {
            asked["grantTypes"] = json!(["authorization_code", "refresh_token"]);
            asked["redirectUris"] = json!([Self::REDIRECT_URI]);
            asked["issuerUrl"] = issuer.into();
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Registered {
            client_id: String,
            client_secret: SecretString,
            client_secret_expires_at: i64,
        }
        let found: Registered = self.post("/client/register", &asked, true)?.value;
        let (id, expires_at) = (found.client_id, Timestamp(found.client_secret_expires_at));
        Ok(Client { id, secret: found.client_secret, expires_at })
    }

    /// StartDeviceAuthorization.
    ///
    /// # Errors
    /// As [`Oidc::register`].
    pub fn device_code(&self, client: &Client, start_url: &str) -> Result<DeviceCode, SsoError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Started {
            device_code: SecretString,
            user_code: String,
            verification_uri: String,
            verification_uri_complete: Option<String>,
            expires_in: i64,
            interval: Option<u64>,
        }
        let asked = json!({
            "clientId": client.id, "clientSecret": client.secret.expose_secret(), "startUrl": start_url,
        });
        let started: Started = self.post("/device_authorization", &asked, true)?.value;
        Ok(DeviceCode {
            code: started.device_code,
            user_code: started.user_code,
            url: started.verification_uri,
            url_with_code: started.verification_uri_complete,
            expires_in: started.expires_in.clamp(0, LONGEST_CODE),
            interval: started.interval.filter(|s| *s > 0).unwrap_or(5).min(60),
        })
    }

    /// The link that a browser opens for [`Grant::AuthorizationCode`]. Nothing in it is secret.
    pub fn authorize_url(
        &self,
        client: &Client,
        redirect_uri: &str,
        state: &str,
        challenge: &str,
        scopes: &[String],
    ) -> String {
        let part = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        format!(
            "{}/authorize?response_type=code&client_id={}&redirect_uri={}&state={}&code_challenge_method=S256\
             &scopes={}&code_challenge={}",
            self.0.endpoint.url(),
            part(&client.id),
            part(redirect_uri),
            part(state),
            part(&scopes.join(" ")),
            part(challenge),
        )
    }

    /// CreateToken. Sent once: AWS takes a code or a refresh token only once.
    ///
    /// # Errors
    /// As [`Oidc::register`]; [`SsoError::AuthorizationPending`] and [`SsoError::SlowDown`] mean to go on waiting.
    pub fn token(&self, client: &Client, grant: Grant) -> Result<Answer<Token>, SsoError> {
        let mut asked = json!({ "clientId": client.id, "clientSecret": client.secret.expose_secret() });
        match grant {
            Grant::DeviceCode(code) => {
                asked["grantType"] = "urn:ietf:params:oauth:grant-type:device_code".into();
                asked["deviceCode"] = code.expose_secret().into();
            }
            Grant::AuthorizationCode { code, verifier, redirect_uri } => {
                asked["grantType"] = "authorization_code".into();
                asked["code"] = code.expose_secret().into();
                asked["codeVerifier"] = verifier.expose_secret().into();
                asked["redirectUri"] = redirect_uri.into();
            }
            Grant::Refresh(token) => {
                asked["grantType"] = "refresh_token".into();
                asked["refreshToken"] = token.expose_secret().into();
            }
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Created {
            access_token: SecretString,
            expires_in: i64,
            refresh_token: Option<SecretString>,
        }
        let answer: Answer<Created> = self.post("/token", &asked, false)?;
        let Created { access_token, expires_in, refresh_token } = answer.value;
        let expires_in = expires_in.clamp(0, LONGEST_TOKEN);
        let value = Token { access: access_token, expires_in, refresh: refresh_token };
        Ok(Answer { value, skew: answer.skew })
    }

    fn post<T: DeserializeOwned>(&self, path: &str, asked: &Value, again: bool) -> Result<Answer<T>, SsoError> {
        let secrets: Vec<&str> = SECRET_KEYS.iter().filter_map(|key| asked[key].as_str()).collect();
        let body = Body::Json(asked);
        Call { method: Method::POST, path, header: None, body, secrets: &secrets, again }.send(&self.0)
    }
}

impl Portal<'_> {
    /// GetRoleCredentials.
    ///
    /// # Errors
    /// What AWS says, or why it says nothing; [`SsoError::Unauthorized`]: the token works no longer.
    pub fn role_credentials(
        &self,
        token: &SecretString,
        account: &str,
        role: &str,
    ) -> Result<Answer<Session>, SsoError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Found {
            role_credentials: RoleKeys,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct RoleKeys {
            access_key_id: String,
            secret_access_key: SecretString,
            session_token: SecretString,
            /// Milliseconds since 1970.
            expiration: i64,
        }
        let path = format!("/federation/credentials?role_name={}&account_id={}", part(role), part(account));
        let answer: Answer<Found> = self.get(&path, token)?;
        let found = answer.value.role_credentials;
        let keys = Keys {
            access_key_id: found.access_key_id,
            secret_access_key: found.secret_access_key,
            session_token: Some(found.session_token),
        };
        let expiration = Timestamp(found.expiration.div_euclid(1000));
        if keys.broken_part().is_some() || !(0..LAST_TIME).contains(&expiration.0) {
            let host = self.0.endpoint.host().to_owned();
            return Err(SsoError::Gateway { status: 200, host, proxy: None });
        }
        Ok(Answer { value: Session { keys, expiration, assumed_role: None }, skew: answer.skew })
    }

    /// ListAccounts, all pages.
    ///
    /// # Errors
    /// As [`Portal::role_credentials`].
    pub fn accounts(&self, token: &SecretString) -> Result<Vec<Account>, SsoError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            #[serde(default)]
            account_list: Vec<Item>,
            next_token: Option<String>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Item {
            account_id: String,
            #[serde(default)]
            account_name: String,
            #[serde(default)]
            email_address: String,
        }
        self.pages(token, "/assignment/accounts?max_result=100", |page: Page| {
            let accounts = page.account_list.into_iter();
            let accounts = accounts.map(|a| Account { id: a.account_id, name: a.account_name, email: a.email_address });
            (accounts.collect(), page.next_token)
        })
    }

    /// ListAccountRoles, all pages: the names of the roles in one account.
    ///
    /// # Errors
    /// As [`Portal::role_credentials`].
    pub fn roles(&self, token: &SecretString, account: &str) -> Result<Vec<String>, SsoError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            #[serde(default)]
            role_list: Vec<Item>,
            next_token: Option<String>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Item {
            role_name: String,
        }
        let path = format!("/assignment/roles?account_id={}&max_result=100", part(account));
        self.pages(token, &path, |page: Page| {
            (page.role_list.into_iter().map(|role| role.role_name).collect(), page.next_token)
        })
    }

    /// Logout: ends the token at AWS. Role sessions that were made with it live on.
    ///
    /// # Errors
    /// As [`Portal::role_credentials`].
    pub fn logout(&self, token: &SecretString) -> Result<(), SsoError> {
        let header = Some((BEARER, token));
        let call = Call { method: Method::POST, path: "/logout", header, body: Body::None, secrets: &[], again: true };
        call.send::<IgnoredAny, SsoError>(&self.0)?;
        Ok(())
    }

    fn get<T: DeserializeOwned>(&self, path: &str, token: &SecretString) -> Result<Answer<T>, SsoError> {
        let header = Some((BEARER, token));
        Call { method: Method::GET, path, header, body: Body::None, secrets: &[], again: true }.send(&self.0)
    }

    fn pages<P: DeserializeOwned, T>(
        &self,
        token: &SecretString,
        path: &str,
        open: impl Fn(P) -> (Vec<T>, Option<String>),
    ) -> Result<Vec<T>, SsoError> {
        let (mut all, mut next) = (Vec::new(), None::<String>);
        loop {
            let more = next.as_deref().map(|t| format!("&next_token={}", part(t))).unwrap_or_default();
            let (found, following) = open(self.get::<P>(&format!("{path}{more}"), token)?.value);
            all.extend(found);
            match following.filter(|t| !t.is_empty()) {
                // A page that names itself as the next one would never end.
                Some(token) if next.as_deref() != Some(&token) => next = Some(token),
                _ => return Ok(all),
            }
        }
    }
}

fn part(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
