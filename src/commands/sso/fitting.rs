//! The names of profiles that are made from accounts and roles.

use std::collections::HashMap;

use bstr::BString;

use crate::error::{Error, Result};
use crate::session::Assignment;

/// How a profile is named, when nobody says otherwise.
pub const USUAL: &str = "{account}-{role}";

/// A template such as `{account}-{role}`.
#[derive(Debug)]
pub struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Account,
    AccountId,
    Role,
}

impl Template {
    /// Reads one.
    ///
    /// # Errors
    /// Names the placeholder that there is not, or the character that no profile's name may have.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |what: String| Error::usage(format!("--template {text}: {what}"));
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            parts.push(Part::Text(before.to_owned()));
            let (name, behind) = after.split_once('}').ok_or_else(|| wrong("a { has no }".into()))?;
            parts.push(match name {
                "account" => Part::Account,
                "account_id" => Part::AccountId,
                "role" => Part::Role,
                other => {
                    let known = "{account}, {account_id} and {role} are there";
                    return Err(wrong(format!("there is no {{{other}}}: {known}")));
                }
            });
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        let strange = parts.iter().find_map(|part| match part {
            Part::Text(text) => text.chars().find(|c| !is_good(*c)),
            _ => None,
        });
        match strange {
            Some(c) => {
                Err(wrong(format!("a profile's name that every tool reads has no {c:?}"))
                    .next("A-Z a-z 0-9 - _ . / @ : +"))
            }
            None => Ok(Template(parts)),
        }
    }

    /// The name of the profile for a role.
    ///
    /// # Errors
    /// Nothing is left of it, or it means something else to a tool.
    pub fn name(&self, of: &Assignment) -> Result<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            // A name in another script leaves nothing that the SDKs read.
            Part::Account => Some(fit(&of.account.name)).filter(|n| !n.is_empty()).unwrap_or(of.account.id.clone()),
            Part::AccountId => of.account.id.clone(),
            Part::Role => fit(&of.role),
        };
        let name: String = self.0.iter().map(part).collect();
        let name = name.trim_start_matches('-');
        if name.is_empty() || name == "default" || name.ends_with("-long-term") {
            let line = format!("{} would be named {name:?}, which no profile of its own can be", described(of));
            return Err(Error::failed(line).next("another --template"));
        }
        Ok(name.to_owned())
    }

    /// The names of the profiles for these roles, in their order.
    ///
    /// # Errors
    /// As [`Template::name`]; names both roles that would have one name.
    pub fn names(&self, roles: &[Assignment]) -> Result<Vec<BString>> {
        let mut seen: HashMap<String, &Assignment> = HashMap::with_capacity(roles.len());
        let mut names = Vec::with_capacity(roles.len());
        for role in roles {
            let name = self.name(role)?;
            names.push(BString::from(name.as_str()));
            if let Some(other) = seen.insert(name.clone(), role) {
                let line = format!("two would be named {name}: {} and {}", described(other), described(role));
                return Err(Error::failed(line).next("a --template with {account_id} and {role} tells them apart"));
            }
        }
        Ok(names)
    }
}

/// `role Admin in account 111122223333 (Sandbox)`.
pub fn described(of: &Assignment) -> String {
    format!("role {} in account {} ({})", of.role, of.account.id, of.account.name)
}

/// A name with a hyphen for each run of characters that not every tool reads in a profile's name.
pub fn fit(name: &str) -> String {
    let mut fitted = String::with_capacity(name.len());
    for c in name.chars() {
        if is_good(c) {
            fitted.push(c);
        } else if !fitted.ends_with('-') {
            fitted.push('-');
        }
    }
    fitted.trim_matches('-').to_owned()
}

/// The characters of the SDKs' identifiers, without `%`, which cmd reads otherwise.
fn is_good(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_./@:+".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Account;

    fn role(id: &str, name: &str, role: &str) -> Assignment {
        let account = Account { id: id.into(), name: name.into(), email: String::new() };
        Assignment { account, role: role.into() }
    }

    #[test]
    fn names_are_made_fit() {
        let usual = Template::parse(USUAL).expect("a template");
        for (account, role_name, name) in [
            ("Development", "Admin", "Development-Admin"),
            ("My Company (Prod)", "Read,Only=1", "My-Company-Prod-Read-Only-1"),
            ("開発", "Admin", "111122223333-Admin"),
            ("a\u{202e}b\nc", "x", "a-b-c-x"),
            ("--help", "x", "help-x"),
        ] {
            assert_eq!(usual.name(&role("111122223333", account, role_name)).expect("a name"), name);
        }
        let other = Template::parse("{account_id}/{role}@x").expect("a template");
        assert_eq!(other.name(&role("1", "a", "R")).expect("a name"), "1/R@x");
        for text in ["{account", "{name}", "a b", "{role}é", "{role}]"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
        let fixed = Template::parse("default").expect("a template");
        assert!(fixed.name(&role("1", "a", "R")).is_err());
    }

    #[test]
    fn two_of_one_name_are_both_listed() {
        let roles = [role("1", "Prod", "Admin"), role("2", "Prod", "Admin")];
        let error = Template::parse(USUAL).expect("a template").names(&roles).expect_err("they collide").to_string();
        assert!(error.contains("role Admin in account 1 (Prod) and role Admin in account 2 (Prod)"), "{error}");
        let names = Template::parse("{account}-{account_id}-{role}").expect("a template").names(&roles);
        assert_eq!(names.expect("they differ")[1], "Prod-2-Admin");
    }
}
