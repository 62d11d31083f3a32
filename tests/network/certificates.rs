//! Whom a call trusts, and what it says when it does not.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use awsenv::net::{CaBundle, StsError};
use testbed::FakeAws;

use crate::{Party, bundle, line, machine};

#[test]
fn a_bundle_replaces_the_machines_authorities() {
    let (aws, other) = (FakeAws::start(), FakeAws::start());
    let key = aws.user("taro").key();
    let folder = tempfile::tempdir().expect("a folder");
    let party = || Party::new(&key, Some(&aws.https_url()));
    party().trusting(&aws, folder.path()).who().expect("the right authority");

    let said = line(party().trusting(&other, folder.path()).who());
    assert!(said.contains("localhost") && said.contains("ca.pem (AWS_CA_BUNDLE)"), "{said}");
    let said = line(party().who());
    assert!(said.contains("localhost") && said.contains("AWS_CA_BUNDLE"), "{said}");
    assert_eq!(aws.calls().len(), 1);

    // Both in one file, with text between them, as companies ship it.
    let both = folder.path().join("both.pem");
    fs::write(&both, format!("# Corp\r\n{}\n\nAWS\n{}", other.ca_pem(), aws.ca_pem())).expect("a file");
    let mut either = party();
    either.route.ca_bundle = Some(bundle(&both));
    either.who().expect("one of both");
}

#[test]
fn a_bundle_that_cannot_be_used_is_named_and_nothing_is_sent() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let good = aws.ca_pem();
    let middle = good.len() / 2;
    let flipped = good.replacen("MII", "AAA", 1);
    let cases = [
        ("empty", Vec::new(), "no certificate"),
        ("key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_vec(), "no certificate"),
        ("binary", vec![0xff, 0, 1, b'\n', 7], "no certificate"),
        (
            "base64",
            format!("{good}-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").into_bytes(),
            "certificate 2",
        ),
        ("der", flipped.into_bytes(), "certificate 1 is not a valid"),
        ("cut", good.as_bytes()[..middle].to_vec(), "certificate 1"),
    ];
    let mut party = Party::new(&aws.user("taro").key(), Some(&aws.https_url()));
    for (name, bytes, why) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        party.route.ca_bundle = Some(bundle(&path));
        let said = line(party.who());
        assert!(
            said.contains(&*path.to_string_lossy()) && said.contains(why) && said.contains("AWS_CA_BUNDLE"),
            "{said}"
        );
    }
    // ENOENT and ERROR_FILE_NOT_FOUND have the same number.
    let absent = std::io::Error::from_raw_os_error(2).to_string();
    let absent = absent.split(" (os error").next().expect("the system's words");
    for (path, why) in [(folder.path().to_owned(), "folder"), (folder.path().join("absent"), absent)] {
        party.route.ca_bundle = Some(bundle(&path));
        let said = line(party.who());
        assert!(said.contains(&*path.to_string_lossy()) && said.contains(why), "{said}");
    }
    assert_eq!(aws.calls().len(), 0);
}

#[test]
fn the_bundle_is_chosen_as_botocore_chooses() {
    let chosen = |vars: &[(&str, &str)], profile: Option<&str>| {
        let origin = "ca_bundle in config line 2".to_owned();
        let profile = profile.map(|p| CaBundle { path: p.into(), origin, from_environment: false });
        CaBundle::chosen(&machine(vars), profile).map(|b| (b.path.to_string_lossy().into_owned(), b.from_environment))
    };
    let (aws, requests) = (("AWS_CA_BUNDLE", "/aws.pem"), ("REQUESTS_CA_BUNDLE", "/requests.pem"));
    assert_eq!(chosen(&[aws, requests], Some("/p.pem")), Some(("/aws.pem".into(), true)));
    assert_eq!(chosen(&[requests], Some("/p.pem")), Some(("/p.pem".into(), false)));
    assert_eq!(chosen(&[requests], None), Some(("/requests.pem".into(), true)));
    assert_eq!(chosen(&[("AWS_CA_BUNDLE", "")], None), None);
    let in_home = std::path::Path::new("/dev/null/home").join("p.pem").to_string_lossy().into_owned();
    assert_eq!(chosen(&[], Some("~/p.pem")), Some((in_home, false)));
}

#[test]
fn a_server_that_speaks_no_tls_is_called_so() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let party = |address: SocketAddr| Party::new(&aws.user("taro").key(), Some(&format!("https://{address}")));
    let mail = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = mail.local_addr().expect("an address");
    std::thread::spawn(move || {
        let (mut caller, _) = mail.accept().expect("a caller");
        caller.write_all(b"220 mail.corp ESMTP\r\n").expect("it listens");
        let _ = caller.read_to_end(&mut Vec::new());
    });
    let said = line(party(address).trusting(&aws, folder.path()).who());
    assert!(said.contains("127.0.0.1") && said.contains("does not speak TLS"), "{said}");
}

#[test]
fn a_handshake_that_never_comes_says_what_was_waited_for() {
    let aws = FakeAws::start();
    let folder = tempfile::tempdir().expect("a folder");
    let mute = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let url = format!("https://{}", mute.local_addr().expect("an address"));
    let mut party = Party::new(&aws.user("taro").key(), Some(&url)).trusting(&aws, folder.path());
    party.route.whole_timeout = Duration::from_secs(1);
    let said = line(party.who());
    assert!(said.contains(" did not answer within 1 s (opening TLS)"), "{said}");
    drop(mute);
}

#[test]
fn plain_http_goes_to_this_machine_only() {
    let aws = FakeAws::start();
    let mut party = Party::new(&aws.user("taro").key(), Some(&aws.url()));
    party.who().expect("loopback is fine");
    let error = awsenv::net::Endpoint::resolve(
        &machine(&[("AWS_ENDPOINT_URL", "http://192.0.2.1:4566")]),
        awsenv::net::Service::Sts,
        &party.region,
        &party.configured,
    );
    let said = error.expect_err("another machine").to_string();
    assert!(said.contains("AWS_ENDPOINT_URL") && said.contains("192.0.2.1"), "{said}");
    // A name that only claims to be this machine is never asked of a resolver.
    party.configured.profile_url = Some((aws.url().replace("127.0.0.1", "x.localhost"), "config".into()));
    let outcome = party.who();
    assert!(!matches!(outcome, Err(f) if matches!(f.error, StsError::Network(awsenv::net::Fault::NoRoute { .. }))));
}
