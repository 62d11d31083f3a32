//! The shape of a long-term key that somebody typed or piped in: the usual mistakes, told before AWS would.

use secrecy::{ExposeSecret, SecretString};

use crate::net::{Keys, SECRET_LENGTH, is_key_id};

/// The id of a long-term key, without the blanks around it.
///
/// # Errors
/// What else it may be, in words that do not repeat it.
pub fn id(typed: &str) -> Result<&str, String> {
    let id = typed.trim();
    let why = if id.contains(char::is_whitespace) {
        "there is a blank in it: one value at a time, the ID alone".to_owned()
    } else if id.len() == SECRET_LENGTH {
        "that is as long as a secret, and it was shown while you typed it: the ID comes first, and begins with AKIA"
            .into()
    } else if id.starts_with("ASIA") {
        "an ID with ASIA belongs to a session, which ends: the keys of a user begin with AKIA".into()
    } else if ["AIDA", "AROA"].iter().any(|prefix| id.starts_with(prefix)) {
        "that is the ID of a user or role, not of an access key: those begin with AKIA".into()
    } else if !is_key_id(id) {
        "an access key ID has 16 or more of A-Z and 0-9, and begins with AKIA".into()
    } else {
        return Ok(id);
    };
    Err(why)
}

/// The secret of this key, without the blanks around it.
///
/// # Errors
/// What is wrong, without a character of it.
pub fn secret<'t>(typed: &'t str, id: &str) -> Result<&'t str, String> {
    let secret = typed.trim();
    if secret == id || self::id(secret).is_ok_and(|text| text.starts_with("AKIA")) {
        return Err("that is an ID: now comes the secret that belongs to it".into());
    }
    if secret.contains(|c: char| !c.is_ascii_graphic()) {
        return Err("there is a blank, or a character that no key has, in it: was more than the secret pasted?".into());
    }
    if secret.len() != SECRET_LENGTH {
        let count = secret.len();
        return Err(format!(
            "a secret access key has {SECRET_LENGTH} characters, and this has {count}: was a part of it lost?"
        ));
    }
    Ok(secret)
}

/// Both, as a pair.
///
/// # Errors
/// As [`id`] and [`secret`].
pub fn of(id: &str, secret: &SecretString) -> Result<Keys, String> {
    let id = self::id(id)?;
    let secret_access_key = self::secret(secret.expose_secret(), id)?.into();
    Ok(Keys { access_key_id: id.to_owned(), secret_access_key, session_token: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn usual_mistakes_are_known_and_no_secret_is_repeated() {
        assert_eq!((id(" AKIAIOSFODNN7EXAMPLE\t"), secret(KEY, ID)), (Ok(ID), Ok(KEY)));
        assert_eq!(id("LKIAQAAAAAAABCDEFGHI"), Ok("LKIAQAAAAAAABCDEFGHI"), "LocalStack's");
        for (typed, part) in [
            (KEY, "shown while you typed it"),
            (&KEY.to_uppercase().replace('/', "0"), "shown while you typed it"),
            ("AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG", "one value at a time"),
            ("ASIAIOSFODNN7EXAMPLE", "belongs to a session"),
            ("AIDAIOSFODNN7EXAMPLE", "not of an access key"),
            ("akiaiosfodnn7example", "A-Z and 0-9"),
            ("AKIA", "16 or more"),
        ] {
            let why = id(typed).expect_err(typed);
            assert!(why.contains(part) && !why.contains("wJal"), "{typed}: {why}");
        }
        for (typed, part) in [
            (ID, "that is an ID"),
            ("AKIAI44QH8DHBEXAMPLE", "that is an ID"),
            (&KEY[1..], "this has 39"),
            ("wJalrXUtnFEMI/K7MDENG bPxRfiCYEXAMPLEKEY", "a blank"),
        ] {
            let why = secret(typed, ID).expect_err(typed);
            assert!(why.contains(part) && !why.contains("Xtn") && !why.contains("I44"), "{typed}: {why}");
        }
    }
}
