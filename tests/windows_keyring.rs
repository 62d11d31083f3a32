//! Secrets in Windows' Credential Manager.
#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a test may end here")]

use std::collections::HashMap;

use awsenv::host::Host;
use awsenv::keyring::{Item, Keyring, Look};
use keyring_core::api::CredentialStoreApi;
use secrecy::ExposeSecret;

#[test]
fn a_secret_is_kept_replaced_and_taken_out() {
    let item = Item::AccessKey("AKIAIOSFODNN7WINDOWS");
    let host = Host::real();
    assert_eq!(Keyring::look(&host), Look::Open);
    let keyring = Keyring::open(&host, None).unwrap();
    keyring.remove(item).unwrap();
    assert!(keyring.read(item).unwrap().is_none());
    for (label, secret) in [("AWS key of dev", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY"), ("AWS key of prod", "€ \" é")] {
        keyring.store(item, label, &secret.into()).unwrap();
        assert_eq!(keyring.read(item).unwrap().unwrap().expose_secret(), secret);
        // As the list of the Control Panel shows it.
        let target = HashMap::from([("target", "awsenv: access-key AKIAIOSFODNN7WINDOWS")]);
        let store = windows_native_keyring_store::Store::new().unwrap();
        let shown = store.build("", "", Some(&target)).unwrap().get_attributes().unwrap();
        assert_eq!((&*shown["comment"], &*shown["username"]), (label, "access-key AKIAIOSFODNN7WINDOWS"));
        assert_eq!(shown["persistence"], "Local");
    }
    assert!(keyring.read(Item::Proxy("AKIAIOSFODNN7WINDOWS")).unwrap().is_none());
    let long = keyring.store(Item::Proxy("long"), "too long", &"x".repeat(1281).into()).unwrap_err().to_string();
    assert!(long.starts_with("the Credential Manager: ") && !long.contains("xxx"), "{long}");
    assert!(keyring.remove(item).unwrap());
    assert!(!keyring.remove(item).unwrap());
}
