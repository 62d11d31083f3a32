//! The name of a profile: any bytes that a file can hold, not necessarily UTF-8.

use std::ffi::{OsStr, OsString};
use std::fmt;

use bstr::{BStr, BString, ByteSlice};

/// A profile's name as it stands in the files and in `AWS_PROFILE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileName(BString);

impl ProfileName {
    /// The profile that every AWS tool falls back to.
    pub fn default_profile() -> Self {
        Self::from("default")
    }

    pub fn as_bstr(&self) -> &BStr {
        self.0.as_bstr()
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// `NAME-long-term`: the section that holds the long-term keys in aws-mfa's layout.
    #[must_use]
    pub fn long_term(&self) -> Self {
        Self::from([self.as_bytes(), b"-long-term"].concat())
    }

    /// `NAME-session`: the sibling profile through which SDKs get keys they could not get by themselves.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self::from([self.as_bytes(), b"-session"].concat())
    }

    /// The name for an environment variable or an argument; a NUL, which neither can hold, is dropped.
    pub fn to_os_string(&self) -> OsString {
        let bytes: Vec<u8> = self.0.iter().copied().filter(|b| *b != 0).collect();
        #[cfg(unix)]
        return std::os::unix::ffi::OsStringExt::from_vec(bytes);
        #[cfg(not(unix))]
        return bytes.to_str_lossy().into_owned().into();
    }
}

impl From<&str> for ProfileName {
    fn from(name: &str) -> Self {
        ProfileName(name.into())
    }
}

impl From<Vec<u8>> for ProfileName {
    fn from(name: Vec<u8>) -> Self {
        ProfileName(name.into())
    }
}

impl From<&BStr> for ProfileName {
    fn from(name: &BStr) -> Self {
        ProfileName(name.into())
    }
}

impl From<&OsStr> for ProfileName {
    fn from(name: &OsStr) -> Self {
        ProfileName(name.as_encoded_bytes().into())
    }
}

/// For messages; the one place that prints cleans it.
impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
