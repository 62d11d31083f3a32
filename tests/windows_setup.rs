//! `awsenv setup` and `doctor` with what Windows keeps in its registry. Changes the registry of the user who runs it: only where that is wine's.
#![cfg(windows)]

use awsenv::windows::{Hive, Text, is_wine, registry_text, set_registry_text};
use testbed::Home;

#[test]
fn the_path_and_each_start_file_get_their_line_once() {
    if !is_wine() {
        testbed::skipped("awsenv setup would change the PATH of this user");
        return;
    }
    let home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    let documents = home.path().join("Documents");
    // As Windows PowerShell's `>>` leaves it.
    let utf16 = |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let own: Vec<u8> = utf16("Set-Alias ll ls\r\n");
    home.write("Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1", &own);
    home.write("bash/.bashrc", "alias ll='ls -l'\n");
    let personal = documents.to_str().expect("UTF-8").to_owned();
    let folders = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";
    let former = registry_text(Hive::User, folders, "Personal").expect("it can be read");
    set_registry_text(folders, "Personal", &Text { text: personal, expands: true }).expect("it is ours");
    let path = |text: &str| Text { text: text.to_owned(), expands: true };
    set_registry_text("Environment", "Path", &path(r"%USERPROFILE%\bin;C:\Tools;")).expect("it is ours");

    let setup = || {
        let mut command = home.command_alone(env!("CARGO_BIN_EXE_awsenv"));
        // From Git Bash, whose home is elsewhere.
        command.args(["setup", "--yes"]).env("MSYSTEM", "MINGW64").env("HOME", home.path().join("bash"));
        let done = command.output().expect("it runs");
        (done.status.code(), String::from_utf8(done.stderr).expect("UTF-8"))
    };
    let (code, said) = setup();
    assert_eq!(code, Some(0), "{said}");
    let now = registry_text(Hive::User, "Environment", "Path").expect("it can be read").expect("it is there");
    let folder = now.text.strip_prefix(r"%USERPROFILE%\bin;C:\Tools;").expect("the former words stay as they stand");
    assert!(now.expands && std::path::Path::new(folder).join("awsenv.exe").is_file(), "{now:?}");
    assert!(said.contains(folder) && said.contains("new windows find awsenv"), "{said}");
    let file = home.read("Documents/WindowsPowerShell/Microsoft.PowerShell_profile.ps1");
    let line = "Set-Alias ll ls\r\nawsenv init powershell | Out-String | Invoke-Expression\r\n";
    assert_eq!(file, utf16(line), "{said}");
    assert_eq!(home.text("bash/.bashrc"), "alias ll='ls -l'\neval \"$(awsenv init bash)\"\n", "{said}");
    // What a new Windows has, and what allows the file.
    assert!(said.contains("Set-ExecutionPolicy -Scope CurrentUser RemoteSigned"), "{said}");

    let (code, said) = setup();
    assert!(code == Some(0) && said.contains("in your PATH already") && said.contains("nothing to do"), "{said}");
    assert_eq!(registry_text(Hive::User, "Environment", "Path").expect("it can be read"), Some(now));
    if let Some(former) = former {
        set_registry_text(folders, "Personal", &former).expect("it is ours");
    }
}

#[test]
fn a_hook_in_auto_run_is_found() {
    if !is_wine() {
        testbed::skipped("AutoRun of this user would be changed");
        return;
    }
    let home = Home::new(env!("CARGO_BIN_EXE_awsenv"));
    // It is cmd that starts it, which no variable says.
    let doctor = || {
        let out = home.command("cmd").args(["/d", "/c", "awsenv", "doctor"]).output().expect("it runs").stdout;
        String::from_utf8(out).expect("UTF-8")
    };
    let (key, name) = (r"Software\Microsoft\Command Processor", "AutoRun");
    let set = |text: &str| set_registry_text(key, name, &Text { text: text.to_owned(), expands: true });
    let former = registry_text(Hive::User, key, name).expect("it can be read").map_or(String::new(), |t| t.text);
    set("").expect("it is ours");
    let none = doctor();
    assert!(none.contains("problem  hook: not loaded in this cmd: awsenv init cmd > \"%LOCALAPPDATA%"), "{none}");
    set(r#""%LOCALAPPDATA%\awsenv.cmd""#).expect("it is ours");
    let there = doctor();
    assert!(there.contains(r"HKEY_CURRENT_USER\Software\Microsoft\Command Processor\AutoRun loads it"), "{there}");
    home.write("AppData/Local/clink/awsenv.lua", "load(io.popen('awsenv init clink'):read('*a'))()\n");
    set("").expect("it is ours");
    let clink = doctor();
    assert!(clink.contains("awsenv.lua:1 loads it"), "{clink}");
    set(&former).expect("it is ours");
}
