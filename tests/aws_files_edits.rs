//! Edits: what they change, and that everything else stays.

use std::collections::BTreeMap;

use awsenv::aws_files::{Document, Effect, FileKind, Reader, SectionKind};
use bstr::{BStr, BString, ByteSlice};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

mod botocore;
use botocore::{ask_botocore, python};

use FileKind::{Config, Credentials};
use SectionKind::Profile;

fn edited(kind: FileKind, text: &str, edit: impl FnOnce(&mut Document)) -> String {
    let mut document = Document::parse(text.into(), kind);
    edit(&mut document);
    document.bytes().to_str().expect("the test's text is UTF-8").to_owned()
}

fn set(document: &mut Document, name: &str, key: &str, value: &str) {
    document.set(Profile, name.into(), key, value.into()).expect("it can be set");
}

#[test]
fn a_value_is_replaced_in_its_line_and_a_new_key_goes_below_the_last() {
    let text = "# mine\n[dev]\nAWS_Key  =  old # c\ns3 =\n    a = b\n\n# about prod\n[prod]\naws_key = p\n";
    let found = edited(Credentials, text, |d| {
        set(d, "dev", "aws_key", "new");
        set(d, "dev", "token", "t");
    });
    assert_eq!(
        found,
        "# mine\n[dev]\nAWS_Key  =  new\ns3 =\n    a = b\ntoken = t\n\n# about prod\n[prod]\naws_key = p\n"
    );
}

#[test]
fn a_section_that_is_not_there_comes_at_the_end_behind_a_blank_line() {
    assert_eq!(edited(Config, "", |d| set(d, "dev", "region", "x")), "[profile dev]\nregion = x\n");
    assert_eq!(
        edited(Config, "[default]\r\na = b", |d| set(d, "my prof", "region", "x")),
        "[default]\r\na = b\r\n\r\n[profile 'my prof']\r\nregion = x\r\n"
    );
    assert_eq!(
        edited(Credentials, "\u{feff}[a]\nb = c\n\n", |d| set(d, "my prof", "k", "v")),
        "\u{feff}[a]\nb = c\n\n[my prof]\nk = v\n"
    );
}

#[test]
fn what_is_added_can_be_taken_away_again() {
    for text in ["", "[a]\nb = c\n", "[a]\r\nb = c\r\n", "# only a comment\n", "[a]\n\n[b]\nc = d\n"] {
        let found = edited(Credentials, text, |d| {
            set(d, "new", "k", "v");
            assert!(d.remove_section(Profile, "new".into()).expect("it can be removed"));
        });
        assert_eq!(found, text);
    }
}

#[test]
fn a_removed_key_takes_its_lines_and_a_removed_section_its_keys() {
    let text = "[a]\nx = 1\n\n# of b\n[b]\nk = 1\n# stays\ns3 =\n  q = r\n\nK = 2\n\n[c]\ny = 2\n";
    let found = edited(Credentials, text, |d| {
        assert!(d.remove_key(Profile, "b".into(), "s3").expect("it can be removed"));
        assert!(d.remove_key(Profile, "b".into(), "k").expect("it can be removed"));
        assert!(!d.remove_key(Profile, "b".into(), "k").expect("it is gone"));
        assert!(d.is_empty_section(Profile, "b".into()));
    });
    assert_eq!(found, "[a]\nx = 1\n\n# of b\n[b]\n# stays\n\n\n[c]\ny = 2\n");
    let found = edited(Credentials, text, |d| assert!(d.remove_section(Profile, "b".into()).expect("removed")));
    assert_eq!(found, "[a]\nx = 1\n\n# of b\n# stays\n\n\n[c]\ny = 2\n");
}

#[test]
fn an_equal_value_changes_nothing() {
    let text = "[a]\nx=1   # c\ns3 =\n  a = b\n";
    let found = edited(Credentials, text, |d| {
        set(d, "a", "x", "1");
        d.set_nested(Profile, "a".into(), "s3", &[("a".into(), "b".into())]).expect("it is there");
    });
    assert_eq!(found, text);
}

#[test]
fn a_nested_block_is_written_as_the_aws_cli_writes_it() {
    let found = edited(Config, "[profile a]\nregion = x\n", |d| {
        let entries = [("addressing_style".into(), "path".into()), ("max_queue_size".into(), "10".into())];
        d.set_nested(Profile, "a".into(), "s3", &entries).expect("it can be set");
        set(d, "a", "output", "json");
        d.set_nested(Profile, "a".into(), "region", &entries[..1]).expect("it can be set");
    });
    let block = "s3 =\n    addressing_style = path\n    max_queue_size = 10\n";
    assert_eq!(found, format!("[profile a]\nregion =\n    addressing_style = path\n{block}output = json\n"));
}

#[test]
fn an_indented_comment_stays_unless_the_sdks_would_refuse_the_file_for_it() {
    let text = "[a]\nk = v\n  # note\nl = w\n";
    assert_eq!(edited(Credentials, text, |d| set(d, "a", "k", "x")), "[a]\nk = x\n  # note\nl = w\n");
    assert_eq!(edited(Credentials, text, |d| set(d, "a", "k", "")), "[a]\nk =\nl = w\n");
}

#[test]
fn what_a_reader_would_cut_or_choke_on_is_refused_and_nothing_changes() {
    let text = "[dev]\nregion = x\n";
    let mut document = Document::parse(text.into(), Credentials);
    for value in
        ["a\nb", "a\rb", "a\0", " a", "a ", "a\t", "\u{a0}a", "a #b", "a\t;b", "#a", ";", "\x1b[0m", "a\u{a0}#"]
    {
        assert!(document.set(Profile, "dev".into(), "region", value.into()).is_err(), "{value:?}");
    }
    assert!(document.set(Profile, "dev".into(), "region", b"\xff".as_bstr()).is_err());
    for key in ["", "a b", "a=b", "a:b", "[a", "#a", "é"] {
        assert!(document.set(Profile, "dev".into(), key, "v".into()).is_err(), "{key:?}");
    }
    for name in ["", "a\nb", "DEFAULT", " dev", "a#b", "a;b", "\u{7f}"] {
        assert!(document.set(Profile, name.into(), "k", "v".into()).is_err(), "{name:?}");
    }
    assert_eq!(document.bytes(), text.as_bytes());
}

#[test]
fn a_hash_in_a_name_is_written_only_where_the_file_already_has_one() {
    let found = edited(Credentials, "[a#b-long-term]\nk = v\n", |d| set(d, "a#b", "k", "w"));
    assert_eq!(found, "[a#b-long-term]\nk = v\n\n[a#b]\nk = w\n");
}

#[test]
fn an_indented_file_stays_readable_as_it_is() {
    let text = "[a]\n  x = 1\n  y = 2\n  [b]\n    z = 3\n";
    let found = edited(Credentials, text, |d| {
        set(d, "a", "x", "9");
        set(d, "a", "new", "n");
        set(d, "b", "new", "n");
    });
    assert_eq!(found, "[a]\n  x = 9\n  y = 2\n  new = n\n  [b]\n    z = 3\n    new = n\n");
    // Without the section the header below would be indented under x.
    let mut document = Document::parse(b"[a]\nx = 1\n[b]\n   y = 2\n  [c]\nz = 3\n".to_vec(), Credentials);
    assert!(document.remove_section(Profile, "b".into()).is_err());
    assert_eq!(document.bytes(), b"[a]\nx = 1\n[b]\n   y = 2\n  [c]\nz = 3\n");
}

type Everything = BTreeMap<(String, BString), Vec<(BString, BString)>>;

/// Every key and value of every section that counts.
fn everything(document: &Document) -> Everything {
    let kinds = [Profile, SectionKind::SsoSession, SectionKind::Services];
    let sections = kinds.into_iter().flat_map(|kind| document.names(kind).map(move |name| (kind, name)));
    sections
        .map(|(kind, name)| {
            let section = document.section(kind, name).expect("a name in the list is found");
            let last = |key: &BStr| section.own(&key.to_str_lossy()).map(|value| value.bytes.into_owned());
            let mut entries: Vec<_> = section
                .entries()
                .map(|(key, value)| (key.to_ascii_lowercase().into(), last(key).unwrap_or(value.bytes.into_owned())))
                .collect();
            entries.sort();
            entries.dedup();
            ((format!("{kind:?}"), name.to_owned()), entries)
        })
        .collect()
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn comments(document: &Document) -> Vec<&[u8]> {
    let first = |line: &&[u8]| line.first().is_some_and(|b| b"#;".contains(b));
    without_bom(document.bytes()).lines().map(|line| line.trim_end_with(|c| c == '\r')).filter(first).collect()
}

/// Lines that meet in real files and in nobody's: every dialect, line ends, odd bytes.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        "[a]",
        "[b]",
        "[default]",
        "[profile a]",
        "[profile b]",
        "[profile default]",
        "[profile \"my prof\"]",
        "[a] # c",
        "  [b]",
        "[b]# c",
        "[sso-session a]",
        "[services a]",
        "[DEFAULT]",
        "[a]] x",
        "k = v",
        "k = w",
        "K=v # c",
        "k: v",
        "key = v ;c",
        "s3 =",
        "s3 = # c",
        "    x = y",
        "  k = v",
        " \tz = 1",
        "  # note",
        "# c",
        ";",
        "",
        "",
        "  ",
        "k =",
        "  = y",
        "my:k = v",
        "in valid = v",
        "k = [x]",
        "  [x]",
        "\u{b}",
        "k = \u{a0}v",
        "é = ü",
        "k = v\r",
        " \r",
    ]);
    prop_oneof![
        20 => fixed.prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6).prop_map(|mut noise| {
            noise.splice(0..0, *b"k = ");
            noise.retain(|b| !b"\n\0".contains(b));
            noise
        }),
    ]
}

fn file() -> impl Strategy<Value = (FileKind, Vec<u8>)> {
    let parts = (
        prop::sample::select(vec![Config, Credentials]),
        prop::sample::select(vec!["", "", "", "\u{feff}"]),
        prop::sample::select(vec!["[a]", "[profile a]", "[default]", "# c"]),
        prop::collection::vec((line(), prop::sample::select(vec!["\n", "\n", "\n", "\r\n"])), 0..14),
        any::<bool>(),
    );
    parts.prop_map(|(kind, bom, first, lines, ends)| {
        let mut bytes = [bom.as_bytes(), first.as_bytes(), b"\n"].concat();
        for (line, end) in lines {
            bytes.extend_from_slice(&line);
            bytes.extend_from_slice(end.as_bytes());
        }
        if !ends {
            bytes.pop();
        }
        (kind, bytes)
    })
}

#[derive(Debug, Clone)]
enum Edit {
    Set(&'static str, &'static str, &'static str),
    SetNested(&'static str),
    RemoveKey(&'static str, &'static str),
    RemoveSection(&'static str),
}

fn edit() -> impl Strategy<Value = Edit> {
    let name = || prop::sample::select(vec!["a", "b", "default", "my prof", "new"]);
    let key = || prop::sample::select(vec!["k", "key", "s3", "z", "new"]);
    let value = prop::sample::select(vec!["", "v", "new value", "a;b#c", "x = y", "[z]", "ü"]);
    prop_oneof![
        (name(), key(), value).prop_map(|(n, k, v)| Edit::Set(n, k, v)),
        name().prop_map(Edit::SetNested),
        (name(), key()).prop_map(|(n, k)| Edit::RemoveKey(n, k)),
        name().prop_map(Edit::RemoveSection),
    ]
}

impl Edit {
    fn name(&self) -> &BStr {
        match self {
            Edit::Set(name, ..) | Edit::SetNested(name) | Edit::RemoveKey(name, _) | Edit::RemoveSection(name) => {
                (*name).into()
            }
        }
    }
}

fn apply(document: &mut Document, edit: &Edit) -> bool {
    match edit {
        Edit::Set(name, key, value) => document.set(Profile, (*name).into(), key, (*value).into()).is_ok(),
        Edit::SetNested(name) => {
            let entries = [("x".into(), "y".into()), ("z".into(), "1".into())];
            document.set_nested(Profile, (*name).into(), "s3", &entries).is_ok()
        }
        Edit::RemoveKey(name, key) => document.remove_key(Profile, (*name).into(), key).is_ok(),
        Edit::RemoveSection(name) => document.remove_section(Profile, (*name).into()).is_ok(),
    }
}

/// What a file should hold after an edit, as values.
fn expected(mut before: Everything, edit: &Edit) -> Everything {
    let id = |name: &str| (format!("{Profile:?}"), BString::from(name));
    let lines = |key: &str, value: &str| (BString::from(key), BString::from(value));
    match edit {
        Edit::Set(name, key, value) => {
            let entries = before.entry(id(name)).or_default();
            entries.retain(|(k, _)| k != key);
            entries.push(lines(key, value));
            entries.sort();
        }
        Edit::SetNested(name) => {
            let entries = before.entry(id(name)).or_default();
            entries.retain(|(k, _)| k != "s3");
            entries.push(lines("s3", "\nx = y\nz = 1"));
            entries.sort();
        }
        Edit::RemoveKey(name, key) => {
            if let Some(entries) = before.get_mut(&id(name)) {
                entries.retain(|(k, _)| k != key);
            }
        }
        Edit::RemoveSection(name) => {
            before.remove(&id(name));
        }
    }
    before
}

/// The lines that went and the lines that came, as `diff` would show them; line ends at the end of a file aside.
fn diff<'a>(before: &'a [u8], after: &'a [u8]) -> (Vec<&'a [u8]>, Vec<&'a [u8]>) {
    let text = |line: &'a [u8]| line.trim_end_with(|c| c == '\n' || c == '\r');
    let (old, new): (Vec<_>, Vec<_>) = (before.lines().map(text).collect(), after.lines().map(text).collect());
    // Longest common subsequence of what is left from each pair of places on.
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let skip = common[i + 1][j].max(common[i][j + 1]);
            common[i][j] = if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { skip };
        }
    }
    let (mut i, mut j, mut went, mut came) = (0, 0, Vec::new(), Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            went.push(old[i]);
            i += 1;
        } else {
            came.push(new[j]);
            j += 1;
        }
    }
    (went, came)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, max_global_rejects: 1 << 20, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_is_read_back_and_nothing_else_changes((kind, bytes) in file().prop_map(|(k, b)| (k, BString::from(b))), edit in edit()) {
        let before = Document::parse(bytes.to_vec(), kind);
        prop_assume!(before.check().is_ok());
        let mut after = Document::parse(bytes.to_vec(), kind);
        if !apply(&mut after, &edit) {
            prop_assert_eq!(after.bytes(), &bytes[..], "a refused edit changes nothing");
            return Ok(());
        }
        prop_assert!(after.check().is_ok());
        // [default] is hidden by [profile default], and may come back with its removal.
        let revealed = matches!(edit, Edit::RemoveSection("default"));
        if !revealed {
            prop_assert_eq!(everything(&after), expected(everything(&before), &edit), "{:?}", after.bytes().as_bstr());
        }
        prop_assert_eq!(comments(&before), comments(&after));
        let (went, came) = diff(without_bom(&bytes), without_bom(after.bytes()));
        prop_assert_eq!(without_bom(&bytes).len() < bytes.len(), without_bom(after.bytes()).len() < after.bytes().len());
        let most = match edit {
            // The line; or a blank line, a header and the line.
            Edit::Set(..) if before.profile(edit.name()).is_some() => 1,
            Edit::Set(..) => 3,
            Edit::SetNested(_) if before.profile(edit.name()).is_some() => 3,
            Edit::SetNested(_) => 5,
            Edit::RemoveKey(..) | Edit::RemoveSection(_) => 0,
        };
        prop_assert!(came.len() <= most, "{:?} came", came);
        let alone = matches!(edit, Edit::Set(..) | Edit::SetNested(_)) && before.profile(edit.name()).is_none();
        prop_assert!(!alone || went.is_empty(), "{:?} went", went);
        // What the SDKs took before, they take now.
        let refused = |document: &Document| {
            document.complaints().iter().filter(|c| c.who == Reader::Sdk && c.effect == Effect::FileRefused).count()
        };
        prop_assert!(refused(&after) == 0 || refused(&before) > 0, "{:?}", after.complaints());
    }

    #[test]
    fn any_bytes_can_be_read_and_edited_without_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..200), edit in edit()) {
        for kind in [Config, Credentials] {
            let mut document = Document::parse(bytes.to_vec(), kind);
            let _ = document.complaints();
            if document.check().is_ok() {
                apply(&mut document, &edit);
            }
        }
    }
}

/// The same edits, looked at with botocore: a file that it took stays one, and holds the edit.
#[test]
fn botocore_reads_an_edited_file_as_meant() {
    let Some(python) = python() else { return };
    let mut runner = TestRunner::deterministic();
    let mut samples = Vec::new();
    while samples.len() < 1000 {
        let ((kind, bytes), edit) = (file(), edit()).new_tree(&mut runner).expect("a sample").current();
        let before = Document::parse(bytes.clone(), kind);
        let mut after = Document::parse(bytes, kind);
        // A file with a duplicate or without UTF-8 is refused before and after: not worth asking.
        let taken = !before.complaints().iter().any(|c| c.who == Reader::Botocore && c.effect == Effect::FileRefused);
        if taken && before.check().is_ok() && apply(&mut after, &edit) {
            samples.push((before, after, edit));
        }
    }
    let files: Vec<_> = samples
        .iter()
        .flat_map(|(before, after, _)| [(before.kind(), before.bytes()), (after.kind(), after.bytes())])
        .collect();
    let answers = ask_botocore(&python, &files);
    assert_eq!(answers.len(), files.len(), "botocore answered every file");
    let mut read_back = 0;
    for ((before, after, edit), answer) in samples.iter().zip(answers.chunks(2)) {
        let shown = (before.bytes().as_bstr(), edit, after.bytes().as_bstr());
        let [Some(old), new] = answer else { panic!("{shown:?}: no complaint, and botocore refuses it") };
        let Some(new) = new else { panic!("{shown:?}: botocore refuses what came of it") };
        if before.complaints().iter().any(|c| c.who == Reader::Botocore) {
            continue;
        }
        let name = edit.name().to_string();
        let others = |all: &botocore::Profiles| {
            all.iter().filter(|(n, _)| **n != name).map(|(n, p)| (n.clone(), p.clone())).collect::<Vec<_>>()
        };
        assert_eq!(others(old), others(new), "{shown:?}");
        let key = |key: &str| new.get(&name).and_then(|keys| keys.get(key)).cloned();
        let leaked = before.names(SectionKind::Other).chain(before.profile_names()).any(|name| name == "DEFAULT");
        match edit {
            Edit::Set(_, k, v) => assert_eq!(key(k).as_deref(), Some(*v), "{shown:?}"),
            Edit::SetNested(_) => assert_eq!(key("s3").as_deref(), Some("\nx = y\nz = 1"), "{shown:?}"),
            Edit::RemoveKey(_, k) => assert!(leaked || key(k).is_none(), "{shown:?}"),
            Edit::RemoveSection(_) => assert!(!new.contains_key(&name), "{shown:?}"),
        }
        read_back += 1;
    }
    assert!(read_back > 300, "only {read_back} of the samples were free of complaints");
}
