//! Users and the account.

use super::{Ask, date, missing, tag};
use crate::aws::account::UserRecord;
use crate::aws::answer::Refusal;
use crate::aws::permission::{self, Resource};

pub(super) fn get(ask: &Ask) -> Result<String, Refusal> {
    let (arn, name) = ask.user()?;
    let user = ask.state.accounts.users.get(&arn);
    let user = user.ok_or_else(|| missing(format!("The user with name {name} cannot be found.")))?;
    Ok(format!("<User>{}</User>", fields(&arn, user)))
}

/// What stands inside an element of a user.
pub(super) fn fields(arn: &str, user: &UserRecord) -> String {
    let last_used = user.password_last_used.map(|time| tag("PasswordLastUsed", &date(time))).unwrap_or_default();
    [
        tag("Path", &user.path),
        tag("UserName", &user.name),
        tag("UserId", &user.id),
        tag("Arn", arn),
        tag("CreateDate", &date(user.created)),
        last_used,
    ]
    .concat()
}

pub(super) fn aliases(ask: &Ask) -> Result<String, Refusal> {
    permission::check(ask.state, ask.caller, "iam:ListAccountAliases", Some(&Resource::arn("*")))?;
    let aliases: Vec<_> = ask.state.accounts.alias.iter().map(|alias| tag("member", alias)).collect();
    ask.page("AccountAliases", &aliases)
}

pub(super) fn summary(ask: &Ask) -> Result<String, Refusal> {
    permission::check(ask.state, ask.caller, "iam:GetAccountSummary", Some(&Resource::arn("*")))?;
    let (accounts, start) = (&ask.state.accounts, ask.account_arn());
    let own = |arn: &&String| arn.starts_with(&start);
    let devices = accounts.devices.iter().filter(|(serial, _)| own(serial));
    let in_use = devices.clone().filter(|(_, device)| device.user.is_some()).count();
    let counts = [
        ("AccessKeysPerUserQuota", 2),
        ("AccountMFAEnabled", 1),
        ("AccountAccessKeysPresent", 0),
        ("MFADevices", devices.count()),
        ("MFADevicesInUse", in_use),
        ("Roles", accounts.roles.keys().filter(own).count()),
        ("UserPolicySizeQuota", 2048),
        ("Users", accounts.users.keys().filter(own).count()),
    ];
    let entry = |(key, value): (&str, usize)| format!("<entry><key>{key}</key><value>{value}</value></entry>");
    Ok(format!("<SummaryMap>{}</SummaryMap>", counts.map(entry).concat()))
}
