//! The files that a program opens, where it connects to and what it starts, as strace sees it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The calls that name a file, an address or a program.
const CALLS: &str = "trace=open,openat,openat2,creat,truncate,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,\
                     symlinkat,socket,connect,bind,sendto,sendmsg,sendmmsg,execve,execveat,clone,clone3,fork,vfork";

/// What a program did, with the processes that it forked, each up to where it becomes another program.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Calls {
    /// Files that were opened and not only written; what was not there is not among them.
    pub read: BTreeSet<PathBuf>,
    /// Files that were made, opened for writing, renamed to or from, linked or removed.
    pub written: BTreeSet<PathBuf>,
    /// `127.0.0.1:443` or `unix:/run/user/1000/bus` for each connection or datagram that was tried; another family as strace
    /// prints it.
    pub connected: BTreeSet<String>,
    /// The addresses that it listened on, in the same form.
    pub bound: BTreeSet<String>,
    /// Sockets other than TCP over IP and those of this machine, as strace prints the call.
    pub odd_sockets: BTreeSet<String>,
    /// The command lines of the programs that were started, a word each.
    pub started: BTreeSet<Vec<String>>,
    /// Of every process, the children's children too: command line and environment, as `/proc` shows them to others.
    pub processes: Vec<(Vec<String>, Vec<String>)>,
}

/// The words that make strace start a command line (put behind them) and write into files of this name.
pub fn words(log: &Path) -> Option<Vec<String>> {
    let strace = crate::require("strace")?;
    let text = |path: &Path| path.to_str().expect("the path is UTF-8").to_owned();
    let (strace, log) = (text(&strace), text(log));
    // A file per process: no call is cut in two by another's.
    Some(
        [&strace, "-ff", "--seccomp-bpf", "-y", "-v", "-s", "4096", "-e", CALLS, "-o", &log]
            .map(str::to_owned)
            .to_vec(),
    )
}

impl Calls {
    /// Reads what strace wrote; `pid` is the first process. Without it: the one whose file has no parent's call, the lowest.
    pub fn read(log: &Path) -> Calls {
        let folder = log.parent().expect("a file has a folder");
        let name = log.file_name().expect("a file has a name").to_string_lossy().into_owned() + ".";
        let entries = std::fs::read_dir(folder).expect("strace wrote there").map(|e| e.expect("an entry"));
        let pids = entries.filter_map(|e| e.file_name().to_string_lossy().strip_prefix(&name)?.parse::<u32>().ok());
        let mut calls = Calls::default();
        let started = |pid: u32| text_of(log, pid);
        let mut pids: Vec<u32> = pids.collect();
        pids.sort_unstable();
        let children: BTreeSet<u32> =
            pids.iter().flat_map(|pid| started(*pid).lines().filter_map(child).collect::<Vec<_>>()).collect();
        let first = pids.iter().find(|pid| !children.contains(pid)).expect("strace saw a process");
        calls.follow(log, *first, true);
        for pid in &pids {
            let text = text_of(log, *pid);
            let begun = text.lines().filter(|line| line.starts_with("execve(") && !line.contains(") = -1 "));
            calls.processes.extend(begun.filter_map(|line| {
                let (words, environment) = line.split_once(", [")?.1.split_once("], [")?;
                Some((strings(words), strings(environment)))
            }));
        }
        calls
    }

    fn follow(&mut self, log: &Path, pid: u32, mut is_first: bool) {
        for line in text_of(log, pid).lines() {
            let Some((call, rest)) = line.split_once('(') else { continue };
            let failed = line.contains(") = -1 ");
            match call {
                "execve" | "execveat" if failed => {}
                "execve" | "execveat" if is_first => is_first = false,
                "execve" | "execveat" => {
                    // The words are the only list in the call.
                    let list = rest.split_once(", [").map_or("", |(_, list)| list);
                    self.started.insert(strings(list.split("], ").next().unwrap_or_default()));
                    return;
                }
                "clone" | "clone3" | "fork" | "vfork" => {
                    if let Some(child) = child(line) {
                        self.follow(log, child, false);
                    }
                }
                "connect" | "sendto" | "sendmsg" | "sendmmsg" => {
                    if rest.contains("sa_family=") {
                        self.connected.insert(address(rest));
                    }
                }
                "bind" => drop(self.bound.insert(address(rest))),
                "socket" => {
                    let is_named = rest.starts_with("AF_UNIX,") && rest.contains("SOCK_STREAM");
                    let is_tcp =
                        (rest.starts_with("AF_INET,") || rest.starts_with("AF_INET6,")) && rest.contains("SOCK_STREAM");
                    if !is_tcp && !is_named {
                        self.odd_sockets.insert(rest.to_owned());
                    }
                }
                _ if line.contains(" = -1 ENOENT") || line.contains(" = -1 ENOTDIR") => {}
                _ => self.file(call, rest),
            }
        }
    }

    fn file(&mut self, call: &str, rest: &str) {
        for (folder, name) in paths(rest) {
            let path = Path::new(&folder).join(name);
            let writes = !call.starts_with("open")
                || ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|f| rest.contains(f));
            if writes {
                self.written.insert(path.clone());
            }
            if call.starts_with("open") && !rest.contains("O_WRONLY") {
                self.read.insert(path);
            }
        }
    }
}

fn text_of(log: &Path, pid: u32) -> String {
    let mut name = log.as_os_str().to_owned();
    name.push(format!(".{pid}"));
    std::fs::read_to_string(&name).unwrap_or_default()
}

/// The process or thread that a line has made.
fn child(line: &str) -> Option<u32> {
    let call = line.split('(').next()?;
    matches!(call, "clone" | "clone3" | "fork" | "vfork")
        .then(|| line.rsplit_once(" = ")?.1.split(' ').next()?.parse().ok())?
}

/// `127.0.0.1:80` of a call's address.
fn address(rest: &str) -> String {
    let between = |start: &str, end: &str| Some(rest.split_once(start)?.1.split_once(end)?.0);
    let port = between("_port=htons(", ")");
    let host = between("inet_addr(\"", "\"").or_else(|| between("inet_pton(AF_INET6, \"", "\""));
    let path = between("sun_path=\"", "\"").or_else(|| between("sun_path=@\"", "\""));
    match (host, port) {
        _ if path.is_some() => format!("unix:{}", path.unwrap_or_default()),
        (Some(host), Some(port)) => format!("{host}:{port}"),
        _ => rest.to_owned(),
    }
}

/// The paths of a call, each with the folder that it begins in.
fn paths(rest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut folder, mut rest) = (String::from("/"), rest);
    // A call's own result names a path too.
    while let Some(at) = rest.find(['<', '"']).filter(|at| !rest[..*at].contains(") = ")) {
        let end = if rest[at..].starts_with('<') { '>' } else { '"' };
        let Some((inside, behind)) = rest[at + 1..].split_once(end) else { break };
        match end {
            '>' => folder = inside.to_owned(),
            _ => found.push((folder.clone(), inside.to_owned())),
        }
        rest = behind;
    }
    found
}

/// The strings of a list, as they were before strace wrote them.
fn strings(list: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = list.chars();
    while rest.by_ref().any(|c| c == '"') {
        let mut word = String::new();
        while let Some(c) = rest.next().filter(|c| *c != '"') {
            word.push(match c {
                '\\' => match rest.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => break,
                },
                c => c,
            });
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Home;

    #[test]
    fn what_a_program_does_is_told_from_what_its_children_do() {
        let home = Home::new("/usr/bin/env");
        home.write("in", "x");
        let log = home.outside().join("log");
        let Some(words) = words(&log) else { return };
        let script = "exec 3<in; echo y >out; (exec cat out >copy); mv copy moved";
        let done =
            home.command(&words[0]).args(&words[1..]).args(["/bin/sh", "-c", script]).status().expect("strace starts");
        assert!(done.success());
        let calls = Calls::read(&log);
        let at = |name: &str| home.path().join(name);
        assert!(calls.read.contains(&at("in")), "{calls:?}");
        assert!(calls.written.contains(&at("out")) && calls.written.contains(&at("copy")), "{calls:?}");
        // What `cat` reads and `mv` renames is theirs.
        assert!(!calls.read.contains(&at("out")) && !calls.written.contains(&at("moved")), "{calls:?}");
        let started: Vec<_> = calls.started.iter().map(|words| words.join(" ")).collect();
        assert_eq!(started, ["cat out", "mv copy moved"]);
        let cat = calls.processes.iter().find(|(words, _)| words[0] == "cat").expect("cat ran");
        assert!(cat.1.iter().any(|variable| variable == "TZ=UTC"), "{cat:?}");
        assert!(calls.connected.is_empty() && calls.odd_sockets.is_empty(), "{calls:?}");
    }

    #[test]
    fn addresses_and_words_are_read() {
        let v4 = "7<socket:[1]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr(\"10.0.0.1\")}, 16) = 0";
        assert_eq!(address(v4), "10.0.0.1:443");
        let v6 = "7, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), \
                  sin6_scope_id=0}, 28) = 0";
        assert_eq!(address(v6), "::1:80");
        assert_eq!(address("5, {sa_family=AF_UNIX, sun_path=\"/run/bus\"}, 12) = 0"), "unix:/run/bus");
        assert_eq!(strings(r#""sh", "-c", "a \"b\"\n""#), ["sh", "-c", "a \"b\"\n"]);
        let rename = r#"AT_FDCWD</a>, "x", AT_FDCWD</b>, "/c/y") = 0"#;
        let found: Vec<_> = paths(rename).into_iter().map(|(folder, name)| format!("{folder} {name}")).collect();
        assert_eq!(found, ["/a x", "/b /c/y"]);
    }
}
