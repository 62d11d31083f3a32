//! What gives keys to the programs of an EC2 instance, and of a container.

use std::io::{Read, Write};
use std::net::TcpListener;

/// Gives its address: EC2's paths (IMDSv2 only) are below it, and `/keys?for=us` is a container's, for the bearer of the
/// authorization `secret token`; what another one sends there is repeated.
pub fn start(keys: String) -> String {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let address = socket.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for mut client in socket.incoming().flatten() {
            let (mut head, mut part) = (String::new(), [0; 1024]);
            while !head.contains("\r\n\r\n") {
                match client.read(&mut part) {
                    Ok(n @ 1..) => head += &String::from_utf8_lossy(&part[..n]),
                    _ => break,
                }
            }
            let sent = head.lines().find(|line| line.to_lowercase().starts_with("authorization: "));
            let sent = sent.map(|line| line["authorization:".len()..].to_owned()).unwrap_or_default();
            let head = head.to_lowercase();
            let has = |line: &str| head.contains(&line.to_lowercase());
            let role = "/latest/meta-data/iam/security-credentials/";
            let (status, body) = match head.split(' ').nth(1).unwrap_or_default() {
                "/latest/api/token" if head.starts_with("put ") && has("token-ttl-seconds: 21600") => {
                    (200, "TOKEN".into())
                }
                path if path == role && has("metadata-token: TOKEN") => (200, "app\n".to_owned()),
                path if path == format!("{role}app") && has("metadata-token: TOKEN") => (200, keys.clone()),
                "/keys?for=us" if has("authorization: secret token") => (200, keys.clone()),
                _ => (401, format!("Unauthorized{sent}")),
            };
            let length = body.len();
            let _ =
                write!(client, "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        }
    });
    format!("http://{address}")
}
