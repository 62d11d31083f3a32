//! Servers that stand in for a proxy or an endpoint: the real tinyproxy, and ones that misbehave on purpose.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Answers each connection with what `answer` makes of the request's head; `None` hangs up.
pub struct Server {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = socket.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&heads), Arc::new(answer));
        std::thread::spawn(move || {
            for connection in socket.incoming() {
                let (Ok(mut connection), seen, answer) = (connection, Arc::clone(&seen), Arc::clone(&answer)) else {
                    continue;
                };
                std::thread::spawn(move || {
                    let head = read_head(&mut connection);
                    seen.lock().expect("no panic while locked").push(head.clone());
                    answer(&head, &mut connection);
                    // Whoever closes with something unread cuts the line, and the answer may be lost on it.
                    let _ = connection.shutdown(Shutdown::Write);
                    let _ = connection.set_read_timeout(Some(Duration::from_secs(1)));
                    let _ = std::io::copy(&mut connection, &mut std::io::sink());
                });
            }
        });
        Server { address, heads }
    }

    /// One that answers every request with these bytes.
    pub fn saying(bytes: &str) -> Server {
        let bytes = bytes.to_owned();
        Server::start(move |_, connection| {
            let _ = connection.write_all(bytes.as_bytes());
        })
    }

    /// A proxy that leads every name to `target`, if the head has `wanted` in it, else answers 407.
    pub fn proxy_to(target: SocketAddr, wanted: &str) -> Server {
        let wanted = wanted.to_owned();
        Server::start(move |head, connection| {
            if !head.contains(&wanted) {
                let _ = connection.write_all(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
                );
                return;
            }
            let _ = connection.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n");
            tunnel(connection, target);
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads of all requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic while locked").clone()
    }
}

fn read_head(connection: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && matches!(connection.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn tunnel(near: &TcpStream, target: SocketAddr) {
    let Ok(far) = TcpStream::connect(target) else { return };
    let copy = |from: &TcpStream, to: &TcpStream| {
        let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else { return None };
        Some(std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        }))
    };
    for direction in [copy(near, &far), copy(&far, near)].into_iter().flatten() {
        let _ = direction.join();
    }
}

/// A proxy that is itself reached over TLS, as `localhost`; it leads every name to `target`. Gives its port and the
/// authority that its certificate is from.
pub fn tls_proxy_to(target: SocketAddr) -> (u16, String) {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let pem = key.cert.pem();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(
            vec![key.cert.der().clone()],
            PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()).into(),
        )
        .expect("a key that fits");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = socket.local_addr().expect("an address").port();
    socket.set_nonblocking(true).expect("tokio needs it");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let socket = tokio::net::TcpListener::from_std(socket).expect("a listener");
            while let Ok((connection, _)) = socket.accept().await {
                let Ok(mut near) = acceptor.accept(connection).await else { continue };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = near.read_u8().await else { break };
                    head.push(byte);
                }
                if near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok()
                    && let Ok(mut far) = tokio::net::TcpStream::connect(target).await
                {
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            }
        });
    });
    (port, pem)
}

/// An address where nothing listens.
pub fn nobody() -> SocketAddr {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    socket.local_addr().expect("an address")
}

/// The real tinyproxy, with Basic auth for `taro` / `sesame`. It passes everything on to `upstream`, which knows where
/// the names of AWS lie in a test.
pub struct Tinyproxy {
    child: Child,
    address: SocketAddr,
    log: std::path::PathBuf,
}

impl Tinyproxy {
    pub fn start(program: &Path, folder: &Path, upstream: SocketAddr) -> Tinyproxy {
        // Another process may take the free port first: then tinyproxy ends, and the next port is tried.
        for _ in 0..5 {
            let address = nobody();
            let (config, log) = (folder.join("tinyproxy.conf"), folder.join("tinyproxy.log"));
            let text = format!(
                "Port {}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nLogFile \"{}\"\nLogLevel Info\n\
                 BasicAuth taro sesame\nUpstream http {upstream}\n",
                address.port(),
                log.display()
            );
            std::fs::write(&config, text).expect("a file in the test's folder");
            let mut child = Command::new(program)
                .args(["-d", "-c"])
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("tinyproxy starts");
            let deadline = Instant::now() + Duration::from_secs(20);
            while Instant::now() < deadline && matches!(child.try_wait(), Ok(None)) {
                if TcpStream::connect(address).is_ok() {
                    return Tinyproxy { child, address, log };
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("tinyproxy does not come up");
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many requests it has read.
    pub fn requests(&self) -> usize {
        let log = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&log).lines().filter(|l| l.contains("Request (file descriptor")).count()
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
