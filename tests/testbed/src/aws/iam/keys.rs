//! Long-term keys.

use super::{Ask, date, missing, tag};
use crate::aws::account::KeyRecord;
use crate::aws::answer::Refusal;
use crate::aws::permission::Resource;

/// Keys that a user may have.
const QUOTA: usize = 2;

fn status(key: &KeyRecord) -> &'static str {
    if key.active { "Active" } else { "Inactive" }
}

pub(super) fn list(ask: &Ask) -> Result<String, Refusal> {
    let (arn, name) = ask.user_named_by_sessions()?;
    let own = ask.state.accounts.keys.iter().filter(|(_, key)| key.user == arn);
    let members = own.map(|(id, key)| {
        let made = date(key.created);
        let fields = [("UserName", &*name), ("AccessKeyId", id), ("Status", status(key)), ("CreateDate", &made)];
        format!("<member>{}</member>", fields.map(|(name, text)| tag(name, text)).concat())
    });
    ask.page("AccessKeyMetadata", &members.collect::<Vec<_>>())
}

pub(super) fn last_used(ask: &Ask) -> Result<String, Refusal> {
    let id = ask.required("AccessKeyId")?;
    let start = ask.account_arn();
    let key = ask.state.accounts.keys.get(&id).filter(|key| key.user.starts_with(&start));
    let arn = key.map_or("*", |key| &key.user);
    let resource = Resource { arn: arn.to_owned(), name: format!("access key {id}") };
    ask.allow(&resource)?;
    // A key of nobody here is a key of somebody else, and that is nobody's business.
    let Some(key) = key else {
        let caller = crate::aws::sts::arn_of(ask.state, ask.caller);
        let on = format!("iam:GetAccessKeyLastUsed on resource: {}", resource.name);
        return Err(Refusal::denied(format!("User: {caller} is not authorized to perform: {on}")));
    };
    let used = match &key.last_used {
        Some(used) => {
            let date = tag("LastUsedDate", &date(used.at));
            [date, tag("ServiceName", &used.service), tag("Region", &used.region)].concat()
        }
        None => [tag("ServiceName", "N/A"), tag("Region", "N/A")].concat(),
    };
    let name = key.user.rsplit('/').next().unwrap_or_default();
    Ok(format!("{}<AccessKeyLastUsed>{used}</AccessKeyLastUsed>", tag("UserName", name)))
}

pub(super) fn create(ask: &mut Ask) -> Result<String, Refusal> {
    let (arn, name) = ask.user()?;
    let now = ask.state.now();
    let accounts = &mut ask.state.accounts;
    if accounts.keys.values().filter(|key| key.user == arn).count() >= QUOTA {
        let text = format!("Cannot exceed quota for AccessKeysPerUser: {QUOTA}");
        return Err(Refusal::new(409, "LimitExceeded", text));
    }
    let id = accounts.make_key(&arn, now);
    let delay = accounts.new_key_delay;
    let Some(key) = accounts.keys.get_mut(&id) else { return Err(unknown(&id)) };
    key.delay(delay);
    let fields = [
        tag("UserName", &name),
        tag("AccessKeyId", &id),
        tag("Status", "Active"),
        tag("SecretAccessKey", &key.secret),
        tag("CreateDate", &date(now)),
    ];
    Ok(format!("<AccessKey>{}</AccessKey>", fields.concat()))
}

pub(super) fn update(ask: &mut Ask) -> Result<String, Refusal> {
    let (id, status) = (ask.required("AccessKeyId")?, ask.required("Status")?);
    let active = match status.as_str() {
        "Active" => true,
        "Inactive" => false,
        "Expired" => return Err(Refusal::new(400, "InvalidInput", "Status cannot be set to Expired.")),
        _ => {
            let must = "Member must satisfy enum value set: [Expired, Active, Inactive]";
            return Err(Refusal::constraint(&status, "status", must));
        }
    };
    let (arn, _) = ask.user_named_by_sessions()?;
    own(ask, &id, &arn)?.active = active;
    Ok(String::new())
}

pub(super) fn delete(ask: &mut Ask) -> Result<String, Refusal> {
    let id = ask.required("AccessKeyId")?;
    let (arn, _) = ask.user()?;
    own(ask, &id, &arn)?;
    ask.state.accounts.keys.remove(&id);
    Ok(String::new())
}

/// The key, if it is this user's.
fn own<'a>(ask: &'a mut Ask, id: &str, user: &str) -> Result<&'a mut KeyRecord, Refusal> {
    ask.state.accounts.keys.get_mut(id).filter(|key| key.user == user).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Refusal {
    missing(format!("The Access Key with id {id} cannot be found."))
}
