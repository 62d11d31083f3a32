//! Quoting is the security boundary: any bytes go into a real Lua and come back.

use std::process::{Command, Stdio};

use awsenv::shell::Shell;
use proptest::prelude::*;

#[test]
fn any_bytes_come_back_from_lua_as_they_went_in() {
    let Some(lua) = testbed::require("lua5.2") else { return };
    let byte = prop_oneof![3 => any::<u8>(), 1 => prop::sample::select(b"'\"\\]['-=\n\r\0 %${}09\xff".to_vec())];
    let values = prop::collection::vec(prop::collection::vec(byte, 0..40), 100);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) };
    proptest!(config, |(values in values)| {
        let mut script = Shell::Clink.assign_list("all", &values);
        for value in &values {
            script.extend(Shell::Clink.assign("one", value));
            script.extend(b"all[#all + 1] = one\n");
        }
        prop_assert!(script.is_ascii());
        script.extend(b"for _, v in ipairs(all) do io.write(#v, ' ', v, '\\n') end\n");
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("quote.lua");
        std::fs::write(&file, script).expect("it can be written");
        let output = Command::new(&lua).arg(&file).stdin(Stdio::null()).output().expect("lua runs");
        prop_assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        let want: Vec<u8> = values.iter().chain(&values)
            .flat_map(|v| [v.len().to_string().as_bytes(), b" ", v, b"\n"].concat()).collect();
        prop_assert_eq!(output.stdout, want);
    });
}
