//! What `awsenv doctor` says about the hook of each shell: missing, loaded twice, kept from working.

use serde_json::Value;
#[cfg(unix)]
use testbed::{Session, Shell};

use super::desk::Desk;

/// What it says about the hook, `GRADE ABOUT: TEXT`, to a program that is none of the shells.
fn hook(desk: &Desk, vars: &[(&str, &str)]) -> Vec<String> {
    of(&desk.run_with(&["doctor", "--json"], vars).out)
}

fn of(json: &str) -> Vec<String> {
    let all: Vec<Value> = serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"));
    let text = |f: &Value, key: &str| f[key].as_str().expect("text").to_owned();
    let said = all.iter().filter(|f| ["hook", "prompt"].iter().any(|about| f["about"] == *about));
    said.map(|f| format!("{} {}: {}", text(f, "grade"), text(f, "about"), text(f, "text"))).collect()
}

/// A path below the home as it is printed.
fn at(desk: &Desk, name: &str) -> String {
    desk.home.path().join(name).display().to_string()
}

/// Each shell by the value of SHELL, its start file, and its line.
#[cfg(unix)]
const SHELLS: [(&str, &str, &str); 5] = [
    ("bash", ".bashrc", r#"eval "$(awsenv init bash)""#),
    ("zsh", ".zshrc", r#"eval "$(awsenv init zsh)""#),
    ("fish", ".config/fish/config.fish", "awsenv init fish | source"),
    ("nu", ".config/nushell/config.nu", "awsenv init nushell | save --force x.nu"),
    (
        "pwsh",
        ".config/powershell/Microsoft.PowerShell_profile.ps1",
        "awsenv init pwsh | Out-String | Invoke-Expression",
    ),
];

#[cfg(unix)]
#[test]
fn a_missing_hook_is_told_with_its_line_or_what_to_add() {
    for (shell, file, line) in SHELLS {
        let desk = Desk::aws_mfa();
        let name = match shell {
            "nu" => "nushell",
            "pwsh" => "powershell",
            same => same,
        };
        let none = hook(&desk, &[("SHELL", shell)]);
        let adds = format!("problem hook: not loaded: `awsenv setup --shell {name}` adds ");
        assert!(none.len() == 1 && none[0].starts_with(&adds), "{none:?}");
        assert!(none[0].contains("awsenv init ") && none[0].ends_with(&at(&desk, file)), "{none:?}");
        desk.home.write(file, format!("# {line}\n\n  {line}\n"));
        let there = hook(&desk, &[("SHELL", shell)]);
        let told = format!("note hook: {}:3 loads it, but this shell has not: start a new one", at(&desk, file));
        assert!(there.len() == 1 && there[0].starts_with(&told), "{there:?}");
    }
}

#[cfg(unix)]
#[test]
fn two_lines_are_named_with_their_places() {
    for (shell, file, line) in SHELLS {
        let desk = Desk::aws_mfa();
        desk.home.write(file, format!("{line}\necho\n{line}\n"));
        let told = ["nu", "pwsh"].iter().zip(["nushell", "powershell"]).find(|(s, _)| **s == shell);
        let told = told.map_or(shell, |(_, name)| name);
        let file = at(&desk, file);
        let wanted = format!("note hook: {file}:1 and {file}:3 load it, which only makes the start slower: keep one");
        let twice = format!("{told} loads=2");
        for vars in [[("AWSENV_HOOK", twice.as_str())], [("SHELL", shell)]] {
            let said = hook(&desk, &vars);
            assert!(said.iter().any(|s| s.starts_with(&wanted)), "{vars:?}: {said:?}");
        }
        // One of them may stand behind an `else`: the shell knows.
        assert_eq!(hook(&desk, &[("AWSENV_HOOK", told)]), [format!("ok hook: loaded in this {told}")]);
    }
}

#[cfg(unix)]
#[test]
fn files_that_read_each_other_are_followed() {
    let line = r#"eval "$(awsenv init bash)""#;
    let desk = Desk::aws_mfa();
    let [rc, profile] = [".bashrc", ".bash_profile"].map(|name| at(&desk, name));
    desk.home.write(".bashrc", format!("{line}\n[ -f ~/.bash_profile ] && . ~/.bash_profile\n"));
    // Two ways to start a shell, each with one line: no word about it.
    desk.home.write(".bash_profile", format!("{line}\n"));
    let said = hook(&desk, &[("AWSENV_HOOK", "bash loads=2")]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[1].contains(&format!("{rc}:1 and {profile}:1 load it, which")), "{said:?}");
    desk.home.write(".bashrc", format!("{line}\n"));
    let said = hook(&desk, &[("AWSENV_HOOK", "bash loads=2")]);
    assert!(said[1].contains(&format!("{rc}:1 and {profile}:1 load it, which")), "two ways: {said:?}");
    desk.home.write(".bash_profile", format!("{line}\nif true; then source \"$HOME/.bashrc\"; fi\n"));
    let said = hook(&desk, &[("AWSENV_HOOK", "bash loads=2")]);
    assert!(said[1].contains(&format!("{profile}:1 and {rc}:1 load it in a login shell")), "{said:?}");
    // Each reads the other, which only their conditions keep from going on.
    desk.home.write(".bashrc", format!("{line}\n. ~/.bash_profile\n"));
    assert_eq!(hook(&desk, &[("AWSENV_HOOK", "bash loads=2")]).len(), 2);
    desk.home.write(".bash_profile", "");
    desk.home.write(".bashrc", format!("{line}\n"));
    let said = hook(&desk, &[("SHELL", "bash")]);
    assert!(said[0].contains("(a login shell does not read it: let ~/.bash_profile read ~/.bashrc)"), "{said:?}");
    desk.home.write(".bash_profile", ". ~/.bashrc\n");
    let said = hook(&desk, &[("SHELL", "bash")]);
    assert!(!said[0].contains("login shell"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn a_hook_that_was_saved_to_a_file_counts_once() {
    for (shell, save, read) in [
        ("bash", "awsenv init bash >~/.awsenv.sh", ". ~/.awsenv.sh"),
        ("zsh", "awsenv init zsh >~/.awsenv.sh", "source $HOME/.awsenv.sh"),
        ("fish", "awsenv init fish >~/.awsenv.sh", "source ~/.awsenv.sh"),
        ("nushell", "awsenv init nushell | save --force ~/.awsenv.sh", "source ~/.awsenv.sh"),
    ] {
        let desk = Desk::aws_mfa();
        let (_, file, _) = SHELLS.into_iter().find(|(name, ..)| shell.starts_with(name)).expect("one of them");
        desk.home.write(".awsenv.sh", desk.run(&["init", shell]).out);
        desk.home.write(file, format!("{save}\n{read}\n"));
        assert_eq!(hook(&desk, &[("AWSENV_HOOK", shell)]), [format!("ok hook: loaded in this {shell}")]);
        desk.home.write(file, format!("{read}\n{read}\n"));
        let said = hook(&desk, &[("AWSENV_HOOK", &format!("{shell} loads=2"))]);
        let file = at(&desk, file);
        assert!(said[1].contains(&format!("{file}:1 and {file}:2 load it")), "{said:?}");
    }
}

/// As Fedora's ~/.bashrc does, and many a ~/.zshrc.
#[cfg(unix)]
#[test]
fn folders_of_start_files_are_read() {
    const LOOP: &str = "if [ -d ~/.bashrc.d ]; then\n    for rc in ~/.bashrc.d/*; do\n        if [ -f \"$rc\" ]; then\n            . \"$rc\"\n        fi\n    done\nfi\n";
    for (shell, file, text, part, line) in [
        ("bash", ".bashrc", LOOP, ".bashrc.d/aws.sh", r#"eval "$(awsenv init bash)""#),
        (
            "bash",
            ".bashrc",
            "for f in ~/.bashrc.d/*.sh; do . \"$f\"; done\n",
            ".bashrc.d/aws.sh",
            r#"eval "$(awsenv init bash)""#,
        ),
        (
            "zsh",
            ".zshrc",
            "for f in $HOME/.zshrc.d/*.zsh(N); do source ${f}; done\n",
            ".zshrc.d/aws.zsh",
            "source <(awsenv init zsh)",
        ),
        ("fish", ".config/fish/config.fish", "", ".config/fish/conf.d/aws.fish", "awsenv init fish | source"),
        (
            "fish",
            ".config/fish/config.fish",
            "",
            ".local/share/fish/vendor_conf.d/aws.fish",
            "awsenv init fish | source",
        ),
    ] {
        let desk = Desk::aws_mfa();
        desk.home.write(file, text);
        desk.home.write(part, format!("\n{line}\n"));
        let place = format!("{}:2", at(&desk, part));
        let said = hook(&desk, &[("SHELL", shell)]);
        assert!(said[0].starts_with(&format!("note hook: {place} loads it, but this shell has not")), "{said:?}");
        let twice = format!("{shell} loads=2");
        let said = hook(&desk, &[("AWSENV_HOOK", &twice)]);
        assert!(said[1].ends_with(&format!("one by {place}; the other could not be found")), "{said:?}");
        let setup = desk.run(&["setup", "--shell", shell, "--yes"]);
        assert!(setup.err.contains(&format!("{place} loads the hook already")), "{setup:?}");
        assert_eq!(desk.home.text(file), text);
    }
}

#[cfg(unix)]
#[test]
fn of_several_lines_that_may_have_thrown_the_hook_out_the_last_comes_first() {
    let desk = Desk::aws_mfa();
    let line = r#"eval "$(awsenv init bash)""#;
    desk.home.write(
        ".bashrc",
        format!("PROMPT_COMMAND=a\n{line}\nPROMPT_COMMAND=b\nf() {{ local PROMPT_COMMAND=; }}\nPROMPT_COMMAND[0]=c\n"),
    );
    desk.home.write(".bash_profile", ". ~/.bashrc\n");
    let rc = at(&desk, ".bashrc");
    let said = hook(&desk, &[("AWSENV_HOOK", "bash displaced")]);
    let wanted = format!("problem hook: perhaps {rc}:5, or else {rc}:3, assigned PROMPT_COMMAND anew, so no prompt");
    assert!(said[0].starts_with(&wanted), "{said:?}");
}

#[cfg(unix)]
#[test]
fn text_that_mentions_the_hook_loads_nothing() {
    let desk = Desk::aws_mfa();
    desk.home.write(".bashrc", "alias hook='awsenv init bash'\necho \"add eval awsenv init bash\"\n");
    let said = hook(&desk, &[("SHELL", "bash")]);
    assert!(said.len() == 1 && said[0].starts_with("problem hook: not loaded: `awsenv setup"), "{said:?}");
}

#[test]
fn clinks_scripts_are_read() {
    let desk = Desk::aws_mfa();
    let local = desk.home.path().join("Local");
    let vars = [("LOCALAPPDATA", local.to_str().expect("UTF-8")), ("AWSENV_HOOK", "clink")];
    let line = "load(io.popen('awsenv init clink'):read('*a'))()\n";
    desk.home.write("Local/clink/awsenv.lua", format!("-- {line}{line}"));
    assert_eq!(hook(&desk, &vars), ["ok hook: loaded in this clink"]);
    desk.home.write("Local/clink/other.lua", line);
    let [first, second] = [("awsenv.lua", 2), ("other.lua", 1)]
        .map(|(name, number)| format!("{}:{number}", local.join("clink").join(name).display()));
    let vars = [vars[0], ("AWSENV_HOOK", "clink loads=2")];
    assert!(hook(&desk, &vars)[1].contains(&format!("{first} and {second} load it")), "{:?}", hook(&desk, &vars));
}

#[test]
fn what_hooks_tell_of_prompts_names_the_lines_behind_theirs() {
    let desk = Desk::aws_mfa();
    let profile = if cfg!(windows) { "Documents/PowerShell" } else { ".config/powershell" };
    let profile = format!("{profile}/Microsoft.PowerShell_profile.ps1");
    let line = "awsenv init powershell | Out-String | Invoke-Expression";
    desk.home.write(&profile, format!("function prompt {{ 'a' }}\n{line}\nfunction prompt {{ 'b' }}\n"));
    let own = hook(&desk, &[("AWSENV_HOOK", "powershell prompt=other")]);
    assert!(own[1].starts_with("problem prompt: ") && own[1].contains("put another prompt in the place"), "{own:?}");
    if cfg!(unix) {
        let place = format!("{}:3 put another", at(&desk, &profile));
        assert!(own[1].contains(&place), "{own:?}");
    }
    let tool = hook(&desk, &[("AWSENV_HOOK", "powershell prompt=oh-my-posh")]);
    assert!(tool[1].starts_with("note prompt: ") && tool[1].contains("before AWSENV_PROMPT is up to date"), "{tool:?}");
    // What is called from the hook's own prompt, or does no harm, is not told by it.
    assert_eq!(hook(&desk, &[("AWSENV_HOOK", "powershell")]), ["ok hook: loaded in this powershell"]);

    let cmd = |shown| hook(&desk, &[("AWSENV_HOOK", "cmd"), ("__awsenv_prompt_ours", "dev $P$G"), ("PROMPT", shown)]);
    assert!(cmd("$T$G")[1].starts_with("note prompt: PROMPT was set anew"), "{:?}", cmd("$T$G"));
    assert_eq!(cmd("dev $P$G"), ["ok hook: loaded in this cmd"]);
}

#[cfg(unix)]
#[test]
fn hooks_tell_when_they_are_loaded_again() {
    for shell in Shell::ALL {
        let desk = Desk::aws_mfa();
        let name = shell.name();
        let rc = match shell {
            Shell::Nushell => format!("{}\nsource ~/hook.nu", shell.hook()),
            _ => format!("{0}\n{0}", shell.hook()),
        };
        desk.home.write("hook.nu", desk.run(&["init", "nushell"]).out);
        let Some(mut session) = Session::start(shell, &desk.home, &rc) else { continue };
        let json = |session: &mut Session| of(&session.run("awsenv doctor --json").text);
        let said = json(&mut session);
        assert_eq!(said.len(), 2, "{name}: {said:?}");
        assert!(said[1].contains("load it, which only makes the start slower"), "{name}: {said:?}");
        // The same file again, by hand: there is one line.
        let Some(mut session) = Session::start(shell, &desk.home, shell.hook()) else { continue };
        assert_eq!(json(&mut session), [format!("ok hook: loaded in this {name}")]);
        session.run(if shell == Shell::Nushell { "source ~/hook.nu" } else { shell.hook() });
        let said = json(&mut session);
        let wanted = format!("note hook: loaded 2 times in this {name}, which does no harm: one by ");
        assert!(said.len() == 2 && said[1].starts_with(&wanted), "{name}: {said:?}");
        let place = format!("{}:", at(&desk, shell.rc_file()));
        assert!(said[1].contains(&place) && said[1].ends_with("; the other could not be found"), "{name}: {said:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_shell_is_the_one_that_starts_it() {
    for shell in Shell::ALL {
        let mut desk = Desk::aws_mfa();
        // Another one than the user's own.
        desk.home.set("SHELL", "/bin/other");
        let Some(mut session) = Session::start(shell, &desk.home, "") else { continue };
        let said = of(&session.run("awsenv doctor --json").text);
        let wanted = format!("problem hook: not loaded: `awsenv setup --shell {}`", shell.name());
        assert!(said[0].starts_with(&wanted), "{said:?}");
    }
}

#[cfg(unix)]
#[test]
fn hooks_that_were_thrown_away_are_named_with_the_line() {
    for (shell, after) in [
        (Shell::Bash, "mine() { :; }\nPROMPT_COMMAND=mine"),
        (Shell::Zsh, "mine() { : }\nprecmd_functions=(at_count)"),
        (Shell::Nushell, ""),
    ] {
        let desk = Desk::aws_mfa();
        let Some(mut session) = Session::start(shell, &desk.home, &format!("{}\n{after}", shell.hook())) else {
            continue;
        };
        if shell == Shell::Nushell {
            session.run("$env.config.hooks.pre_prompt = [{|| $env.at.prompt += 1 }]");
        }
        let said = of(&session.run("awsenv doctor --json").text);
        // In bash the function has mended it before it asks.
        let outcome = match shell {
            Shell::Bash => "anew, which threw the hook out; the first awsenv put it back: move the line",
            _ => "anew, so no prompt has run it",
        };
        assert!(said[0].starts_with("problem hook: ") && said[0].contains(outcome), "{said:?}");
        if shell != Shell::Nushell {
            let lines = desk.home.text(shell.rc_file()).lines().count();
            let place = format!("{}:{lines} assigned ", at(&desk, shell.rc_file()));
            assert!(said[0].contains(&place), "{said:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn other_programs_of_this_name_are_known() {
    let desk = Desk::aws_mfa();
    let binary = env!("CARGO_BIN_EXE_awsenv");
    let said = |text: &[u8]| {
        let file = desk.home.script("awsenv", "");
        std::fs::write(&file, text).expect("it is ours");
        let out = desk.home.command_alone(binary).args(["doctor"]).env("AWSENV_HOOK", "zsh").output();
        let out = String::from_utf8_lossy(&out.expect("it runs").stdout).into_owned();
        out.lines().find(|l| l.contains("PATH: ")).map(str::to_owned).unwrap_or(out)
    };
    let go = said(b"\x7fELF\x02\0path\tgithub.com/Luzifer/awsenv/v2\0");
    let first = "is another program of this name, and comes first (https://github.com/Luzifer/awsenv): put ";
    assert!(go.contains(first), "{go}");
    let python = said(b"#!/usr/bin/env python3\nfrom awsenv.main import main\n");
    assert!(python.contains("is another program of this name, and comes first (a Python script): "), "{python}");
    let copy = said(&std::fs::read(binary).expect("it is there"));
    assert!(copy.contains("is another copy of awsenv, and comes first (perhaps of another version): "), "{copy}");
    assert!(said(b"\x7fELF").contains("is another program of this name, and comes first: "));
    // Behind ours: worth knowing, and no more.
    let behind = desk.home.outside().join("bin");
    let path = std::env::join_paths([std::path::Path::new(binary).parent().expect("a folder"), &behind]);
    let mut command = desk.home.command_alone(binary);
    command.args(["doctor"]).env("AWSENV_HOOK", "zsh").env("PATH", path.expect("no colons"));
    let out = String::from_utf8(command.output().expect("it runs").stdout).expect("UTF-8");
    let note = format!("note     PATH: {} is another program", behind.join("awsenv").display());
    assert!(out.contains(&note) && out.ends_with("nothing is wrong\n"), "{out}");
    // A folder that is on it twice.
    let path = std::env::join_paths([std::path::Path::new(binary).parent().expect("a folder"), &behind, &behind]);
    command.env("PATH", path.expect("no colons"));
    let out = String::from_utf8(command.output().expect("it runs").stdout).expect("UTF-8");
    assert_eq!(out.matches("another program").count(), 1, "{out}");
}
