//! The calls of IAM, each with what its answer says. `user` is a name; `None`: the caller's own user (long-term keys and a
//! user's session alike).

use chrono::DateTime;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use super::iam::{Call, Iam};
use super::iam_error::IamError;
use super::xml::Element;
use super::{Fault, Keys};
use crate::terminal::Code;
use crate::time::Timestamp;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamUser {
    pub name: String,
    pub arn: String,
    pub created: Option<Timestamp>,
    /// The last sign-in with the password, up to a few minutes late; none: never, or before October 2014.
    pub password_last_used: Option<Timestamp>,
}

/// A console password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginProfile {
    pub created: Option<Timestamp>,
    /// It must be changed at the next sign-in.
    pub reset_required: bool,
}

/// A device that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaDevice {
    pub serial: String,
    pub enabled: Option<Timestamp>,
}

/// A device that was just made, and what an app needs to know.
pub struct NewDevice {
    pub serial: String,
    /// Base32.
    pub seed: SecretString,
}

/// A long-term key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    pub id: String,
    pub active: bool,
    pub created: Option<Timestamp>,
}

/// When, where and for what a key was used last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    pub when: Timestamp,
    pub service: String,
    pub region: String,
}

/// The account's own rules for passwords.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PasswordPolicy {
    pub minimum_length: usize,
    pub symbols: bool,
    pub numbers: bool,
    pub uppercase: bool,
    pub lowercase: bool,
    pub users_may_change: bool,
    /// Days.
    pub max_age: Option<u32>,
    /// How many earlier passwords may not come again.
    pub reuse_prevention: Option<u32>,
    /// Nobody but an administrator can set a new one once it is over.
    pub hard_expiry: bool,
}

type Outcome<T> = Result<T, IamError>;
type Pairs<'p> = &'p [(&'p str, Option<&'p str>)];

impl Iam<'_> {
    fn read_call(&self, action: &'static str, open: Pairs) -> Outcome<Element> {
        self.call(&Call { action, open, secret: &[], reads: true })
    }

    fn change(&self, action: &'static str, open: Pairs) -> Outcome<()> {
        self.call(&Call { action, open, secret: &[], reads: false }).map(drop)
    }

    /// All members of a list, over all its pages.
    fn list(&self, action: &'static str, open: Pairs, list: &str, each: &mut dyn FnMut(&Element)) -> Outcome<()> {
        let mut marker: Option<String> = None;
        // Somebody who always answers that there is more is not AWS.
        for _ in 0..1000 {
            let pairs = [open, &[("Marker", marker.as_deref())]].concat();
            let answer = self.read_call(action, &pairs)?;
            let result = self.result(&answer, action)?;
            result.members(list).for_each(&mut *each);
            let more = result.text_of("IsTruncated") == Some("true");
            marker = result.text_of("Marker").filter(|m| more && !m.is_empty()).map(str::to_owned);
            if marker.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn result<'e>(&self, answer: &'e Element, action: &str) -> Outcome<&'e Element> {
        answer.child(&format!("{action}Result")).ok_or_else(|| self.incomplete(action))
    }

    /// An answer without what AWS always sends.
    fn incomplete(&self, action: &str) -> IamError {
        let why = format!("the answer to {action} is not complete");
        Fault::Internal { host: self.way.endpoint.host().into(), why }.into()
    }

    pub fn get_user(&self, user: Option<&str>) -> Outcome<IamUser> {
        const ACTION: &str = "GetUser";
        let answer = self.read_call(ACTION, &[("UserName", user)])?;
        let found = self.result(&answer, ACTION)?.child("User").ok_or_else(|| self.incomplete(ACTION))?;
        Ok(IamUser {
            name: text(found, "UserName"),
            arn: text(found, "Arn"),
            created: time(found, "CreateDate"),
            password_last_used: time(found, "PasswordLastUsed"),
        })
    }

    /// The console password of a user; `None` where there is none.
    pub fn get_login_profile(&self, user: Option<&str>) -> Outcome<Option<LoginProfile>> {
        const ACTION: &str = "GetLoginProfile";
        let answer = match self.read_call(ACTION, &[("UserName", user)]) {
            Err(error) if error.is_without_password() => return Ok(None),
            answer => answer?,
        };
        let found = self.result(&answer, ACTION)?.child("LoginProfile").ok_or_else(|| self.incomplete(ACTION))?;
        Ok(Some(LoginProfile {
            created: time(found, "CreateDate"),
            reset_required: flag(found, "PasswordResetRequired"),
        }))
    }

    /// Gives a user a console password.
    pub fn create_login_profile(&self, user: &str, password: &SecretString, reset: bool) -> Outcome<()> {
        let open = [("UserName", Some(user)), ("PasswordResetRequired", Some(word(reset)))];
        let secret = [("Password", password)];
        self.call(&Call { action: "CreateLoginProfile", open: &open, secret: &secret, reads: false }).map(drop)
    }

    /// Changes a user's console password; `reset` as it was where `None`.
    pub fn update_login_profile(&self, user: &str, password: &SecretString, reset: Option<bool>) -> Outcome<()> {
        let open = [("UserName", Some(user)), ("PasswordResetRequired", reset.map(word))];
        let secret = [("Password", password)];
        self.call(&Call { action: "UpdateLoginProfile", open: &open, secret: &secret, reads: false }).map(drop)
    }

    pub fn delete_login_profile(&self, user: &str) -> Outcome<()> {
        self.change("DeleteLoginProfile", &[("UserName", Some(user))])
    }

    /// The caller's own password.
    pub fn change_password(&self, old: &SecretString, new: &SecretString) -> Outcome<()> {
        let secret = [("OldPassword", old), ("NewPassword", new)];
        self.call(&Call { action: "ChangePassword", open: &[], secret: &secret, reads: false }).map(drop)
    }

    /// The account's own rules; `None` where only AWS's hold.
    pub fn password_policy(&self) -> Outcome<Option<PasswordPolicy>> {
        const ACTION: &str = "GetAccountPasswordPolicy";
        let answer = match self.read_call(ACTION, &[]) {
            Err(error) if error.is_absent() => return Ok(None),
            answer => answer?,
        };
        let found = self.result(&answer, ACTION)?.child("PasswordPolicy").ok_or_else(|| self.incomplete(ACTION))?;
        let number = |name: &str| found.text_of(name).and_then(|text| text.parse().ok()).filter(|n| *n > 0);
        Ok(Some(PasswordPolicy {
            minimum_length: number("MinimumPasswordLength").map_or(6, |n: u32| n as usize),
            symbols: flag(found, "RequireSymbols"),
            numbers: flag(found, "RequireNumbers"),
            uppercase: flag(found, "RequireUppercaseCharacters"),
            lowercase: flag(found, "RequireLowercaseCharacters"),
            users_may_change: flag(found, "AllowUsersToChangePassword"),
            max_age: number("MaxPasswordAge"),
            reuse_prevention: number("PasswordReusePrevention"),
            hard_expiry: flag(found, "HardExpiry"),
        }))
    }

    /// The account's name in its sign-in URL; `None` where it has only its number.
    pub fn account_alias(&self) -> Outcome<Option<String>> {
        let mut alias = None;
        self.list("ListAccountAliases", &[], "AccountAliases", &mut |member| {
            alias.get_or_insert_with(|| member.text.to_string());
        })?;
        Ok(alias)
    }

    pub fn list_mfa_devices(&self, user: Option<&str>) -> Outcome<Vec<MfaDevice>> {
        let mut devices = Vec::new();
        self.list("ListMFADevices", &[("UserName", user)], "MFADevices", &mut |member| {
            devices.push(MfaDevice { serial: text(member, "SerialNumber"), enabled: time(member, "EnableDate") });
        })?;
        Ok(devices)
    }

    /// The serials of virtual devices that were made and belong to nobody.
    pub fn unassigned_devices(&self) -> Outcome<Vec<String>> {
        let mut serials = Vec::new();
        let open = [("AssignmentStatus", Some("Unassigned"))];
        self.list("ListVirtualMFADevices", &open, "VirtualMFADevices", &mut |member| {
            serials.push(text(member, "SerialNumber"));
        })?;
        Ok(serials)
    }

    pub fn create_virtual_mfa_device(&self, name: &str) -> Outcome<NewDevice> {
        const ACTION: &str = "CreateVirtualMFADevice";
        let open = [("VirtualMFADeviceName", Some(name))];
        let answer = self.call(&Call { action: ACTION, open: &open, secret: &[], reads: false })?;
        let found = self.result(&answer, ACTION)?.child("VirtualMFADevice");
        let found = found.ok_or_else(|| self.incomplete(ACTION))?;
        // A blob: base64 of the seed's base32.
        let seed = found.text_of("Base32StringSeed").and_then(|text| {
            let bytes = secrecy::zeroize::Zeroizing::new(aws_smithy_types::base64::decode(text).ok()?);
            Some(SecretString::from(std::str::from_utf8(&bytes).ok()?))
        });
        Ok(NewDevice { serial: text(found, "SerialNumber"), seed: seed.ok_or_else(|| self.incomplete(ACTION))? })
    }

    pub fn enable_mfa_device(&self, user: &str, serial: &str, codes: [&Code; 2]) -> Outcome<()> {
        let codes = codes.map(|code| SecretString::from(code.as_str()));
        let open = [("UserName", Some(user)), ("SerialNumber", Some(serial))];
        let secret = [("AuthenticationCode1", &codes[0]), ("AuthenticationCode2", &codes[1])];
        self.call(&Call { action: "EnableMFADevice", open: &open, secret: &secret, reads: false }).map(drop)
    }

    pub fn deactivate_mfa_device(&self, user: &str, serial: &str) -> Outcome<()> {
        self.change("DeactivateMFADevice", &[("UserName", Some(user)), ("SerialNumber", Some(serial))])
    }

    pub fn delete_virtual_mfa_device(&self, serial: &str) -> Outcome<()> {
        self.change("DeleteVirtualMFADevice", &[("SerialNumber", Some(serial))])
    }

    pub fn list_access_keys(&self, user: Option<&str>) -> Outcome<Vec<AccessKey>> {
        let mut keys = Vec::new();
        self.list("ListAccessKeys", &[("UserName", user)], "AccessKeyMetadata", &mut |member| {
            keys.push(AccessKey {
                id: text(member, "AccessKeyId"),
                active: member.text_of("Status") == Some("Active"),
                created: time(member, "CreateDate"),
            });
        })?;
        Ok(keys)
    }

    /// `None`: never.
    pub fn last_use(&self, id: &str) -> Outcome<Option<LastUse>> {
        const ACTION: &str = "GetAccessKeyLastUsed";
        let answer = self.read_call(ACTION, &[("AccessKeyId", Some(id))])?;
        let found = self.result(&answer, ACTION)?.child("AccessKeyLastUsed");
        Ok(found.and_then(|found| {
            let when = time(found, "LastUsedDate")?;
            Some(LastUse { when, service: text(found, "ServiceName"), region: text(found, "Region") })
        }))
    }

    pub fn create_access_key(&self, user: &str) -> Outcome<Keys> {
        const ACTION: &str = "CreateAccessKey";
        let open = [("UserName", Some(user))];
        let answer = self.call(&Call { action: ACTION, open: &open, secret: &[], reads: false })?;
        let found = self.result(&answer, ACTION)?.child("AccessKey").ok_or_else(|| self.incomplete(ACTION))?;
        match (found.text_of("AccessKeyId"), found.text_of("SecretAccessKey")) {
            (Some(id), Some(secret)) if !id.is_empty() && !secret.is_empty() => {
                Ok(Keys { access_key_id: id.into(), secret_access_key: secret.into(), session_token: None })
            }
            _ => Err(self.incomplete(ACTION)),
        }
    }

    pub fn set_access_key(&self, user: &str, id: &str, active: bool) -> Outcome<()> {
        let status = if active { "Active" } else { "Inactive" };
        let open = [("UserName", Some(user)), ("AccessKeyId", Some(id)), ("Status", Some(status))];
        self.change("UpdateAccessKey", &open)
    }

    pub fn delete_access_key(&self, user: &str, id: &str) -> Outcome<()> {
        self.change("DeleteAccessKey", &[("UserName", Some(user)), ("AccessKeyId", Some(id))])
    }

    /// The names of a user's inline policies.
    pub fn list_user_policies(&self, user: &str) -> Outcome<Vec<String>> {
        let mut names = Vec::new();
        self.list("ListUserPolicies", &[("UserName", Some(user))], "PolicyNames", &mut |member| {
            names.push(member.text.to_string());
        })?;
        Ok(names)
    }
}

/// Who has an inline policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'h> {
    User(&'h str),
    Role(&'h str),
}

impl Iam<'_> {
    /// The document of an inline policy; `None` where the user or role has none of that name.
    pub fn inline_policy(&self, of: Holder, policy: &str) -> Outcome<Option<String>> {
        let (action, key, name) = match of {
            Holder::User(name) => ("GetUserPolicy", "UserName", name),
            Holder::Role(name) => ("GetRolePolicy", "RoleName", name),
        };
        let answer = match self.read_call(action, &[(key, Some(name)), ("PolicyName", Some(policy))]) {
            // "The user policy with name X cannot be found."; without the user: "The user with name X cannot be found."
            Err(IamError::NoSuchEntity { text }) if text.contains("policy with name") => return Ok(None),
            answer => answer?,
        };
        let document = self.result(&answer, action)?.text_of("PolicyDocument");
        // Percent-encoded, by RFC 3986.
        let document = document.map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
        document.map(Some).ok_or_else(|| self.incomplete(action))
    }

    pub fn put_inline_policy(&self, of: Holder, policy: &str, document: &str) -> Outcome<()> {
        let (action, key, name) = match of {
            Holder::User(name) => ("PutUserPolicy", "UserName", name),
            Holder::Role(name) => ("PutRolePolicy", "RoleName", name),
        };
        self.change(action, &[(key, Some(name)), ("PolicyName", Some(policy)), ("PolicyDocument", Some(document))])
    }

    pub fn delete_inline_policy(&self, of: Holder, policy: &str) -> Outcome<()> {
        let (action, key, name) = match of {
            Holder::User(name) => ("DeleteUserPolicy", "UserName", name),
            Holder::Role(name) => ("DeleteRolePolicy", "RoleName", name),
        };
        self.change(action, &[(key, Some(name)), ("PolicyName", Some(policy))])
    }

    /// A role's ARN, which says by its path who looks after it.
    pub fn role_arn(&self, role: &str) -> Outcome<String> {
        const ACTION: &str = "GetRole";
        let answer = self.read_call(ACTION, &[("RoleName", Some(role))])?;
        let found = self.result(&answer, ACTION)?.child("Role").ok_or_else(|| self.incomplete(ACTION))?;
        Ok(text(found, "Arn"))
    }
}

fn text(element: &Element, name: &str) -> String {
    element.text_of(name).unwrap_or_default().to_owned()
}

fn time(element: &Element, name: &str) -> Option<Timestamp> {
    let time = DateTime::parse_from_rfc3339(element.text_of(name)?).ok()?;
    Some(Timestamp(time.timestamp()))
}

fn flag(element: &Element, name: &str) -> bool {
    element.text_of(name) == Some("true")
}

fn word(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}
