//! What a person may use through IAM Identity Center: the accounts, and the roles in them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use secrecy::SecretString;

use super::{Outcome, Renewal};
use crate::error::Error;
use crate::net::{Account, Portal, Service, SsoError, Transport};
use crate::profile::Sso;
use crate::session::call::Goal;
use crate::state::Memory;

/// Calls on the way at the same time: the portal answers more with 429.
const AT_ONCE: usize = 4;

/// A role that a person may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub account: Account,
    /// The role's name: that of its permission set.
    pub role: String,
}

impl Renewal<'_> {
    /// The accounts, by name and then by number; signs in first where that is needed.
    ///
    /// # Errors
    /// As [`Renewal::keys`].
    pub fn sso_accounts(&self, sso: &Sso) -> Outcome<Vec<Account>> {
        let mut accounts = self.portal_call(sso, |way, token| Portal(*way).accounts(token))?;
        accounts.sort_by_cached_key(|account| (account.name.to_lowercase(), account.id.clone()));
        Ok(accounts)
    }

    /// The roles in these accounts: in the order of the accounts, and in each by name.
    ///
    /// # Errors
    /// As [`Renewal::keys`].
    pub fn sso_roles(&self, sso: &Sso, accounts: &[Account]) -> Outcome<Vec<Assignment>> {
        let roles = self.portal_call(sso, |way, token| roles_of(way, token, accounts))?;
        let of_account = |(account, roles): (&Account, Vec<String>)| {
            let account = account.clone();
            roles.into_iter().map(move |role| Assignment { account: account.clone(), role })
        };
        Ok(accounts.iter().zip(roles).flat_map(of_account).collect())
    }

    /// One look at the portal. A token that was ended before its time is renewed, or asked for, once.
    fn portal_call<T>(&self, sso: &Sso, call: impl Fn(&Transport, &SecretString) -> Result<T, SsoError>) -> Outcome<T> {
        let token = self.sso_token(sso, None)?;
        let way = self.way_to(Goal::Sso { service: Service::Sso, region: &sso.region })?;
        way.check_silent(self.profile, self.asking.tty)?;
        let mut answer = call(&way.transport(), &token.access);
        if matches!(answer, Err(SsoError::Unauthorized)) {
            let token = self.sso_token(sso, Some(&token.access))?;
            answer = call(&way.transport(), &token.access);
        }
        let name = sso.session.as_deref().unwrap_or(&sso.start_url);
        answer.map_err(|error| Error::from(error).within(format!("SSO session {name}")).into())
    }
}

/// The roles of each account, several accounts at a time.
fn roles_of(way: &Transport, token: &SecretString, accounts: &[Account]) -> Result<Vec<Vec<String>>, SsoError> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = |machine, route, endpoint| {
        let memory = Memory::of(&machine);
        let way = Transport { machine: &machine, route: &route, endpoint: &endpoint, refused: &memory };
        let mut found = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(account) = accounts.get(at) else { break };
            match Portal(way).roles(token, &account.id) {
                Ok(mut roles) => {
                    roles.sort();
                    found.push((at, roles));
                }
                // Taken away since the accounts were listed.
                Err(SsoError::Forbidden { .. }) => {}
                Err(error) => {
                    failed.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(found)
    };
    let mut all = vec![Vec::new(); accounts.len()];
    std::thread::scope(|scope| {
        let start = |_| {
            let (machine, route, endpoint) = (way.machine.clone(), way.route.clone(), way.endpoint.clone());
            scope.spawn(|| work(machine, route, endpoint))
        };
        let workers: Vec<_> = (0..AT_ONCE.min(accounts.len())).map(start).collect();
        for worker in workers {
            for (at, roles) in worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))? {
                all[at] = roles;
            }
        }
        Ok(all)
    })
}
