//! Why the Secret Service does not do what it was asked.

use crate::keyring::dbus;

/// As the callers tell them apart.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is none on this machine or in this session: why.
    #[error("{0}")]
    None(String),
    /// It may be on a bus that the environment names and nobody has confirmed.
    #[error("{0}")]
    Unconfirmed(String),
    /// It is locked, and nobody may be asked.
    #[error("it is locked")]
    Locked,
    /// It is locked, and the dialogue for its password was closed, or could not be shown.
    #[error("it stays locked")]
    StaysLocked,
    /// It wants to ask something else, and nobody may be asked.
    #[error("it asks first")]
    WouldAsk,
    /// That dialogue was closed, or could not be shown.
    #[error("its dialogue was closed")]
    Dismissed,
    /// Ctrl-C while its dialogue was open, or at a question.
    #[error("stopped")]
    Stopped,
    /// The bus, or the program behind it.
    #[error("{0}")]
    Bus(dbus::Fault),
}

impl From<dbus::Fault> for Fault {
    fn from(fault: dbus::Fault) -> Self {
        match fault {
            dbus::Fault::NoBus(why) => Fault::None(why),
            dbus::Fault::Unconfirmed(why) => Fault::Unconfirmed(why),
            dbus::Fault::Stopped => Fault::Stopped,
            dbus::Fault::Refused { name, message } => match name.as_str() {
                "org.freedesktop.Secret.Error.IsLocked" => Fault::Locked,
                // Nobody has the name, and there is nobody to start for it.
                "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
                    Fault::None("no program on the session bus offers it".into())
                }
                // There is, and its start failed.
                start if start.starts_with("org.freedesktop.DBus.Error.Spawn.") => {
                    Fault::None(format!("the program that offers it does not start: {message}"))
                }
                _ => Fault::Bus(dbus::Fault::Refused { name, message }),
            },
            other => Fault::Bus(other),
        }
    }
}

impl From<Fault> for keyring_core::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::None(_) | Fault::Unconfirmed(_) | Fault::Bus(_) => {
                keyring_core::Error::PlatformFailure(Box::new(fault))
            }
            _ => keyring_core::Error::NoStorageAccess(Box::new(fault)),
        }
    }
}
