//! docs/keyring.md shows what happens.

use super::desk::Desk;

/// The fenced blocks of a page, by the word behind their fence.
fn blocks<'t>(page: &'t str, word: &str) -> Vec<&'t str> {
    let fence = format!("```{word}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_page_shows_what_is_said_and_what_stays_in_the_file() {
    let Some(desk) = Desk::new() else { return };
    let lines = desk.key.lines();
    desk.home.credentials(format!("[dev-long-term]\n{lines}aws_mfa_device = {}\n", desk.device.serial()));
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keyring.md")).unwrap();
    let file = desk.home.path().join(".aws/credentials").display().to_string();
    let page = page.replace("/home/taro/.aws/credentials", &file).replace("AKIAIOSFODNN7EXAMPLE", &desk.key.id);
    let said = desk.run(&["keyring", "store", "dev", "--yes"]).ok().err;
    let shown: Vec<&str> = blocks(&page, "console")[0].lines().filter(|line| line.starts_with("awsenv: ")).collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), shown);
    let text = desk.credentials();
    let program = text.split("credential_process = ").nth(1).unwrap().split(" credentials ").next().unwrap();
    let mut there: Vec<String> = text.replace(program, "/usr/local/bin/awsenv").lines().map(String::from).collect();
    let mut shown: Vec<&str> = blocks(&page, "ini")[0].lines().collect();
    there.sort_unstable();
    shown.sort_unstable();
    assert_eq!(there, shown);
}
