//! The security boundary: any bytes, through the real zsh and back.

use std::io::Write;
use std::process::Stdio;

use awsenv::shell::Shell;
use proptest::prelude::*;
use testbed::Home;

/// Options under which the user may have eval'ed; each alone gives some quote, glob or `=` another meaning.
const OPTIONS: [&str; 6] = [
    "no_such_option_is_off",
    "rc_quotes csh_junkie_quotes",
    "ksh_arrays sh_word_split ksh_typeset",
    "magic_equal_subst glob_subst glob_assign extended_glob",
    "interactive_comments bang_hist",
    "all_export warn_create_global",
];

/// What zsh has in a scalar and in a list after it has eval'ed our assignments, under these options.
fn read_back(values: &[Vec<u8>], options: &str, locale: &str) -> (Vec<u8>, Vec<Vec<u8>>) {
    let home = Home::new(crate::desk::AWSENV);
    let mut code = Shell::Zsh.assign("__awsenv_line", &values.concat());
    code.extend(Shell::Zsh.assign_list("__awsenv_watch", values));
    code.extend(Shell::Zsh.export("EXPORTED", &values.concat()));
    let mut script =
        format!("setopt {options} 2>/dev/null\nalias -g dev=BAD aws=BAD x=BAD\neval \"$(<code)\"\n").into_bytes();
    script.extend(
        b"emulate zsh\nprint -rn -- \"$__awsenv_line\"$'\\0'\nprint -rn -- \"$(printenv EXPORTED; echo 'x')\"$'\\0'\n",
    );
    script.extend(b"for v in \"${__awsenv_watch[@]}\"; do print -rn -- \"$v\"$'\\0'; done\n[[ -e PWNED ]] && print -n PWNED\nexit 0\n");
    home.write("code", code);
    let mut zsh = home
        .command("zsh")
        .args(["-f"])
        .env("LC_ALL", locale)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    zsh.stdin.take().unwrap().write_all(&script).unwrap();
    let out = zsh.wait_with_output().unwrap().stdout;
    let mut parts: Vec<Vec<u8>> = out.split(|&b| b == 0).map(<[u8]>::to_vec).collect();
    assert_eq!(parts.pop(), Some(Vec::new()), "{}", out.escape_ascii());
    let exported = parts.remove(1);
    let scalar = parts.remove(0);
    assert_eq!(exported.escape_ascii().to_string(), [&scalar[..], b"\nx"].concat().escape_ascii().to_string());
    (scalar, parts)
}

/// Bytes that mean something to a shell or a terminal, and any others.
pub fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "'",
        "''",
        "\\",
        "$(touch PWNED)",
        "`touch PWNED`",
        "a[$(touch PWNED)]",
        "\n",
        "\r",
        "\x1b[31m",
        "é",
        "~root",
        "=ls",
        "a:=ls",
        "dev",
        "!!",
        "^",
        "#",
        "{a,b}",
        "*",
        "\u{202e}",
        " ",
        "\t",
        "$'\\x00'",
        "x",
        ")",
        ";",
        "<<E",
        "\u{9b}",
    ]);
    let bytes = prop::collection::vec(1u8..=255, 0..6);
    prop::collection::vec(prop_oneof![words.prop_map(|w| w.as_bytes().to_vec()), bytes], 0..6)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_back(values in prop::collection::vec(nasty(), 1..20), options in 0..OPTIONS.len(), utf8: bool) {
        if testbed::require("zsh").is_none() { return Ok(()) }
        let (scalar, list) = read_back(&values, OPTIONS[options], if utf8 { "C.UTF-8" } else { "C" });
        prop_assert_eq!(scalar, values.concat());
        prop_assert_eq!(list, values);
    }
}
