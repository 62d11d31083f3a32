//! IAM: the caller's own MFA devices, which is how a serial number is found.

use std::collections::BTreeMap;

use super::State;
use super::account::Who;
use super::answer::{Answer, Refusal, escaped};
use super::sts::{Caller, arn_of};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

pub(super) fn answer(
    state: &State,
    caller: &Caller,
    action: &str,
    params: &BTreeMap<String, String>,
) -> Result<Answer, Refusal> {
    if caller.session && !caller.mfa && matches!(caller.who, Who::User(_)) {
        // A session made without a code cannot call IAM at all.
        return Err(Refusal::unknown_key());
    }
    if action != "ListMFADevices" {
        let text = format!("Could not find operation {action} for version 2010-05-08");
        return Err(Refusal::new(400, "InvalidAction", text));
    }
    let Who::User(own) = &caller.who else {
        return Err(Refusal::invalid("Must specify userName when calling with non-User credentials"));
    };
    let named = |name: &String| state.accounts.users.iter().find(|(_, u)| u.name == *name).map(|(arn, _)| arn);
    let user = match params.get("UserName") {
        Some(name) => named(name)
            .ok_or_else(|| Refusal::new(404, "NoSuchEntity", format!("The user with name {name} cannot be found.")))?,
        None => own,
    };
    let denied = state.accounts.users.get(own).is_some_and(|u| u.denied_without_mfa) && !caller.mfa;
    if denied || user != own {
        let caller = arn_of(state, caller);
        let text = format!("User: {caller} is not authorized to perform: iam:ListMFADevices on resource: {user}");
        return Err(Refusal::denied(text));
    }
    let name = user.rsplit('/').next().unwrap_or_default();
    let mut members = String::new();
    for (serial, _) in state.accounts.devices.iter().filter(|(_, device)| device.user == *user) {
        let (name, serial) = (escaped(name), escaped(serial));
        members += &format!(
            "<member><UserName>{name}</UserName><SerialNumber>{serial}</SerialNumber>\
             <EnableDate>2026-01-02T03:04:05Z</EnableDate></member>"
        );
    }
    let result = format!("<MFADevices>{members}</MFADevices><IsTruncated>false</IsTruncated>");
    Ok(Answer::query(NAMESPACE, action, &result))
}
