//! Quoting is the security boundary: any bytes go into a real fish and come back.

use awsenv::shell::Shell as Language;
use proptest::prelude::*;

use crate::world::World;

/// Values that have broken other tools, and any other bytes but NUL.
pub fn values() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => 1u8..=255, 1 => prop::sample::select(b"'\"\\$`!(){}[]*?~%&|;<>#^-=\n\t\r\x1b \xff\xc3\xa9".to_vec())];
    prop::collection::vec(byte, 0..40)
}

/// So many cases, and no file of failed ones: the seed is in the message.
pub fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

#[test]
fn any_bytes_come_back_from_fish_as_they_went_in() {
    let world = World::new();
    if testbed::require("fish").is_none() {
        return;
    }
    let fixed: [&[u8]; 9] = [
        b"",
        b"-n",
        b"--",
        b"\xef\x98\x80",
        "\u{f6ff}\u{fdd0}\u{10ffff}é".as_bytes(),
        b"$(touch X)",
        b"\xc3",
        b"\\X41",
        b"a\n\nb\n",
    ];
    proptest!(cases(12), |(random in prop::collection::vec(values(), 60))| {
        let all: Vec<&[u8]> = fixed.iter().copied().chain(random.iter().map(Vec::as_slice)).collect();
        let mut script = Language::Fish.assign_list("all", &all);
        for value in &all {
            script.extend(Language::Fish.assign("one", value));
            script.extend(b"set -a ones $one\n");
            script.extend(Language::Fish.export("EXPORTED", value));
            script.extend(b"sh -c 'printf \"%s\\\\0\" \"$EXPORTED\"' >>exported\n");
        }
        script.extend(b"printf '%s\\0' $all $ones\n");
        let exported = world.home.path().join("exported");
        for locale in ["C.UTF-8", "C"] {
            let _ = std::fs::remove_file(&exported);
            let path = world.home.path().join("quote.fish");
            std::fs::write(&path, &script).expect("the home can be written");
            let out = world.home.command("fish").env("LC_ALL", locale).arg("--no-config").arg(&path).output().expect("fish runs");
            prop_assert_eq!(String::from_utf8_lossy(&out.stderr), "");
            let got: Vec<&[u8]> = out.stdout.split(|b| *b == 0).collect();
            let want: Vec<&[u8]> = all.iter().chain(&all).copied().chain([&b""[..]]).collect();
            prop_assert_eq!(got, want);
            let seen = std::fs::read(&exported).expect("programs were started");
            let want: Vec<&[u8]> = all.iter().copied().chain([&b""[..]]).collect();
            prop_assert_eq!(seen.split(|b| *b == 0).collect::<Vec<_>>(), want);
        }
    });
}
