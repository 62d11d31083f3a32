//! The way with a link and a code: for machines without a browser, over SSH, and for legacy profiles.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::SignIn;
use crate::error::{Error, Result};
use crate::net::{Answer as Reply, Client, DeviceCode, Flow, Grant, Oidc, SsoError, Token, Transport};
use crate::state::Memory;
use crate::terminal::{Link, open_browser, say, show_link, show_qr};

/// RFC 8628, 3.5: each `slow_down` adds so many seconds to the interval, for good.
const SLOWER: u64 = 5;
/// No server has a reason for fewer looks than one a minute, in seconds.
const SLOWEST: u64 = 60;

/// Shows a link and a code, and waits until somebody has approved it. `opens`: there is a browser here.
pub(super) fn sign_in(sign_in: &SignIn, opens: bool) -> Result<(Reply<Token>, Client)> {
    let (device, client) =
        sign_in.with_client(Flow::Device, |client| sign_in.oidc.device_code(client, &sign_in.sso.start_url))?;
    let link = Link::of(device.url_with_code.as_deref().unwrap_or(&device.url))
        .map_err(|why| Error::failed(format!("the sign-in link that AWS sent cannot be used: {why}")))?;
    if device.user_code.len() > 40 || !device.user_code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Error::failed("the code that AWS sent is none that could be compared"));
    }
    let keys = sign_in.listen()?;
    let code = &device.user_code;
    // Whoever answers for AWS names this link: only one that is AWS's, or the portal's own, opens by itself.
    let is_theirs = link.is_below(&["amazonaws.com", "amazonaws.com.cn", "awsapps.com", "api.aws", "app.aws"])
        || link.host() == sign_in.oidc.0.endpoint.host()
        || Link::of(&sign_in.sso.start_url).is_ok_and(|portal| portal.host() == link.host());
    if opens && is_theirs && open_browser(sign_in.host, &link, sign_in.opener.as_ref()).is_ok() {
        say(format!(
            "{} opens in the browser: it must show the code {code}; if nothing opens, this link does it:",
            link.host()
        ));
        show_link(&link);
    } else {
        if !is_theirs {
            say(format!("{} is not AWS: open it only if you know whose it is", link.host()));
        }
        say(format!("open this link on any device; it must show the code {code}:"));
        show_link(&link);
        show_qr(sign_in.host, &link);
    }
    let outcome = super::wait(keys, &watch(sign_in, &client, device), sign_in)?;
    let token = outcome.unwrap_or(Err(SsoError::Expired)).map_err(|error| match error {
        SsoError::Expired => Error::from(error).next("awsenv refresh starts again"),
        error => error.into(),
    })?;
    Ok((token, client))
}

/// What [`poll`] finds out. Its thread is its own, so that Ctrl-C need not wait for a slow network.
fn watch(sign_in: &SignIn, client: &Client, device: DeviceCode) -> mpsc::Receiver<Result<Reply<Token>, SsoError>> {
    let (tell, told) = mpsc::channel();
    let way = sign_in.oidc.0;
    let (machine, route, endpoint) = (way.machine.clone(), way.route.clone(), way.endpoint.clone());
    let (memory, client) = (Memory::of(way.machine), client.clone());
    std::thread::spawn(move || {
        let way = Transport { machine: &machine, route: &route, endpoint: &endpoint, refused: &memory };
        // After Ctrl-C nobody listens.
        let _ = tell.send(poll(&Oidc(way), &client, &device));
    });
    told
}

/// Looks at AWS's interval until there is an answer.
fn poll(oidc: &Oidc, client: &Client, device: &DeviceCode) -> Result<Reply<Token>, SsoError> {
    let mut interval = device.interval;
    let end = Instant::now() + Duration::from_secs(u64::try_from(device.expires_in).unwrap_or(0));
    let mut lost = 0;
    while Instant::now() < end {
        std::thread::sleep(Duration::from_secs(interval));
        match oidc.token(client, Grant::DeviceCode(&device.code)) {
            Err(SsoError::AuthorizationPending) => lost = 0,
            Err(SsoError::SlowDown) => interval = (interval + SLOWER).min(SLOWEST),
            // A network that is gone for a moment (a laptop's lid) does not end the sign-in.
            Err(SsoError::Network(_) | SsoError::Throttled | SsoError::Gateway { .. }) if lost < 3 => lost += 1,
            outcome => return outcome,
        }
    }
    Err(SsoError::Expired)
}
