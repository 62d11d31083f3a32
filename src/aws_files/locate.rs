//! Where the two files are.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use bstr::{ByteSlice, ByteVec};

use crate::error::{Error, Result};
use crate::host::Host;

/// The two files of this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    pub config: PathBuf,
    pub credentials: PathBuf,
    /// `AWS_CONFIG_FILE` names it: commands in it do not run unseen.
    pub config_from_env: bool,
    /// `AWS_SHARED_CREDENTIALS_FILE` names it.
    pub credentials_from_env: bool,
}

impl Paths {
    /// `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, else `config` and `credentials` in `~/.aws`. In the
    /// variables `~`, `$NAME` and `${NAME}` are expanded, as botocore does (the SDKs know `~` only).
    ///
    /// An error where a home folder is needed and there is none.
    pub fn of(host: &Host) -> Result<Paths> {
        let (config, config_from_env) = one(host, "AWS_CONFIG_FILE", "config")?;
        let (credentials, credentials_from_env) = one(host, "AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        Ok(Paths { config, credentials, config_from_env, credentials_from_env })
    }
}

fn one(host: &Host, variable: &str, name: &str) -> Result<(PathBuf, bool)> {
    let home = || {
        host.home().ok_or_else(|| {
            Error::failed(format!("no home folder: neither HOME nor the user database names one: set {variable}"))
        })
    };
    match host.var(variable) {
        None => Ok((home()?.join(".aws").join(name), false)),
        Some(given) => {
            let path = PathBuf::from(expand_variables(host, &given));
            match path.strip_prefix("~") {
                Ok(rest) if rest.as_os_str().is_empty() => Ok((home()?.to_owned(), true)),
                Ok(rest) => Ok((home()?.join(rest), true)),
                Err(_) => Ok((path, true)),
            }
        }
    }
}

/// `$NAME` and `${NAME}`; a name that is not set stays as it is, as in Python's `expandvars`.
fn expand_variables(host: &Host, given: &OsStr) -> OsString {
    let Some(bytes) = <[u8]>::from_os_str(given) else { return given.to_owned() };
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(dollar) = rest.find_byte(b'$') {
        out.extend_from_slice(&rest[..dollar]);
        rest = &rest[dollar..];
        let (name, length) = match rest.get(1) {
            Some(b'{') => match rest.find_byte(b'}') {
                Some(close) => (&rest[2..close], close + 1),
                None => (&rest[..0], 1),
            },
            _ => {
                let name = rest[1..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                (&rest[1..=name], name + 1)
            }
        };
        let value = name.to_os_str().ok().filter(|name| !name.is_empty()).and_then(|name| host.raw_var(name));
        match value.as_deref().and_then(<[u8]>::from_os_str) {
            Some(value) => out.extend_from_slice(value),
            None => out.extend_from_slice(&rest[..length]),
        }
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
    out.into_os_string().unwrap_or_else(|_| given.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::time::Timestamp;

    fn paths(vars: &[(&str, &str)]) -> Paths {
        Paths::of(&Host::fixed(vars, Path::new("/home/user"), Timestamp(0))).expect("a home is given")
    }

    #[test]
    fn the_files_are_in_the_home_unless_the_environment_names_them() {
        let found = paths(&[]);
        assert_eq!(found.config, Path::new("/home/user/.aws/config"));
        assert_eq!(found.credentials, Path::new("/home/user/.aws/credentials"));
        assert!(!found.config_from_env && !found.credentials_from_env);

        let found = paths(&[("AWS_CONFIG_FILE", "/other/config"), ("AWS_SHARED_CREDENTIALS_FILE", "")]);
        assert_eq!(found.config, Path::new("/other/config"));
        assert_eq!(found.credentials, Path::new("/home/user/.aws/credentials"));
        assert!(found.config_from_env && !found.credentials_from_env);
    }

    #[test]
    fn home_and_variables_in_a_name_are_expanded() {
        let config = |given| paths(&[("AWS_CONFIG_FILE", given), ("WORK", "/srv/w"), ("A_1", "x")]).config;
        assert_eq!(config("~/c"), Path::new("/home/user/c"));
        assert_eq!(config("~"), Path::new("/home/user"));
        assert_eq!(config("~other/c"), Path::new("~other/c"));
        assert_eq!(config("$WORK/c"), Path::new("/srv/w/c"));
        assert_eq!(config("${WORK}$A_1/$NONE/${NONE}/${open/$"), Path::new("/srv/wx/$NONE/${NONE}/${open/$"));
    }
}
