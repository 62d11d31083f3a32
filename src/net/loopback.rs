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
                // Closed without an answer.
                Ok((_, from)) if is_stranger(from.port(), self.port) => {}
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

/// Whether a visitor is another user of this machine: the address alone is no secret to those who see command lines.
/// Elsewhere than on Linux nothing tells.
fn is_stranger(from: u16, door: u16) -> bool {
    #[cfg(target_os = "linux")]
    {
        let own = rustix::process::geteuid().as_raw();
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
        owner(&table, from, door).is_some_and(|uid| uid != own && uid != 0)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (from, door);
        false
    }
}

/// Whose end of a connection within 127.0.0.1 this is, as the kernel's table says (proc(5), `/proc/net/tcp`).
#[cfg(any(target_os = "linux", test))]
fn owner(table: &str, from: u16, to: u16) -> Option<u32> {
    let ends = [format!("0100007F:{from:04X}"), format!("0100007F:{to:04X}")];
    table.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        (fields.get(1..3)? == ends).then(|| fields.get(7)?.parse().ok()).flatten()
    })
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
    fn the_kernel_says_whose_visit_it_is() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
                     0: 0100007F:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n\
                     1: 0100007F:D431 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1001        0 2 1\n\
                     2: 0100007F:9C40 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 3 1\n";
        assert_eq!(owner(table, 0xD431, 0x9C40), Some(1001));
        assert_eq!(owner(table, 0xD432, 0x9C40), None);
    }

    #[test]
    fn only_a_get_asks_for_something() {
        assert_eq!(wanted("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"), Some("/a?b"));
        assert_eq!(wanted("POST /a?b HTTP/1.1\r\n\r\n"), None);
        assert_eq!(wanted("HEAD /a HTTP/1.1\r\n\r\n"), None);
    }
}
