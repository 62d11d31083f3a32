//! IAM Identity Center: the access token, renewed without a person where its refresh token can do it, and the keys of a
//! role that it stands for.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::{Outcome, Ready, Renewal, shown};
use crate::error::{Error, Kind, Result};
use crate::net::{Answer as Reply, Client, Grant, Oidc, Portal, Service, SsoError, Token};
use crate::profile::Sso;
use crate::session::call::{Goal, Way};
use crate::session::code::{Consent, Halt};
use crate::session::sso::{self, RENEW_BEFORE, SignIn, TokenFile, TokenTarget};
use crate::session::{browser, cache_key, store, write};
use crate::state::asking::{self, Outcome as Ended, Subject, Turn};
use crate::terminal::{Answer, Link, Question, can_open_browser, say};
use crate::time::span;

impl Renewal<'_> {
    /// The keys of the profile's role: from the AWS CLI's cache, else fetched with the token.
    pub(super) fn sso_keys(&self, sso: &Sso) -> Outcome<Ready> {
        let (Some(account), Some(role)) = (&sso.account_id, &sso.role_name) else {
            let line = format!("{} signs in, but names no role to have keys of", self.profile.name);
            return Err(Error::failed(line).next("sso_account_id and sso_role_name belong into its section").into());
        };
        let session = sso.session.as_deref().ok_or(sso.start_url.as_str());
        let path = store::role_path(self.host, &cache_key::sso_role(account, role, session));
        if let Some(ready) = self.still_good(&path) {
            return Ok(ready);
        }
        let before = store::read(&path).map(|found| found.until);
        let mut token = self.sso_token(sso, None)?;
        let target = write::CacheTarget::prepare(&path)?;
        let way = self.way_to(Goal::Sso { service: Service::Sso, region: &sso.region })?;
        way.check_silent(self.profile, self.asking.tty)?;
        // Of many processes that need this role's session one fetches it for all.
        let newer = || {
            let found = store::read(&path).filter(|s| self.is_enough(s.until) && before.is_none_or(|b| s.until > b))?;
            Some(Ready { keys: found.keys, until: Some(found.until) })
        };
        let _turn = self.memory.session_turn(path.as_os_str().as_encoded_bytes(), || newer().is_some());
        if let Some(ready) = newer() {
            return Ok(ready);
        }
        let portal = Portal(way.transport());
        let mut answer = portal.role_credentials(&token.access, account, role);
        if matches!(answer, Err(SsoError::Unauthorized)) {
            // Ended at AWS before its time. What renews it may still work; else a person is needed.
            token = self.sso_token(sso, Some(&token.access))?;
            answer = portal.role_credentials(&token.access, account, role);
        }
        let answer = answer.map_err(|error| match error {
            SsoError::Forbidden { .. } => Error::from(error)
                .within(format!("{}: role {role} in account {account}", self.profile.name))
                .next("`awsenv sso roles` lists what you may use"),
            error => Error::from(error).within(&self.profile.name),
        })?;
        self.learn_skew(answer.skew);
        target.write_sso(&answer.value, account)?;
        Ok(Ready { keys: answer.value.keys, until: Some(answer.value.expiration) })
    }

    /// An access token. `dead` is one that AWS has refused.
    pub(super) fn sso_token(&self, sso: &Sso, dead: Option<&SecretString>) -> Outcome<TokenFile> {
        let path = store::token_path(self.host, sso);
        let before = sso::read_token(&path, sso, self.host.now());
        let is_dead = |token: &TokenFile| is_same(dead, &token.access);
        if let Some(token) = &before
            && !self.force
            && !is_dead(token)
            && self.lasts(token)
        {
            return Ok(token.clone());
        }
        let way = self.way_to(Goal::Sso { service: Service::SsoOidc, region: &sso.region })?;
        if let Some(token) = &before
            && let Some((refresh, client)) = &token.refresh
        {
            match self.refresh_token(sso, &path, &way, token, refresh, client) {
                Ok(renewed) => return Ok(renewed),
                Err(Refused::ByAws) => sso::drop_refresh(&path, refresh)?,
                // What still works is used on; the next command tries again.
                Err(Refused::Otherwise(_)) if !self.force && !is_dead(token) && self.works(token) => {
                    return Ok(token.clone());
                }
                Err(Refused::Otherwise(halt)) => return Err(halt),
            }
            if !self.force && !is_dead(token) && self.works(token) {
                return Ok(TokenFile { refresh: None, ..token.clone() });
            }
        }
        let over = match (dead, &before) {
            (Some(dead), Some(token)) if is_dead(token) => {
                sso::drop_token(&path, sso, dead, self.host.now());
                format!("the session of {} was ended at AWS", self.profile.name)
            }
            _ => self.over(before.as_ref()),
        };
        self.sign_in(sso, &path, &way, before.as_ref(), over)
    }

    /// Ends a sign-in at AWS, then on this machine, which happens whatever AWS says.
    ///
    /// # Errors
    /// Names the file that cannot be removed.
    pub fn sign_out(&self, sso: &Sso) -> Result<SignedOut> {
        let path = store::token_path(self.host, sso);
        let Some(token) = sso::read_token(&path, sso, self.host.now()) else {
            return match remove(&path)? {
                true => Ok(SignedOut::OnlyHere(Error::failed("the file of its token holds none that could be used"))),
                false => Ok(SignedOut::Nothing),
            };
        };
        let at_aws = || -> Result<()> {
            // An access token that is over cannot sign out; what renews it must not stay good.
            let token = match (&token.refresh, token.until > self.host.now()) {
                (_, true) => token.clone(),
                (None, false) => return Ok(()),
                (Some((refresh, client)), false) => {
                    let way = self.way_to(Goal::Sso { service: Service::SsoOidc, region: &sso.region })?;
                    match self.refresh_token(sso, &path, &way, &token, refresh, client) {
                        Ok(renewed) => renewed,
                        // It was over already.
                        Err(Refused::ByAws) => return Ok(()),
                        Err(Refused::Otherwise(Halt::Failed(error))) => return Err(error),
                        Err(Refused::Otherwise(Halt::Declined)) => return Err(Error::stopped()),
                    }
                }
            };
            let way = self.way_to(Goal::Sso { service: Service::Sso, region: &sso.region })?;
            way.check_silent(self.profile, self.asking.tty)?;
            match Portal(way.transport()).logout(&token.access) {
                // It was over already.
                Err(SsoError::Unauthorized) => Ok(()),
                outcome => Ok(outcome?),
            }
        };
        let told = at_aws();
        remove(&path)?;
        Ok(told.map_or_else(SignedOut::OnlyHere, |()| SignedOut::Done))
    }

    /// Whether a token needs nothing now: well before its end where it renews itself, else to the margin.
    fn lasts(&self, token: &TokenFile) -> bool {
        let left = token.until.since(self.host.now());
        if token.refresh.is_some() { left > RENEW_BEFORE } else { left > self.min_left }
    }

    fn works(&self, token: &TokenFile) -> bool {
        token.until.since(self.host.now()) > self.min_left
    }

    /// A new token without a person. AWS takes each refresh token once, so of many processes one renews for all.
    fn refresh_token(
        &self,
        sso: &Sso,
        path: &Path,
        way: &Way,
        before: &TokenFile,
        refresh: &SecretString,
        client: &Client,
    ) -> std::result::Result<TokenFile, Refused> {
        let newer = || {
            let found = sso::read_token(path, sso, self.host.now())?;
            (!is_same(Some(&before.access), &found.access) && self.lasts(&found)).then_some(found)
        };
        let _turn = self.memory.session_turn(path.as_os_str().as_encoded_bytes(), || newer().is_some());
        if let Some(token) = newer() {
            return Ok(token);
        }
        way.check_silent(self.profile, self.asking.tty)?;
        let target = TokenTarget::prepare(path)?;
        let answer = match Oidc(way.transport()).token(client, Grant::Refresh(refresh)) {
            Ok(answer) => answer,
            // A tool without our lock may have been faster.
            Err(error) if error.ends_sign_in() => return newer().ok_or(Refused::ByAws),
            Err(error) => return Err(Error::from(error).within(&self.profile.name).into()),
        };
        self.learn_skew(answer.skew);
        Ok(target.write(sso, &answer.value, Some(refresh), client, self.host.now())?)
    }

    /// A new token with a person's word. `over` says why it is needed.
    fn sign_in(
        &self,
        sso: &Sso,
        path: &Path,
        way: &Way,
        before: Option<&TokenFile>,
        over: String,
    ) -> Outcome<TokenFile> {
        let name = sso.session.as_deref().unwrap_or_else(|| shown(self.profile));
        let portal = Link::of(&sso.start_url).map_err(|why| {
            Error::failed(format!("{}: sso_start_url of {name} cannot be used: {why}", self.profile.name))
        })?;
        // What can fail is tried before anybody is asked.
        let target = TokenTarget::prepare(path)?;
        let warnings = way.warnings()?;
        let given = match self.asking.consent {
            Consent::Given { device_code } if way.is_known => {
                way.check_silent(self.profile, self.asking.tty)?;
                Some(device_code)
            }
            _ => None,
        };
        let was = before.map(|token| token.access.clone());
        let newer = || {
            let found = sso::read_token(path, sso, self.host.now());
            found.filter(|token| self.lasts(token) && !is_same(was.as_ref(), &token.access))
        };
        let settled = || newer().is_some();
        let sought = Sought { sso, name, portal, way, over, warnings, given };
        let Some(turn) = self.turn(&sought, settled)? else { return newer().ok_or_else(|| gone(name).into()) };
        match self.signed_in(&sought, settled) {
            Ok(Some((token, client))) => {
                way.note_accepted();
                self.learn_skew(token.skew);
                // The turn is held until the token is written: the others wait for that.
                let written = target.write(sso, &token.value, None, &client, self.host.now());
                drop(turn);
                Ok(written?)
            }
            Ok(None) => newer().ok_or_else(|| gone(name).into()),
            Err(halt) => {
                turn.end(&halt);
                Err(halt)
            }
        }
    }

    /// Waits until this process may ask; `None`: another one has signed in meanwhile.
    fn turn(&self, sought: &Sought, settled: impl FnMut() -> bool) -> Outcome<Option<Held>> {
        if sought.given.is_some() && self.asking.tty.is_none() {
            // Without a terminal nobody can be waited for beside it; the command itself is the word.
            return Ok(Some(Held(None)));
        }
        if self.asking.tty.is_none() && !self.asking.process {
            // Told not to ask: nobody's answer is waited for.
            return Err(self.nobody(&sought.over).into());
        }
        let subject = Subject {
            what: "the sign-in",
            name: sought.name.as_bytes(),
            key_id: sought.sso.start_url.as_bytes(),
            device: sought.sso.region.as_bytes(),
        };
        match asking::join(self.host, subject, self.asking.tty, settled) {
            Turn::Settled => Ok(None),
            Turn::Mine(turn) => Ok(Some(Held(Some(turn)))),
            Turn::Same(Ended::Declined) => Err(Halt::Declined),
            Turn::Same(Ended::Stopped) | Turn::Left => Err(Error::stopped().into()),
            Turn::Same(Ended::Failed) => Err(Error::silent(Kind::Failed).into()),
            Turn::Nobody => Err(self.nobody(&sought.over).into()),
            Turn::TimedOut(holder) => {
                let who = holder.sentence(subject.what, subject.name, self.host.now());
                let line = format!("{who} and got no answer yet");
                Err(Error::failed(line).next(self.again()).into())
            }
        }
    }

    /// Asks where nobody has agreed yet, and signs in; `None`: another process has done so meanwhile.
    fn signed_in(&self, sought: &Sought, settled: impl FnMut() -> bool) -> Outcome<Option<(Reply<Token>, Client)>> {
        let Sought { name, portal, .. } = sought;
        let device_code = match (sought.given, self.asking.tty) {
            (Some(device_code), _) => {
                sought.warnings.iter().for_each(say);
                say(format!("signing in to {name} ({})", portal.host()));
                device_code
            }
            (None, None) => return Err(self.nobody(&sought.over).into()),
            (None, Some(tty)) => {
                let own = self.settings.profile(self.profile.name.as_bstr()).browser.is_some();
                let elsewhere = !can_open_browser(self.host, own);
                let question = Question::sso(name, portal.host(), elsewhere, self.asking.may_go_on);
                let lines = [&sought.over].into_iter().chain(&sought.warnings);
                match tty.ask_choice(&lines.fold(question, |q, line| q.after(line)), &["yes"], settled) {
                    Answer::Given(_) => {}
                    Answer::Enter => return Err(Halt::Declined),
                    Answer::Stop => return Err(Error::stopped().into()),
                    Answer::Overtaken => return Ok(None),
                }
                matches!(self.asking.consent, Consent::Given { device_code: true })
            }
        };
        let oidc = Oidc(sought.way.transport());
        let (tty, account) = (self.asking.tty, sought.sso.account_id.clone());
        let opener = browser::of_profile(self.settings, self.memory, tty, self.profile, account)?;
        let sign_in = SignIn { host: self.host, oidc, sso: sought.sso, tty, device_code, opener };
        let outcome = sign_in.run().map_err(|error| match error.is_silent() {
            true => error,
            false => error.within(format!("SSO session {name}")),
        });
        Ok(Some(outcome?))
    }

    fn over(&self, before: Option<&TokenFile>) -> String {
        let (name, now) = (&self.profile.name, self.host.now());
        match before {
            Some(token) if token.until <= now => {
                format!("the session of {name} ended {} ago", span(now.since(token.until)))
            }
            Some(token) => format!("the session of {name} ends in {}", span(token.until.since(now))),
            None => format!("{name} has no session yet"),
        }
    }

    fn nobody(&self, over: &str) -> Error {
        let why = match crate::terminal::Tty::open() {
            Some(_) => "nobody can be asked here",
            None => "there is no terminal to ask on",
        };
        Error::failed(format!("{over}, and {why}")).next(self.again())
    }

    /// What a person runs in a terminal to sign in.
    fn again(&self) -> String {
        self.again.map_or_else(|| format!("awsenv refresh {}", self.profile.name), str::to_owned)
    }
}

/// A sign-in that is about to be asked for.
struct Sought<'s> {
    sso: &'s Sso,
    /// Of the sso-session; a legacy profile's own.
    name: &'s str,
    portal: Link,
    way: &'s Way<'s>,
    /// Why it is needed.
    over: String,
    /// What a person should know before.
    warnings: Vec<String>,
    /// Whether it is to be a device code, where the command itself is the person's word.
    given: Option<bool>,
}

/// The right to ask, for which others wait; nothing where nobody could.
struct Held(Option<asking::Asking>);

impl Held {
    /// Tells those that wait how it ended without a sign-in.
    fn end(self, halt: &Halt) {
        if let Some(turn) = self.0 {
            turn.end(match halt {
                Halt::Declined => Ended::Declined,
                Halt::Failed(error) if error.kind() == Kind::Stopped => Ended::Stopped,
                Halt::Failed(_) => Ended::Failed,
            });
        }
    }
}

/// What came of signing out.
pub enum SignedOut {
    /// There was no sign-in.
    Nothing,
    /// It is over.
    Done,
    /// It is gone from this machine, and AWS could not be told.
    OnlyHere(Error),
}

/// Why there is no token without a person.
enum Refused {
    /// AWS takes this refresh token no longer.
    ByAws,
    Otherwise(Halt),
}

impl<E: Into<Halt>> From<E> for Refused {
    fn from(error: E) -> Self {
        Refused::Otherwise(error.into())
    }
}

fn is_same(one: Option<&SecretString>, other: &SecretString) -> bool {
    one.is_some_and(|one| one.expose_secret() == other.expose_secret())
}

/// Removes a file; false where there was none.
fn remove(path: &Path) -> Result<bool> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::failed(format!("{}: {e}", path.display()))),
    }
}

fn gone(name: &str) -> Error {
    Error::failed(format!("the sign-in to {name} was there and is gone again")).next("try again")
}
