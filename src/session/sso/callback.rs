//! Where the browser comes back to: one page on 127.0.0.1, for one sign-in.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};

use crate::terminal::clean_to;

/// How often somebody is looked for at the door.
const TICK: Duration = Duration::from_millis(50);
/// How long one visitor may take to say what he wants.
const VISIT: Duration = Duration::from_secs(2);
/// The longest request that is read, bytes.
const LONGEST: usize = 16 << 10;

/// A listener on a port of 127.0.0.1 that the system chose.
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What the browser came back with.
pub(super) enum Returned {
    Code(SecretString),
    /// The person said no.
    Denied,
    /// AWS's word for what went wrong, cleaned.
    Error(String),
}

impl Loopback {
    pub(super) fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(Loopback { listener, port })
    }

    /// As it stands in the link.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}/oauth/callback", self.port)
    }

    /// Answers visitors until one brings `state`. Any program and any page on this machine can come here: whoever does not
    /// know it is sent away, and ends nothing.
    pub(super) fn wait(&self, state: &SecretString, until: Instant) -> Option<Returned> {
        while Instant::now() < until {
            match self.listener.accept() {
                Ok((visitor, _)) => {
                    if let Some(returned) = visit(visitor, state) {
                        return Some(returned);
                    }
                }
                Err(_) => std::thread::sleep(TICK),
            }
        }
        None
    }
}

fn visit(mut visitor: TcpStream, state: &SecretString) -> Option<Returned> {
    visitor.set_nonblocking(false).ok()?;
    visitor.set_read_timeout(Some(VISIT)).ok()?;
    visitor.set_write_timeout(Some(VISIT)).ok()?;
    let request = read_head(&mut visitor);
    let returned = request.as_deref().and_then(|head| understand(head, state));
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
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>awsenv: {title}</title>\
         <body style=\"font-family:sans-serif;margin:4em\"><h1>{title}</h1><p>{text}</p></body></html>"
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // The code is here; whether the page arrives is no matter.
    let _ = visitor.write_all(answer.as_bytes());
    returned
}

/// The first line and the headers.
fn read_head(visitor: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut part = [0; 2048];
    let begun = Instant::now();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        if head.len() > LONGEST || begun.elapsed() > VISIT {
            return None;
        }
        match visitor.read(&mut part) {
            Ok(n @ 1..) => head.extend(&part[..n]),
            _ => return None,
        }
    }
    String::from_utf8(head).ok()
}

/// `GET /oauth/callback?code=…&state=… HTTP/1.1`; nothing where the state is another one.
fn understand(head: &str, state: &SecretString) -> Option<Returned> {
    let target = head.lines().next()?.strip_prefix("GET ")?.split(' ').next()?;
    let query = target.strip_prefix("/oauth/callback?")?;
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

    fn understood(line: &str) -> Option<Returned> {
        understand(&format!("{line}\r\nHost: 127.0.0.1\r\n\r\n"), &"s-t_1".to_owned().into())
    }

    #[test]
    fn only_who_knows_the_state_brings_a_code() {
        let Some(Returned::Code(code)) = understood("GET /oauth/callback?code=a%2Fb&state=s-t_1 HTTP/1.1") else {
            panic!("the code is there")
        };
        assert_eq!(code.expose_secret(), "a/b");
        for line in [
            "GET /oauth/callback?code=a&state=other HTTP/1.1",
            "GET /oauth/callback?code=a HTTP/1.1",
            "GET /oauth/callback?state=s-t_1 HTTP/1.1",
            "POST /oauth/callback?code=a&state=s-t_1 HTTP/1.1",
            "GET /favicon.ico HTTP/1.1",
            "GET /oauth/callback?error=access_denied&state=x HTTP/1.1",
        ] {
            assert!(understood(line).is_none(), "{line}");
        }
    }

    #[test]
    fn a_refusal_is_told_apart_from_an_error() {
        let refused = understood("GET /oauth/callback?error=access_denied&state=s-t_1 HTTP/1.1");
        assert!(matches!(refused, Some(Returned::Denied)));
        let failed =
            understood("GET /oauth/callback?error=server_error&error_description=try+later%1b[2J&state=s-t_1 HTTP/1.1");
        assert!(matches!(failed, Some(Returned::Error(why)) if why == "server_error (try later[2J)"));
    }
}
