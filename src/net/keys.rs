//! The keys that sign a call.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// An access key: long-term (`AKIA…`, no token) or of a session (`ASIA…`, with token).
#[derive(Clone)]
pub struct Keys {
    /// `aws_access_key_id`.
    pub access_key_id: String,
    /// `aws_secret_access_key`.
    pub secret_access_key: SecretString,
    /// `aws_session_token`, for the keys of a session.
    pub session_token: Option<SecretString>,
}

impl Keys {
    /// The key id as it may be shown: see [`shown_id`].
    pub fn shown_id(&self) -> String {
        shown_id(&self.access_key_id)
    }
}

/// How many characters AWS's secrets have.
pub const SECRET_LENGTH: usize = 40;

/// Whether this has the shape of a key's id: it may be taken as one, and shown, also where somebody swapped id and secret.
///
/// AWS documents 16 to 128 letters, digits and `_` (IAM's API reference, `AccessKey`), makes them of A-Z and 0-9 (`AKIA…`,
/// `ASIA…`), and so do others with its API (LocalStack: `LKIA…`). A secret has small letters nearly always, and
/// [`SECRET_LENGTH`] always: what is as long as one is no id.
pub fn is_key_id(id: &str) -> bool {
    (16..=128).contains(&id.len())
        && id.len() != SECRET_LENGTH
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A key's id as it may be shown: short of its middle when it looks like one, else only that it does not.
/// (Who swapped id and secret in the file has the secret here.)
pub fn shown_id(id: &str) -> String {
    match is_key_id(id) {
        true => format!("{}…{}", &id[..4], &id[id.len() - 4..]),
        false => "(its id does not look like one: AKIA… or ASIA…)".into(),
    }
}

impl Keys {
    /// The key of the profile whose value no request can carry: empty, or with a blank, a control or a foreign character.
    /// (The SDK panics on some of them.)
    pub(super) fn broken_part(&self) -> Option<&'static str> {
        let broken = |text: &str| text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic());
        let token = self.session_token.as_ref().map(|t| t.expose_secret());
        [
            ("aws_access_key_id", Some(self.access_key_id.as_str())),
            ("aws_secret_access_key", Some(self.secret_access_key.expose_secret())),
            ("aws_session_token", token),
        ]
        .into_iter()
        .find_map(|(name, value)| value.filter(|v| broken(v)).map(|_| name))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.shown_id())
            .field("session", &self.session_token.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown_even_where_id_and_secret_are_swapped() {
        let keys = |id: &str| Keys {
            access_key_id: id.into(),
            secret_access_key: "SECRETSECRET".into(),
            session_token: Some("TOKENTOKEN".into()),
        };
        assert_eq!(keys("AKIAIOSFODNN7EXAMPLE").shown_id(), "AKIA…MPLE");
        let debug =
            format!("{:?} {:?}", keys("AKIAIOSFODNN7EXAMPLE"), keys("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
        for secret in ["SECRET", "TOKEN", "wJal", "EKEY", "IOSF"] {
            assert!(!debug.contains(secret), "{debug}");
        }
    }
    #[test]
    fn ids_of_every_length_are_known_and_nothing_that_may_be_a_secret_is_one() {
        let long = "A".repeat(128);
        for id in ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "LKIAQAAAAAAABCDEFGHI", "0123456789ABCDEF", &long] {
            assert!(is_key_id(id), "{id}");
        }
        let (as_long, shouted) = ("a1B2".repeat(10), "A1B2".repeat(10));
        let too_long = "A".repeat(129);
        for text in [
            &as_long[..],
            &shouted,
            &as_long[..20],
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AKIAIOSFODNN7EX",
            "AKIA IOSFODNN7EXAMPLE",
            "AKIAIOSFODNN7ÉXAMPLE",
            &too_long,
        ] {
            assert!(!is_key_id(text) && !shown_id(text).starts_with(&text[..4]), "{text}");
        }
    }
}
