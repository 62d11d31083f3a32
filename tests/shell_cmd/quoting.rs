//! Quoting is the security boundary: any text without a newline goes into a real cmd.exe and comes back, as a line of a
//! batch file and as one that `for /f` reads.

use awsenv::shell::{Shell, cmd};
use proptest::prelude::*;
use testbed::{Spec, Terminal};

use crate::desk::Desk;

/// Text that a variable of cmd can hold: not empty, no newline, no end of a file. ASCII: beyond it wine's cmd has rules of
/// its own for what it reads, whatever the code page.
fn values() -> impl Strategy<Value = Vec<String>> {
    let odd = "\"\"%%!^^&|<>()=;, \t'`~$*?[]{}@:/\\PATH";
    let odd = prop::sample::select(odd.chars().collect::<Vec<_>>());
    let any = any::<u8>().prop_map(|b| char::from(b & 0x7f));
    let any = any.prop_filter("cmd refuses it", |c| cmd::readable(c.to_string().as_bytes()).is_ok());
    let value = prop::collection::vec(prop_oneof![3 => odd, 1 => any], 1..40);
    prop::collection::vec(value.prop_map(String::from_iter), 60)
}

#[test]
fn any_text_comes_back_from_cmd_as_it_went_in() {
    let Some(desk) = Desk::new(60) else { return };
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(6) };
    proptest!(config, |(values in values())| {
        let mut lines = Vec::new();
        let mut batch = Vec::new();
        for (number, value) in values.iter().enumerate() {
            lines.extend(cmd::line(&format!("QF{number:03}"), Some(value.as_bytes()), false).expect("readable"));
            batch.extend(Shell::Cmd.assign(&format!("QB{number:03}"), value.as_bytes()));
        }
        // As the hook does it.
        batch.extend(b"@for /f \"usebackq tokens=1* delims=>\" %%u in (`type lines`) do @if \"%%u\"==\"awsenv\" set \"%%v\"\n");
        batch.extend(b"@set QB>batch\n@set QF>for\n@echo over\n");
        desk.home.write("lines", &lines);
        desk.home.write("quote.cmd", String::from_utf8(batch).expect("UTF-8").replace('\n', "\r\n"));
        desk.own();
        let runner = std::env::var_os("AWSENV_TEST_WINE").expect("the desk has found it");
        let mut spec = Spec::new(runner).args(["cmd", "/d", "/c", "quote.cmd"]).cwd(desk.home.path());
        spec.inherit = true;
        Terminal::start(spec).expect_within("over", std::time::Duration::from_secs(60));
        for (file, prefix) in [("batch", "QB"), ("for", "QF")] {
            let want: String =
                values.iter().enumerate().map(|(n, value)| format!("{prefix}{n:03}={value}\r\n")).collect();
            prop_assert_eq!(desk.home.text(file), want);
        }
    });
}
