//! Who may do what: everything, but what a test took away and what the Deny statements of inline policies say
//! (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).

use chrono::{DateTime, NaiveDate};
use serde_json::Value;

use super::State;
use super::account::Who;
use super::answer::Refusal;
use super::sts::{Caller, arn_of};

/// What an action is done to.
pub(super) struct Resource {
    /// For the policies.
    pub arn: String,
    /// For the error: `user taro`, or the ARN.
    pub name: String,
}

impl Resource {
    pub fn arn(arn: impl Into<String>) -> Resource {
        let arn = arn.into();
        Resource { name: arn.clone(), arn }
    }
}

/// AccessDenied, in AWS's sentence, where this caller may not do `action` (`iam:GetUser`).
pub(super) fn check(state: &State, caller: &Caller, action: &str, resource: Option<&Resource>) -> Result<(), Refusal> {
    let accounts = &state.accounts;
    let (unless_mfa, denied) = match &caller.who {
        Who::User(arn) => accounts.users.get(arn).map(|u| (u.denied_without_mfa, &u.denied)),
        Who::Role(arn, _) => accounts.roles.get(arn).map(|r| (false, &r.denied)),
    }
    .unwrap_or((false, const { &Vec::new() }));
    let arn = resource.map_or("*", |r| &r.arn);
    let documents = accounts.policies(&caller.who).into_iter().flat_map(|policies| policies.values());
    let why = if documents.into_iter().any(|document| denies(document, caller, action, arn)) {
        "with an explicit deny in an identity-based policy".to_owned()
    } else if (unless_mfa && !caller.mfa) || denied.iter().any(|pattern| matches(pattern, action)) {
        format!("because no identity-based policy allows the {action} action")
    } else {
        return Ok(());
    };
    let on = resource.map(|r| format!(" on resource: {}", r.name)).unwrap_or_default();
    let caller = arn_of(state, caller);
    Err(Refusal::denied(format!("User: {caller} is not authorized to perform: {action}{on} {why}")))
}

/// Whether a statement of this policy denies the action. A document that is no policy was put there by a test: it panics.
fn denies(document: &str, caller: &Caller, action: &str, arn: &str) -> bool {
    let policy: Value = serde_json::from_str(document).expect("a policy is JSON");
    let any = |values: &Value, text: &str| strings(values).iter().any(|pattern| matches(pattern, text));
    list(&policy["Statement"]).iter().any(|statement| {
        let acts = match statement.get("NotAction") {
            Some(others) => !any(others, action),
            None => any(&statement["Action"], action),
        };
        let meets = match statement.get("NotResource") {
            Some(others) => !any(others, arn),
            None => any(&statement["Resource"], arn),
        };
        statement["Effect"] == "Deny" && acts && meets && applies(&statement["Condition"], caller)
    })
}

/// Whether all conditions are met. The keys that this AWS has are `aws:TokenIssueTime` and `aws:MultiFactorAuthPresent`,
/// both of temporary credentials alone; a condition on an absent key is met only with `…IfExists`.
fn applies(conditions: &Value, caller: &Caller) -> bool {
    let Some(conditions) = conditions.as_object() else { return true };
    conditions.iter().all(|(operator, keys)| {
        let (plain, if_exists) = operator.strip_suffix("IfExists").map_or((&**operator, false), |plain| (plain, true));
        keys.as_object().into_iter().flatten().all(|(key, values)| {
            let met = |test: &dyn Fn(&str) -> bool| strings(values).iter().any(|value| test(value));
            let issued = caller.issued.filter(|_| key.eq_ignore_ascii_case("aws:TokenIssueTime"));
            let mfa = caller.issued.filter(|_| key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent"));
            match (plain, issued, mfa) {
                ("Null", None, None) => met(&|value| value == "true"),
                ("Null", ..) => met(&|value| value == "false"),
                (_, None, None) => if_exists,
                ("Bool", _, Some(_)) => met(&|value| value == caller.mfa.to_string()),
                (_, Some(issued), _) => met(&|value| compare(plain, issued * 1000, value)),
                _ => false,
            }
        })
    })
}

/// Compares times in milliseconds since 1970.
fn compare(operator: &str, have: i64, wanted: &str) -> bool {
    let Some(wanted) = time(wanted) else { return false };
    match operator {
        "DateLessThan" => have < wanted,
        "DateLessThanEquals" => have <= wanted,
        "DateGreaterThan" => have > wanted,
        "DateGreaterThanEquals" => have >= wanted,
        "DateEquals" => have == wanted,
        "DateNotEquals" => have != wanted,
        _ => false,
    }
}

/// Milliseconds since 1970 of a date as policies write it: ISO 8601 or seconds.
fn time(text: &str) -> Option<i64> {
    let whole = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis());
    let day =
        || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp() * 1000);
    whole().or_else(day).or_else(|| text.parse::<i64>().ok().map(|seconds| seconds * 1000))
}

/// What is wrong with a policy for a user or role, in AWS's words. Stricter than AWS where this AWS could not follow.
pub(super) fn check_document(document: &str) -> Result<(), Refusal> {
    let malformed = |text: &str| Refusal::new(400, "MalformedPolicyDocument", text);
    let syntax = || malformed("Syntax errors in policy.");
    let policy: Value = serde_json::from_str(document).map_err(|_| malformed("This policy contains invalid Json"))?;
    let known =
        |object: &Value, names: &[&str]| object.as_object().is_some_and(|o| o.keys().all(|k| names.contains(&&**k)));
    let version = policy.get("Version").is_none_or(|v| v == "2012-10-17" || v == "2008-10-17");
    let statements = list(&policy["Statement"]);
    if !known(&policy, &["Version", "Id", "Statement"]) || !version || statements.is_empty() {
        return Err(syntax());
    }
    for statement in statements {
        let names = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
        let one =
            |a: &str, b: &str| statement.get(a).or_else(|| statement.get(b)).is_some_and(|v| !strings(v).is_empty());
        if !one("Action", "NotAction") {
            return Err(malformed("Policy statement must contain actions."));
        }
        if !one("Resource", "NotResource") {
            return Err(malformed("Policy statement must contain resources."));
        }
        let effect = statement["Effect"] == "Allow" || statement["Effect"] == "Deny";
        if !known(statement, &names) || !effect || !conditions_are_known(&statement["Condition"]) {
            return Err(syntax());
        }
    }
    Ok(())
}

fn conditions_are_known(conditions: &Value) -> bool {
    let Some(conditions) = conditions.as_object() else { return conditions.is_null() };
    conditions.iter().all(|(operator, keys)| {
        let plain = operator.strip_suffix("IfExists").unwrap_or(operator);
        let Some(keys) = keys.as_object() else { return false };
        let values: Vec<_> = keys.values().flat_map(strings).collect();
        match plain {
            "DateLessThan"
            | "DateLessThanEquals"
            | "DateGreaterThan"
            | "DateGreaterThanEquals"
            | "DateEquals"
            | "DateNotEquals" => values.iter().all(|value| time(value).is_some()),
            "Bool" | "Null" => values.iter().all(|value| value == "true" || value == "false"),
            _ => ["String", "Numeric", "Arn", "IpAddress", "NotIpAddress"].iter().any(|start| plain.starts_with(start)),
        }
    })
}

/// One statement or many.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// One string or many; `true` may stand without quotes.
fn strings(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    list(value).iter().filter_map(text).collect()
}

/// Whether the text fits a pattern with `*` and `?`, whatever its case.
fn matches(pattern: &str, text: &str) -> bool {
    fn fits(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([b'*', rest @ ..], _) => (0..=text.len()).any(|skipped| fits(rest, &text[skipped..])),
            ([b'?', pattern @ ..], [_, text @ ..]) => fits(pattern, text),
            ([wanted, pattern @ ..], [have, text @ ..]) => wanted.eq_ignore_ascii_case(have) && fits(pattern, text),
            _ => pattern.is_empty() && text.is_empty(),
        }
    }
    fits(pattern.as_bytes(), text.as_bytes())
}
