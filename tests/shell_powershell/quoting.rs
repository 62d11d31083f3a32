//! Quoting, against what a real PowerShell made of each literal.

use awsenv::shell::Shell;
use proptest::prelude::*;
use serde_json::Value;

use crate::parse::parse;

/// Hostile strings, literals for them, and whether PowerShell 7.6 read these exactly.
const STRINGS: &str = include_str!("../powershell/quoting-vectors.json");

/// The bytes of UTF-16 code units, lone surrogates as Windows' names have them in Rust.
fn bytes(units: &[u16]) -> Vec<u8> {
    let one = |unit: Result<char, std::char::DecodeUtf16Error>| match unit {
        Ok(letter) => letter.to_string().into_bytes(),
        Err(lone) => {
            let unit = lone.unpaired_surrogate();
            let low = |bits: u16| 0x80 | u8::try_from(bits & 0x3f).expect("six bits");
            vec![0xed, low(unit >> 6), low(unit)]
        }
    };
    char::decode_utf16(units.iter().copied()).flat_map(one).collect()
}

#[test]
fn every_recorded_string_becomes_a_literal_that_meant_it() {
    let data: Value = serde_json::from_str(STRINGS).expect("the data is JSON");
    let vectors = data["vectors"].as_array().expect("a list");
    assert!(vectors.len() > 290, "{}", vectors.len());
    for vector in vectors {
        let value = match &vector["utf16"] {
            Value::Array(units) => {
                let unit = |u: &Value| u16::try_from(u.as_u64().expect("a number")).expect("a code unit");
                bytes(&units.iter().map(unit).collect::<Vec<_>>())
            }
            _ => vector["text"].as_str().expect("text").as_bytes().to_vec(),
        };
        let word = String::from_utf8(Shell::PowerShell.quote(&value)).expect("ASCII");
        let exact = ["single", "ascii"].iter().any(|form| {
            let ways = &vector[format!("{form}_exact")];
            // In a text, joined from lines, and through Out-String.
            vector[*form] == word.as_str() && ["text", "join", "out_string"].iter().all(|way| ways[*way] == true)
        });
        assert!(exact, "{vector}\n{word}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_one_literal_in_ascii(value: Vec<u8>, text in "\\PC*") {
        for value in [value, text.into_bytes()] {
            let line = String::from_utf8(Shell::PowerShell.assign("__awsenv_x", &value)).expect("ASCII");
            prop_assert!(line.trim_end_matches('\n').bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", line);
            let literal = line.trim_end().trim_start_matches("$global:__awsenv_x = ");
            let inner = literal.strip_prefix("[regex]::Unescape(").map_or(literal, |l| l.trim_end_matches(')'));
            let inside = inner.strip_prefix('\'').and_then(|l| l.strip_suffix('\'')).expect("one literal");
            prop_assert!(!inside.replace("''", "").contains('\''), "{}", line);
            parse(&line, &line);
        }
    }
}
