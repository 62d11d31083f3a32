//! Where the system keeps a user's folders.

use std::path::{Path, PathBuf};

use super::{Hive, registry_text};
use crate::host::Host;

const FOLDERS: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";

/// `%NAME%` becomes its value; a name that is not set stays.
pub fn expand(host: &Host, text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut rest: Vec<&str> = parts.collect();
    rest.reverse();
    while let Some(name) = rest.pop() {
        match (rest.last(), host.var(name)) {
            (Some(behind), Some(value)) if !name.is_empty() => {
                out += &value.to_string_lossy();
                out += behind;
                rest.pop();
            }
            _ => {
                out.push('%');
                out += name;
            }
        }
    }
    out
}

/// The user's documents, which may have been moved: OneDrive does.
pub fn documents(home: &Path, host: &Host) -> PathBuf {
    let moved = registry_text(Hive::User, FOLDERS, "Personal").ok().flatten();
    moved.map_or_else(|| home.join("Documents"), |t| PathBuf::from(expand(host, &t.text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn names_between_percent_signs_become_their_values() {
        let host = Host::fixed(&[("USERPROFILE", r"C:\Users\taro")], Path::new("/"), Timestamp(0));
        assert_eq!(expand(&host, r"%USERPROFILE%\bin;%NONE%\x;100%"), r"C:\Users\taro\bin;%NONE%\x;100%");
        assert_eq!(expand(&host, "%%"), "%%");
        assert_eq!(expand(&host, "%USERPROFILE%%USERPROFILE%"), r"C:\Users\taroC:\Users\taro");
    }
}
