//! Signing in to IAM Identity Center without the AWS CLI: its files, and the two ways through a browser.

mod callback;
mod device;
mod files;
mod redirect;

pub use files::{Registration, TokenFile, TokenTarget, drop_refresh, drop_token, read_token, strays};

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::{Answer as Reply, Client, Flow, Oidc, SsoError, Token};
use crate::profile::Sso;
use crate::terminal::{Answer, Listening, Opener, Tty, can_open_browser, say};

/// An access token with less left is renewed where its refresh token can do it, in seconds: what botocore does, so that
/// commands that start together do not all renew it.
pub const RENEW_BEFORE: i64 = 15 * 60;

/// After so long something may be wrong in the browser, which nobody here can see.
const SLOW: Duration = Duration::from_secs(30);

/// A sign-in that a person has agreed to.
pub struct SignIn<'a> {
    pub host: &'a Host,
    pub oidc: Oidc<'a>,
    pub sso: &'a Sso,
    /// Where Ctrl-C is heard; without one only a signal ends the wait.
    pub tty: Option<&'a Tty>,
    /// `--device-code`: a link and a code, though there is a browser.
    pub device_code: bool,
    /// The settings' own command for the browser.
    pub opener: Option<Opener>,
}

/// At another region's endpoint AWS registers a client as well, and only the browser says so
/// (github.com/aws/aws-cli/issues/5058).
fn slow_words(region: &str) -> String {
    format!(
        "still waiting for the browser; if it shows invalid_grant, the start URL is of another region than {region}: \
         {REGION_SHOWN}; if invalid_client, Ctrl-C and once more"
    )
}

/// Where a person finds the right region.
const REGION_SHOWN: &str = "the AWS access portal shows it under 'Access keys' of any account, as SSO Region";

impl SignIn<'_> {
    /// Signs in; the token belongs to the client beside it.
    ///
    /// # Errors
    /// Why there is no token, in one line; Ctrl-C.
    pub fn run(&self) -> Result<(Reply<Token>, Client)> {
        let opens = !self.device_code && can_open_browser(self.host, self.opener.is_some());
        // A legacy profile has no scopes, and AWS gives the code flow to clients with scopes only.
        if opens
            && self.sso.session.is_some()
            && let Some(done) = redirect::sign_in(self)?
        {
            return Ok(done);
        }
        device::sign_in(self, opens)
    }

    /// The registration for one way: the one in the AWS CLI's cache, else a new one.
    fn client(&self, flow: Flow) -> Result<Client> {
        let file = Registration::of(self.host, self.sso);
        if let Some(client) = file.read(flow, self.host.now()) {
            return Ok(client);
        }
        let name = match &self.sso.session {
            Some(session) => format!("awsenv-{session}"),
            None => "awsenv".into(),
        };
        let client = self.oidc.register(&name, &self.sso.scopes, flow, &self.sso.start_url);
        let client = client.map_err(|error| self.about_start_url(error))?;
        file.write(&client, flow)?;
        Ok(client)
    }

    /// Runs a call for which `client` is needed; a registration that AWS no longer knows is made anew, once.
    fn with_client<T>(&self, flow: Flow, call: impl Fn(&Client) -> Result<T, SsoError>) -> Result<(T, Client)> {
        let client = self.client(flow)?;
        match call(&client) {
            Ok(value) => Ok((value, client)),
            Err(SsoError::InvalidClient { .. }) => {
                Registration::of(self.host, self.sso).remove();
                let client = self.client(flow)?;
                Ok((call(&client).map_err(|error| self.about_start_url(error))?, client))
            }
            Err(error) => Err(self.about_start_url(error)),
        }
    }

    /// An error with what helps where AWS does not know the start URL: it says so only in general.
    fn about_start_url(&self, error: SsoError) -> Error {
        let unknown = matches!(&error, SsoError::Other { code, .. } if code == "InvalidRequestException");
        let error = Error::from(error);
        if !unknown {
            return error;
        }
        let region = &self.sso.region;
        error.next(format!("the start URL is mistyped, or of another region than {region}: {REGION_SHOWN}"))
    }

    /// From here on Ctrl-C is for [`wait`].
    fn listen(&self) -> Result<Option<Listening<'_>>> {
        self.tty.map(|tty| tty.listen().ok_or_else(Error::stopped)).transpose()
    }
}

/// Waits for what another thread finds out, with Ctrl-C heard; `None`: what was waited for is gone.
fn wait<T>(keys: Option<Listening>, found: &Receiver<T>, sign_in: &SignIn) -> Result<Option<T>> {
    wait_with(keys, found, SLOW, || say(slow_words(&sign_in.sso.region)))
}

/// The same; `slow` is called once, when it has taken so long.
fn wait_with<T>(
    keys: Option<Listening>,
    found: &Receiver<T>,
    after: Duration,
    mut slow: impl FnMut(),
) -> Result<Option<T>> {
    let Some(keys) = keys else {
        return Ok(match found.recv_timeout(after) {
            Err(RecvTimeoutError::Timeout) => {
                slow();
                found.recv().ok()
            }
            outcome => outcome.ok(),
        });
    };
    let (begun, mut told) = (Instant::now(), false);
    let mut got = None;
    let look = || match found.try_recv() {
        Ok(value) => {
            got = Some(value);
            true
        }
        Err(TryRecvError::Disconnected) => true,
        Err(TryRecvError::Empty) => {
            if !told && begun.elapsed() >= after {
                told = true;
                slow();
            }
            false
        }
    };
    match keys.wait(look) {
        Answer::Stop => Err(Error::stopped()),
        _ => Ok(got),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_wait_that_takes_long_says_once_what_may_be_wrong() {
        let (tell, told) = mpsc::channel();
        let mut said = 0;
        // The answer comes only after the word.
        let got = wait_with(None, &told, Duration::ZERO, || {
            said += 1;
            tell.send(7).expect("somebody waits");
        });
        assert_eq!((got, said), (Ok(Some(7)), 1));
        tell.send(8).expect("somebody waits");
        let got = wait_with(None, &told, SLOW, || panic!("that was quick"));
        assert_eq!(got, Ok(Some(8)));
        assert!(slow_words("eu-west-1").contains("invalid_grant"));
    }
}
