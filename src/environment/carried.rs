//! `use` and `leave` for a shell that has nothing but its environment: cmd.exe.
//!
//! Other hooks keep former values in variables of their own. cmd has only exported ones, so they stand there, under names
//! that no program reads: `__awsenv_kept` lists what awsenv has changed (`+NAME` set, `-NAME` unset), `__awsenv_was_NAME`
//! is the former value where there was one. Comparing values is the binary's part: in a batch file a quote in one of them
//! would end the comparison.

use std::ffi::OsString;

use super::{Changes, names};
use crate::host::Host;
use crate::profile::ProfileName;

const KEPT: &str = "__awsenv_kept";
const WAS: &str = "__awsenv_was_";

/// What the prompt or the hook keeps up to date: given back whatever it holds.
const OURS: [&str; 4] = ["AWSENV_PROFILE", "AWSENV_PROMPT", "AWSENV_NAMES", "AWS_SESSION_EXPIRATION"];

/// What giving back would change.
pub struct GivenBack {
    pub changes: Changes,
    /// Variables that somebody has changed since, and that stay as they are.
    pub changed: Vec<String>,
    /// Variables whose former values nobody knows: set by the shell that this one comes from.
    pub inherited: Vec<String>,
}

impl GivenBack {
    /// Everything that `use` has changed in this environment, back to what it was.
    pub fn of(host: &Host) -> Self {
        let mut back = GivenBack { changes: Changes::default(), changed: Vec::new(), inherited: Vec::new() };
        let kept = host.raw_var(KEPT).map(|k| k.to_string_lossy().into_owned()).unwrap_or_default();
        let (fit, changed) = names::fitting_names(host);
        if kept.is_empty() {
            back.inherit(host, fit, changed);
            return back;
        }
        for word in kept.split(' ') {
            // Inherited text: what could not be a variable's name is nobody's.
            let Some((is_set, name)) = parsed(word) else { continue };
            let was = format!("{WAS}{name}");
            let as_left = if is_set { fit.iter().any(|n| n == name) } else { host.raw_var(name).is_none() };
            if as_left || OURS.contains(&name) {
                match host.raw_var(&was) {
                    Some(former) => back.changes.set(name, former.as_encoded_bytes()),
                    None => back.changes.unset(name),
                }
            } else {
                back.changed.push(name.to_owned());
            }
            back.changes.unset(&was);
        }
        back.changes.unset(KEPT);
        back
    }

    fn inherit(&mut self, host: &Host, fit: Vec<String>, changed: Vec<String>) {
        if host.raw_var("AWSENV_NAMES").is_some() {
            fit.iter().for_each(|name| self.changes.unset(name));
            ["AWSENV_NAMES", "AWSENV_PROMPT"].iter().for_each(|name| self.changes.unset(name));
        }
        (self.inherited, self.changed) = (fit, changed);
    }

    /// Whether there is anything that awsenv has set.
    pub fn is_empty(&self) -> bool {
        self.changes.set.is_empty() && self.changes.unset.is_empty()
    }
}

/// `changes`, with the former values of all that they change. `host` is the environment as it is without awsenv.
pub fn keeping(host: &Host, changes: &Changes) -> Changes {
    let mut all = changes.clone();
    let mut kept = Vec::new();
    let set = changes.set.iter().map(|(name, _)| ('+', name));
    for (sign, name) in set.chain(changes.unset.iter().map(|name| ('-', name))) {
        let former = host.raw_var(name);
        if sign == '-' && former.is_none() {
            // Was not there, and is not: nothing to give back.
            continue;
        }
        kept.push(format!("{sign}{name}"));
        if let Some(former) = former {
            all.set(&format!("{WAS}{name}"), former.as_encoded_bytes());
        }
    }
    all.set(KEPT, kept.join(" ").as_bytes());
    all
}

/// The environment after these changes.
pub fn after(host: &Host, changes: &Changes) -> Host {
    let set = changes.set.iter().map(|(name, value)| (name.as_str(), Some(os(value))));
    host.with(set.chain(changes.unset.iter().map(|name| (name.as_str(), None))))
}

fn os(value: &[u8]) -> OsString {
    ProfileName::from(value.to_vec()).to_os_string()
}

fn parsed(word: &str) -> Option<(bool, &str)> {
    let (is_set, name) = match word.strip_prefix('+') {
        Some(name) => (true, name),
        None => (false, word.strip_prefix('-')?),
    };
    names::is_variable(name).then_some((is_set, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Names;
    use crate::time::Timestamp;

    fn host(vars: &[(&str, &str)]) -> Host {
        Host::fixed(vars, "/h".as_ref(), Timestamp(0))
    }

    /// As `use` makes them.
    fn used(before: &Host) -> Changes {
        let mut changes = Changes::default();
        changes.set("AWS_PROFILE", b"dev");
        changes.set("HTTPS_PROXY", b"http://a&b");
        changes.unset("AWS_ACCESS_KEY_ID");
        changes.unset("AWS_DEFAULT_PROFILE");
        let names = Names::of(&changes).to_string();
        changes.set("AWSENV_NAMES", names.as_bytes());
        keeping(before, &changes)
    }

    #[test]
    fn everything_is_back_as_it_was() {
        let before = host(&[("AWS_PROFILE", "old \"&%"), ("AWS_ACCESS_KEY_ID", "AKIA"), ("OTHER", "x")]);
        let during = after(&before, &used(&before));
        assert_eq!(during.var("AWS_PROFILE"), Some("dev".into()));
        assert_eq!(during.raw_var("AWS_ACCESS_KEY_ID"), None);
        let back = GivenBack::of(&during);
        assert!(back.changed.is_empty(), "{:?}", back.changed);
        assert_eq!(after(&during, &back.changes).vars(), before.vars());
    }

    #[test]
    fn what_somebody_changed_stays() {
        let before = host(&[("HTTPS_PROXY", "old"), ("AWS_ACCESS_KEY_ID", "AKIA")]);
        let mut during = after(&before, &used(&before));
        during = during.with([("HTTPS_PROXY", Some("mine".into())), ("AWS_ACCESS_KEY_ID", Some("NEW".into()))]);
        let back = GivenBack::of(&during);
        assert_eq!(back.changed, ["HTTPS_PROXY", "AWS_ACCESS_KEY_ID"]);
        let left = after(&during, &back.changes);
        assert_eq!(left.var("HTTPS_PROXY"), Some("mine".into()));
        assert_eq!(left.var("AWS_ACCESS_KEY_ID"), Some("NEW".into()));
        assert!(left.vars().iter().all(|(name, _)| !name.to_string_lossy().starts_with("__awsenv")));
    }

    #[test]
    fn hostile_lists_name_nothing() {
        let back = GivenBack::of(&host(&[(KEPT, "+a&b -c d +  -")]));
        assert_eq!((back.changes.set.len(), back.changed.len()), (0, 0));
        assert_eq!(back.changes.unset, ["c", "__awsenv_was_c", KEPT]);
    }
}
