//! Many changes as one edit: the same bytes as one by one, whatever the file looks like, or an error and no change.
#![allow(clippy::unwrap_used, reason = "a test may end here")]

use awsenv::aws_files::{Document, EditError, FileKind, KeyChange, NewSection, SectionKind};
use bstr::{BStr, ByteSlice};
use proptest::prelude::*;

fn section(name: &str, entries: &[(&'static str, &str)]) -> NewSection {
    let entries = entries.iter().map(|(key, value)| (*key, (*value).into())).collect();
    NewSection { kind: SectionKind::Profile, name: name.into(), entries }
}

fn config(text: impl AsRef<[u8]>) -> Document {
    Document::parse(text.as_ref().to_vec(), FileKind::Config)
}

fn change(profile: &str, key: &'static str, by: Option<(&'static str, &str)>) -> KeyChange {
    KeyChange { profile: profile.into(), key, by: by.map(|(key, value)| (key, value.into())) }
}

fn text(document: &Document) -> &BStr {
    document.bytes().as_bstr()
}

/// What people's files begin and end with.
fn beginnings() -> impl Strategy<Value = String> {
    let parts = [
        "",
        "\n",
        "\r\n",
        "\u{feff}",
        "# a\n",
        "[default]\nregion = x",
        "[profile a]\r\nk = v\r\n",
        "[services s]\ns3 =\n  a = b\n",
    ];
    proptest::collection::vec(proptest::sample::select(parts.to_vec()), 0..4).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn many_sections_are_the_same_as_one_by_one(
        before in beginnings(),
        names in proptest::collection::hash_set("[a-z ']{1,6}|a", 1..5),
        value in "[ -~é]{0,8}",
    ) {
        let sections: Vec<_> =
            names.iter().map(|name| section(name, &[("sso_session", "corp"), ("region", &value)])).collect();
        let mut many = config(&before);
        let mut single = config(&before);
        let outcome = many.append(&sections);
        let one_by_one = sections.iter().try_for_each(|new| {
            if single.has_profile(new.name.as_bstr()) {
                return Err(EditError::Name(new.name.to_string()));
            }
            new.entries.iter().try_for_each(|(key, value)| single.set(new.kind, new.name.as_bstr(), key, value.as_bstr()))
        });
        match outcome {
            Ok(()) => {
                prop_assert_eq!(one_by_one, Ok(()));
                prop_assert_eq!(text(&many), text(&single));
            }
            Err(_) => {
                prop_assert!(one_by_one.is_err(), "{:?}", text(&single));
                prop_assert_eq!(text(&many), before.as_bytes().as_bstr());
            }
        }
    }
}

#[test]
fn a_section_that_is_there_or_comes_twice_is_refused() {
    let before = "[profile a]\nk = v\n";
    for sections in [
        &[section("b", &[]), section("a", &[])][..],
        &[section("b", &[("k", "1")]), section("b", &[("k", "2")])],
        &[section("b", &[("k", " x")])],
        &[section("b", &[("k", "x"), ("k k", "x")])],
        &[section("b\nc", &[])],
    ] {
        let mut document = config(before);
        assert!(document.append(sections).is_err(), "{sections:?}");
        assert_eq!(text(&document), before);
    }
    let mut document = config(before);
    document.append(&[]).unwrap();
    assert_eq!(text(&document), before);
}

#[test]
fn keys_are_replaced_line_by_line() {
    let before = "[profile a]\r\n  old = 1 # note\r\n# stays\r\n  twice = 1\r\n  twice = 2\r\n  gone =\r\n    x = y\r\n  last = 1\r\n[profile b]\r\nold = 1";
    let mut document = config(before);
    let changes = [
        change("a", "old", Some(("new", "n"))),
        change("a", "twice", Some(("once", "o"))),
        change("a", "gone", None),
        change("a", "missing", Some(("x", "y"))),
        change("b", "old", Some(("new", "m"))),
        change("nobody", "old", None),
    ];
    document.replace_keys(&changes).unwrap();
    let after = "[profile a]\r\n  new = n\r\n# stays\r\n  once = o\r\n  last = 1\r\n[profile b]\r\nnew = m";
    assert_eq!(text(&document), after);
    document.replace_keys(&changes).unwrap();
    assert_eq!(text(&document), after);
}

#[test]
fn a_change_that_cannot_be_written_changes_nothing() {
    let before = "[profile a]\none = 1\ntwo = 2\n";
    for value in ["a\nb", " x", "x #y"] {
        let mut document = config(before);
        let changes = [change("a", "one", None), change("a", "two", Some(("three", value)))];
        assert!(document.replace_keys(&changes).is_err(), "{value:?}");
        assert_eq!(text(&document), before);
    }
}
