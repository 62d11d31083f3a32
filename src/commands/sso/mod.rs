//! `awsenv sso …`: what a person may use through IAM Identity Center, and profiles made from it.

mod accounts;
mod adopt;
pub mod fitting;
mod profiles;
mod roles;

pub use adopt::{free, host_label, named_session};
pub use profiles::{check, section};

use bstr::{BString, ByteSlice};

use super::{Desk, sign_in};
use crate::aws_files::{NewSection, SectionKind};
use crate::cli::{SsoCommand, SsoWhich};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Account;
use crate::profile::{Profile, ProfileName, Sso};
use crate::session::{Asking, Consent, Halt, InForce, Renewal};
use crate::state::Memory;
use crate::terminal::{Tty, clean_to, columns};

pub fn run(command: &SsoCommand, host: Host) -> Result<()> {
    match command {
        SsoCommand::Accounts(args) => accounts::run(args, host),
        SsoCommand::Roles(args) => roles::run(args, host),
        SsoCommand::Profiles(args) if args.adopt => adopt::run(args, host),
        SsoCommand::Profiles(args) => profiles::run(args, host),
    }
}

/// One sign-in and what speaks for it.
pub struct Portal {
    desk: Desk,
    /// A profile that signs in there: its proxy and endpoints count. In memory only, where no profile does yet.
    profile: ProfileName,
    pub sso: Sso,
    tty: Option<Tty>,
    consent: Consent,
    /// What a person runs in a terminal to sign in.
    again: Option<String>,
}

impl Portal {
    /// The sign-in that the flags name, else that of the profile in force, else the only one there is.
    ///
    /// # Errors
    /// Lists the sessions where it is not clear which; names the profile that does not sign in there.
    pub fn of(which: &SsoWhich, host: Host) -> Result<Portal> {
        let desk = Desk::open(host)?;
        if let Some(name) = &which.profile {
            let name = desk.profile_name(Some(name));
            return match Self::sso_of(&desk, &name)? {
                Some(sso) => Ok(Self::by_profile(desk, name, sso)),
                None => Err(Error::failed(format!("{name} does not sign in through IAM Identity Center"))
                    .next(listed(&sessions(&desk)))),
            };
        }
        if let Some(name) = &which.session {
            let name = BString::from(name.as_encoded_bytes());
            if !sessions(&desk).contains(&name) {
                let file = desk.files.paths.config.display();
                return Err(Error::failed(format!("no [sso-session {name}] in {file}")).next(listed(&sessions(&desk))));
            }
            return Self::by_session(desk, &name);
        }
        if let InForce::Chosen(name) = InForce::by_name(&desk.host, &desk.files)
            && let Ok(Some(sso)) = Self::sso_of(&desk, &name)
        {
            return Ok(Self::by_profile(desk, name, sso));
        }
        match &sessions(&desk)[..] {
            [] => {
                let file = desk.files.paths.config.display();
                Err(Error::failed(format!("there is no [sso-session] in {file}")).next("awsenv setup --sso START_URL"))
            }
            [only] => Self::by_session(desk, &only.clone()),
            many => {
                Err(Error::usage("there are several sso-sessions")
                    .next(format!("--session NAME, one of {}", joined(many))))
            }
        }
    }

    fn sso_of(desk: &Desk, name: &ProfileName) -> Result<Option<Sso>> {
        Ok(desk.files.expect_profile(name)?.recipe()?.sso().cloned())
    }

    fn by_profile(desk: Desk, profile: ProfileName, sso: Sso) -> Portal {
        Portal { desk, profile, sso, tty: foreground(), consent: Consent::Ask, again: None }
    }

    /// By the first profile that uses the session, else by one that only stands for it.
    fn by_session(desk: Desk, session: &BString) -> Result<Portal> {
        let uses = |name: &&ProfileName| {
            let profile = desk.files.profile(name);
            profile.and_then(|p| p.get("sso_session")).is_some_and(|v| v.text == *session)
        };
        let first = desk.files.names().iter().find(uses).cloned();
        match first {
            Some(name) => match Self::sso_of(&desk, &name)? {
                Some(sso) => Ok(Self::by_profile(desk, name, sso)),
                None => Err(Error::failed(format!("{name} does not sign in through [sso-session {session}]"))),
            },
            None => {
                let portal = Self::imagined(desk, session, &[], Consent::Ask)?;
                let again = format!("awsenv sso accounts --session {session}");
                Ok(Portal { again: Some(again), ..portal })
            }
        }
    }

    /// By a profile that nothing but this run knows, with `more` sections that are not written yet.
    ///
    /// # Errors
    /// Says what the session misses, or which name cannot be written.
    pub fn imagined(mut desk: Desk, session: &BString, more: &[NewSection], consent: Consent) -> Result<Portal> {
        let mut name = ProfileName::from(session.as_bstr());
        while desk.files.profile(&name).is_some() {
            name = ProfileName::from([name.as_bytes(), b"+"].concat());
        }
        let stand_in = NewSection {
            kind: SectionKind::Profile,
            name: name.as_bstr().into(),
            entries: vec![("sso_session", session.clone())],
        };
        let sections = [more, &[stand_in]].concat();
        desk.files = desk.files.imagine(|config| Ok(config.append(&sections)?))?;
        let sso = Self::sso_of(&desk, &name)?;
        let sso = sso.ok_or_else(|| Error::failed(format!("[sso-session {session}] cannot be read")))?;
        Ok(Portal { desk, profile: name, sso, tty: foreground(), consent, again: None })
    }

    /// The accounts that the person may use; signs in first where that is needed.
    ///
    /// # Errors
    /// Why there are none, in one line.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        self.ask(|renewal| renewal.sso_accounts(&self.sso))
    }

    /// The roles in these accounts.
    ///
    /// # Errors
    /// As [`Portal::accounts`].
    pub fn roles(&self, accounts: &[Account]) -> Result<Vec<crate::session::Assignment>> {
        self.ask(|renewal| renewal.sso_roles(&self.sso, accounts))
    }

    fn ask<T>(&self, call: impl FnOnce(&Renewal) -> std::result::Result<T, Halt>) -> Result<T> {
        let memory = Memory::of(&self.desk.host);
        let profile: Profile = self.desk.files.expect_profile(&self.profile)?;
        let asking = Asking { tty: self.tty.as_ref(), process: true, consent: self.consent, ..Asking::default() };
        let min_left = i64::from(self.desk.settings.guard.margin);
        let wanted = sign_in::Wanted { min_left, ..sign_in::Wanted::default() };
        let renewal = sign_in::renewal(&self.desk, &memory, &profile, asking, &wanted);
        call(&Renewal { again: self.again.as_deref(), ..renewal }).map_err(|halt| match halt {
            Halt::Failed(error) => error,
            Halt::Declined => Error::stopped(),
        })
    }

    /// The name for a person: the session's, or a legacy profile's start URL.
    pub fn name(&self) -> &str {
        self.sso.session.as_deref().unwrap_or(&self.sso.start_url)
    }

    /// The files, and with them what is not written yet.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }
}

/// The terminal, where this run may ask on it.
pub fn foreground() -> Option<Tty> {
    Tty::open().filter(Tty::is_foreground)
}

/// The names of all `[sso-session NAME]`, each once, in file order.
pub fn sessions(desk: &Desk) -> Vec<BString> {
    let mut names: Vec<BString> = Vec::new();
    for name in desk.files.config.names(SectionKind::SsoSession) {
        if !names.contains(&name.into()) {
            names.push(name.into());
        }
    }
    names
}

/// What two start URLs must share to be the same: people write them with and without `/`, `#` and `#/` behind.
pub fn same_start_url(one: &str, other: &str) -> bool {
    bare_start_url(one).eq_ignore_ascii_case(bare_start_url(other))
}

/// A start URL without what some write behind it, or (granted's writer) around it.
pub fn bare_start_url(url: &str) -> &str {
    url.trim_matches('`').trim_end_matches(['/', '#'])
}

/// A session by its start URL: its name and region.
pub fn session_of_url(desk: &Desk, url: &str) -> Option<(BString, String)> {
    sessions(desk).into_iter().find_map(|name| {
        let section = desk.files.config.section(SectionKind::SsoSession, name.as_bstr())?;
        let value = |key: &str| section.get(key).map(|v| v.bytes.trim_ascii().to_str_lossy().into_owned());
        same_start_url(&value("sso_start_url")?, url).then(|| (name.clone(), value("sso_region").unwrap_or_default()))
    })
}

fn listed(names: &[BString]) -> String {
    match names {
        [] => "there is no [sso-session] yet: awsenv setup --sso START_URL".into(),
        names => format!("--session NAME: {}", joined(names)),
    }
}

fn joined(names: &[BString]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Rows under a head, columns two blanks apart.
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]], faint: impl Fn(&str) -> String) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| clean_to(cell, 60))).collect();
    let mut widths = head.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell));
        }
    }
    let line = |cells: [&str; N], paint: &dyn Fn(&str) -> String| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| (cell, " ".repeat(width - columns(cell) + 2)));
        let line: String = padded.map(|(cell, blanks)| paint(cell) + &blanks).collect();
        line.trim_end().to_owned() + "\n"
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str), &str::to_owned));
    line(head, &faint) + &body.collect::<String>()
}
