//! After any refresh `diff` shows only the profile's own lines, whatever else stands in the file.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use testbed::FakeAws;

use crate::stage::{Person, home, run, said, without_ours, works};

/// Things that stand in people's files, one of them to a line; some are no text at all.
fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => Just(b"# a comment [dev]".to_vec()),
        2 => Just(b"; another one".to_vec()),
        4 => Just(Vec::new()),
        3 => Just(b"key = value # not a comment".to_vec()),
        3 => Just(b"s3 =\n  max_concurrent_requests = 20\n  dev = [dev]".to_vec()),
        2 => Just(b"region=eu-west-1   ".to_vec()),
        2 => Just(b"caf\xc3\xa9 = \xff\xfe\x80".to_vec()),
        2 => "[ -~]{0,30}".prop_map(|text| format!("k{text} = {text}").replace('[', "(").into_bytes()),
        1 => Just(b"\ttab = x".to_vec()),
    ]
}

fn section() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let name = prop_oneof![
        "[a-z]{1,8}".prop_filter("not ours", |n| n != "dev"),
        Just("dev-other".to_owned()),
        Just("a b".to_owned())
    ];
    (name, proptest::collection::vec(line(), 0..6)).prop_map(|(name, lines)| {
        // An indented line would belong to the line above it.
        let first = format!("[{name}]").into_bytes();
        std::iter::once(first).chain([b"first = 1".to_vec()]).chain(lines).collect()
    })
}

#[derive(Debug, Clone)]
struct Shape {
    before: Vec<Vec<Vec<u8>>>,
    behind: Vec<Vec<Vec<u8>>>,
    crlf: bool,
    bom: bool,
    ends_in_newline: bool,
    /// `[dev]` is there, over, with lines of the user in it.
    has_session: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    let sections = || proptest::collection::vec(section(), 0..4);
    (sections(), sections(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(before, behind, crlf, bom, ends_in_newline, has_session)| Shape {
            before,
            behind,
            crlf,
            bom,
            ends_in_newline,
            has_session,
        },
    )
}

impl Shape {
    fn file(&self, taro: &Person) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = self.before.concat();
        lines.extend(taro.long_term("dev").lines().map(|l| l.as_bytes().to_vec()));
        if self.has_session {
            lines.extend(taro.session("dev", -60).lines().map(|l| l.as_bytes().to_vec()));
            lines.extend(
                [&b"# the user's own"[..], b"output = json", b"s3 =", b"  addressing_style = path"].map(Vec::from),
            );
        }
        lines.extend(self.behind.concat());
        let newline: &[u8] = if self.crlf { b"\r\n" } else { b"\n" };
        let mut file = if self.bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        let count = lines.len();
        for (n, line) in lines.into_iter().enumerate() {
            let text = if self.crlf { bstr::ByteSlice::replace(&line[..], "\n", "\r\n") } else { line };
            file.extend(text);
            if n + 1 < count || self.ends_in_newline {
                file.extend(newline);
            }
        }
        file
    }
}

#[test]
fn any_refresh_of_any_file_changes_its_own_lines_only() {
    let aws = FakeAws::start();
    let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
    let mut runner = TestRunner::new(Config { cases: 150, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&shape(), |shape| {
        let file = shape.file(&taro);
        home.credentials(&file);
        let (code, _, err) = said(&run(&mut home.awsenv(&["refresh", "dev", &taro.device.code()])));
        // What no reader takes is refused with its line, and nothing is written.
        let after = home.read(".aws/credentials");
        if code != 0 {
            prop_assert_eq!(&after, &file, "{}", err);
            prop_assert!(err.contains(".aws/credentials:"), "{}", err);
            return Err(TestCaseError::reject("the file is broken for every reader"));
        }
        let (was, now) = (without_ours(&file, &["dev"]).concat(), without_ours(&after, &["dev"]).concat());
        let rest = now.strip_prefix(&was[..]);
        let rest = rest
            .ok_or_else(|| TestCaseError::fail(format!("{}\nbecame\n{}", file.escape_ascii(), after.escape_ascii())))?;
        // A new section: the newline that was missing, and one blank line.
        prop_assert!(rest.len() <= 4 && rest.trim_ascii().is_empty(), "{:?}", rest);
        prop_assert!(!shape.has_session || rest.is_empty(), "{:?}", rest);
        prop_assert!(
            works(&aws, &String::from_utf8_lossy(&after).replace('\r', ""), "dev"),
            "{}",
            after.escape_ascii()
        );
        let bare =
            |bytes: &[u8]| bytes.iter().zip(bytes.iter().skip(1)).filter(|(a, b)| **b == b'\n' && **a != b'\r').count();
        prop_assert!(!shape.crlf || bare(&after) == bare(&file), "line ends: {}", after.escape_ascii());
        Ok(())
    });
    outcome.unwrap_or_else(|e| panic!("{e}"));
}
