//! A server can repeat what it was sent: in a refusal that is shown, nothing secret of the call may stand.

use serde_json::Value;

/// What is shorter than a one-time code is no secret, and stands in any text.
const SHORTEST: usize = 6;

/// The text without these secrets, however they are spelled in it: as they are, or character by character as links, forms
/// (`%2F`, `+`), JSON (`\/`, `\u002f`) and XML (`&amp;`, `&#x2F;`) have them, also JSON inside a form.
pub(super) fn hide<'s>(text: &str, secrets: impl IntoIterator<Item = &'s str>) -> String {
    let long = secrets.into_iter().filter(|secret| secret.len() >= SHORTEST);
    let secrets: Vec<Vec<Spellings>> = long.map(|secret| secret.chars().map(spellings).collect()).collect();
    let (mut hidden, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(next) = rest.chars().next() {
        match secrets.iter().filter_map(|secret| spelled(rest.as_bytes(), secret)).max() {
            // What ends one ends a character of the text, too: it stands there as it is, or is ASCII.
            Some(end) => {
                hidden.push('…');
                rest = &rest[end..];
            }
            None => {
                hidden.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    hidden
}

/// Each way to write a character; letters count in either case but in the first one.
type Spellings = Vec<Vec<u8>>;

fn spellings(c: char) -> Spellings {
    let mut all = vec![c.to_string()];
    let short = match c {
        ' ' => &["+"][..],
        '"' => &["\\\"", "&quot;"],
        '\\' => &["\\\\"],
        '/' => &["\\/"],
        '\n' => &["\\n"],
        '\r' => &["\\r"],
        '\t' => &["\\t"],
        '\u{8}' => &["\\b"],
        '\u{c}' => &["\\f"],
        '&' => &["&amp;"],
        '<' => &["&lt;"],
        '>' => &["&gt;"],
        '\'' => &["&apos;"],
        _ => &[],
    };
    all.extend(short.iter().copied().map(str::to_owned));
    all.push(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect());
    let number = u32::from(c);
    all.extend([format!("&#{number};"), format!("&#x{number:x};")]);
    all.into_iter().map(String::into_bytes).collect()
}

/// Where the text goes on behind this secret, if it begins with it.
fn spelled(text: &[u8], secret: &[Spellings]) -> Option<usize> {
    let (first, ways) = (text.first()?, secret.first()?);
    // As most places in a text, which may be long.
    if *first != b'%' && ways.iter().all(|way| way.first() != Some(first)) {
        return None;
    }
    let mut ends = vec![0];
    for spellings in secret {
        let behind = |at: &usize| {
            let at = *at;
            let ways = spellings.iter().enumerate();
            ways.flat_map(move |(way, bytes)| behind_bytes(text, at, bytes, way > 0)).collect::<Vec<_>>()
        };
        let mut next: Vec<usize> = ends.iter().flat_map(behind).collect();
        next.sort_unstable();
        next.dedup();
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.pop()
}

/// Where the text goes on behind these bytes, each as it is or as `%XX`; twice where a `%` can be both.
fn behind_bytes(text: &[u8], at: usize, bytes: &[u8], either_case: bool) -> Vec<usize> {
    let mut ends = vec![at];
    for byte in bytes {
        let is_it = |found: u8| found == *byte || (either_case && found.eq_ignore_ascii_case(byte));
        let mut next = Vec::new();
        for at in ends {
            let Some(&found) = text.get(at) else { continue };
            if is_it(found) {
                next.push(at + 1);
            }
            if found == b'%' && text.get(at + 1..at + 3).and_then(hexadecimal).is_some_and(is_it) {
                next.push(at + 3);
            }
        }
        ends = next;
    }
    ends
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(*digits.first()?)? * 16 + digit(*digits.get(1)?)?)
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
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

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

    #[test]
    fn a_password_goes_in_each_encoding_that_is_sent() {
        let password = "Sup3r-Secret/Hor se~\"é\\😀&%41";
        let json = |text: &str| Value::from(text).to_string().trim_matches('"').to_owned();
        let percent = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let form = |text: &str| percent(text).replace("%2D", "-").replace("%7E", "~");
        for sent in [
            password.to_owned(),
            percent(password),
            form(password),
            form(password).replace("%2F", "%2f").replace("%20", "+"),
            json(password),
            percent(&json(password)),
            form(&json(password)),
            "Sup3r-Secret\\u002FHor\\u0020se~\\u0022\\u00e9\\u005C\\uD83D\\ude00\\u0026%41".to_owned(),
            "Sup3r-Secret&#x2f;Hor&#32;se~&quot;&#xE9;\\&#128512;&amp;%41".to_owned(),
        ] {
            assert_eq!(hide(&format!("é={sent}&x😀"), [password]), "é=…&x😀", "{sent}");
        }
        assert_eq!(hide("Sup3r-Secret%2FHors", ["Sup3r-Secret/Horse"]), "Sup3r-Secret%2FHors");
        assert_eq!(hide("Sup3r-Secret%2", ["Sup3r-Secret%2F", "Sup3r-Secret%2"]), "…");
    }

    proptest! {
        #[test]
        fn any_text_is_left_as_it_is_but_for_secrets(before in "[^a]{0,20}", secret in "a[ -~é😀]{5,20}", after in "[^a]{0,20}") {
            prop_assert_eq!(hide(&before, [&*secret]), before.clone());
            let sent = utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string();
            let hidden = hide(&format!("{before}{sent}{after}"), [&*secret]);
            prop_assert!(hidden.starts_with(&format!("{before}…")), "{}", hidden);
            prop_assert!(!hidden.contains(&sent) && !hidden.contains(&secret), "{}", hidden);
        }
    }
}
