//! What a browser comes back with from a sign-in: one page on 127.0.0.1, for one sign-in.

use std::time::Instant;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};

use crate::net::{Loopback, Reply};
use crate::terminal::clean_to;

/// The page that it comes back to.
pub(super) const PATH: &str = "/oauth/callback";

/// What the browser came back with.
pub(super) enum Returned {
    Code(SecretString),
    /// The person said no.
    Denied,
    /// AWS's word for what went wrong, cleaned.
    Error(String),
}

/// Waits for the visitor who brings `state`.
pub(super) fn wait(door: Loopback, state: &SecretString, until: Instant) -> Option<Returned> {
    door.wait(until, |target| {
        let returned = understand(target, state);
        let (status, title, text) = match &returned {
            Some(Returned::Code(_)) => {
                ("200 OK", "You are signed in", "You can close this page and go back to the terminal.")
            }
            Some(Returned::Denied) => ("200 OK", "Not signed in", "You said no. You can close this page."),
            Some(Returned::Error(_)) => {
                ("400 Bad Request", "Not signed in", "The terminal says why. You can close this page.")
            }
            None => ("404 Not Found", "Nothing here", "This page belongs to a sign-in that it does not know."),
        };
        (Reply::Page { status, title, text }, returned)
    })
}

/// `/oauth/callback?code=…&state=…`; nothing where the state is another one.
fn understand(target: &str, state: &SecretString) -> Option<Returned> {
    let query = target.strip_prefix(PATH)?.strip_prefix('?')?;
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        percent_decode_str(pair).decode_utf8().ok().map(|text| text.into_owned())
    };
    if value("state")? != state.expose_secret() {
        return None;
    }
    match (value("code"), value("error")) {
        (_, Some(error)) if error == "access_denied" => Some(Returned::Denied),
        (_, Some(error)) => {
            let text = value("error_description").map(|t| format!(" ({t})")).unwrap_or_default();
            Some(Returned::Error(clean_to(format!("{error}{text}").replace('+', " "), 200)))
        }
        (Some(code), None) if !code.is_empty() => Some(Returned::Code(code.into())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(target: &str) -> Option<Returned> {
        understand(target, &"s-t_1".to_owned().into())
    }

    #[test]
    fn only_who_knows_the_state_brings_a_code() {
        let Some(Returned::Code(code)) = understood("/oauth/callback?code=a%2Fb&state=s-t_1") else {
            panic!("the code is there")
        };
        assert_eq!(code.expose_secret(), "a/b");
        for line in [
            "/oauth/callback?code=a&state=other",
            "/oauth/callback?code=a",
            "/oauth/callback?state=s-t_1",
            "/favicon.ico",
            "/oauth/callback?error=access_denied&state=x",
        ] {
            assert!(understood(line).is_none(), "{line}");
        }
    }

    #[test]
    fn a_refusal_is_told_apart_from_an_error() {
        let refused = understood("/oauth/callback?error=access_denied&state=s-t_1");
        assert!(matches!(refused, Some(Returned::Denied)));
        let failed = understood("/oauth/callback?error=server_error&error_description=try+later%1b[2J&state=s-t_1");
        assert!(matches!(failed, Some(Returned::Error(why)) if why == "server_error (try later[2J)"));
    }
}
