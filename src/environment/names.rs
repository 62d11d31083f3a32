//! `AWSENV_NAMES`: which variables awsenv set, with salted hashes of their values and no value.
//!
//! The form is `1 SALT NAME:HASH …`; `NAME:*` is a variable that the prompt hook keeps up to date. A shell that did not
//! run `use` itself (a new tmux pane) can so tell which inherited variables are awsenv's.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Changes;
use crate::hex::hex;
use crate::host::Host;

/// The value of `AWSENV_NAMES`.
pub struct Names(String);

impl Names {
    /// Names and hashes of everything that is set, with a fresh salt.
    pub fn of(changes: &Changes) -> Self {
        let salt: [u8; 8] = getrandom_bytes();
        let salt = hex(&salt);
        // The prompt hook keeps the segment's text; it is nobody's to restore.
        let listed = changes.set.iter().filter(|(name, _)| name != "AWSENV_PROMPT");
        let entries = listed.map(|(name, value)| match name.as_str() {
            "AWS_SESSION_EXPIRATION" => format!(" {name}:*"),
            _ => format!(" {name}:{}", hash(&salt, name, value)),
        });
        Names(format!("1 {salt}{}", entries.collect::<String>()))
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The variables named in this environment's `AWSENV_NAMES` that still have the value awsenv gave them, and those that
/// do not any more.
pub fn fitting_names(host: &Host) -> (Vec<String>, Vec<String>) {
    let inherited = host.var("AWSENV_NAMES").map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut words = inherited.split(' ');
    if words.next() != Some("1") {
        return (Vec::new(), Vec::new());
    }
    let salt = words.next().unwrap_or_default();
    let entries = words.filter_map(|w| w.split_once(':')).filter(|(name, _)| is_variable(name));
    let (fit, changed): (Vec<_>, Vec<_>) =
        entries.filter_map(|(name, expected)| Some((name, expected, host.raw_var(name)?))).partition(
            |(name, expected, value)| *expected == "*" || *expected == hash(salt, name, value.as_encoded_bytes()),
        );
    let names = |list: Vec<(&str, &str, _)>| list.into_iter().map(|(name, _, _)| name.to_owned()).collect();
    (names(fit), names(changed))
}

/// Inherited text is nobody's code: only what could be a variable's name is looked at.
pub fn is_variable(name: &str) -> bool {
    let first = name.bytes().next().unwrap_or(b'0');
    (first.is_ascii_alphabetic() || first == b'_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn hash(salt: &str, name: &str, value: &[u8]) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update([0]).chain_update(name).chain_update([0]);
    hex(&digest.chain_update(value).finalize()[..12])
}

fn getrandom_bytes() -> [u8; 8] {
    let mut bytes = [0; 8];
    // Without randomness the hashes are unsalted: a small loss, and no reason to fail.
    let _ = getrandom::fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn only_values_that_are_still_ours_fit() {
        let mut changes = Changes::default();
        changes.set("AWS_PROFILE", b"dev");
        changes.set("HTTPS_PROXY", b"http://u:p@h");
        let names = Names::of(&changes).to_string();
        assert!(!names.contains("u:p"), "{names}");
        let vars = [("AWSENV_NAMES", names.as_str()), ("AWS_PROFILE", "dev"), ("HTTPS_PROXY", "mine")];
        let host = Host::fixed(&vars, "/h".as_ref(), Timestamp(0));
        assert_eq!(fitting_names(&host), (vec!["AWS_PROFILE".to_owned()], vec!["HTTPS_PROXY".to_owned()]));
    }

    #[test]
    fn hostile_names_are_passed_over() {
        let host = Host::fixed(&[("AWSENV_NAMES", "1 x a[$(touch X)]:* ;rm:*")], "/h".as_ref(), Timestamp(0));
        assert_eq!(fitting_names(&host), (vec![], vec![]));
    }
}
