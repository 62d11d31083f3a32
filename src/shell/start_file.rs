//! The file that a shell reads at its start, and the line in it that loads the hook.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::{Shell, hook_line};
use crate::error::{Error, Result};
use crate::host::Host;

/// The line that loads the hook.
pub fn line(shell: Shell) -> String {
    match shell {
        Shell::Bash | Shell::Zsh => format!("eval \"$(awsenv init {})\"", shell.name()),
        Shell::Fish => "awsenv init fish | source".into(),
        Shell::PowerShell => "awsenv init powershell | Out-String | Invoke-Expression".into(),
        // nushell reads the files in that folder behind config.nu, in the same start.
        Shell::Nushell => {
            let folder = "$nu.data-dir | path join vendor/autoload";
            format!("mkdir ({folder}); awsenv init nushell | save --force ({folder}/awsenv.nu)")
        }
        Shell::Cmd => "awsenv init cmd > \"%LOCALAPPDATA%\\awsenv.cmd\"".into(),
        Shell::Clink => "load(io.popen('awsenv init clink'):read('*a'))()".into(),
    }
}

/// The user's own shell, by `SHELL`; where that is none of ours bash, or PowerShell on Windows.
pub fn login_shell(host: &Host) -> Shell {
    let shell = host.var("SHELL").map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    Shell::of_program(&shell).unwrap_or(if cfg!(windows) { Shell::PowerShell } else { Shell::Bash })
}

/// Where an interactive shell reads it: `~/.bashrc`, `$ZDOTDIR/.zshrc`, fish's `config.fish`, nushell's `config.nu`,
/// PowerShell's `$PROFILE`.
pub fn of(shell: Shell, host: &Host) -> Result<PathBuf> {
    let home = host.home().ok_or_else(|| Error::failed("no home folder: HOME is not set"))?;
    Ok(match shell {
        Shell::Bash => bash_home(host).unwrap_or_else(|| home.to_owned()).join(".bashrc"),
        Shell::Zsh => host.var("ZDOTDIR").map_or_else(|| home.to_owned(), PathBuf::from).join(".zshrc"),
        Shell::Fish => {
            let base = host.var("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
            base.join("fish").join("config.fish")
        }
        Shell::PowerShell => powershell_folder(home, host).join(PROFILE),
        Shell::Nushell => nushell_folder(host, home).join("nushell").join("config.nu"),
        Shell::Clink => {
            let base = host.var("LOCALAPPDATA").map(PathBuf::from);
            let base = base.ok_or_else(|| Error::failed("LOCALAPPDATA is not set: where are Clink's scripts?"))?;
            base.join("clink").join("awsenv.lua")
        }
        // AutoRun is a value in the registry, which is nobody's to overwrite, and there may be something in it.
        Shell::Cmd => {
            return Err(Error::failed("cmd has no start file")
                .next(format!("{}, then that file behind `cmd /k` in a shortcut, or in AutoRun", line(shell))));
        }
    })
}

/// Where bash's home is another than ours.
#[cfg(unix)]
fn bash_home(_host: &Host) -> Option<PathBuf> {
    None
}

/// Git Bash and MSYS2 take HOME where it is set, and hand it on to programs as a path of Windows.
#[cfg(not(unix))]
fn bash_home(host: &Host) -> Option<PathBuf> {
    host.var("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

/// The file of `$PROFILE`, in the folder of each PowerShell.
pub const PROFILE: &str = "Microsoft.PowerShell_profile.ps1";

#[cfg(unix)]
fn powershell_folder(home: &Path, host: &Host) -> PathBuf {
    host.var("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from).join("powershell")
}

/// Windows' own PowerShell where the newer one is not installed: each has its folder.
#[cfg(not(unix))]
fn powershell_folder(home: &Path, _host: &Host) -> PathBuf {
    let folder = if which::which("pwsh").is_ok() { "PowerShell" } else { "WindowsPowerShell" };
    home.join("Documents").join(folder)
}

/// The folders in which PowerShells look for the user's start files: on Windows each has its own.
pub fn powershell_folders(host: &Host) -> Vec<PathBuf> {
    let Some(home) = host.home() else { return Vec::new() };
    #[cfg(unix)]
    return vec![powershell_folder(home, host)];
    #[cfg(windows)]
    ["WindowsPowerShell", "PowerShell"].iter().map(|name| crate::windows::documents(home, host).join(name)).collect()
}

/// nushell's own rule: XDG_CONFIG_HOME where it is set, else the system's folder for settings.
fn nushell_folder(host: &Host, home: &Path) -> PathBuf {
    let of_system = match std::env::consts::OS {
        "macos" => home.join("Library/Application Support"),
        "windows" => host.var("APPDATA").map_or_else(|| home.join("AppData").join("Roaming"), PathBuf::from),
        _ => home.join(".config"),
    };
    host.var("XDG_CONFIG_HOME").map(PathBuf::from).filter(|p| p.is_absolute()).unwrap_or(of_system)
}

/// How UTF-16 begins, as Windows PowerShell's own `>>` and `Out-File` write it.
const UTF_16: [u8; 2] = [0xff, 0xfe];

/// What a start file says: its bytes, or what its UTF-16 stands for.
pub fn text_of(bytes: &[u8]) -> Vec<u8> {
    let Some(units) = bytes.strip_prefix(&UTF_16) else { return bytes.to_owned() };
    let units: Vec<u16> = units.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units).into_bytes()
}

/// The bytes of a start file with one more line at its end, in the file's own encoding and line ends.
pub fn with_line(before: &[u8], line: &str) -> Vec<u8> {
    let text = text_of(before);
    let end = if text.contains_str("\r\n") { "\r\n" } else { "\n" };
    let newline = if text.is_empty() || text.ends_with(b"\n") { "" } else { end };
    let new = format!("{newline}{line}{end}");
    let new = match before.starts_with(&UTF_16) {
        true => new.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        false => new.into_bytes(),
    };
    [before, &new].concat()
}

/// Whether a line that is no comment runs `awsenv init SHELL`.
pub fn has_hook(text: &[u8], shell: Shell) -> bool {
    String::from_utf8_lossy(text).lines().any(|line| hook_line::is_hook_line(line, shell))
}
