//! `awsenv iam password …`: the console passwords of users.

use std::io::IsTerminal;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::show::looked;
use super::{Office, generate, policy, revoke};
use crate::cli::{PasswordCommand, PasswordDeleteArgs, PasswordNewArgs};
use crate::commands::print;
use crate::commands::{consent, piped};
use crate::error::{Error, Result};
use crate::net::{Holder, IamError, PasswordPolicy};
use crate::terminal::{Answer, Question, Tty, say, warn};

/// How often a person may try to type the same word twice.
const TRIES: usize = 3;

pub(super) fn run(command: &PasswordCommand, office: &Office) -> Result<()> {
    match command {
        PasswordCommand::Create(args) => create(args, office),
        PasswordCommand::Set(args) => set(args, office),
        PasswordCommand::Change => change(office),
        PasswordCommand::Delete(args) => delete(args, office),
    }
}

/// The account's rules, where they may be seen.
enum Rules {
    Known(Option<PasswordPolicy>),
    Hidden,
}

impl Rules {
    fn of(office: &Office) -> Result<Rules> {
        Ok(match looked("the account's password policy", office.iam().password_policy())? {
            Some(policy) => Rules::Known(policy),
            None => Rules::Hidden,
        })
    }

    fn policy(&self) -> Option<&PasswordPolicy> {
        match self {
            Rules::Known(policy) => policy.as_ref(),
            Rules::Hidden => None,
        }
    }

    /// # Errors
    /// Names the rule that the password breaks, and nothing of the password.
    fn check(&self, user: Option<&str>, password: &SecretString) -> Result<()> {
        let Rules::Known(policy) = self else { return Ok(()) };
        match policy::broken(policy.as_ref(), user, password.expose_secret()) {
            Some(rule) => {
                Err(Error::failed(format!("the password breaks the account's policy: {rule}; nothing was sent")))
            }
            None => Ok(()),
        }
    }
}

fn create(args: &PasswordNewArgs, office: &Office) -> Result<()> {
    let user = office.user(Some(&args.user))?;
    let there = || {
        Error::failed(format!("{user} has a console password"))
            .next(format!("awsenv iam password set {user} gives another one"))
    };
    if found(office, &user)? == Some(true) {
        return Err(there());
    }
    let rules = Rules::of(office)?;
    warn_of_reset(args, &rules, &user);
    let password = new_password(office, &rules, &user, args.generate)?;
    office.iam().create_login_profile(&user, &password, !args.no_reset).map_err(|error| match error {
        IamError::AlreadyThere { .. } => there(),
        error => unsure(error, &user),
    })?;
    done(args, office, &user, "now has", &password)
}

fn set(args: &PasswordNewArgs, office: &Office) -> Result<()> {
    let user = office.user(Some(&args.user))?;
    let absent = || {
        Error::failed(format!("{user} has no console password"))
            .next(format!("awsenv iam password create {user} makes one"))
    };
    if found(office, &user)? == Some(false) {
        return Err(absent());
    }
    let rules = Rules::of(office)?;
    warn_of_reset(args, &rules, &user);
    let before = [format!("the console password of {user} stops working, and another one takes its place")];
    // Whoever types or pipes a password has said so.
    if args.generate {
        office.consent(args.yes, &before, &format!("Make a new password for {user}? [y/n] "))?;
    }
    let password = new_password(office, &rules, &user, args.generate)?;
    office.iam().update_login_profile(&user, &password, Some(!args.no_reset)).map_err(|error| match error {
        error if error.is_without_password() => absent(),
        error => unsure(error, &user),
    })?;
    done(args, office, &user, "has", &password)
}

/// Whether there is a password already; what may not be looked at is left to the call itself.
fn found(office: &Office, user: &str) -> Result<Option<bool>> {
    let what = format!("whether {user} has a console password");
    let profile = looked(&what, office.iam().get_login_profile(Some(user)))?;
    Ok(profile.map(|profile| profile.is_some()))
}

/// Says where a user could not make a password of their own at the first sign-in.
fn warn_of_reset(args: &PasswordNewArgs, rules: &Rules, user: &str) {
    if let Rules::Known(policy) = rules
        && !args.no_reset
        && !policy.as_ref().is_some_and(|policy| policy.users_may_change)
    {
        warn(format!(
            "the account's policy does not let users change their own password: {user} needs the permission \
             iam:ChangePassword at the first sign-in, or --no-reset"
        ));
    }
}

fn done(args: &PasswordNewArgs, office: &Office, user: &str, has: &str, password: &SecretString) -> Result<()> {
    let rest = if args.no_reset { "" } else { ", which must be changed at the first sign-in" };
    say(format!("{user} {has} a new console password{rest}"));
    say(format!("{user} signs in at {}", office.sign_in_url()));
    match args.generate {
        true => print(Zeroizing::new(format!("{}\n", password.expose_secret())).as_bytes()),
        false => Ok(()),
    }
}

/// The caller's own.
fn change(office: &Office) -> Result<()> {
    let user = office.user(None)?;
    let rules = Rules::of(office)?;
    let (old, new) = match Source::of(office)? {
        Source::Stdin => (piped::line("the old password")?, piped::line("the new password")?),
        Source::Terminal(tty) => {
            let _quiet = tty.listen();
            let old = hidden(tty, &format!("Old password of {user}: "))?;
            (old, twice(tty, &rules, &user)?)
        }
    };
    rules.check(Some(&user), &new)?;
    if old.expose_secret() == new.expose_secret() {
        return Err(Error::failed("the new password is the old one; nothing was sent"));
    }
    office.iam().change_password(&old, &new).map_err(|error| match error {
        IamError::NoSuchEntity { .. } => {
            Error::failed(format!("{user} has no console password to change")).next("an administrator can give one")
        }
        error => unsure(error, &user),
    })?;
    say(format!("{user} has a new console password; access keys and running sessions go on"));
    Ok(())
}

fn delete(args: &PasswordDeleteArgs, office: &Office) -> Result<()> {
    let user = office.user(Some(&args.user))?;
    let nothing = || say(format!("{user} has no console password: nothing to do"));
    if found(office, &user)? == Some(false) {
        nothing();
        return Ok(());
    }
    let keys = match looked("which access keys there are", office.iam().list_access_keys(Some(&user)))? {
        Some(keys) => {
            let active = keys.iter().filter(|key| key.active).count();
            format!("access keys ({} of {} active)", active, keys.len())
        }
        None => "access keys".into(),
    };
    let before = [
        format!("{user} can no longer sign in to the console"),
        format!("{keys} and sessions that run, in the console, too, go on"),
    ];
    office.consent(args.yes, &before, &format!("Delete the password of {user}? [y/n] "))?;
    match office.iam().delete_login_profile(&user) {
        Err(error) if error.is_without_password() => {
            nothing();
            return Ok(());
        }
        outcome => outcome.map_err(|e| unsure(e, &user))?,
    }
    say(format!("{user} has no console password any more"));
    let later = || say(format!("awsenv iam revoke --user {user} ends the sessions that run"));
    let Some(tty) = office.tty.filter(|_| !args.yes) else {
        later();
        return Ok(());
    };
    let Answer::Given(true) =
        consent::ask::<&str>(tty, &[], &format!("End the sessions of {user} that run, too? [y/n] "))
    else {
        later();
        return Ok(());
    };
    revoke::end(office, Holder::User(&user), None, true)
}

/// Says, where nobody knows it, that the change may have been made.
fn unsure(error: IamError, user: &str) -> Error {
    let may_be_done = error.may_be_done();
    let error = Error::from(error);
    match may_be_done {
        true => error.next(format!("it may have been done all the same: awsenv iam show {user}")),
        false => error,
    }
}

/// Where a password is read.
enum Source<'t> {
    Stdin,
    Terminal(&'t Tty),
}

impl<'t> Source<'t> {
    fn of(office: &'t Office) -> Result<Source<'t>> {
        if !std::io::stdin().is_terminal() {
            return Ok(Source::Stdin);
        }
        match office.tty {
            Some(tty) => Ok(Source::Terminal(tty)),
            None => Err(Error::failed(format!("{} to ask for the password on", Tty::none()))
                .next("a password also comes from stdin, or from --generate")),
        }
    }
}

fn new_password(office: &Office, rules: &Rules, user: &str, make: bool) -> Result<SecretString> {
    let password = match make {
        true => generate::password(rules.policy())?,
        false => match Source::of(office)? {
            Source::Stdin => piped::line("the password")?,
            Source::Terminal(tty) => twice(tty, rules, user)?,
        },
    };
    rules.check(Some(user), &password)?;
    Ok(password)
}

fn hidden(tty: &Tty, question: &str) -> Result<SecretString> {
    match tty.ask_hidden(&Question::other(question), || false) {
        Answer::Given(secret) => Ok(secret),
        _ => Err(Error::stopped()),
    }
}

/// Asks until the same password was typed twice, and it keeps the rules.
fn twice(tty: &Tty, rules: &Rules, user: &str) -> Result<SecretString> {
    if let Rules::Known(policy) = rules {
        say(format!("the account's policy: {}", policy::words(policy.as_ref()).join("; ")));
    }
    // Between the questions, too, nothing that is typed shows.
    let _quiet = tty.listen();
    for _ in 0..TRIES {
        let first = hidden(tty, &format!("New password for {user}: "))?;
        if let Err(error) = rules.check(Some(user), &first) {
            say(error.to_string());
            continue;
        }
        let second = hidden(tty, "The same again: ")?;
        if first.expose_secret() == second.expose_secret() {
            return Ok(first);
        }
        say("the two are not the same");
    }
    Err(Error::failed(format!("nothing was changed after {TRIES} tries")))
}
