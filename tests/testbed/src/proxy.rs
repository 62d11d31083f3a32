//! An HTTP proxy on loopback that counts, asks for a password, or refuses; every name leads to one address.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What the proxy does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// Lets everything through.
    Open,
    /// Lets `user`, `password` through (Basic), answers 407 otherwise.
    Basic(String, String),
    /// Answers 407 and offers only this scheme (`NTLM`, `Negotiate`).
    Only(String),
    /// Answers this status.
    Refuse(u16),
}

/// One request to the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `CONNECT host:port` or `POST http://…`.
    pub target: String,
    /// User and password of Basic authentication, decoded.
    pub login: Option<String>,
    /// The status that was answered (200: led through).
    pub status: u16,
}

/// The running proxy. Dropping it closes its port.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Inside>,
}

struct Inside {
    destination: SocketAddr,
    policy: Mutex<Policy>,
    attempts: Mutex<Vec<Attempt>>,
    ended: AtomicBool,
}

impl Proxy {
    /// A proxy that leads every host name to `destination` (`FakeAws::https_address` for CONNECT).
    pub fn start(destination: SocketAddr, policy: Policy) -> Proxy {
        let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let address = socket.local_addr().expect("a bound socket has an address");
        let (policy, attempts, ended) = (Mutex::new(policy), Mutex::new(Vec::new()), AtomicBool::new(false));
        let shared = Arc::new(Inside { destination, policy, attempts, ended });
        let inside = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in socket.incoming().flatten() {
                if inside.ended.load(Ordering::SeqCst) {
                    break;
                }
                let inside = Arc::clone(&inside);
                std::thread::spawn(move || inside.serve(client));
            }
        });
        Proxy { address, shared }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.shared.attempts.lock().expect("no connection panics").clone()
    }

    /// Does something else from now on.
    pub fn set_policy(&self, policy: Policy) {
        *self.shared.policy.lock().expect("no connection panics") = policy;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl Inside {
    fn serve(&self, client: TcpStream) {
        let Ok(mut writer) = client.try_clone() else { return };
        let mut reader = BufReader::new(client);
        let Some((head, login)) = read_head(&mut reader) else { return };
        let first = head.lines().next().unwrap_or_default();
        let target = first.rsplit_once(" HTTP/").map_or(first, |(target, _)| target).to_owned();
        let policy = self.policy.lock().expect("no connection panics").clone();
        let (status, offer) = match policy {
            Policy::Open => (200, String::new()),
            Policy::Basic(user, password) if login == Some(format!("{user}:{password}")) => (200, String::new()),
            Policy::Basic(..) => (407, "Proxy-Authenticate: Basic realm=\"proxy\"\r\n".into()),
            Policy::Only(scheme) => (407, format!("Proxy-Authenticate: {scheme}\r\n")),
            Policy::Refuse(status) => (status, String::new()),
        };
        self.attempts.lock().expect("no connection panics").push(Attempt { target: target.clone(), login, status });
        let Some(server) = (status == 200).then(|| TcpStream::connect(self.destination).ok()).flatten() else {
            let status = if status == 200 { 502 } else { status };
            let page = "<html><body>the proxy says no</body></html>";
            let length = page.len();
            let head =
                format!("HTTP/1.1 {status} Refused\r\n{offer}Content-Type: text/html\r\nContent-Length: {length}");
            let _ = write!(writer, "{head}\r\nConnection: close\r\n\r\n{page}");
            return;
        };
        if target.starts_with("CONNECT ") {
            let _ = writer.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
        } else {
            // The fake AWS reads the absolute form itself; the login is the proxy's and goes no further.
            let kept = head.lines().filter(|l| !l.to_ascii_lowercase().starts_with("proxy-"));
            let head: String = kept.map(|line| format!("{line}\r\n")).collect();
            let _ = (&server).write_all(head.as_bytes());
        }
        tie(reader, writer, server);
    }
}

/// Copies both ways until both sides are done.
fn tie(mut from_client: impl Read + Send, mut to_client: TcpStream, server: TcpStream) {
    let (mut from_server, mut to_server) = (&server, &server);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = std::io::copy(&mut from_client, &mut to_server);
            let _ = server.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
}

/// The request line and headers up to the empty line, and the Basic login in them.
fn read_head(reader: &mut impl BufRead) -> Option<(String, Option<String>)> {
    let (mut head, mut login) = (String::new(), None);
    loop {
        let start = head.len();
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
        let line = head[start..].trim_end();
        if line.is_empty() {
            return Some((head, login));
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("proxy-authorization")
        {
            let decoded = value.trim().strip_prefix("Basic ").and_then(|v| STANDARD.decode(v).ok());
            login = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}
