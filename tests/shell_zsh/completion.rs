//! TAB: commands, flags, profile names; nothing is started before the first one, and compinit is never run by us.

use testbed::Session;

use crate::desk::{HOOK, home_with_session, write_session, zsh_with};

const COMPINIT: &str = "autoload -Uz compinit; compinit -D -u; zstyle ':completion:*' list-colors ''";

/// What stands on the command line after these keys; the line is then thrown away.
fn completed(zsh: &mut Session, keys: &str, expected: &str) {
    zsh.terminal.mark().send(keys);
    zsh.terminal.find(&format!("{expected:?} behind {keys:?}"), |text| {
        let line = text.lines().next_back()?;
        line.ends_with(expected).then_some(())
    });
    zsh.terminal.send(b"\x15");
    zsh.run("");
}

#[test]
fn commands_flags_and_profiles_complete() {
    let home = home_with_session(7230);
    home.config("[profile prod-one]\nregion = eu-west-1\n[profile \"it's odd\"]\nregion = x\n");
    home.command_that_tells("zquux");
    let Some(mut zsh) = zsh_with(&home, &format!("{COMPINIT}\n{HOOK}")) else { return };
    completed(&mut zsh, "awsenv refr\t", "awsenv refresh ");
    completed(&mut zsh, "awsenv use pro\t", "awsenv use prod-one ");
    completed(&mut zsh, "awsenv use it\t", "awsenv use it\\'s\\ odd ");
    completed(&mut zsh, "awsenv use --region eu-west-1 pro\t", "prod-one ");
    completed(&mut zsh, "awsenv refresh --dura\t", "--duration=");
    completed(&mut zsh, "awsenv exec pro\t", "prod-one ");
    completed(&mut zsh, "awsenv exec dev -- zqu\t", "-- zquux ");
    completed(&mut zsh, "awsenv exec dev zqu\t", "dev zquux ");
    assert_eq!(zsh.run("true").text, "");
}

#[test]
fn loaded_in_front_of_compinit_it_completes_too() {
    let home = home_with_session(7230);
    let Some(mut zsh) = zsh_with(&home, &format!("{HOOK}\n{COMPINIT}")) else { return };
    completed(&mut zsh, "awsenv use de\t", "awsenv use dev ");
}

#[test]
fn without_compinit_nothing_is_said() {
    let home = home_with_session(7230);
    write_session(&home, 7230);
    let Some(mut zsh) = zsh_with(&home, HOOK) else { return };
    assert_eq!(zsh.run("whence -w compdef compinit; true").text, "compdef: none\ncompinit: none\n");
}
