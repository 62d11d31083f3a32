//! A link that nobody else may see, handed to a browser: the browser's own command line, which every user of this machine
//! can read, holds an address on 127.0.0.1 that leads on once.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::{Loopback, Reply, unguessable};
use crate::terminal::{Link, Opener, open_browser};

/// How long the browser may take to come for the link: a browser that has to start first on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens the browser, and leads the first visitor who knows the way on to `link`. `opened` is called once the browser was
/// started.
///
/// # Errors
/// The program that does not start; a browser that never came.
pub fn hand_over(host: &Host, link: &SecretString, opener: Option<&Opener>, opened: impl FnOnce()) -> Result<()> {
    let door = Loopback::open().map_err(|e| Error::failed(format!("no browser can be led on from 127.0.0.1: {e}")))?;
    let path = format!("/{}", unguessable()?.expose_secret());
    let address = Link::of(&door.url(&path)).map_err(Error::failed)?;
    open_browser(host, &address, opener)?;
    opened();
    let came = door.wait(Instant::now() + PATIENCE, |target| match target == path {
        true => (Reply::Redirect(link.clone()), Some(())),
        false => (
            Reply::Page {
                status: "404 Not Found",
                title: "Nothing here",
                text: "This address leads on once, and only whom it was given to.",
            },
            None,
        ),
    });
    came.ok_or_else(|| Error::failed("the browser did not come for the link within a minute"))
}
