//! IAM's query API, as far as an administrator of passwords, devices, keys and sessions needs it
//! (docs.aws.amazon.com/IAM/latest/APIReference). Texts are AWS's own where its users have reported them.

mod devices;
mod keys;
mod passwords;
mod policies;
mod settings;
mod users;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat};

pub use passwords::PasswordPolicy;

use super::State;
use super::account::{Who, partition_of};
use super::answer::{Answer, Refusal, escaped};
use super::permission::{self, Resource};
use super::request::Request;
use super::sts::Caller;

const VERSION: &str = "2010-05-08";
pub(super) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// A call, after its signature was checked.
struct Ask<'a> {
    state: &'a mut State,
    caller: &'a Caller,
    action: &'a str,
    params: &'a BTreeMap<String, String>,
}

pub(super) fn answer(
    state: &mut State,
    caller: &Caller,
    action: &str,
    params: &BTreeMap<String, String>,
    request: &Request,
) -> Result<Answer, Refusal> {
    if caller.session && !caller.mfa && matches!(caller.who, Who::User(_)) {
        // A session made without a code cannot call IAM at all.
        return Err(Refusal::unknown_key());
    }
    let version = request.form().remove("Version").unwrap_or_else(|| "NO_VERSION_SPECIFIED".into());
    let unknown =
        || Refusal::new(400, "InvalidAction", format!("Could not find operation {action} for version {version}"));
    if version != VERSION {
        return Err(unknown());
    }
    let ask = &mut Ask { state, caller, action, params };
    // An empty result: the action has none.
    let result = match action {
        "GetUser" => users::get(ask),
        "ListAccountAliases" => users::aliases(ask),
        "GetAccountSummary" => users::summary(ask),
        "GetLoginProfile" => passwords::get(ask),
        "CreateLoginProfile" => passwords::create(ask),
        "UpdateLoginProfile" => passwords::update(ask),
        "DeleteLoginProfile" => passwords::delete(ask),
        "ChangePassword" => passwords::change(ask),
        "GetAccountPasswordPolicy" => passwords::policy(ask),
        "ListMFADevices" => devices::list(ask),
        "ListVirtualMFADevices" => devices::list_virtual(ask),
        "CreateVirtualMFADevice" => devices::create(ask),
        "EnableMFADevice" => devices::enable(ask),
        "ResyncMFADevice" => devices::resync(ask),
        "DeactivateMFADevice" => devices::deactivate(ask),
        "DeleteVirtualMFADevice" => devices::delete(ask),
        "ListAccessKeys" => keys::list(ask),
        "GetAccessKeyLastUsed" => keys::last_used(ask),
        "CreateAccessKey" => keys::create(ask),
        "UpdateAccessKey" => keys::update(ask),
        "DeleteAccessKey" => keys::delete(ask),
        "ListUserPolicies" | "ListRolePolicies" => policies::list(ask),
        "GetUserPolicy" | "GetRolePolicy" => policies::get(ask),
        "PutUserPolicy" | "PutRolePolicy" => policies::put(ask),
        "DeleteUserPolicy" | "DeleteRolePolicy" => policies::delete(ask),
        "GetRole" => policies::role(ask),
        _ => Err(unknown()),
    }?;
    Ok(Answer::query(NAMESPACE, action, &result))
}

/// IAM has one region per partition, and a partition knows nothing of another's keys.
pub(super) fn check_scope(caller: &Caller, region: &str, host: &str) -> Result<(), Refusal> {
    let host = host.split(':').next().unwrap_or_default();
    let own = partition_of(caller.who.arn());
    let (home, endpoint) = match own {
        "aws-cn" => ("cn-north-1", "iam.cn-north-1.amazonaws.com.cn"),
        "aws-us-gov" => ("us-gov-west-1", "iam.us-gov.amazonaws.com"),
        _ => ("us-east-1", "iam.amazonaws.com"),
    };
    if host.contains(".amazonaws.com") && host != endpoint {
        return Err(Refusal::unknown_key());
    }
    if region != home {
        let text = "Credential should be scoped to a valid region. ";
        return Err(Refusal::new(403, "SignatureDoesNotMatch", text));
    }
    Ok(())
}

impl Ask<'_> {
    fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    fn required(&self, name: &str) -> Result<String, Refusal> {
        let missing = || {
            let member = member(name);
            let must = "failed to satisfy constraint: Member must not be null";
            Refusal::invalid(format!("1 validation error detected: Value null at '{member}' {must}"))
        };
        self.param(name).map(str::to_owned).ok_or_else(missing)
    }

    /// A truth value; false when it is not there.
    fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.param(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Refusal::new(400, "MalformedInput", "Invalid boolean value")),
        }
    }

    /// A name of the kind that IAM takes, at most `longest` characters.
    fn name(&self, param: &str, longest: usize) -> Result<String, Refusal> {
        let name = self.required(param)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        let member = member(param);
        if name.chars().count() > longest {
            let must = format!("Member must have length less than or equal to {longest}");
            return Err(Refusal::constraint(&name, &member, &must));
        }
        if name.is_empty() || !name.chars().all(fits) {
            let must = "It must contain only alphanumeric characters and/or the following: +=,.@_-";
            return Err(Refusal::invalid(format!("The specified value for {member} is invalid. {must}")));
        }
        Ok(name)
    }

    /// `arn:aws:iam::ACCOUNT:`, of the caller.
    fn account_arn(&self) -> String {
        let arn = self.caller.who.arn();
        let (start, _) = arn.rsplit_once(':').unwrap_or((arn, ""));
        format!("{start}:")
    }

    fn allow(&self, resource: &Resource) -> Result<(), Refusal> {
        permission::check(self.state, self.caller, &format!("iam:{}", self.action), Some(resource))
    }

    /// The ARN and name of the user that UserName names, or of the caller without one; the action is allowed on it.
    fn user(&self) -> Result<(String, String), Refusal> {
        let name = match (&self.caller.who, self.param("UserName")) {
            (_, Some(_)) => self.name("UserName", 128)?,
            (Who::User(arn), None) => arn.rsplit('/').next().unwrap_or_default().to_owned(),
            (Who::Role(..), None) => return Err(no_user_name()),
        };
        let start = format!("{}user/", self.account_arn());
        let users = &self.state.accounts.users;
        let known = users.iter().find(|(arn, user)| user.name == name && arn.starts_with(&start));
        let arn = known.map_or_else(|| format!("{start}{name}"), |(arn, _)| arn.clone());
        self.allow(&Resource { arn: arn.clone(), name: format!("user {name}") })?;
        if known.is_none() {
            return Err(missing(format!("The user with name {name} cannot be found.")));
        }
        Ok((arn, name))
    }

    /// The same, of the actions that do not take the user from temporary credentials.
    fn user_named_by_sessions(&self) -> Result<(String, String), Refusal> {
        if self.caller.session && self.param("UserName").is_none() {
            return Err(no_user_name());
        }
        self.user()
    }

    /// The user, of the actions that want its name.
    fn user_required(&self) -> Result<(String, String), Refusal> {
        self.required("UserName")?;
        self.user()
    }

    /// The part of the list that MaxItems and Marker ask for, in `<LIST>…</LIST>` with what comes behind it.
    fn page(&self, list: &str, items: &[String]) -> Result<String, Refusal> {
        let most = match self.param("MaxItems").map(str::parse::<usize>) {
            None => 100,
            Some(Ok(count @ 1..=1000)) => count,
            Some(_) => {
                let value = self.param("MaxItems").unwrap_or_default();
                let must = "Member must have value between 1 and 1000";
                return Err(Refusal::constraint(value, "maxItems", must));
            }
        };
        let most = self.state.accounts.page.map_or(most, |page| page.min(most));
        let begin = match self.param("Marker") {
            None => 0,
            Some(marker) => self.place(marker).ok_or_else(|| Refusal::invalid("Invalid Marker."))?,
        };
        let end = items.len().min(begin + most);
        let inside = items.get(begin..end).unwrap_or_default().concat();
        let rest = if end < items.len() {
            let marker = STANDARD.encode(format!("{} {end}", self.action));
            format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>")
        } else {
            "<IsTruncated>false</IsTruncated>".into()
        };
        Ok(format!("<{list}>{inside}</{list}>{rest}"))
    }

    /// Where a marker of this action says that the next page begins.
    fn place(&self, marker: &str) -> Option<usize> {
        let text = String::from_utf8(STANDARD.decode(marker).ok()?).ok()?;
        text.strip_prefix(self.action)?.trim().parse().ok()
    }
}

/// `userName` for `UserName`, as errors write it.
fn member(param: &str) -> String {
    let (first, rest) = param.split_at(1);
    first.to_ascii_lowercase() + rest
}

fn missing(text: String) -> Refusal {
    Refusal::new(404, "NoSuchEntity", text)
}

fn no_user_name() -> Refusal {
    Refusal::invalid("Must specify userName when calling with non-User credentials")
}

/// Seconds since 1970 as IAM writes them.
fn date(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `<NAME>text</NAME>`.
fn tag(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}
