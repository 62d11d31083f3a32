//! From a profile's keys to its recipe, in botocore's order of precedence, with the rules for chains that all SDKs share.

use std::sync::Arc;

use bstr::ByteSlice;
use secrecy::SecretString;

use super::{
    AwsMfa, CredentialSource, Held, KEYRING_KEY, Kept, LongTerm, PlainMfa, Profile, ProfileName, Recipe, Role, Source,
    Sso, Static, Value, WebIdentity,
};
use crate::aws_files::SectionKind;
use crate::error::{Error, Result};
use crate::net::{Keys, is_key_id};

/// What the profile is when it is the one in force.
pub(super) fn recipe(profile: &Profile) -> Result<Recipe> {
    follow(profile, &mut vec![])
}

fn follow(profile: &Profile, way: &mut Vec<ProfileName>) -> Result<Recipe> {
    match profile.get("role_arn") {
        Some(arn) => role(profile, &arn, way),
        None => base(profile),
    }
}

/// What the profile is as somebody's `source_profile`: there its own keys win over its `role_arn`.
fn as_source(profile: &Profile, way: &mut Vec<ProfileName>) -> Result<Recipe> {
    let has_keys = ["aws_access_key_id", KEYRING_KEY].iter().any(|key| profile.get(key).is_some())
        || long_term_name(profile).is_some();
    if has_keys { base(profile) } else { follow(profile, way) }
}

fn role(profile: &Profile, arn: &Value, way: &mut Vec<ProfileName>) -> Result<Recipe> {
    let arn_text = arn.str()?.to_owned();
    let (source_profile, credential_source) = (profile.get("source_profile"), profile.get("credential_source"));
    let source = match (source_profile, credential_source) {
        (Some(source), Some(_)) => {
            return Err(Error::failed(format!(
                "{}: profile {} has both source_profile and credential_source",
                source.place, profile.name
            ))
            .next("keep one of them"));
        }
        (None, None) if let Some(token_file) = profile.get("web_identity_token_file") => {
            let session_name = profile.text("role_session_name")?;
            return Ok(Recipe::WebIdentity(Box::new(WebIdentity { role_arn: arn_text, token_file, session_name })));
        }
        (None, None) => {
            return Err(Error::failed(format!(
                "{}: profile {} has role_arn without a source",
                arn.place, profile.name
            ))
            .next("add source_profile or credential_source"));
        }
        (Some(source), None) => source_profile_of(profile, &source, way)?,
        (None, Some(source)) => Source::Credential(match source.str()? {
            "Environment" => CredentialSource::Environment,
            "Ec2InstanceMetadata" => CredentialSource::Ec2InstanceMetadata,
            "EcsContainer" => CredentialSource::EcsContainer,
            other => {
                return Err(Error::failed(format!("{}: credential_source = {other} is not known", source.place))
                    .next("it is Environment, Ec2InstanceMetadata or EcsContainer"));
            }
        }),
    };
    Ok(Recipe::Role(Box::new(Role {
        arn: arn_text,
        external_id: profile.text("external_id")?,
        duration_seconds: profile.text("duration_seconds")?.and_then(|d| d.parse().ok()),
        session_name: profile.text("role_session_name")?,
        mfa_serial: profile.text("mfa_serial")?,
        mfa_process: profile.get("mfa_process"),
        source_identity: profile.text("source_identity")?,
        session_tags: profile.text("session_tags")?.map(|t| pairs(&t)).unwrap_or_default(),
        transitive_tags: profile.text("transitive_session_tags")?.map(|t| words(&t)).unwrap_or_default(),
        source,
    })))
}

fn source_profile_of(profile: &Profile, source: &Value, way: &mut Vec<ProfileName>) -> Result<Source> {
    let name = ProfileName::from(source.text.as_bstr());
    if name == profile.name {
        // A profile may be its own source, but only with keys of its own.
        return match base(profile)? {
            Recipe::None => Err(Error::failed(format!(
                "{}: profile {name} is its own source_profile and has no keys",
                source.place
            ))),
            recipe => Ok(Source::Profile(name, Arc::new(recipe))),
        };
    }
    way.push(profile.name.clone());
    if way.contains(&name) {
        let hops: Vec<String> = way.iter().chain([&name]).map(ToString::to_string).collect();
        return Err(Error::failed(format!("{}: source_profile makes a loop: {}", source.place, hops.join(" -> "))));
    }
    if let Some(recipe) = profile.files.known_source(&name) {
        return Ok(Source::Profile(name, recipe));
    }
    let Some(next) = profile.files.profile(&name) else {
        let error = Error::failed(format!("{}: source_profile = {name} does not exist", source.place));
        return Err(error.next(format!("profile {} needs it", profile.name)));
    };
    let recipe = as_source(&next, way)?;
    if matches!(recipe, Recipe::None) {
        return Err(Error::failed(format!("{}: source_profile = {name} has no keys", source.place)));
    }
    // Without a loop from here on, whoever asked.
    Ok(Source::Profile(name.clone(), profile.files.know_source(name, recipe)))
}

/// Everything but a role, in botocore's order: SSO, keys in the credentials file, `login_session`, `credential_process`,
/// keys in the config file. aws-mfa's layout stands where its keys would.
fn base(profile: &Profile) -> Result<Recipe> {
    if let Some(sso) = sso(profile)? {
        return Ok(Recipe::Sso(sso));
    }
    if let Some(long_term) = long_term_name(profile) {
        return aws_mfa(profile, long_term).map(|m| Recipe::AwsMfa(Box::new(m)));
    }
    if profile.in_credentials("aws_access_key_id").is_some() {
        return with_keys(profile);
    }
    if let Some(session) = profile.text("login_session")? {
        return Ok(Recipe::Login { session });
    }
    // What gives its secret to AWS's tools is a credential_process.
    if let Some(kept) = kept(profile)? {
        return Ok(match profile.text("mfa_serial")? {
            Some(device) => Recipe::PlainMfa(Box::new(PlainMfa {
                keys: Held::Keyring(kept),
                device,
                mfa_process: profile.get("mfa_process"),
            })),
            None => Recipe::Keyring(Box::new(kept)),
        });
    }
    if let Some(command) = profile.get("credential_process") {
        return Ok(Recipe::Process { command });
    }
    if profile.get("aws_access_key_id").is_some() {
        return with_keys(profile);
    }
    Ok(Recipe::None)
}

fn long_term_name(profile: &Profile) -> Option<ProfileName> {
    let name = profile.name.long_term();
    profile.files.has_section(&name).then_some(name)
}

fn with_keys(profile: &Profile) -> Result<Recipe> {
    let found = static_keys(profile)?.ok_or_else(|| Error::failed(format!("profile {} has no keys", profile.name)))?;
    let has_token = found.keys.session_token.is_some();
    Ok(match profile.text("mfa_serial")? {
        Some(device) if !has_token => {
            let mfa_process = profile.get("mfa_process");
            Recipe::PlainMfa(Box::new(PlainMfa { keys: Held::Keys(found.keys), device, mfa_process }))
        }
        _ => Recipe::Static(Box::new(found)),
    })
}

/// The long-term key of a profile whose secret is in the keyring.
pub(super) fn kept(profile: &Profile) -> Result<Option<Kept>> {
    let Some(value) = profile.get(KEYRING_KEY) else { return Ok(None) };
    let key_id = value.str()?.to_owned();
    match is_key_id(&key_id) {
        true => Ok(Some(Kept { key_id, value })),
        false => Err(Error::failed(format!("{}: {KEYRING_KEY} is no key's id (AKIA…)", value.place))),
    }
}

/// The keys of a profile; `None` without a key id, an error for one without its secret.
pub(super) fn static_keys(profile: &Profile) -> Result<Option<Static>> {
    let Some(id) = profile.get("aws_access_key_id") else { return Ok(None) };
    let Some(secret) = profile.get("aws_secret_access_key") else {
        return Err(Error::failed(format!(
            "{}: profile {} has aws_access_key_id without aws_secret_access_key",
            id.place, profile.name
        )));
    };
    // botocore reads aws_security_token first.
    let token = profile.get("aws_security_token").or_else(|| profile.get("aws_session_token"));
    let token = token.map(|t| t.str().map(SecretString::from)).transpose()?;
    let keys = Keys {
        access_key_id: id.str()?.to_owned(),
        secret_access_key: SecretString::from(secret.str()?),
        session_token: token,
    };
    Ok(Some(Static { keys, expiration: expiration(profile) }))
}

/// The expiry key of whichever tool wrote one. Only awsume writes local time, and it signs its sections.
fn expiration(profile: &Profile) -> Option<(bstr::BString, bool)> {
    let local = profile.get("manager").is_some_and(|m| m.text == "awsume");
    let keys = ["expiration", "x_security_token_expires", "aws_credential_expiration", "aws_session_expiration"];
    keys.iter().find_map(|key| profile.get(key)).map(|v| (v.text, local))
}

pub(super) fn aws_mfa(profile: &Profile, long_term: ProfileName) -> Result<AwsMfa> {
    let section = profile.files.expect_profile(&long_term)?;
    let base = if let Some(found) = static_keys(&section)? {
        LongTerm::Held(Held::Keys(found.keys))
    } else if let Some(kept) = kept(&section)? {
        LongTerm::Held(Held::Keyring(kept))
    } else if let Some(command) = section.get("credential_process") {
        LongTerm::Process(command)
    } else {
        LongTerm::Missing(format!("[{long_term}] has no aws_access_key_id"))
    };
    let device = section.text("aws_mfa_device")?.or(section.text("mfa_serial")?).or(profile.text("mfa_serial")?);
    Ok(AwsMfa {
        name: profile.name.clone(),
        base,
        device,
        assume_role: section.text("assume_role")?,
        external_id: section.text("external_id")?,
        duration: section.text("duration_seconds")?.and_then(|d| d.parse().ok()),
        mfa_process: section.get("mfa_process").or_else(|| profile.get("mfa_process")),
        session: profile.session(),
        long_term,
    })
}

fn sso(profile: &Profile) -> Result<Option<Sso>> {
    let account_id = profile.text("sso_account_id")?;
    let role_name = profile.text("sso_role_name")?;
    if let Some(session) = profile.get("sso_session") {
        let name = session.str()?.to_owned();
        let missing = |what: &str| {
            Error::failed(format!("{}: profile {} refers to [sso-session {name}], {what}", session.place, profile.name))
        };
        let section = profile.files.config.section(SectionKind::SsoSession, session.text.as_bstr());
        let section = section.ok_or_else(|| missing("which does not exist"))?;
        let value = |key: &str| section.get(key).map(|v| v.bytes.trim_ascii().to_str_lossy().into_owned());
        return Ok(Some(Sso {
            start_url: value("sso_start_url").ok_or_else(|| missing("which has no sso_start_url"))?,
            region: value("sso_region").ok_or_else(|| missing("which has no sso_region"))?,
            scopes: match value("sso_registration_scopes") {
                Some(text) => words(&text),
                None => vec!["sso:account:access".into()],
            },
            session: Some(name),
            account_id,
            role_name,
        }));
    }
    let Some(start_url) = profile.text("sso_start_url")? else { return Ok(None) };
    let region = profile.text("sso_region")?.unwrap_or_default();
    Ok(Some(Sso { session: None, start_url, region, scopes: Vec::new(), account_id, role_name }))
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|w| !w.is_empty()).map(String::from).collect()
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |w: String| w.split_once('=').map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()));
    words(text).into_iter().filter_map(pair).collect()
}
