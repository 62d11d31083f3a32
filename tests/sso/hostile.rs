//! A service that answers in AWS's form, and means no good or is out of its mind.

use std::io::{Read, Write};
use std::net::TcpListener;

use testbed::aws::cache_name;

use super::desk::{Desk, exit};

/// Answers each path with the JSON given for it; gives its address.
fn stub(answers: &'static [(&'static str, &'static str)]) -> String {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for mut client in socket.incoming().flatten() {
            let (mut head, mut part) = (String::new(), [0; 4096]);
            while !head.contains("\r\n\r\n") {
                match client.read(&mut part) {
                    Ok(n @ 1..) => head += &String::from_utf8_lossy(&part[..n]),
                    _ => break,
                }
            }
            let path = head.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
            let body = answers.iter().find(|(known, _)| *known == path).map_or("{}", |(_, body)| body);
            let length = body.len();
            let _ = write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        }
    });
    format!("http://{address}")
}

const CLIENT: (&str, &str) =
    ("/client/register", r#"{"clientId":"c","clientSecret":"s","clientSecretExpiresAt":4102444800}"#);

#[test]
fn numbers_without_measure_do_no_harm() {
    let mut desk = Desk::new();
    desk.home.set(
        "AWS_ENDPOINT_URL",
        stub(&[
            CLIENT,
            (
                "/device_authorization",
                r#"{"deviceCode":"d","userCode":"AB-CD","verificationUri":"https://device.sso.eu-west-1.amazonaws.com/",
                    "expiresIn":9223372036854775807,"interval":1}"#,
            ),
            ("/token", r#"{"accessToken":"a","expiresIn":9223372036854775807}"#),
        ]),
    );
    let mut terminal = desk.terminal(&["refresh", "dev", "--device-code"]);
    terminal.expect("must show the code AB-CD").expect("dev is good until");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.everything());
    assert!(!terminal.everything().contains("1970"), "{}", terminal.everything());
}

#[test]
fn a_code_that_is_no_code_is_not_shown() {
    let mut desk = Desk::new();
    desk.home.set(
        "AWS_ENDPOINT_URL",
        stub(&[
            CLIENT,
            (
                "/device_authorization",
                r#"{"deviceCode":"d","userCode":"AB\nawsenv: all is well","verificationUri":"https://x.amazonaws.com/",
                    "expiresIn":60}"#,
            ),
        ]),
    );
    let mut terminal = desk.terminal(&["refresh", "dev", "--device-code"]);
    terminal.expect("the code that AWS sent is none that could be compared");
    assert_eq!(exit(&mut terminal), 1);
    assert!(!terminal.everything().contains("all is well"));
}

#[test]
fn keys_that_are_none_are_refused_where_they_come_from() {
    for answer in [
        r#"{"roleCredentials":{"accessKeyId":"AK\nIA","secretAccessKey":"s","sessionToken":"t","expiration":4102444800000}}"#,
        r#"{"roleCredentials":{"accessKeyId":"A","secretAccessKey":"s","sessionToken":"t","expiration":9223372036854775807}}"#,
    ] {
        let mut desk = Desk::new();
        let answers: &'static [_] = Box::leak(Box::new([("/federation/credentials", answer)]));
        desk.home.write(cache_name("corp"), desk.directory.token(3600).file());
        desk.home.set("AWS_ENDPOINT_URL", stub(answers));
        let ran = desk.run(&["credentials", "dev"]);
        assert!(ran.status == 1 && ran.out.is_empty() && ran.err.contains("not as AWS does"), "{ran:?}");
    }
}
