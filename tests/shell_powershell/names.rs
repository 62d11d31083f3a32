//! Under StrictMode a misspelt variable is an error, and a misspelt function one anywhere: each name that is used is there.

use std::collections::BTreeSet;

use crate::parse::{code, each, parse};

const FILE: &str = include_str!("../../shell/powershell.ps1");

/// What `init` prints in front of the file.
const PREAMBLE: [&str; 7] = ["bin", "protocol", "want_prompt", "want_guard", "want_profile", "commands", "seed"];

/// PowerShell's own.
const AUTOMATIC: [&str; 14] = [
    "_",
    "args",
    "ErrorActionPreference",
    "ExecutionContext",
    "false",
    "host",
    "input",
    "LASTEXITCODE",
    "Matches",
    "MyInvocation",
    "null",
    "PID",
    "PSNativeCommandUseErrorActionPreference",
    "true",
];

/// Every word that follows `start` in the text.
fn words<'t>(text: &'t str, start: &str) -> BTreeSet<&'t str> {
    let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    text.split(start).skip(1).map(|rest| &rest[..rest.find(is_end).unwrap_or(rest.len())]).collect()
}

/// The names that stand on the left of an assignment, or that `foreach` or `param` gives.
fn given(text: &str, start: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in words(text, start) {
        let variable = format!("{start}{name}");
        let gives = |end: &str| text.contains(&format!("{variable}{end}"));
        if gives(" = ") || gives(" in ") {
            found.insert(name.to_owned());
        }
    }
    for list in text.split("param(").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
        found.extend(words(list, start).into_iter().map(str::to_owned));
    }
    found
}

#[test]
fn every_global_variable_that_is_read_is_set_at_load() {
    let text = code("the hook", FILE);
    let top: String = text.lines().filter(|line| line.starts_with('$') || line.starts_with("    $global:")).collect();
    let set = given(&top, "$global:__awsenv_");
    for name in words(&text, "$global:__awsenv_") {
        assert!(
            set.contains(name) || PREAMBLE.contains(&name),
            "$global:__awsenv_{name} is never set at the top level"
        );
    }
}

#[test]
fn every_function_that_is_called_is_there() {
    let tree = parse("the hook", FILE);
    let text = code("the hook", FILE);
    let defined = words(&text, "function global:");
    let mut called = 0;
    each(tree.root_node(), &mut |node| {
        if node.kind() == "command_name" {
            let name = &FILE[node.byte_range()];
            if name.starts_with("__awsenv") {
                called += 1;
                assert!(defined.contains(name), "{name} is called, and nowhere defined");
            }
        }
    });
    assert!(called > 60, "{called}");
    for name in words(&text, "$function:__awsenv_") {
        assert!(defined.contains(format!("__awsenv_{name}").as_str()), "$function:__awsenv_{name}");
    }
}

#[test]
fn every_local_variable_that_is_read_is_set_in_its_function() {
    let tree = parse("the hook", FILE);
    let text = code("the hook", FILE);
    let mut functions = 0;
    each(tree.root_node(), &mut |node| {
        if node.kind() == "function_statement" {
            functions += 1;
            let body = &text[node.byte_range()];
            let given = given(body, "$");
            let used = words(body, "$").into_iter().chain(words(body, "${"));
            let scoped = ["global", "env", "function", ""];
            for name in used.filter(|name| !scoped.contains(name) && !AUTOMATIC.contains(name)) {
                let line = node.start_position().row + 1;
                assert!(given.contains(name) || body.contains(&format!("@{name}")), "{line}: ${name} is never set");
            }
        }
    });
    assert!(functions > 40, "{functions}");
}
