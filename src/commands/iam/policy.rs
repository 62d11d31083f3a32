//! The account's rules for passwords: in words, and held against a password before it is sent.

use crate::net::PasswordPolicy;

/// AWS's own list of symbols for its rules (IAM User Guide, "Setting an account password policy").
pub(super) const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

/// What AWS takes at most.
const LONGEST: usize = 128;

/// What AWS asks where the account has no rules of its own (the same page).
const LENGTH_WITHOUT_POLICY: usize = 8;

/// The least number of characters.
pub(super) fn minimum(policy: Option<&PasswordPolicy>) -> usize {
    policy.map_or(LENGTH_WITHOUT_POLICY, |policy| policy.minimum_length)
}

/// The rules as short sentences.
pub(super) fn words(policy: Option<&PasswordPolicy>) -> Vec<String> {
    let Some(policy) = policy else {
        return vec![
            format!("AWS's own: at least {LENGTH_WITHOUT_POLICY} characters"),
            "three of: a capital letter, a small letter, a digit, a symbol".into(),
            "it never ends".into(),
        ];
    };
    let mut rules = vec![format!("at least {} characters", policy.minimum_length)];
    let wanted = [
        (policy.uppercase, "a capital letter"),
        (policy.lowercase, "a small letter"),
        (policy.numbers, "a digit"),
        (policy.symbols, "a symbol"),
    ];
    let wanted: Vec<_> = wanted.iter().filter(|(wanted, _)| *wanted).map(|(_, what)| *what).collect();
    if !wanted.is_empty() {
        rules.push(format!("in it {}", wanted.join(", ")));
    }
    rules.extend(policy.reuse_prevention.map(|n| match n {
        1 => "not the one before".to_owned(),
        n => format!("none of the {n} before"),
    }));
    rules.push(match (policy.max_age, policy.hard_expiry) {
        (Some(days), true) => format!("it ends after {days} days, and then only an administrator can set a new one"),
        (Some(days), false) => format!("it must be changed every {days} days"),
        (None, _) => "it never ends".into(),
    });
    rules.push(match policy.users_may_change {
        true => "users may change their own".into(),
        false => "users need a permission of their own to change it".into(),
    });
    rules
}

/// The first rule that a password of `user` breaks, as a sentence that says nothing about the password.
pub(super) fn broken(policy: Option<&PasswordPolicy>, user: Option<&str>, password: &str) -> Option<String> {
    let length = password.chars().count();
    let (least, has) = (minimum(policy), |class: fn(char) -> bool| password.chars().any(class));
    let (upper, lower) = (has(|c| c.is_ascii_uppercase()), has(|c| c.is_ascii_lowercase()));
    let (digit, symbol) = (has(|c| c.is_ascii_digit()), has(|c| SYMBOLS.contains(c)));
    if length < least {
        return Some(format!("it has fewer than {least} characters"));
    }
    if length > LONGEST {
        return Some(format!("it has more than {LONGEST} characters"));
    }
    if !password.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}')) {
        return Some("it has a character that AWS does not take (only those up to U+00FF)".into());
    }
    if let Some(policy) = policy {
        let missing = [
            (policy.uppercase, upper, "a capital letter (A to Z)"),
            (policy.lowercase, lower, "a small letter (a to z)"),
            (policy.numbers, digit, "a digit"),
        ];
        if let Some((.., what)) = missing.iter().find(|(wanted, has, _)| *wanted && !has) {
            return Some(format!("it has no {}", what.trim_start_matches("a ")));
        }
        return (policy.symbols && !symbol).then(|| format!("it has no symbol ({SYMBOLS})"));
    }
    if user.is_some_and(|user| user.eq_ignore_ascii_case(password)) {
        return Some("it is the user's name".into());
    }
    let kinds = [upper, lower, digit, symbol].iter().filter(|has| **has).count();
    (kinds < 3).then(|| "it has fewer than three of: a capital letter, a small letter, a digit, a symbol".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_held_against_each_rule() {
        let strict = PasswordPolicy {
            minimum_length: 10,
            symbols: true,
            numbers: true,
            uppercase: true,
            lowercase: true,
            ..PasswordPolicy::default()
        };
        let rule = |password: &str| broken(Some(&strict), None, password).unwrap_or_default();
        assert!(rule("Ab1!").contains("fewer than 10"));
        assert!(rule("abcdefgh1!").contains("capital"));
        assert!(rule("ABCDEFGH1!").contains("small"));
        assert!(rule("Abcdefghi!").contains("digit"));
        assert!(rule("Abcdefghi1").contains("symbol"));
        assert!(rule("Abcdefghi1!開").contains("U+00FF"));
        assert!(rule(&"Ab1!".repeat(33)).contains("more than 128"));
        assert_eq!(rule("Abcdefgh1!ü"), "");
    }

    #[test]
    fn without_rules_of_its_own_aws_wants_three_kinds() {
        assert!(broken(None, None, "abcdefgh1").is_some_and(|why| why.contains("three of")));
        assert!(broken(None, Some("Abcdefg1"), "abcdefG1").is_some_and(|why| why.contains("name")));
        assert_eq!(broken(None, Some("taro"), "abcdefG1"), None);
    }
}
