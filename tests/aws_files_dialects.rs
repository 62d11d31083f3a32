//! The official cases of the SDKs, botocore's own answers, and what `complaints` says about the difference.

#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

#[cfg(unix)]
use awsenv::aws_files::Paths;
use awsenv::aws_files::{Document, Effect, FileKind, Reader, SectionKind};
#[cfg(unix)]
use awsenv::host::Host;
#[cfg(unix)]
use awsenv::time::Timestamp;
use bstr::ByteSlice;
use serde_json::Value;

mod botocore;
use botocore::{Profiles, ask_botocore, python};

/// Cases that are read otherwise on purpose, by position in the file: their names repeat.
const UNION: [(usize, &str); 7] = [
    (2, "botocore knows a profile called foo!bar"),
    (16, "botocore reads key : value"),
    (40, "botocore takes a credentials section's name as it stands, blanks included"),
    (41, "botocore reads a key with a blank in it"),
    (47, "botocore reads a nested line whose name is empty"),
    (55, "botocore knows a credentials section [profile foo] as the profile called 'profile foo'"),
    (60, "the same for the second section of this case"),
];

/// One of the case files in the package that the SDK reads these files with.
fn official_cases(file: &str) -> Vec<Value> {
    let cases = std::fs::read(official_folder().join(file)).expect("the package holds its test data");
    let cases: Value = serde_json::from_slice(&cases).expect("the cases are JSON");
    cases["tests"].as_array().expect("a list of cases").clone()
}

/// Where they are: AWSENV_TEST_CASES, where there is no cargo to ask (`.ci/windows` names it to the tests below wine).
fn official_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("AWSENV_TEST_CASES") {
        return folder.into();
    }
    // Only this platform's packages are sure to be here without the network.
    let host = Command::new("rustc").args(["--print", "host-tuple"]).output().expect("rustc runs");
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform"])
        .arg(host.stdout.trim_end_with(|c| c.is_whitespace()).to_str_lossy().as_ref())
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo metadata runs");
    assert!(out.status.success(), "{}", out.stderr.as_bstr());
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let runtime = packages.iter().find(|p| p["name"] == "aws-runtime").expect("aws-runtime is in the lock file");
    PathBuf::from(runtime["manifest_path"].as_str().expect("a path")).with_file_name("test-data")
}

// Not on Windows: there the SDKs ask HOME first, and botocore, as awsenv, USERPROFILE.
#[test]
#[cfg(unix)]
fn the_official_cases_find_the_files_where_the_sdks_do() {
    let cases = official_cases("file-location-tests.json");
    let here: Vec<_> = cases.iter().filter(|case| case["platform"] == "linux").collect();
    assert_eq!(here.len(), 4);
    for case in here {
        let set = case["environment"].as_object().expect("variables");
        let set: Vec<_> = set.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("text"))).collect();
        let host = Host::fixed(&set, Path::new(case["environment"]["HOME"].as_str().expect("a home")), Timestamp(0));
        let found = Paths::of(&host).expect("there is a home");
        assert_eq!(Some(found.config.as_path()), case["configLocation"].as_str().map(Path::new), "{case}");
        assert_eq!(Some(found.credentials.as_path()), case["credentialsLocation"].as_str().map(Path::new), "{case}");
    }
}

fn collect(document: &Document, kind: SectionKind, into: &mut Profiles) {
    for name in document.names(kind) {
        let section = document.section(kind, name).expect("a name in the list is found");
        let known = into.entry(name.to_string()).or_default();
        for (key, value) in section.entries() {
            known.insert(key.to_string().to_ascii_lowercase(), value.bytes.to_string());
        }
    }
}

/// What we read from a pair of files: profiles and SSO sessions, or why not.
fn read(config: &str, credentials: &str) -> Result<(Profiles, Profiles), String> {
    let (mut profiles, mut sso_sessions) = Default::default();
    for (text, kind) in [(config, FileKind::Config), (credentials, FileKind::Credentials)] {
        let document = Document::parse(text.into(), kind);
        document.check().map_err(|e| e.to_string())?;
        collect(&document, SectionKind::Profile, &mut profiles);
        collect(&document, SectionKind::SsoSession, &mut sso_sessions);
    }
    Ok((profiles, sso_sessions))
}

fn expected(output: &Value) -> Option<(Profiles, Profiles)> {
    let config = output.get("config")?;
    let sections = |name: &str| match config.get(name) {
        Some(found) => serde_json::from_value(found.clone()).expect("profiles of keys and values"),
        None => Profiles::new(),
    };
    Some((sections("profiles"), sections("sso_sessions")))
}

#[test]
fn all_official_cases_read_as_the_sdks_read_them() {
    let cases = official_cases("profile-parser-tests.json");
    assert_eq!(cases.len(), 65, "the official cases changed: look at the new ones and at UNION");
    let mut differ = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let text = |name: &str| case["input"].get(name).and_then(Value::as_str).unwrap_or_default();
        let found = read(text("configFile"), text("credentialsFile"));
        let same = match (expected(&case["output"]), &found) {
            (Some(expected), Ok(found)) => expected == *found,
            (None, Err(_)) => true,
            _ => false,
        };
        if !same {
            differ.push((at, format!("{}: {found:?}", case["name"])));
        }
    }
    let expected: Vec<usize> = UNION.iter().map(|(at, _)| *at).collect();
    let positions: Vec<usize> = differ.iter().map(|(at, _)| *at).collect();
    assert_eq!(positions, expected, "{differ:#?}");
}

#[test]
fn what_an_sdk_refuses_in_the_official_cases_is_a_complaint() {
    for (at, case) in official_cases("profile-parser-tests.json").iter().enumerate() {
        if case["output"].get("errorContaining").is_none() {
            continue;
        }
        let text = case["input"].get("configFile").and_then(Value::as_str).expect("these cases have a config file");
        let document = Document::parse(text.into(), FileKind::Config);
        let refused = |c: &awsenv::aws_files::Complaint| c.who == Reader::Sdk && c.effect == Effect::FileRefused;
        let named = document.check().is_err() || document.complaints().iter().any(refused);
        assert!(named, "case {at}, {}: {:?}", case["name"], document.complaints());
    }
}

/// The inputs on which the readers are known to differ: file, and whether botocore and the SDKs take it at all.
#[rustfmt::skip]
const DIFFERENCES: [(FileKind, &[u8], bool, bool); 28] = [
    (FileKind::Config, b"[default]\nregion = us-east-1 # home\n", true, true),
    (FileKind::Config, b"[default]\nx = a ;b\n", true, true),
    (FileKind::Config, b"[default]\nregion = a\n  # note\noutput = json\n", true, true),
    (FileKind::Config, b"[default]\n  # note\noutput = json\n", true, false),
    (FileKind::Config, b"[default]\n  region = x\n  output = json\n", true, false),
    (FileKind::Config, b"[default]\nregion: x\n", true, false),
    (FileKind::Config, b"[default]\na = 1\n[default]\nb = 2\n", false, true),
    (FileKind::Config, b"[default]\na = 1\na = 2\n", false, true),
    (FileKind::Config, b"[default]\nA = 1\na = 2\n", false, true),
    (FileKind::Config, b"[profile \"my prof\"]\na = 1\n[profile 'ok']\na = 2\n", true, true),
    (FileKind::Config, b"[profile  two]\na = 1\n", true, true),
    (FileKind::Config, b"[default]\nRegion = x\n", true, true),
    (FileKind::Config, b"[default]\nregion = \"us-east-1\"\n", true, true),
    (FileKind::Config, b"\xef\xbb\xbf[default]\nregion = x\n", false, false),
    (FileKind::Config, b"[default]\r\nregion = x\r\n", true, true),
    (FileKind::Config, b"[   profile foo   ]\na = 1\n", true, true),
    (FileKind::Config, b"[default]\nmy:key = v\n", true, true),
    (FileKind::Config, b"[profile a] junk\nx = 1\n", true, false),
    (FileKind::Config, b"[DEFAULT]\noutput = json\n[profile a]\nregion = x\n", true, true),
    (FileKind::Config, b"[default]\nregion = \xc2\xa0x\xc2\xa0\n", true, true),
    (FileKind::Config, b"[default]\nregion = \xff\n", false, false),
    (FileKind::Config, b"[profile a#b]\nx = 1\n", true, false),
    (FileKind::Config, b"[profile default]\na = 1\n[default]\nb = 2\n", true, true),
    (FileKind::Config, b"[default]\ns3 =\n  a = b\n  # note\n  c = d\n", true, false),
    (FileKind::Config, b"[default]\ns3 =\n  = b\n", true, false),
    (FileKind::Credentials, b"[ dev ]\na = 1\n", true, true),
    (FileKind::Credentials, b"[my prof]\na = 1\n", true, true),
    (FileKind::Credentials, b"[profile foo]\na = 1\n", true, true),
];

/// Where botocore and the SDKs both take a file and differ, awsenv follows the SDKs and says so; in every other case
/// it has botocore's answer.
#[test]
fn botocores_answers_are_ours_or_a_complaint_says_why() {
    let Some(python) = python() else { return };
    let files: Vec<_> = DIFFERENCES.iter().map(|(kind, text, ..)| (*kind, *text)).collect();
    let answers = ask_botocore(&python, &files);
    assert_eq!(answers.len(), files.len(), "botocore answered every file");
    for ((kind, text, botocore_takes, sdk_takes), answer) in DIFFERENCES.iter().zip(answers) {
        let shown = text.as_bstr();
        let document = Document::parse(text.to_vec(), *kind);
        document.check().unwrap_or_else(|e| panic!("{shown:?} is read: {e}"));
        let complaints = document.complaints();
        let says = |who, effect| complaints.iter().any(|c| c.who == who && c.effect == effect);
        assert_eq!(answer.is_some(), *botocore_takes, "{shown:?}: botocore changed");
        assert_eq!(!says(Reader::Botocore, Effect::FileRefused), *botocore_takes, "{shown:?}: {complaints:?}");
        assert_eq!(!says(Reader::Sdk, Effect::FileRefused), *sdk_takes, "{shown:?}: {complaints:?}");
        let Some(answer) = answer else { continue };
        if !same_profiles(&document, &answer) {
            let differs = says(Reader::Botocore, Effect::ReadDifferently) || says(Reader::Botocore, Effect::Ignored);
            assert!(differs, "{shown:?}: botocore reads {answer:?}, no complaint: {complaints:?}");
            assert!(sdk_takes, "{shown:?}: only botocore takes this file, so its answer is the one: {answer:?}");
        }
    }
}

fn same_profiles(document: &Document, answer: &Profiles) -> bool {
    let names: Vec<String> = document.profile_names().map(ToString::to_string).collect();
    names.len() == answer.len()
        && answer.iter().all(|(name, keys)| {
            let section = document.profile(name.as_bytes().as_bstr());
            section.is_some_and(|s| keys.iter().all(|(k, v)| s.get(k).is_some_and(|found| *found.bytes == v.as_str())))
        })
}

#[test]
fn an_ordinary_file_has_no_complaint() {
    let text = "# my accounts\n[default]\nregion = eu-west-1\n\n[profile dev]\nrole_arn = arn:aws:iam::1:role/x\ns3 =\n    \
                max_queue_size = 10\n\n[sso-session corp]\nsso_region = eu-west-1\n\n[services local]\ns3 =\n  endpoint_url = http://localhost:1\n";
    let document = Document::parse(text.into(), FileKind::Config);
    assert_eq!(document.complaints(), []);
    let local = document.section(SectionKind::Services, b"local".as_bstr()).expect("the section is there");
    let url = local.nested("s3", "endpoint_url").expect("the nested key is there");
    assert_eq!((&**url.bytes, url.line), (b"http://localhost:1".as_slice(), 15));
}
