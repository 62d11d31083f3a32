//! The file names under `~/.aws/cli/cache` and `~/.aws/sso/cache`, as the AWS CLI makes them (botocore
//! `CachedCredentialFetcher._create_cache_key`, `SSOTokenLoader`): SHA-1 over Python's `json.dumps(…, sort_keys=True)`.

use sha1::{Digest, Sha1};

use crate::hex::hex;

/// What identifies a cached AssumeRole session: exactly the profile's own keys, nothing from flags or the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleCall<'a> {
    pub role_arn: &'a str,
    /// `duration_seconds`, only where the profile has it as a whole number.
    pub duration_seconds: Option<i64>,
    pub external_id: Option<&'a str>,
    /// `role_session_name`, only where the profile has it.
    pub role_session_name: Option<&'a str>,
    pub serial_number: Option<&'a str>,
    /// aws-vault's `source_identity`, `session_tags` and `transitive_session_tags`. The AWS CLI knows none of them, so that
    /// a session that has one gets a name which the AWS CLI never looks for.
    pub source_identity: Option<&'a str>,
    pub tags: &'a [(String, String)],
    pub transitive_tags: &'a [String],
}

/// The AWS CLI's cache name of a role session, without `.json`.
pub fn role(call: &RoleCall) -> String {
    let mut members: Vec<String> = Vec::new();
    if let Some(seconds) = call.duration_seconds {
        members.push(format!("\"DurationSeconds\": {seconds}"));
    }
    let texts = [
        ("ExternalId", call.external_id),
        ("RoleArn", Some(call.role_arn)),
        ("RoleSessionName", call.role_session_name),
        ("SerialNumber", call.serial_number),
        ("SourceIdentity", call.source_identity),
    ];
    members.extend(texts.iter().filter_map(|(key, text)| text.map(|t| format!("\"{key}\": {}", python_string(t)))));
    if !call.tags.is_empty() || !call.transitive_tags.is_empty() {
        let tags = call.tags.iter().map(|(k, v)| format!("[{}, {}]", python_string(k), python_string(v)));
        let transitive = call.transitive_tags.iter().map(|t| python_string(t));
        members.push(format!("\"Tags\": [{}]", tags.chain(transitive).collect::<Vec<_>>().join(", ")));
    }
    hex(&Sha1::digest(format!("{{{}}}", members.join(", "))))
}

/// The AWS CLI v2's cache name of an SSO role's credentials, without `.json`. `session` is the name of the sso-session;
/// a legacy profile gives its start URL instead.
pub fn sso_role(account_id: &str, role_name: &str, session: Result<&str, &str>) -> String {
    let (key, value) = match session {
        Ok(name) => ("sessionName", name),
        Err(start_url) => ("startUrl", start_url),
    };
    let [account, role, value] = [account_id, role_name, value].map(python_string);
    hex(&Sha1::digest(format!("{{\"accountId\":{account},\"roleName\":{role},\"{key}\":{value}}}")))
}

/// The cache name of an SSO token, without `.json`: SHA-1 of the session's name, or of a legacy profile's start URL as written.
pub fn sso_token(session_or_start_url: &str) -> String {
    hex(&Sha1::digest(session_or_start_url))
}

/// The cache name of a client registration, without `.json`. A legacy profile has neither scopes nor a session's name.
pub fn sso_registration(region: &str, scopes: Option<&[String]>, session: Option<&str>, start_url: &str) -> String {
    let scopes = match scopes {
        Some(scopes) => format!("[{}]", scopes.iter().map(|s| python_string(s)).collect::<Vec<_>>().join(", ")),
        None => "null".into(),
    };
    let session = session.map_or("null".into(), python_string);
    let (region, start_url) = (python_string(region), python_string(start_url));
    hex(&Sha1::digest(format!(
        "{{\"region\": {region}, \"scopes\": {scopes}, \"session_name\": {session}, \"startUrl\": {start_url}, \"tool\": \"botocore\"}}"
    )))
}

/// A string as Python's `json.dumps` writes it with `ensure_ascii`.
fn python_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|u| out.push_str(&format!("\\u{u:04x}")));
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors computed with botocore's own classes.
    #[test]
    fn names_equal_those_of_the_aws_cli() {
        let admin = RoleCall { role_arn: "arn:aws:iam::123456789012:role/Admin", ..RoleCall::default() };
        assert_eq!(role(&admin), "51e7b105b5040ce662656c8dc6ab4de70c4de7ad");
        let full = RoleCall {
            duration_seconds: Some(3600),
            external_id: Some("x"),
            role_session_name: Some("bob"),
            serial_number: Some("arn:aws:iam::123456789012:mfa/me"),
            ..admin
        };
        assert_eq!(role(&full), "7111cf98cf3490ee7b197a623eac780278ed0197");
        assert_eq!(sso_role("123456789012", "Admin", Ok("my-sso")), "c30b99aca80d8f5b3178e353f05b2abcc9a4ccd3");
        let url = "https://d-123.awsapps.com/start";
        assert_eq!(sso_role("123456789012", "Admin", Err(url)), "6898efe139a134a0f1e40a5325c9e4a0f4e25fee");
        let scopes = ["sso:account:access".to_owned()];
        assert_eq!(
            sso_registration("us-east-1", Some(&scopes), Some("my-sso"), url),
            "41703fba9789c2c8f9b7faa73b70bebb72c62cc9"
        );
        assert_eq!(sso_registration("us-east-1", None, None, url), "334df8a025b4d748342a2fb4eaa316ea48c5576c");
        assert_eq!(sso_token("my-sso"), "0ad374308c5a4e22f723adf10145eafad7c4031c");
        assert_eq!(sso_token(url), "2b829a45f04c9828cb45b7d092d8e4aa30818393");
    }

    #[test]
    fn other_letters_are_escaped_as_in_python() {
        assert_eq!(python_string("é\"😂\u{7f}"), "\"\\u00e9\\\"\\ud83d\\ude02\\u007f\"");
    }
}
