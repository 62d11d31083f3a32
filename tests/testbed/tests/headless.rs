//! The fake's consent pages in a real browser.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;
use testbed::aws::Consent;
use testbed::aws::client::http;
use testbed::{FakeAws, Home, browser};

const START: &str = "https://d-1234567890.awsapps.com/start";

fn register(aws: &FakeAws, more: &[(&str, serde_json::Value)]) -> serde_json::Value {
    let mut body = json!({"clientName": "test", "clientType": "public", "scopes": ["sso:account:access"]});
    for (name, value) in more {
        body[name] = value.clone();
    }
    let answer = http("POST", &format!("{}/client/register", aws.url()), &[], &body.to_string());
    answer.expect("the fake answers").json()
}

/// Answers one request as a client's listener does, and gives its first line (deadline 60 s).
fn callback(listener: TcpListener) -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(answered(listener.accept().expect("a connection").0)));
    receiver.recv_timeout(Duration::from_secs(60)).expect("the browser comes back")
}

fn answered(mut connection: TcpStream) -> String {
    let mut reader = BufReader::new(connection.try_clone().expect("a socket can be shared"));
    let mut first = String::new();
    reader.read_line(&mut first).expect("a request");
    let page = "<!doctype html><p id=\"closed\">You can close this.</p>";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n", page.len());
    write!(connection, "{head}Connection: close\r\n\r\n{page}").expect("the browser listens");
    first
}

#[test]
fn a_real_browser_clicks_allow_and_is_led_back() {
    let aws = FakeAws::start();
    let directory = aws.directory(START, "us-east-1");
    let home = Home::new("/usr/bin/env");
    let Some(browser) = browser::headless(&home) else { return };
    let client = register(
        &aws,
        &[
            ("grantTypes", json!(["authorization_code"])),
            ("redirectUris", json!(["http://127.0.0.1/cb"])),
            ("issuerUrl", json!(START)),
        ],
    );
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let url = format!(
        "{}/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2Fcb&state=s\
         &code_challenge_method=S256&code_challenge={}&scopes=sso%3Aaccount%3Aaccess",
        aws.url(),
        client["clientId"].as_str().expect("an id"),
        "a".repeat(43),
    );
    directory.set_consent(Consent::Click);
    let mut browser = home.command(&browser).arg(&url).spawn().expect("the browser starts");
    let first = callback(listener);
    assert!(first.starts_with("GET /cb?code=") && first.contains("&state=s "), "{first}");
    assert!(browser.wait().expect("the browser ends").success());
    assert!(home.text(browser::PAGE).contains("You can close this."), "{}", home.text(browser::PAGE));
    assert_eq!(aws.calls_of("AnswerAuthorize").len(), 1);
}

#[test]
fn a_real_browser_confirms_a_device_code() {
    let aws = FakeAws::start();
    let directory = aws.directory(START, "us-east-1");
    let home = Home::new("/usr/bin/env");
    let Some(browser) = browser::headless(&home) else { return };
    let client = register(&aws, &[]);
    directory.set_consent(Consent::Click);
    let body = json!({"clientId": client["clientId"], "clientSecret": client["clientSecret"], "startUrl": START});
    let device = http("POST", &format!("{}/device_authorization", aws.url()), &[], &body.to_string());
    let device = device.expect("the fake answers").json();
    let url = device["verificationUriComplete"].as_str().expect("an address");
    assert!(home.command(&browser).arg(url).status().expect("the browser runs").success());
    assert!(home.text(browser::PAGE).contains("Request approved"), "{}", home.text(browser::PAGE));
    assert!(directory.pending_devices().is_empty());
}
