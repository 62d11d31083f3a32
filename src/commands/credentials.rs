//! `awsenv credentials PROFILE`: a `credential_process`. SDKs run it often and read its stdout as JSON; several capture its
//! stderr. Budget: from cache, three times the start of an empty program.

use secrecy::ExposeSecret;

use super::{Desk, print, sign_in};
use crate::cli::CredentialsArgs;
use crate::error::{Error, Result};
use crate::host::Host;
use crate::profile::Profile;
use crate::session::{self, Asking, Halt, Ready, command};
use crate::state::{Memory, asking};
use crate::terminal::Tty;

/// Go's SDK gives a credential_process one minute, and botocore asks again within its last quarter of an hour.
const RENEW_BEFORE: i64 = 15 * 60;

pub fn run(args: &CredentialsArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let profile = desk.files.expect_profile(&desk.profile_name(Some(&args.profile)))?;
    command::refuse_loop(&desk.host, &profile.name)?;
    let memory = Memory::of(&desk.host);
    let wanted = desk.host.var("AWSENV_ASK").is_none_or(|a| a != "never");
    let may_ask = wanted && !args.no_ask;
    // Another program may own the screen (k9s, vim): then nothing is written to it and nothing read from it.
    let tty = Tty::open().filter(|tty| may_ask && asking::may_ask_unbidden(&desk.host, tty));
    let asking = Asking { tty: tty.as_ref(), process: wanted, ..Asking::default() };
    let ready = match args.long_term {
        true => long_term(&desk, &memory, &profile, tty.as_ref())?,
        false => ready(&desk, &memory, &profile, &asking)?,
    };
    print(&json(&ready))
}

fn ready(desk: &Desk, memory: &Memory, profile: &Profile, asking: &Asking) -> Result<Ready> {
    let standing = session::of_profile(&desk.host, &desk.settings, profile)?;
    let over = standing.state.needs_person();
    let wanted = |min_left| sign_in::Wanted { min_left, ..sign_in::Wanted::default() };
    let now = || sign_in::keys(desk, memory, profile, asking.clone(), &wanted(0));
    let result = if over {
        now()
    } else {
        // While the keys still work nobody is asked, and a renewal that fails is no failure.
        sign_in::keys(desk, memory, profile, Asking::default(), &wanted(RENEW_BEFORE)).or_else(|first| {
            // Where nobody can be asked, the first reason is the one that tells something.
            now().map_err(|second| if asking.tty.is_none() { first } else { second })
        })
    };
    match result {
        Ok(ready) => Ok(ready),
        Err(Halt::Declined) => Err(Error::stopped()),
        Err(Halt::Failed(error)) => Err(error),
    }
}

/// What the section's plain text would give if it still stood there.
fn long_term(desk: &Desk, memory: &Memory, profile: &Profile, tty: Option<&Tty>) -> Result<Ready> {
    let kept = profile.kept()?.ok_or_else(|| {
        Error::failed(format!("{} has no long-term key in the keyring", profile.name))
            .next(format!("awsenv keyring store {} puts one there", profile.name))
    })?;
    Ok(Ready { keys: session::kept_keys(&desk.host, memory, tty, &profile.name, &kept)?, until: None })
}

fn json(ready: &Ready) -> Vec<u8> {
    let mut object = serde_json::json!({
        "Version": 1,
        "AccessKeyId": ready.keys.access_key_id,
        "SecretAccessKey": ready.keys.secret_access_key.expose_secret(),
    });
    if let Some(token) = &ready.keys.session_token {
        object["SessionToken"] = token.expose_secret().into();
    }
    if let Some(until) = ready.until {
        object["Expiration"] = until.rfc3339().into();
    }
    format!("{object}\n").into_bytes()
}
