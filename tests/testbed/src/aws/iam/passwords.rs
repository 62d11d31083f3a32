//! Passwords for the console, and the rules for them.

use super::{Ask, date, missing, tag};
use crate::aws::account::{LoginProfile, UserRecord, Who, account_of};
use crate::aws::answer::Refusal;
use crate::aws::permission::{self, Resource};

/// The account's rules for passwords, with AWS's defaults for a custom policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    pub minimum_length: usize,
    pub symbols: bool,
    pub numbers: bool,
    pub uppercase: bool,
    pub lowercase: bool,
    pub users_may_change: bool,
    /// Days.
    pub max_age: Option<u32>,
    /// So many former passwords are refused.
    pub reuse_prevention: Option<usize>,
    pub hard_expiry: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        PasswordPolicy {
            minimum_length: 6,
            symbols: false,
            numbers: false,
            uppercase: false,
            lowercase: false,
            users_may_change: false,
            max_age: None,
            reuse_prevention: None,
            hard_expiry: false,
        }
    }
}

/// IAM's symbols (docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html).
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

pub(super) fn get(ask: &Ask) -> Result<String, Refusal> {
    let (arn, name) = ask.user()?;
    let login = ask.state.accounts.users.get(&arn).and_then(|user| user.login.as_ref());
    Ok(profile(&name, login.ok_or_else(|| without(&name))?))
}

fn profile(name: &str, login: &LoginProfile) -> String {
    let fields = [
        tag("UserName", name),
        tag("CreateDate", &date(login.created)),
        tag("PasswordResetRequired", &login.reset_required.to_string()),
    ];
    format!("<LoginProfile>{}</LoginProfile>", fields.concat())
}

pub(super) fn create(ask: &mut Ask) -> Result<String, Refusal> {
    let reset_required = ask.flag("PasswordResetRequired")?.unwrap_or_default();
    let password = ask.required("Password")?;
    check_characters(&password, "password")?;
    let (arn, name) = ask.user()?;
    let (now, policy) = (ask.state.now(), ask.state.accounts.password_policy.clone());
    let user = record(ask, &arn, &name)?;
    if user.login.is_some() {
        let text = format!("Login Profile for user {name} already exists.");
        return Err(Refusal::new(409, "EntityAlreadyExists", text));
    }
    set(user, policy.as_ref(), password)?;
    Ok(profile(&name, user.login.insert(LoginProfile { created: now, reset_required })))
}

pub(super) fn update(ask: &mut Ask) -> Result<String, Refusal> {
    let reset_required = ask.flag("PasswordResetRequired")?;
    let password = ask.param("Password").map(str::to_owned);
    if let Some(password) = &password {
        check_characters(password, "password")?;
    }
    let (arn, name) = ask.user_required()?;
    let policy = ask.state.accounts.password_policy.clone();
    let user = changeable(ask, &arn, &name)?;
    if let Some(password) = password {
        set(user, policy.as_ref(), password)?;
    }
    if let (Some(login), Some(reset_required)) = (&mut user.login, reset_required) {
        login.reset_required = reset_required;
    }
    Ok(String::new())
}

pub(super) fn delete(ask: &mut Ask) -> Result<String, Refusal> {
    let (arn, name) = ask.user()?;
    changeable(ask, &arn, &name)?.login = None;
    Ok(String::new())
}

pub(super) fn change(ask: &mut Ask) -> Result<String, Refusal> {
    let (old, new) = (ask.required("OldPassword")?, ask.required("NewPassword")?);
    check_characters(&old, "oldPassword")?;
    check_characters(&new, "newPassword")?;
    let Who::User(arn) = ask.caller.who.clone() else {
        return Err(Refusal::new(400, "InvalidUserType", "Only IAM Users can change their own password."));
    };
    let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
    ask.allow(&Resource { arn: arn.clone(), name: format!("user {name}") })?;
    let policy = ask.state.accounts.password_policy.clone();
    let user = changeable(ask, &arn, &name)?;
    if user.passwords.last() != Some(&old) {
        // How AWS words it is not known; that it is an AccessDenied is.
        return Err(Refusal::denied("The old password was incorrect."));
    }
    set(user, policy.as_ref(), new)?;
    if let Some(login) = &mut user.login {
        login.reset_required = false;
    }
    Ok(String::new())
}

pub(super) fn policy(ask: &Ask) -> Result<String, Refusal> {
    permission::check(ask.state, ask.caller, "iam:GetAccountPasswordPolicy", Some(&Resource::arn("*")))?;
    let Some(policy) = &ask.state.accounts.password_policy else {
        let account = account_of(ask.caller.who.arn());
        return Err(missing(format!("The Password Policy with domain name {account} cannot be found.")));
    };
    let flag = |name, value: bool| tag(name, &value.to_string());
    let number = |name, value: Option<usize>| value.map(|value| tag(name, &value.to_string())).unwrap_or_default();
    let fields = [
        number("MinimumPasswordLength", Some(policy.minimum_length)),
        flag("RequireSymbols", policy.symbols),
        flag("RequireNumbers", policy.numbers),
        flag("RequireUppercaseCharacters", policy.uppercase),
        flag("RequireLowercaseCharacters", policy.lowercase),
        flag("AllowUsersToChangePassword", policy.users_may_change),
        flag("ExpirePasswords", policy.max_age.is_some()),
        number("MaxPasswordAge", policy.max_age.and_then(|days| days.try_into().ok())),
        number("PasswordReusePrevention", policy.reuse_prevention),
        flag("HardExpiry", policy.hard_expiry),
    ];
    Ok(format!("<PasswordPolicy>{}</PasswordPolicy>", fields.concat()))
}

fn record<'a>(ask: &'a mut Ask, arn: &str, name: &str) -> Result<&'a mut UserRecord, Refusal> {
    let user = ask.state.accounts.users.get_mut(arn);
    user.ok_or_else(|| missing(format!("The user with name {name} cannot be found.")))
}

/// The user, with a login profile that may be changed now.
fn changeable<'a>(ask: &'a mut Ask, arn: &str, name: &str) -> Result<&'a mut UserRecord, Refusal> {
    let user = record(ask, arn, name)?;
    if user.login.is_none() {
        return Err(without(name));
    }
    if user.held > 0 {
        user.held -= 1;
        let text = format!("Login Profile for User {name} cannot be modified while login profile is being created.");
        return Err(Refusal::new(409, "EntityTemporarilyUnmodifiable", text));
    }
    Ok(user)
}

fn without(name: &str) -> Refusal {
    missing(format!("Login Profile for User {name} cannot be found."))
}

/// One to 128 characters of those that IAM takes; the password itself is not repeated.
fn check_characters(password: &str, member: &str) -> Result<(), Refusal> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}');
    let must = match password.chars().count() {
        0 => "Member must have length greater than or equal to 1",
        129.. => "Member must have length less than or equal to 128",
        _ if password.chars().all(fits) => return Ok(()),
        _ => r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+",
    };
    let value = "1 validation error detected: Value";
    Err(Refusal::invalid(format!("{value} at '{member}' failed to satisfy constraint: {must}")))
}

/// Sets the password if it keeps to the rules; without a custom policy to AWS's own: eight characters of three kinds.
fn set(user: &mut UserRecord, policy: Option<&PasswordPolicy>, password: String) -> Result<(), Refusal> {
    let violation = |text: String| Err(Refusal::new(400, "PasswordPolicyViolation", text));
    let has = |test: fn(char) -> bool| password.chars().any(test);
    let kinds = [
        ("uppercase letter", has(|c| c.is_ascii_uppercase()), policy.is_none_or(|p| p.uppercase)),
        ("lowercase letter", has(|c| c.is_ascii_lowercase()), policy.is_none_or(|p| p.lowercase)),
        ("number", has(|c| c.is_ascii_digit()), policy.is_none_or(|p| p.numbers)),
        ("symbol", has(|c| SYMBOLS.contains(c)), policy.is_none_or(|p| p.symbols)),
    ];
    let length = policy.map_or(8, |p| p.minimum_length);
    if password.chars().count() < length {
        return violation(format!("Password should have a minimum length of {length}"));
    }
    let absent = kinds.iter().filter(|(_, there, wanted)| *wanted && !there);
    let absent: Vec<_> = absent.map(|(kind, ..)| format!("Password should have at least one {kind}")).collect();
    let listed = absent.join(", ");
    match policy {
        None if absent.len() > 1 => {
            let more = absent.len() - 1;
            return violation(format!("Password should meet {more} more of the following requirements: {listed}"));
        }
        Some(_) if !absent.is_empty() => return violation(listed),
        _ => {}
    }
    let former = policy.and_then(|p| p.reuse_prevention).unwrap_or_default();
    if user.passwords.iter().rev().take(former).any(|earlier| *earlier == password) {
        return violation("Password does not conform to the account password policy.".into());
    }
    user.passwords.push(password);
    Ok(())
}
