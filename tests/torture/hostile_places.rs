//! Full disks, read-only folders, mounts, links, file systems without locks, homes and state folders that are not as they
//! should be: said before a question, never a spent code without a session.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use testbed::{FakeAws, Home};

use crate::kills_at_calls::{strace, traced};
use crate::stage::{AWSENV, Person, detached, expired, home, is_root, leftovers, run, said, script, skip, works};

/// `refresh` on a terminal that must say `says` without a question, and change nothing.
#[track_caller]
fn refuses_before_the_question(aws: &FakeAws, home: &Home, before: &str, command: &str, says: &str) {
    let mut terminal = script(home, &format!("{before}\n{command}\necho ended $?."));
    terminal.expect("ended 1.");
    let text = terminal.everything();
    assert!(text.contains(says), "{text}");
    assert!(!text.contains("MFA code for"), "{text}");
    assert_eq!(text.lines().filter(|l| l.starts_with("awsenv: ")).count(), 1, "{text}");
    assert_eq!(aws.calls().len(), 0);
}

/// Runs a program as somebody who is not root, where the test is root: permissions mean nothing to root.
fn as_nobody(home: &Home, args: &[&str]) -> Command {
    let mut command = home.awsenv(args);
    if is_root() {
        command.uid(65534).gid(65534);
    }
    detached(&mut command);
    command.stdin(Stdio::null());
    command
}

/// Gives a home to the user of [`as_nobody`], and lets that user reach it and the program.
fn give_away(home: &Home) -> bool {
    if !is_root() {
        return true;
    }
    for path in crate::stage::all_files(&home.outside()).iter().flat_map(|p| p.ancestors()) {
        if path.starts_with(home.outside()) {
            std::os::unix::fs::lchown(path, Some(65534), Some(65534)).unwrap();
        }
    }
    std::os::unix::fs::lchown(home.path(), Some(65534), Some(65534)).unwrap();
    let mut reached = Command::new(AWSENV);
    let can = reached.arg("--version").stdout(Stdio::null()).uid(65534).status().is_ok_and(|s| s.success());
    if !can {
        skip("the program lies where another user cannot reach it");
    }
    can
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_read_only_folder_or_file_is_said_before_a_code_is_sent() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    if !give_away(&home) {
        return;
    }
    let (folder, file) = (home.path().join(".aws"), home.path().join(".aws/credentials"));
    let before = home.read(".aws/credentials");
    for (path, with, back) in [(&folder, 0o500, 0o700), (&file, 0o400, 0o600), (&file, 0o000, 0o600)] {
        mode(path, with);
        let (code, out, err) = said(&as_nobody(&home, &["refresh", "dev", &taro.device.code()]).output().unwrap());
        mode(path, back);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        assert!(err.contains(".aws") && err.contains("ermission denied"), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert_eq!(
            (aws.calls().len(), home.read(".aws/credentials") == before),
            (0, true),
            "{}: {err}",
            path.display()
        );
    }
    // And it works once that is mended.
    let (code, _, err) = said(&as_nobody(&home, &["refresh", "dev", &taro.device.code()]).output().unwrap());
    assert_eq!(code, 0, "{err}");
    assert_eq!(fs::metadata(&file).unwrap().uid(), if is_root() { 65534 } else { rustix::process::geteuid().as_raw() });
}

#[test]
fn another_writer_that_holds_the_lock_is_named_before_the_question() {
    let aws = FakeAws::start();
    let (home, _) = expired(&aws);
    let lock = home.path().join(".aws/.awsenv.lock");
    fs::write(&lock, format!("{}\n", std::process::id())).unwrap();
    let held = fs::File::options().write(true).open(&lock).unwrap();
    held.lock().unwrap();
    let me = format!("locked by process {}", std::process::id());
    refuses_before_the_question(&aws, &home, "", "awsenv refresh dev", &me);
    drop(held);
}

#[test]
fn a_file_system_without_locks_is_said_before_the_question() {
    if !strace() {
        return;
    }
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    for error in ["ENOLCK", "EOPNOTSUPP"] {
        let command = home.awsenv(&["refresh", "dev", &taro.device.code()]);
        let done = traced(&command, &format!("flock:error={error}")).output().unwrap();
        let (code, _, err) = said(&done);
        assert_eq!(code, 1, "{err}");
        assert!(err.contains("has no locks") && err.lines().count() == 1, "{err}");
        assert_eq!(aws.calls().len(), 0);
    }
}

/// Where each write can fail between the code and the session, the failure comes before the code, or not at all.
#[test]
fn no_code_is_spent_on_a_session_that_cannot_be_kept() {
    if !strace() {
        return;
    }
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    let before = home.read(".aws/credentials");
    // The first failing call of each kind belongs to the checks, which come before the code.
    for inject in ["fsync:error=ENOSPC", "fsync:error=EIO", "fsync:error=EDQUOT", "ftruncate:error=EIO:when=2+"] {
        let command = home.awsenv(&["refresh", "dev", &taro.device.code()]);
        let (code, _, err) = said(&traced(&command, inject).output().unwrap());
        assert_eq!((code, err.lines().count()), (1, 1), "{inject}: {err}");
        assert!(err.contains("credentials"), "{inject}: {err}");
        assert_eq!((aws.calls().len(), home.read(".aws/credentials") == before), (0, true), "{inject}: {err}");
    }
    assert_eq!(leftovers(&home).into_iter().filter(|p| !p.ends_with(".awsenv.lock")).count(), 0);
}

/// Runs a script as root in a mount namespace of its own; `$AWS` is the `.aws` of the home.
fn in_own_mounts(home: &Home, text: &str) -> Option<(i32, String)> {
    if !is_root() || testbed::require("unshare").is_none() {
        skip("only root mounts");
        return None;
    }
    let text = format!("mount --make-rprivate / && AWS={}/.aws\n{text}", home.path().display());
    let mut command = home.command("unshare");
    let done = run(command.args(["-m", "/bin/sh", "-ec", &text]));
    let (code, out, err) = said(&done);
    if err.contains("unshare") || err.contains("mount:") && code != 0 {
        skip(&format!("this machine does not let root mount: {err}"));
        return None;
    }
    Some((code, out + &err))
}

#[test]
fn a_full_disk_is_said_before_a_code_is_sent_and_the_file_stays_whole() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    let text = format!(
        "cp $AWS/credentials $AWS/../saved
         mount -t tmpfs -o size=64k,mode=700 tmpfs $AWS
         cp $AWS/../saved $AWS/credentials; chmod 600 $AWS/credentials
         cat /dev/zero >$AWS/filler 2>/dev/null || true
         awsenv refresh dev {code} && exit 9
         cmp $AWS/credentials $AWS/../saved
         rm $AWS/filler
         ls -A $AWS",
        code = taro.device.code()
    );
    let Some((code, text)) = in_own_mounts(&home, &text) else { return };
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("No space left"), "{text}");
    assert_eq!(aws.calls().len(), 0);
    assert!(!text.contains(".tmp"), "{text}");
}

#[test]
fn a_disk_with_room_for_the_session_alone_keeps_that_room() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    // While AWS is asked somebody else fills the disk: the room is kept.
    aws.fault(testbed::aws::Fault::Slow(std::time::Duration::from_millis(700)), 1);
    let text = format!(
        "cp $AWS/credentials $AWS/../saved
         mount -t tmpfs -o size=128k,mode=700 tmpfs $AWS
         cp $AWS/../saved $AWS/credentials
         awsenv refresh dev {code} & job=$!
         until ls -A $AWS | grep -q '[.]tmp$'; do :; done
         n=0; until [ $n = 20 ]; do cat /dev/zero >>$AWS/filler 2>/dev/null || n=$((n+1)); done
         wait $job
         cat $AWS/credentials >$AWS/../result",
        code = taro.device.code()
    );
    let Some((code, text)) = in_own_mounts(&home, &text) else { return };
    assert_eq!(code, 0, "{text}");
    assert!(works(&aws, &home.text("result"), "dev"), "{text}");
}

#[test]
fn a_single_file_mounted_from_elsewhere_is_written_in_place() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    home.write("elsewhere", home.read(".aws/credentials"));
    let text = format!(
        "mount --bind $AWS/../elsewhere $AWS/credentials
         awsenv refresh dev {}
         ls -A $AWS",
        taro.device.code()
    );
    let Some((code, text)) = in_own_mounts(&home, &text) else { return };
    assert_eq!(code, 0, "{text}");
    assert!(works(&aws, &home.text("elsewhere"), "dev"), "{text}");
    assert!(!text.contains("backup") && !text.contains(".tmp"), "{text}");
}

#[test]
fn a_single_file_mounted_read_only_is_said_before_a_code_is_sent() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    home.write("elsewhere", home.read(".aws/credentials"));
    let text = format!(
        "mount --bind $AWS/../elsewhere $AWS/credentials
         mount -o remount,ro,bind $AWS/credentials
         awsenv refresh dev {} && exit 9
         ls -A $AWS",
        taro.device.code()
    );
    let Some((code, text)) = in_own_mounts(&home, &text) else { return };
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("ead-only file system"), "{text}");
    assert_eq!(aws.calls().len(), 0);
    assert!(!text.contains(".tmp"), "{text}");
}

#[test]
fn a_relative_link_to_another_folder_stays_a_link() {
    let aws = FakeAws::start();
    let (home, taro) = (home(&aws), Person::new(&aws, "taro"));
    home.write("dotfiles/aws/credentials", taro.long_term("dev"));
    fs::create_dir(home.path().join(".aws")).unwrap();
    symlink("../dotfiles/aws/credentials", home.path().join(".aws/credentials")).unwrap();
    let (code, _, err) = said(&run(&mut home.awsenv(&["refresh", "dev", &taro.device.code()])));
    assert_eq!(code, 0, "{err}");
    assert_eq!(fs::read_link(home.path().join(".aws/credentials")).unwrap(), Path::new("../dotfiles/aws/credentials"));
    assert!(works(&aws, &home.text("dotfiles/aws/credentials"), "dev"));
    assert_eq!(leftovers(&home).into_iter().filter(|p| !p.ends_with(".awsenv.lock")).count(), 0);
}

#[test]
fn without_home_the_user_database_tells_where_it_is() {
    let aws = FakeAws::start();
    let (mut home, _) = expired(&aws);
    home.unset("HOME");
    let user = rustix::process::geteuid().as_raw().to_string();
    let table = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = table.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.get(2) == Some(&user.as_str()));
    let Some(named) = named.and_then(|fields| fields.get(5).map(|home| (*home).to_owned())) else {
        return skip("this user is not in /etc/passwd");
    };
    let (code, out, err) = said(&run(home.awsenv(&["config", "path"]).current_dir("/")));
    assert_eq!((code, out, err.as_str()), (0, format!("{named}/.config/awsenv/config\n"), ""));
    let (code, out, err) = said(&run(home.awsenv(&["prompt"]).current_dir("/")));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
}

#[test]
fn hostile_state_folders_are_not_used_and_nothing_is_said_at_the_prompt() {
    let aws = FakeAws::start();
    let (mut home, _) = expired(&aws);
    home.set("AWS_PROFILE", "dev");
    let outside = home.outside();
    let world = outside.join("world");
    fs::create_dir(&world).unwrap();
    mode(&world, 0o777);
    let target = outside.join("target");
    fs::create_dir(&target).unwrap();
    mode(&target, 0o700);
    symlink(&target, outside.join("link")).unwrap();
    fs::write(outside.join("file"), "").unwrap();
    for name in ["world", "link", "file", "link/below", "missing/../world"] {
        home.set("AWSENV_STATE_DIR", outside.join(name));
        let (code, out, err) = said(&run(&mut home.awsenv(&["hook", "bash", "1"])));
        assert_eq!((code, err.as_str()), (0, ""), "{name}: {out}");
        assert!(out.contains(".local/state/awsenv/stamp-") || name == "link/below", "{name}: {out}");
        assert_eq!(fs::read_dir(&world).unwrap().count(), 0, "{name}");
    }
    if is_root() {
        let theirs = outside.join("theirs");
        fs::create_dir(&theirs).unwrap();
        std::os::unix::fs::lchown(&theirs, Some(65534), Some(65534)).unwrap();
        home.set("AWSENV_STATE_DIR", &theirs);
        let (_, out, _) = said(&run(&mut home.awsenv(&["hook", "bash", "1"])));
        assert!(out.contains(".local/state/awsenv/stamp-"), "{out}");
        assert_eq!(fs::read_dir(&theirs).unwrap().count(), 0);
    }
}

#[test]
fn a_read_only_home_costs_no_message() {
    let aws = FakeAws::start();
    let (mut home, _) = expired(&aws);
    home.set("AWS_PROFILE", "dev");
    if !give_away(&home) {
        return;
    }
    mode(home.path(), 0o500);
    for args in [&["hook", "bash", "1"][..], &["prompt"], &["status"], &["list"]] {
        let (code, out, err) = said(&as_nobody(&home, args).output().unwrap());
        assert_eq!((code, err.as_str()), (0, ""), "{args:?}: {out}");
    }
    mode(home.path(), 0o700);
}

#[test]
fn closed_and_full_outputs_are_an_exit_code_and_no_panic() {
    let aws = FakeAws::start();
    let (home, _) = expired(&aws);
    let commands = [
        "status",
        "list",
        "list --json",
        "names",
        "prompt",
        "hook bash 1",
        "init bash",
        "credentials dev",
        "refresh dev",
        "doctor",
        "completions bash",
    ];
    for command in commands {
        for (how, may_fail) in [
            (">/dev/full", true),
            ("2>/dev/full", true),
            (">&-", true),
            ("2>&-", true),
            ("<&- >&- 2>&-", true),
            ("| head -c0", true),
        ] {
            let text = format!("awsenv {command} {how}; echo code ${{PIPESTATUS[0]}}");
            let mut shell = home.command("/bin/bash");
            let (_, out, err) = said(&run(shell.args(["-c", &text])));
            assert!(!err.contains("panicked") && !out.contains("panicked"), "{command} {how}: {err}");
            let code: i32 =
                out.rsplit("code ").next().unwrap().trim().parse().unwrap_or_else(|_| panic!("{command} {how}: {out}"));
            assert!(may_fail && (code == 0 || code == 1), "{command} {how}: {code} {err}");
            if how == ">/dev/full" && ["status", "list", "names", "init bash", "hook bash 1"].contains(&command) {
                assert!(code == 1 && err.contains("No space left"), "{command}: {code} {err}");
            }
        }
    }
}

/// Whatever happens to the file between the code and the session: the session is kept and taken up.
#[test]
fn a_session_whose_place_is_gone_meanwhile_is_kept_for_the_next_refresh() {
    let aws = FakeAws::start();
    let (home, taro) = expired(&aws);
    let good = home.read(".aws/credentials");
    let gate = testbed::aws::Gate::new();
    aws.fault(testbed::aws::Fault::HoldAnswer(gate.clone()), 1);
    let mut command = home.awsenv(&["refresh", "dev", &taro.device.code()]);
    let child =
        detached(&mut command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    gate.wait_arrived(1);
    home.credentials("[an editor saved half a line");
    gate.open();
    let (code, _, err) = said(&child.wait_with_output().unwrap());
    assert_eq!((code, err.lines().count()), (1, 1), "{err}");
    assert!(err.contains("credentials:1: ") && err.contains("the next refresh takes it up"), "{err}");
    assert_eq!(home.text(".aws/credentials"), "[an editor saved half a line");
    home.credentials(&good);
    let kept = crate::stage::all_files(&home.path().join(".aws/awsenv"));
    assert_eq!(kept.len(), 1, "{kept:?}");
    let bytes = std::fs::read(&kept[0]).unwrap();
    // Who logs out does not want it back.
    let (code, _, err) = said(&run(&mut home.awsenv(&["logout", "dev"])));
    assert!(code == 0 && err.contains("the session of dev is gone"), "{err}");
    assert!(!kept[0].exists());
    home.credentials(good);
    std::fs::write(&kept[0], bytes).unwrap();
    let (code, _, err) = said(&run(&mut home.awsenv(&["refresh", "dev"])));
    assert_eq!((code, aws.calls_of("GetSessionToken").len()), (0, 1), "{err}");
    assert!(works(&aws, &home.text(".aws/credentials"), "dev"));
    // It is used once.
    assert_eq!(crate::stage::all_files(&home.path().join(".aws/awsenv")), [] as [std::path::PathBuf; 0]);
}
