//! A password that nobody thought of.

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::policy;
use crate::error::{Error, Result};
use crate::net::PasswordPolicy;

/// Letters and digits that are not taken for each other, and AWS's symbols without the quotation mark: it may be typed.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!@#%^*()_+-=[]{}|";

/// Where the account does not ask for more: over 140 bits.
const LENGTH: usize = 24;

/// A password from the system's random numbers that keeps these rules, and those of every stricter account, too.
///
/// # Errors
/// The system has no random numbers.
pub(super) fn password(policy: Option<&PasswordPolicy>) -> Result<SecretString> {
    let length = policy::minimum(policy).max(LENGTH);
    let all = PasswordPolicy {
        minimum_length: length,
        symbols: true,
        numbers: true,
        uppercase: true,
        lowercase: true,
        ..PasswordPolicy::default()
    };
    loop {
        let mut text = Zeroizing::new(String::with_capacity(length));
        while text.len() < length {
            let mut byte = [0];
            getrandom::fill(&mut byte).map_err(|e| Error::failed(format!("the system has no random numbers: {e}")))?;
            // Only what falls on a letter counts: a remainder would favour some of them.
            let place = usize::from(byte[0] & 0x7f);
            if let Some(letter) = LETTERS.get(place) {
                text.push(char::from(*letter));
            }
        }
        if policy::broken(Some(&all), None, &text).is_none() {
            return Ok(SecretString::from(text.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn it_keeps_the_rules_and_is_another_each_time() {
        let policy = PasswordPolicy { minimum_length: 40, symbols: true, ..PasswordPolicy::default() };
        let made: Vec<_> = (0..200).map(|_| password(Some(&policy)).expect("random numbers")).collect();
        for one in &made {
            assert_eq!(
                (one.expose_secret().len(), policy::broken(Some(&policy), None, one.expose_secret())),
                (40, None)
            );
        }
        let different: std::collections::HashSet<_> = made.iter().map(|p| p.expose_secret()).collect();
        assert_eq!(different.len(), 200);
        assert_eq!(password(None).map(|p| p.expose_secret().len()), Ok(LENGTH));
    }
}
