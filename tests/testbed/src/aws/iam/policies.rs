//! Inline policies of users and roles.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::{Ask, date, missing, tag};
use crate::aws::account::RoleRecord;
use crate::aws::answer::Refusal;
use crate::aws::permission::{self, Resource};

/// RFC 3986: what stays as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The user or role whose policies are meant.
struct Owner {
    role: bool,
    arn: String,
    name: String,
}

impl Owner {
    fn of(ask: &Ask) -> Result<Owner, Refusal> {
        let role = ask.action.contains("Role");
        let (arn, name) = if role { known_role(ask)? } else { ask.user_required()? };
        Ok(Owner { role, arn, name })
    }

    /// `user`, or `role`.
    fn kind(&self) -> &'static str {
        if self.role { "role" } else { "user" }
    }

    fn policies<'a>(&self, ask: &'a mut Ask) -> Result<&'a mut BTreeMap<String, String>, Refusal> {
        let accounts = &mut ask.state.accounts;
        let found = if self.role {
            accounts.roles.get_mut(&self.arn).map(|role| &mut role.policies)
        } else {
            accounts.users.get_mut(&self.arn).map(|user| &mut user.policies)
        };
        found.ok_or_else(|| missing(format!("The {} with name {} cannot be found.", self.kind(), self.name)))
    }

    fn unknown(&self, policy: &str) -> Refusal {
        missing(format!("The {} policy with name {policy} cannot be found.", self.kind()))
    }

    /// AWS keeps its own roles to itself: those of services, and those of Identity Center.
    fn check_own(&self) -> Result<(), Refusal> {
        if !self.role || !(self.arn.contains(":role/aws-service-role/") || self.name.starts_with("AWSReservedSSO_")) {
            return Ok(());
        }
        let role = format!("the protected role '{}' - this role is only modifiable by AWS", self.name);
        Err(Refusal::new(400, "UnmodifiableEntity", format!("Cannot perform the operation on {role}")))
    }
}

/// The ARN and name of the role that RoleName names; the action is allowed on it.
fn known_role(ask: &Ask) -> Result<(String, String), Refusal> {
    let name = ask.name("RoleName", 64)?;
    let start = format!("{}role/", ask.account_arn());
    let roles = &ask.state.accounts.roles;
    let known = roles.iter().find(|(arn, role)| role.name == name && arn.starts_with(&start));
    let arn = known.map_or_else(|| format!("{start}{name}"), |(arn, _)| arn.clone());
    ask.allow(&Resource { arn: arn.clone(), name: format!("role {name}") })?;
    if known.is_none() {
        return Err(missing(format!("The role with name {name} cannot be found.")));
    }
    Ok((arn, name))
}

pub(super) fn list(ask: &mut Ask) -> Result<String, Refusal> {
    let names: Vec<_> = Owner::of(ask)?.policies(ask)?.keys().map(|name| tag("member", name)).collect();
    ask.page("PolicyNames", &names)
}

pub(super) fn get(ask: &mut Ask) -> Result<String, Refusal> {
    let policy = ask.name("PolicyName", 128)?;
    let owner = Owner::of(ask)?;
    let document = owner.policies(ask)?.get(&policy).cloned().ok_or_else(|| owner.unknown(&policy))?;
    let name = tag(if owner.role { "RoleName" } else { "UserName" }, &owner.name);
    Ok([name, tag("PolicyName", &policy), tag("PolicyDocument", &encoded(&document))].concat())
}

pub(super) fn put(ask: &mut Ask) -> Result<String, Refusal> {
    let (policy, document) = (ask.name("PolicyName", 128)?, ask.required("PolicyDocument")?);
    let owner = Owner::of(ask)?;
    owner.check_own()?;
    permission::check_document(&document)?;
    let policies = owner.policies(ask)?;
    // Blanks do not count, and all inline policies together.
    let size = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let others: usize = policies.iter().filter(|(name, _)| **name != policy).map(|(_, text)| size(text)).sum();
    let most = if owner.role { 10_240 } else { 2048 };
    if others + size(&document) > most {
        let of = format!("{} {}", owner.kind(), owner.name);
        return Err(Refusal::new(
            409,
            "LimitExceeded",
            format!("Maximum policy size of {most} bytes exceeded for {of}"),
        ));
    }
    policies.insert(policy, document);
    Ok(String::new())
}

pub(super) fn delete(ask: &mut Ask) -> Result<String, Refusal> {
    let policy = ask.name("PolicyName", 128)?;
    let owner = Owner::of(ask)?;
    owner.check_own()?;
    owner.policies(ask)?.remove(&policy).ok_or_else(|| owner.unknown(&policy))?;
    Ok(String::new())
}

pub(super) fn role(ask: &Ask) -> Result<String, Refusal> {
    let (arn, name) = known_role(ask)?;
    let role = ask.state.accounts.roles.get(&arn);
    let role = role.ok_or_else(|| missing(format!("The role with name {name} cannot be found.")))?;
    let fields = [
        tag("Path", &role.path),
        tag("RoleName", &role.name),
        tag("RoleId", &role.id),
        tag("Arn", &arn),
        tag("CreateDate", &date(role.created)),
        tag("AssumeRolePolicyDocument", &encoded(&trust(role))),
        tag("MaxSessionDuration", &role.max_duration.to_string()),
    ];
    Ok(format!("<Role>{}</Role>", fields.concat()))
}

/// The role's trust as a policy.
fn trust(role: &RoleRecord) -> String {
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": role.trusted}, "Action": "sts:AssumeRole"});
    if role.mfa_required {
        statement["Condition"]["Bool"] = json!({"aws:MultiFactorAuthPresent": "true"});
    }
    if let Some(id) = &role.external_id {
        statement["Condition"]["StringEquals"] = json!({"sts:ExternalId": id});
    }
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A policy as IAM gives it back: percent-encoded.
fn encoded(document: &str) -> String {
    utf8_percent_encode(document, UNRESERVED).to_string()
}
