//! What a new shell reads: the usual start files, those that they read in turn by a plain name, and where in them the hook
//! is loaded.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Shell, hook_line, start_file};
use crate::host::Host;

/// A start file is some pages; what is larger than this many bytes is something else.
const LARGEST: u64 = 4 << 20;

/// How deep files that read others are followed.
const DEEPEST: usize = 8;

/// A line of a start file, or a file as a whole.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Line {
    file: String,
    /// From 1; 0 for what has no lines.
    number: usize,
    pub text: String,
    /// The file with the hook's own text that it reads, where it does.
    reads_hook: Option<PathBuf>,
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 => write!(out, "{}", self.file),
            number => write!(out, "{}:{number}", self.file),
        }
    }
}

/// Everything that one way of starting a shell reads, in this order.
pub struct Reading {
    /// Whose hook is looked for in it: in a cmd Clink's may be there, too.
    shell: Shell,
    /// `in a login shell`, where that is not every one.
    pub when: &'static str,
    pub lines: Vec<Line>,
}

impl Reading {
    /// The lines that load the hook. One that saves its text to a file, and the one that reads this, are one.
    pub fn hooks(&self) -> Vec<&Line> {
        let mut saving: Vec<&Line> =
            self.lines.iter().filter(|l| hook_line::is_hook_line(&l.text, self.shell)).collect();
        let mut found = Vec::new();
        for line in &self.lines {
            let Some(file) = &line.reads_hook else { continue };
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let own = saving.iter().position(|saves| saves.text.contains(name.as_ref())).map(|at| saving.remove(at));
            found.push(own.unwrap_or(line));
        }
        found.extend(saving);
        let place = |line: &Line| self.lines.iter().position(|other| other == line);
        found.sort_by_key(|line| place(line));
        found
    }

    /// The lines behind the first one that loads the hook.
    pub fn behind_hook(&self) -> &[Line] {
        let hooks = self.hooks();
        let first = self.lines.iter().position(|line| hooks.contains(&line));
        first.map_or(&[], |at| &self.lines[at + 1..])
    }
}

/// The ways of starting this shell that read different files.
pub fn readings(shell: Shell, host: &Host) -> Vec<Reading> {
    let reading = |when, files: Vec<PathBuf>| {
        let mut reader = Reader { shell, host, lines: Vec::new(), open: Vec::new() };
        files.iter().for_each(|file| reader.file(file));
        Reading { shell, when, lines: reader.lines }
    };
    let home = host.home().unwrap_or(Path::new(""));
    let own = start_file::of(shell, host).unwrap_or_default();
    let folder = own.parent().unwrap_or(Path::new(""));
    match shell {
        Shell::Bash => {
            let login = Some(login_file(host)).filter(|file| file.is_file());
            let for_all = [vec!["/etc/profile".into()], files_in("/etc/profile.d", "sh")].concat();
            vec![
                reading("", vec!["/etc/bash.bashrc".into(), own.clone()]),
                reading("in a login shell", for_all.into_iter().chain(login).collect()),
            ]
        }
        Shell::Zsh => {
            let names = ["zshenv", "zprofile", "zshrc", "zlogin"];
            let places = names.iter().flat_map(|name| {
                [format!("/etc/{name}").into(), format!("/etc/zsh/{name}").into(), folder.join(format!(".{name}"))]
            });
            vec![reading("", places.collect())]
        }
        Shell::Fish => {
            let vendor = host.var("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from);
            let folders = [
                "/usr/share/fish/vendor_conf.d".into(),
                "/etc/fish/conf.d".into(),
                vendor.join("fish/vendor_conf.d"),
                folder.join("conf.d"),
            ];
            let mut parts: Vec<_> = folders.into_iter().flat_map(|folder| files_in(folder, "fish")).collect();
            parts.sort_by_key(|file| file.file_name().map(ToOwned::to_owned));
            vec![reading("", parts.into_iter().chain(["/etc/fish/config.fish".into(), own.clone()]).collect())]
        }
        Shell::Nushell => {
            let parts = nushell_autoload(host, folder).into_iter().flat_map(|folder| files_in(folder, "nu"));
            vec![reading("", [folder.join("env.nu"), own.clone()].into_iter().chain(parts).collect())]
        }
        Shell::PowerShell => {
            let of = |folder: &PathBuf| reading("", vec![folder.join("profile.ps1"), folder.join(start_file::PROFILE)]);
            start_file::powershell_folders(host).iter().map(of).collect()
        }
        Shell::Clink => vec![reading("", clink_scripts(host))],
        Shell::Cmd => {
            let clink = Reading { when: "with Clink", ..readings(Shell::Clink, host).remove(0) };
            vec![Reading { shell, when: "", lines: auto_run() }, clink]
        }
    }
}

/// The file of the user's own that a bash reads as a login shell: the first of the three that is there, else `.bash_profile`.
pub fn login_file(host: &Host) -> PathBuf {
    let home = host.home().unwrap_or(Path::new(""));
    let names = [".bash_profile", ".bash_login", ".profile"].map(|name| home.join(name));
    names.iter().find(|file| file.is_file()).unwrap_or(&names[0]).clone()
}

/// The line by which a new shell loads the hook: in bash one that is no login shell. Nothing for PowerShell, of which there
/// are two on a Windows that do not read each other's files.
pub fn first_hook(shell: Shell, host: &Host) -> Option<String> {
    if shell == Shell::PowerShell {
        return None;
    }
    readings(shell, host).first()?.hooks().first().map(ToString::to_string)
}

/// Behind config.nu nushell reads all files of these folders.
fn nushell_autoload(host: &Host, config: &Path) -> [PathBuf; 2] {
    let home = host.home().unwrap_or(Path::new(""));
    let of_system = match std::env::consts::OS {
        "macos" | "windows" => config.to_owned(),
        _ => home.join(".local/share/nushell"),
    };
    let given = host.var("XDG_DATA_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder = given.map_or(of_system, |folder| folder.join("nushell"));
    [folder.join("vendor").join("autoload"), config.join("autoload")]
}

/// The scripts of Clink: in its own folder, and in those of CLINK_PATH.
fn clink_scripts(host: &Host) -> Vec<PathBuf> {
    let own = host.var("LOCALAPPDATA").map(|folder| PathBuf::from(folder).join("clink"));
    let others = host.var("CLINK_PATH").unwrap_or_default();
    let others = others.to_string_lossy().split(';').map(PathBuf::from).collect::<Vec<_>>();
    own.into_iter().chain(others).flat_map(|folder| files_in(folder, "lua")).collect()
}

/// What cmd runs at its start.
#[cfg(windows)]
fn auto_run() -> Vec<Line> {
    use crate::windows::{Hive, registry_text};
    const KEY: &str = r"Software\Microsoft\Command Processor";
    let hives = [(Hive::Machine, "HKEY_LOCAL_MACHINE"), (Hive::User, "HKEY_CURRENT_USER")];
    let values = hives.into_iter().filter_map(|(hive, name)| {
        let text = registry_text(hive, KEY, "AutoRun").ok().flatten()?.text;
        let hook = text.contains("awsenv").then(|| PathBuf::from("awsenv.cmd"));
        Some(Line { file: format!(r"{name}\{KEY}\AutoRun"), number: 0, text, reads_hook: hook })
    });
    values.collect()
}

#[cfg(unix)]
fn auto_run() -> Vec<Line> {
    Vec::new()
}

/// The files with this ending in a folder, by name.
fn files_in(folder: impl AsRef<Path>, ending: &str) -> Vec<PathBuf> {
    entries_of(folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == ending)).collect()
}

/// All that lies in a folder, by name.
fn entries_of(folder: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<_> = entries.map(|entry| entry.path()).collect();
    all.sort();
    all
}

struct Reader<'a> {
    shell: Shell,
    host: &'a Host,
    lines: Vec<Line>,
    /// The files that are being read, from the first to the innermost: two that read each other end there.
    open: Vec<PathBuf>,
}

impl Reader<'_> {
    fn file(&mut self, file: &Path) {
        if self.open.len() >= DEEPEST || self.open.iter().any(|open| open == file) {
            return;
        }
        let Some(text) = text(file) else { return };
        let line = |number, text: &str, reads_hook| Line {
            file: file.display().to_string(),
            number,
            text: text.to_owned(),
            reads_hook,
        };
        if is_hook(&text) {
            return self.lines.push(line(0, "", Some(file.to_owned())));
        }
        self.open.push(file.to_owned());
        let mut each = None;
        for (at, written) in text.lines().enumerate() {
            each = self.loop_over_files(written).or(each);
            let read = self.read_by(written);
            let hook = read.iter().find(|file| self::text(file).is_some_and(|text| is_hook(&text)));
            self.lines.push(line(at + 1, written, hook.cloned()));
            if hook.is_none() {
                read.iter().for_each(|file| self.file(file));
            }
            if let Some((variable, files)) = &each
                && sourced(written, self.shell).any(|word| bare(word) == format!("${variable}"))
            {
                files.iter().for_each(|file| self.file(file));
                each = None;
            }
        }
        self.open.pop();
    }

    /// `for f in ~/.bashrc.d/*.sh`: the variable, and the files it stands for one after the other.
    fn loop_over_files(&self, line: &str) -> Option<(String, Vec<PathBuf>)> {
        let (variable, rest) = line.trim_start().split_once("for ")?.1.split_once(" in ")?;
        let ends = rest.find([';', '\n']).unwrap_or(rest.len());
        // zsh writes the conditions that a file must fulfil behind the name: `*.zsh(N)`.
        let words = rest[..ends].split_whitespace().map(|word| word.split('(').next().unwrap_or(word));
        let files: Vec<_> = words.flat_map(|word| self.matching(word)).collect();
        (!files.is_empty() && !hook_line::is_comment(line, self.shell)).then(|| (variable.trim().to_owned(), files))
    }

    /// The files of a folder whose names a pattern with one `*` fits, by name.
    fn matching(&self, pattern: &str) -> Vec<PathBuf> {
        let pattern = pattern.replace(['"', '\''], "");
        let Some((folder, name)) = pattern.rsplit_once('/') else { return Vec::new() };
        let (Some((before, after)), Some(folder)) = (name.split_once('*'), self.path(&format!("{folder}/"))) else {
            return Vec::new();
        };
        let fits = |file: &PathBuf| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            !name.starts_with('.')
                && name.len() >= before.len() + after.len()
                && name.starts_with(before)
                && name.ends_with(after)
        };
        entries_of(folder).into_iter().filter(fits).collect()
    }

    /// The files that a line reads, as far as they have plain names: `. ~/.bashrc`, `source "$HOME/x"`.
    fn read_by(&self, line: &str) -> Vec<PathBuf> {
        sourced(line, self.shell).filter_map(|word| self.path(word)).collect()
    }

    fn path(&self, word: &str) -> Option<PathBuf> {
        let word = word.trim_end_matches([';', ')', '}']).trim_matches(['"', '\'']);
        let home = self.host.home()?;
        let zsh = self.host.var("ZDOTDIR").map_or_else(|| home.to_owned(), PathBuf::from);
        let folders = [("~", home), ("$HOME", home), ("${HOME}", home), ("$env:USERPROFILE", home), ("$ZDOTDIR", &zsh)];
        for (name, folder) in folders {
            if let Some(rest) = word.strip_prefix(name)
                && let Some(rest) = rest.strip_prefix(['/', '\\'])
            {
                return (!rest.contains(['$', '*'])).then(|| folder.join(rest));
            }
        }
        let path = PathBuf::from(word);
        (path.is_absolute() && !word.contains(['$', '*'])).then_some(path)
    }
}

/// The words of a line that say what to read: `. WORD`, `source WORD`.
fn sourced(line: &str, shell: Shell) -> impl Iterator<Item = &str> {
    let is_comment = hook_line::is_comment(line, shell);
    let reads = |word: &str| matches!(word.trim_start_matches('\\'), "." | "source");
    let pairs = line.split_whitespace().zip(line.split_whitespace().skip(1));
    pairs.filter(move |(command, _)| !is_comment && reads(command)).map(|(_, word)| word)
}

/// `$f` for `"${f}";`.
fn bare(word: &str) -> String {
    word.trim_end_matches(';').replace(['"', '{', '}'], "")
}

/// Whether this is what `awsenv init` prints.
fn is_hook(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.contains("__awsenv_bin") || first.contains("__awsenv_given")
}

fn text(file: &Path) -> Option<String> {
    let about = std::fs::metadata(file).ok().filter(|about| about.is_file() && about.len() <= LARGEST);
    about?;
    Some(String::from_utf8_lossy(&start_file::text_of(&std::fs::read(file).ok()?)).into_owned())
}
