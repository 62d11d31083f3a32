//! The demo for somebody who types: the shell on the upper part of the screen, a card with the code below it.

use std::io::{IsTerminal, Read, Write};
use std::time::Duration;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use testbed::{Shell, Spec, Terminal};

use crate::sandbox::{Result, Sandbox};

pub fn play(mut sandbox: Sandbox) -> Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err("this is no terminal; `--auto` plays the session by itself".into());
    }
    // Times as the person's clock shows them.
    sandbox.home.unset("TZ");
    if let Some(zone) = std::env::var_os("TZ") {
        sandbox.home.set("TZ", zone);
    }
    let (shell, home) = (sandbox.shell, &sandbox.home);
    let prompt = match shell {
        Shell::Bash | Shell::Zsh => "PS1='$ '",
        Shell::Fish => "set -g fish_greeting\nfunction fish_prompt; echo -n '$ '; end",
        Shell::Nushell => {
            "$env.config.show_banner = false\n$env.PROMPT_COMMAND = ''\n$env.PROMPT_COMMAND_RIGHT = ''\n\
             $env.PROMPT_INDICATOR = '$ '"
        }
    };
    home.write(shell.rc_file(), format!("{prompt}\n{}\n", shell.hook()));
    let card = card(&sandbox);
    let mut size = Size::now(card.len())?;
    let mut spec = Spec::new(&sandbox.program).args(shell.arguments().iter().copied()).cwd(home.path());
    (spec.env, spec.rows, spec.cols) = (home.env(), size.shell_rows(), size.columns);
    let mut terminal = Terminal::start(spec);

    let _raw = Raw::enter()?;
    let mut keyboard = terminal.master().try_clone()?;
    std::thread::spawn(move || {
        let (mut keys, mut stdin) = ([0; 1024], std::io::stdin());
        while let Ok(count @ 1..) = stdin.read(&mut keys) {
            if keyboard.write_all(&keys[..count]).is_err() {
                break;
            }
        }
    });

    let mut picture = terminal.picture();
    let (mut seen, mut drawn) = (0, below(&sandbox, &card, size));
    show(&[picture.state_formatted(), drawn.clone(), picture.cursor_state_formatted()])?;
    while !terminal.is_over() {
        seen = terminal.changed(seen, Duration::from_millis(250));
        let now = Size::now(card.len())?;
        let resized = now != size;
        if resized {
            size = now;
            terminal.resize(size.shell_rows(), size.columns);
        }
        let next = terminal.picture();
        let change = if resized { next.state_formatted() } else { next.state_diff(&picture) };
        picture = next;
        let card = below(&sandbox, &card, size);
        match card == drawn && !resized {
            true => show(&[change])?,
            false => show(&[change, card.clone(), picture.cursor_state_formatted()])?,
        }
        drawn = card;
    }
    Ok(())
}

/// What to type, and what it is.
fn card(sandbox: &Sandbox) -> Vec<String> {
    let lines = [
        "awsenv demo: AWS is a fake on this machine, the home folder is a temporary one.",
        sandbox.cli(),
        "  1  awsenv use dev     asks, for the session is over; Enter: prompt says expired",
        "  2  aws s3 ls | head   asks again: type the code below, and the command runs",
        "  3  aws s3 ls          asks nothing; the prompt shows the time left",
        "  4  awsenv use sso     Identity Center: y, then open the link here and allow",
        "  5  awsenv leave       every variable as before; then `exit`",
    ];
    lines.map(str::to_owned).to_vec()
}

/// The card and the authenticator, as bytes that draw them under the shell.
fn below(sandbox: &Sandbox, card: &[String], size: Size) -> Vec<u8> {
    let shown = sandbox.device.shown();
    let code = format!("{} {}", &shown.code[..3], &shown.code[3..]);
    let state = if shown.used { "used; the next one in" } else { "for" };
    let authenticator = format!("  authenticator of taro:  {code}  ({state} {} s)", shown.seconds);
    let rule = "─".repeat(size.columns.into());
    let lines = std::iter::once(&rule).chain(card).chain([&authenticator]);
    let mut bytes = String::from("\x1b[?25l\x1b[m");
    for (line, row) in lines.zip(size.shell_rows() + 1..=size.rows) {
        let text: String = line.chars().take(size.columns.into()).collect();
        let style = if std::ptr::eq(line, &authenticator) { "\x1b[1m" } else { "" };
        bytes += &format!("\x1b[{row};1H{style}{text}\x1b[m\x1b[K");
    }
    bytes.into_bytes()
}

fn show(parts: &[Vec<u8>]) -> std::io::Result<()> {
    let mut screen = std::io::stdout().lock();
    screen.write_all(&parts.concat())?;
    screen.flush()
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Size {
    rows: u16,
    columns: u16,
    /// Lines of the card, its rule and the authenticator.
    card: u16,
}

impl Size {
    fn now(card_lines: usize) -> Result<Size> {
        let size = tcgetwinsize(std::io::stdout())?;
        let card = u16::try_from(card_lines + 2)?;
        Ok(Size { rows: size.ws_row.max(card + 5), columns: size.ws_col.max(20), card })
    }

    fn shell_rows(self) -> u16 {
        self.rows - self.card
    }
}

/// The terminal in raw mode on its second screen, until this is dropped.
struct Raw(Termios);

impl Raw {
    fn enter() -> Result<Raw> {
        let before = tcgetattr(std::io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(std::io::stdin(), OptionalActions::Drain, &raw)?;
        show(&[b"\x1b[?1049h\x1b[2J".to_vec()])?;
        Ok(Raw(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = show(&[b"\x1b[m\x1b[?25h\x1b[?2004l\x1b[?1049l".to_vec()]);
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Drain, &self.0);
    }
}
