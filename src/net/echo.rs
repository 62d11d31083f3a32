//! A server can repeat what it was sent: in a refusal that is shown, nothing secret of the call may stand.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What is shorter than a one-time code is no secret, and stands in any text.
const SHORTEST: usize = 6;

/// The text without these secrets, as they are and as links and forms have them.
pub(super) fn hide<'s>(text: &str, secrets: impl IntoIterator<Item = &'s str>) -> String {
    secrets.into_iter().filter(|secret| secret.len() >= SHORTEST).fold(text.to_owned(), |text, secret| {
        let text = text.replace(secret, "…");
        let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        if encoded == secret { text } else { text.replace(&encoded, "…") }
    })
}

/// The same for the name of an error, which decides what is done: only keys and tokens are looked for, for a password may be a
/// part of it.
pub(super) fn hide_in_name<'s>(name: &str, secrets: impl IntoIterator<Item = &'s str>) -> String {
    hide(name, secrets.into_iter().filter(|secret| secret.len() >= 20))
}

/// The same for every text in JSON; what is no JSON comes back as it is.
pub(super) fn hide_in_json(body: &[u8], secrets: &[&str]) -> Vec<u8> {
    fn each(value: &mut Value, secrets: &[&str]) {
        match value {
            Value::String(text) => *text = hide(text, secrets.iter().copied()),
            Value::Array(all) => all.iter_mut().for_each(|one| each(one, secrets)),
            Value::Object(all) => all.values_mut().for_each(|one| each(one, secrets)),
            _ => {}
        }
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            each(&mut value, secrets);
            value.to_string().into_bytes()
        }
        Err(_) => body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_in_whatever_form_it_comes_back() {
        assert_eq!(hide("no a/+b-cd, no a%2F%2Bb%2Dcd, a", ["a/+b-cd", "", "no"]), "no …, no …, a");
        let body = br#"{"message":"token a\/b-c\u0064e","more":[{"x":"a/b-cde"}],"n":1}"#;
        let hidden = String::from_utf8(hide_in_json(body, &["a/b-cde"])).expect("UTF-8");
        assert_eq!(hidden, r#"{"message":"token …","more":[{"x":"…"}],"n":1}"#);
        assert_eq!(hide_in_json(b"<html>a/b-cde", &["a/b-cde"]), b"<html>a/b-cde");
        assert_eq!(hide_in_name("AccessDeniedException", ["AccessDenied", "x"]), "AccessDeniedException");
    }
}
