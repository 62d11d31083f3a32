//! A door on this machine for one browser: a listener on 127.0.0.1 that answers until the right visitor has come.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// How often somebody is looked for at the door.
const TICK: Duration = Duration::from_millis(50);
/// How long one visitor may take to say what he wants.
const VISIT: Duration = Duration::from_secs(2);
/// The longest request that is read, bytes.
const LONGEST: usize = 16 << 10;

/// A listener on a port of 127.0.0.1 that the system chose. Dropping it closes the port.
pub struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What a visitor is told.
pub enum Reply {
    /// A page.
    Page {
        /// Number and words: `200 OK`.
        status: &'static str,
        /// Its heading.
        title: &'static str,
        /// One sentence.
        text: &'static str,
    },
    /// To another address. It may be secret: it is told this visitor only, and no page learns where he came from.
    Redirect(secrecy::SecretString),
}

impl Loopback {
    /// Opens the door.
    ///
    /// # Errors
    /// The system's own.
    pub fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(Loopback { listener, port })
    }

    /// `http://127.0.0.1:PORT`, and this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Answers visitors until `answer`, given what each asks for (`/path?query`), finds the right one. Any program and any
    /// page on this machine can come here: whoever asks for something else is sent away, and ends nothing.
    pub fn wait<T>(self, until: Instant, mut answer: impl FnMut(&str) -> (Reply, Option<T>)) -> Option<T> {
        while Instant::now() < until {
            match self.listener.accept() {
                Ok((visitor, _)) => {
                    if let Some(found) = visit(visitor, &mut answer) {
                        return Some(found);
                    }
                }
                Err(_) => std::thread::sleep(TICK),
            }
        }
        None
    }
}

fn visit<T>(mut visitor: TcpStream, answer: impl FnOnce(&str) -> (Reply, Option<T>)) -> Option<T> {
    use secrecy::ExposeSecret;
    visitor.set_nonblocking(false).ok()?;
    visitor.set_read_timeout(Some(VISIT)).ok()?;
    visitor.set_write_timeout(Some(VISIT)).ok()?;
    let head = read_head(&mut visitor);
    let (reply, found) = answer(head.as_deref().and_then(wanted).unwrap_or_default());
    let (status, more, page) = match &reply {
        Reply::Page { status, title, text } => (
            *status,
            String::new(),
            format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>awsenv: {title}</title>\
                 <body style=\"font-family:sans-serif;margin:4em\"><h1>{title}</h1><p>{text}</p></body></html>"
            ),
        ),
        Reply::Redirect(to) => ("302 Found", format!("Location: {}\r\n", to.expose_secret()), String::new()),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\n{more}Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // What was looked for is here; whether the page arrives is no matter.
    let _ = visitor.write_all(answer.as_bytes());
    found
}

/// What is asked for with GET: `/path?query`.
fn wanted(head: &str) -> Option<&str> {
    head.lines().next()?.strip_prefix("GET ")?.split(' ').next()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_get_asks_for_something() {
        assert_eq!(wanted("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"), Some("/a?b"));
        assert_eq!(wanted("POST /a?b HTTP/1.1\r\n\r\n"), None);
        assert_eq!(wanted("HEAD /a HTTP/1.1\r\n\r\n"), None);
    }
}
