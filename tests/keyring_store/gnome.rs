//! Debian's gnome-keyring.

use awsenv::keyring::{Item, Keyring, Look};
use secrecy::{ExposeSecret, SecretString};

use crate::{home, host};

const KEY: Item = Item::AccessKey("AKIAIOSFODNN7EXAMPLE");
const USER: &str = "access-key AKIAIOSFODNN7EXAMPLE";

#[test]
fn a_secret_is_kept_replaced_and_taken_out() {
    let mut home = home();
    let Some(desk) = testbed::Keyring::unlocked(&mut home) else { return };
    let host = host(&home);
    assert_eq!(Keyring::look(&host), Look::Open);
    let keyring = Keyring::open(&host, None).unwrap();
    assert!(keyring.read(KEY).unwrap().is_none());
    assert!(!keyring.remove(KEY).unwrap());

    for (label, secret) in [("AWS key of dev", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY"), ("AWS key of prod", "€ \" é")] {
        keyring.store(KEY, label, &SecretString::from(secret)).unwrap();
        assert_eq!(keyring.read(KEY).unwrap().unwrap().expose_secret(), secret);
        assert_eq!(desk.lookup(USER).as_deref(), Some(secret));
        let shown = desk.dump();
        assert!(shown.matches("label = ").count() == 1 && shown.contains(&format!("label = {label}\n")), "{shown}");
    }
    assert!(keyring.read(Item::Proxy("AKIAIOSFODNN7EXAMPLE")).unwrap().is_none());
    assert!(keyring.remove(KEY).unwrap());
    assert!(!keyring.remove(KEY).unwrap());
    assert_eq!(desk.lookup(USER), None);
}
