//! Through proxies: the real tinyproxy, and ones that refuse.

use std::net::TcpListener;
use std::time::Duration;

use awsenv::net::{Fault, ProxyChoice, StsError};
use testbed::FakeAws;
use testbed::proxy::{Policy, Proxy};

use crate::stand_ins::{Server, Tinyproxy, nobody, tls_proxy_to};
use crate::{Party, line, machine};

fn corp(url: &str, password: &str) -> ProxyChoice {
    ProxyChoice::Use {
        url: url.into(),
        username: Some("taro".into()),
        from_environment: false,
        password: Some(password.into()),
        no_proxy: None,
        name: "[proxy corp]".into(),
    }
}

#[test]
fn a_real_proxy_with_basic_auth_is_passed_and_a_wrong_password_is_sent_once() {
    let Some(program) = testbed::require("tinyproxy") else { return };
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let names = Server::proxy_to(aws.https_address(), "CONNECT sts.us-east-1.amazonaws.com:443 ");
    let tinyproxy = Tinyproxy::start(&program, folder.path(), names.address);
    let user = aws.user("taro");
    let device = user.device("taro");
    let mut party = Party::new(&user.key(), None).trusting(&aws, folder.path()).remembering(folder.path());
    let url = format!("http://127.0.0.1:{}", tinyproxy.port());

    party.route.proxy = corp(&url, "sesame");
    party.sign_in_with(&device).expect("a session through tinyproxy");
    let call = aws.calls().pop().expect("a call");
    assert!(call.tls && call.accepted && call.host == "sts.us-east-1.amazonaws.com", "{call:?}");
    assert!(!names.heads().concat().contains("Proxy-Authorization"), "the password ends at tinyproxy");

    aws.forget_calls();
    party.route.proxy = corp(&url, "hunter2");
    let before = tinyproxy.requests();
    let code = device.code();
    let refused = party.sign_in(device.serial(), &code).expect_err("a wrong password");
    assert!(!refused.error.code_may_be_spent());
    let said = line::<()>(Err(refused));
    assert!(said.contains(&format!("127.0.0.1:{} ([proxy corp])", tinyproxy.port())), "{said}");
    assert!(said.contains("refused its user and password"), "{said}");
    assert_eq!(tinyproxy.requests(), before + 1);
    for _ in 0..20 {
        let again = party.sign_in(device.serial(), &code).expect_err("still a wrong password");
        assert!(matches!(again.error, StsError::Network(Fault::ProxyRemembered { .. })), "{again:?}");
        assert!(line::<()>(Err(again)).contains("nothing was sent"));
    }
    assert_eq!(tinyproxy.requests(), before + 1);
    assert_eq!(aws.calls().len(), 0);

    // The corrected password is another one: it goes at once, and the code is still good.
    party.route.proxy = corp(&url, "sesame");
    party.sign_in(device.serial(), &code).expect("a session");
}

#[test]
fn the_environments_proxy_is_used_and_named() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let proxy = Server::proxy_to(aws.https_address(), "Basic dGFybzpwQHNzOi8j/yU="); // taro:p@ss:/#\xff%
    let url = format!("http://taro:p@ss:/#%FF%@{}/", proxy.address);
    let mut party = Party::new(&aws.user("taro").key(), None).trusting(&aws, folder.path());
    // Windows has one variable of both spellings.
    let name = if cfg!(windows) { "HTTPS_PROXY" } else { "https_proxy" };
    party.machine = machine(&[("HTTPS_PROXY", ""), (name, &url), ("REQUEST_METHOD", "GET")]);
    party.who().expect("through the proxy");
    assert!(proxy.heads()[0].starts_with("CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1\r\n"));
    let named = party.route.named_by_environment(&party.machine, "sts.us-east-1.amazonaws.com").expect("fine");
    assert_eq!(named[0], format!("proxy {} ({name})", proxy.address));
    assert!(named[1].contains("ca.pem (AWS_CA_BUNDLE)") && !named.concat().contains("p@ss"), "{named:?}");

    party.route.ca_bundle = None;
    let trusted = machine(&[("SSL_CERT_FILE", "/tmp/clone/ca.pem"), ("NO_PROXY", "*")]);
    let named = party.route.named_by_environment(&trusted, "sts.us-east-1.amazonaws.com").expect("fine");
    assert_eq!(named, ["certificate authorities /tmp/clone/ca.pem (SSL_CERT_FILE)"]);
    party = party.trusting(&aws, folder.path());

    // This machine itself is never reached through it.
    party.configured.profile_url = Some((aws.https_url(), "config".into()));
    party.who().expect("directly");
    assert_eq!(proxy.heads().len(), 1);
}

#[test]
fn each_way_a_proxy_fails_is_one_line_that_names_it() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let mut party = Party::new(&aws.user("taro").key(), None).trusting(&aws, folder.path());
    let answers = [
        ("HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n", "403 Forbidden"),
        ("HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n\r\n", "NTLM or Negotiate"),
        ("HTTP/1.1 302 Found\r\nLocation: http://login.corp/\r\n\r\n", "302"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        ("", "hung up"),
        ("HTTP/1.1 200 OK\r\n\r\nnot TLS at all, but a page of text", "TLS"),
    ];
    for (answer, expected) in answers {
        let server = Server::saying(answer);
        party.route.proxy = corp(&server.url(), "hunter2");
        let said = line(party.who());
        let name = format!("{} ([proxy corp])", server.address);
        assert!(said.contains(&name) && said.contains(expected), "{answer:?}: {said}");
        assert_eq!(server.heads().len(), 1, "{answer:?}");
    }
    let dead = nobody();
    party.route.proxy = corp(&format!("http://{dead}"), "hunter2");
    let said = line(party.who());
    assert!(said.contains(&dead.to_string()) && said.contains("refused"), "{said}");

    let mute = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = mute.local_addr().expect("an address");
    party.route.proxy = corp(&format!("http://{address}"), "hunter2");
    party.route.whole_timeout = Duration::from_secs(1);
    let said = line(party.who());
    assert!(said.contains(&format!("{address} ([proxy corp])")) && said.contains("asking the proxy"), "{said}");

    for (url, expected) in [("socks5://taro:hunter2@p:1080", "SOCKS"), ("http://taro:hunter2@:x", "no valid host")] {
        party.route.proxy = corp(url, "hunter2");
        let said = line(party.who());
        assert!(said.contains("[proxy corp]") && said.contains(expected), "{said}");
    }
    assert_eq!(aws.calls().len(), 0);
}

#[test]
fn a_proxy_that_asks_for_a_user_is_asked_once_too() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let proxy = Server::proxy_to(aws.https_address(), "Basic");
    let mut party = Party::new(&aws.user("taro").key(), None).trusting(&aws, folder.path()).remembering(folder.path());
    party.machine = machine(&[("HTTPS_PROXY", &proxy.url())]);
    let said = line(party.who());
    assert!(said.contains("wants a user and password") && said.contains("(HTTPS_PROXY)"), "{said}");
    line(party.who());
    assert_eq!(proxy.heads().len(), 1);
}

#[test]
fn twenty_processes_with_a_wrong_password_send_it_once() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let proxy = Server::proxy_to(aws.https_address(), "Basic dGFybzpzZXNhbWU="); // taro:sesame
    let key = aws.user("taro").key();
    let authority = Party::new(&key, None).trusting(&aws, folder.path()).route.ca_bundle;
    let all = |password: &str| {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..20)
                .map(|_| {
                    scope.spawn(|| {
                        let mut party = Party::new(&key, None).remembering(folder.path());
                        party.route.ca_bundle = authority.clone();
                        party.route.proxy = corp(&proxy.url(), password);
                        party.who().map_err(|e| eprintln!("{e}")).is_ok()
                    })
                })
                .collect();
            calls.into_iter().filter_map(|call| call.join().ok()).filter(|ok| *ok).count()
        })
    };
    assert_eq!(all("hunter2"), 0);
    assert_eq!(proxy.heads().len(), 1);
    assert_eq!(all("sesame"), 20);
    assert_eq!(proxy.heads().len(), 21);
}

#[test]
fn a_proxy_may_itself_speak_tls() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (port, authority) = tls_proxy_to(aws.https_address());
    let mut party = Party::new(&aws.user("taro").key(), None).trusting(&aws, folder.path());
    let url = format!("https://localhost:{port}");
    party.machine = machine(&[("HTTPS_PROXY", &url)]);
    let said = line(party.who());
    assert!(said.contains(&format!("localhost:{port} (HTTPS_PROXY)")) && said.contains("CA bundle"), "{said}");
    let both = folder.path().join("ca.pem");
    std::fs::write(&both, format!("{}{authority}", aws.ca_pem())).expect("a file");
    party.who().expect("TLS in TLS");
}

/// User and password in base64 are no longer than what is shown of a scheme's name.
#[test]
fn a_proxy_that_repeats_what_it_was_sent_is_not_quoted() {
    let aws = FakeAws::start();
    let (folder, key) = (tempfile::tempdir().expect("a folder"), aws.user("taro").key());
    for repeated in ["hunter2/~", "hunter2%2F~", "dGFybzpodW50ZXIyL34=", "Basic,hunter2/~"] {
        let proxy = Proxy::start(aws.https_address(), Policy::Only(repeated.into()));
        let mut party = Party::new(&key, None).trusting(&aws, folder.path());
        party.route.proxy = corp(&proxy.url(), "hunter2/~");
        let said = line(party.who());
        assert!(said.contains("127.0.0.1") && !said.contains(repeated), "{said}");
    }
}
