//! Who calls, and who is meant.

use super::Office;
use crate::error::{Error, Result};
use crate::net;
use crate::terminal::warn;

/// Whose keys sign the calls.
pub struct Caller {
    pub account: String,
    pub arn: String,
    pub who: Who,
}

/// What kind of caller it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// An IAM user, by name.
    User(String),
    /// The session of a role, by the role's name.
    Role(String),
    /// The account's owner.
    Root,
    /// A federated user, or what AWS may think of.
    Other,
}

impl Caller {
    /// From `arn:aws:iam::ACCOUNT:user/PATH/NAME` or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub fn of(found: net::Caller) -> Caller {
        let mut parts = found.arn.splitn(6, ':').skip(2);
        let (service, resource) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
        let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
        let who = match (service, kind) {
            ("iam", "user") => Who::User(last(rest)),
            ("sts", "assumed-role") => Who::Role(rest.split('/').next().unwrap_or_default().to_owned()),
            ("iam", "root") => Who::Root,
            _ => Who::Other,
        };
        Caller { account: found.account, arn: found.arn, who }
    }
}

impl Office<'_> {
    /// The user that a command is about: the one named, else the caller.
    ///
    /// # Errors
    /// The caller is no user, and none was named.
    pub(super) fn user(&self, named: Option<&str>) -> Result<String> {
        match (named, &self.caller.who) {
            (Some(""), _) => Err(Error::usage("a user's name is not empty")),
            (Some(name), _) => Ok(name.to_owned()),
            (None, Who::User(name)) => Ok(name.clone()),
            (None, who) => {
                let what = match who {
                    Who::Role(_) => "the session of a role",
                    Who::Root => "the account's root user",
                    _ => "no IAM user",
                };
                Err(Error::failed(format!("{} is {} ({what})", self.profile.name, self.caller.arn))
                    .next("name the IAM user that is meant"))
            }
        }
    }

    /// Whether this user is the caller.
    pub(super) fn is_caller(&self, user: &str) -> bool {
        self.caller.who == Who::User(user.to_owned())
    }

    /// Where users of this account sign in to the console.
    pub(super) fn sign_in_url(&self) -> String {
        // Who may not ask for the alias gets the number, which works always; what was done is done by now.
        let alias = self.iam().account_alias().unwrap_or_else(|error| {
            let why = error.missing().map_or_else(|| error.to_string(), |(why, _)| why);
            warn(format!("the account's alias cannot be seen: {why}"));
            None
        });
        let name = alias.as_deref().unwrap_or(&self.caller.account);
        format!("https://{name}.signin.{}/console", self.access.partition().console_suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_known_by_its_arn() {
        let who = |arn: &str| {
            let found = net::Caller { account: "1".into(), arn: arn.into(), user_id: String::new() };
            Caller::of(found).who
        };
        assert_eq!(who("arn:aws:iam::1:user/team/a/taro"), Who::User("taro".into()));
        assert_eq!(who("arn:aws-cn:sts::1:assumed-role/admin/x"), Who::Role("admin".into()));
        assert_eq!(who("arn:aws:iam::1:root"), Who::Root);
        assert_eq!(who("arn:aws:sts::1:federated-user/x"), Who::Other);
    }
}
