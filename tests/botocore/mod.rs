//! What the real botocore reads from a file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use awsenv::aws_files::FileKind;
use bstr::ByteSlice;

/// Keys and values by profile.
pub type Profiles = BTreeMap<String, BTreeMap<String, String>>;

/// A Python with botocore: `AWSENV_TEST_PYTHON`, else the one on PATH.
pub fn python() -> Option<PathBuf> {
    let python = std::env::var_os("AWSENV_TEST_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let has = Command::new(&python).args(["-c", "import botocore"]).output().is_ok_and(|out| out.status.success());
    if !has {
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "no Python with botocore: set AWSENV_TEST_PYTHON");
        testbed::skipped("no Python with botocore (AWSENV_TEST_PYTHON names one)");
    }
    has.then_some(python)
}

const ASK_BOTOCORE: &str = "
import json, sys
from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import BotoCoreError
for line in sys.stdin:
    kind, path = json.loads(line)
    try:
        raw_config_parse(path)
        found = raw_config_parse(path, parse_subsections=False)
        if kind == 'config':
            found = build_profile_map(found)['profiles']
        print(json.dumps(found))
    except BotoCoreError:
        print(json.dumps(None))
    sys.stdout.flush()
";

/// What botocore reads from each file; `None` where it refuses it.
pub fn ask_botocore(python: &Path, files: &[(FileKind, &[u8])]) -> Vec<Option<Profiles>> {
    let folder = std::env::temp_dir().join(format!("awsenv-botocore-{}-{}", std::process::id(), files.len()));
    std::fs::create_dir_all(&folder).expect("a folder for the files");
    let mut child = Command::new(python)
        .args(["-c", ASK_BOTOCORE])
        .env("PYTHONUTF8", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut questions = String::new();
    for (at, (kind, text)) in files.iter().enumerate() {
        let path = folder.join(at.to_string());
        std::fs::write(&path, text).expect("the file can be written");
        let kind = if *kind == FileKind::Config { "config" } else { "credentials" };
        questions.push_str(&serde_json::json!([kind, path]).to_string());
        questions.push('\n');
    }
    child.stdin.take().expect("piped").write_all(questions.as_bytes()).expect("Python reads its questions");
    let out = child.wait_with_output().expect("Python ends");
    std::fs::remove_dir_all(&folder).expect("our own folder");
    out.stdout.lines().map(|line| serde_json::from_slice(line).expect("an answer in JSON")).collect()
}
