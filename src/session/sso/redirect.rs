//! The way through the browser: authorization code with PKCE (RFC 7636), which comes back to this machine.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::SignIn;
use super::callback::{self, Returned};
use crate::error::{Error, Result};
use crate::net::{Answer as Reply, Client, Flow, Grant, Loopback, SsoError, Token, unguessable, url_safe};
use crate::terminal::{Link, open_browser, say, show_link};

/// How long the browser is waited for; the AWS CLI's own limit.
const PATIENCE: Duration = Duration::from_secs(600);

/// Opens the browser and waits until it comes back. `None`: nothing can listen here, so that another way is needed.
pub(super) fn sign_in(sign_in: &SignIn) -> Result<Option<(Reply<Token>, Client)>> {
    let Ok(door) = Loopback::open() else { return Ok(None) };
    let client = sign_in.client(Flow::Browser)?;
    let outcome = with_client(sign_in, door, &client);
    if outcome.is_err() {
        // A client that AWS has forgotten is refused in the browser only: the next try must not begin with it again.
        super::Registration::of(sign_in.host, sign_in.sso).remove();
    }
    Ok(Some((outcome?, client)))
}

fn with_client(sign_in: &SignIn, door: Loopback, client: &Client) -> Result<Reply<Token>> {
    let (state, verifier) = (unguessable()?, unguessable()?);
    let challenge = url_safe(&Sha256::digest(verifier.expose_secret()));
    let redirect_uri = door.url(callback::PATH);
    let url = sign_in.oidc.authorize_url(client, &redirect_uri, state.expose_secret(), &challenge, &sign_in.sso.scopes);
    let link = Link::of(&url).map_err(Error::failed)?;
    let keys = sign_in.listen()?;
    match open_browser(sign_in.host, &link, sign_in.opener.as_ref()) {
        Ok(()) => say(format!("{} opens in the browser; if nothing opens, this link does it:", link.host())),
        Err(error) => say(format!("{error}; open this link in a browser on this machine:")),
    }
    show_link(&link);
    let (tell, told) = mpsc::channel();
    let expected = state.clone();
    std::thread::spawn(move || {
        // After Ctrl-C nobody listens.
        let _ = tell.send(callback::wait(door, &expected, Instant::now() + PATIENCE));
    });
    let returned = super::wait(keys, &told, sign_in)?;
    let code = match returned.flatten() {
        Some(Returned::Code(code)) => code,
        Some(Returned::Denied) => return Err(SsoError::Denied.into()),
        Some(Returned::Error(why)) => {
            return Err(Error::failed(format!("the browser came back without a sign-in: {why}")));
        }
        None => {
            return Err(Error::failed("the browser did not come back within 10 minutes")
                .next("awsenv refresh starts again; --device-code does without this machine's browser"));
        }
    };
    let grant = Grant::AuthorizationCode { code: &code, verifier: &verifier, redirect_uri: &redirect_uri };
    Ok(sign_in.oidc.token(client, grant)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_the_hash_of_the_verifier() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(url_safe(&Sha256::digest(verifier)), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
