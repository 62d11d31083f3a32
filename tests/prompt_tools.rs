//! starship itself beside the hook, its line in front of the hook's and behind: both orders show the variable as it is, from
//! the first prompt on, and `doctor` has nothing to say about them.
#![cfg(unix)]

use std::path::Path;

use testbed::{Home, Shell, Spec, Terminal};

/// Keys with a session that has ended long ago: the same text at every prompt.
const KEYS: &str = "[dev-long-term]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = long\n\
    aws_mfa_device = arn:aws:iam::123456789012:mfa/taro\n\
    [dev]\naws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = short\naws_session_token = token\n\
    expiration = 2020-01-01 00:00:00\n";

/// What starship shows here, and how it ends a prompt.
const PROMPT: &str = "add_newline = false\nformat = \"<${env_var.AWSENV_PROMPT}>:\"\n\
    [env_var.AWSENV_PROMPT]\nformat = \"$env_value\"\n";

fn starship(shell: Shell, program: &Path) -> String {
    let program = program.display();
    match shell {
        Shell::Bash => format!("eval \"$({program} init bash)\""),
        Shell::Zsh => format!("eval \"$({program} init zsh)\""),
        Shell::Fish => format!("{program} init fish | source"),
        // As its manual has it; nushell reads this folder in the order of the names.
        Shell::Nushell => {
            format!("{program} init nu | save --force ($nu.data-dir | path join vendor/autoload/NAME.nu)")
        }
    }
}

fn shell_with(shell: Shell, program: &Path, is_first: bool) -> Option<(Home, Terminal)> {
    let path = testbed::require(shell.program())?;
    let mut home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    home.credentials(KEYS).config("[profile dev]\nregion = eu-west-1\n").write("starship.toml", PROMPT);
    let config = home.path().join("starship.toml");
    home.set("STARSHIP_CONFIG", config).set("AWS_PROFILE", "dev");
    let tool = starship(shell, program).replace("NAME", if is_first { "a" } else { "starship" });
    let quiet = if shell == Shell::Nushell { "$env.config.show_banner = false\n" } else { "" };
    let rc = match is_first && shell != Shell::Nushell {
        true => format!("{tool}\n{}\n", shell.hook()),
        false => format!("{quiet}{}\n{tool}\n", shell.hook()),
    };
    home.write(shell.rc_file(), rc);
    if shell == Shell::Fish {
        home.write(".local/share/fish/generated_completions/none.fish", "");
    }
    let mut spec = Spec::new(path).args(shell.arguments().iter().copied()).cwd(home.path());
    spec.env = home.env();
    Some((home, Terminal::start(spec)))
}

/// Types a line, and waits for this prompt behind it.
fn run(terminal: &mut Terminal, line: &str, prompt: &str) {
    terminal.mark().line(line);
    terminal.find(prompt, |text| text.rsplit_once('\n')?.1.starts_with(prompt).then_some(()));
}

#[test]
fn starship_shows_the_session_in_either_order() {
    let Some(program) = testbed::starship() else { return };
    for shell in Shell::ALL {
        for is_first in [true, false] {
            let what = format!("{}, starship {}", shell.name(), if is_first { "first" } else { "last" });
            let Some((home, mut terminal)) = shell_with(shell, &program, is_first) else { continue };
            terminal.expect("<dev expired>:");
            assert!(!terminal.everything().contains("<>:"), "{what}: {}", terminal.everything());
            run(&mut terminal, shell.nothing(), "<dev expired>:");
            run(&mut terminal, &shell.set("AWS_PROFILE", "dev-long-term"), "<dev-long-term>:");
            run(&mut terminal, &shell.set("AWS_PROFILE", "dev"), "<dev expired>:");
            let into = if shell == Shell::Nushell { "o>" } else { ">" };
            run(&mut terminal, &format!("awsenv doctor {into} ~/said"), "<dev expired>:");
            let said = home.text("said");
            let about: Vec<&str> = said.lines().filter(|l| l.contains("  hook: ") || l.contains("prompt: ")).collect();
            assert_eq!(about, [format!("ok       hook: loaded in this {}", shell.name())], "{what}: {said}");
            assert!(!terminal.everything().contains("dev expired <"), "{what}: {}", terminal.everything());
        }
    }
}
