//! `awsenv sso roles [ACCOUNT]`: the roles that the signed-in person may use.

use serde::Serialize;

use super::{Portal, table};
use crate::cli::SsoRolesArgs;
use crate::commands::{print, report};
use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::Account;
use crate::session::Assignment;
use crate::terminal::{Colours, say};

/// One role, for `--json`.
#[derive(Serialize)]
struct Row {
    account: String,
    account_name: String,
    role: String,
}

pub fn run(args: &SsoRolesArgs, host: Host) -> Result<()> {
    let portal = Portal::of(&args.which, host)?;
    let mut accounts = portal.accounts()?;
    if let Some(wanted) = &args.account {
        accounts = vec![one(accounts, wanted)?];
    }
    let roles = portal.roles(&accounts)?;
    if args.json {
        let row = |r: Assignment| Row { account: r.account.id, account_name: r.account.name, role: r.role };
        return print(&report::json(&roles.into_iter().map(row).collect::<Vec<_>>())?);
    }
    if roles.is_empty() {
        say(format!("{}: no role is assigned to you", portal.name()));
        return Ok(());
    }
    let colours = Colours::on_stdout(&portal.desk().host);
    let rows: Vec<_> = roles.into_iter().map(|r| [r.account.name, r.account.id, r.role]).collect();
    print(table(["NAME", "ACCOUNT", "ROLE"], &rows, |text| colours.faint(text)).as_bytes())
}

/// The account of this number or name.
fn one(accounts: Vec<Account>, wanted: &str) -> Result<Account> {
    let same = |a: &&Account| a.id == wanted || a.name.to_lowercase() == wanted.to_lowercase();
    let found: Vec<&Account> = accounts.iter().filter(same).collect();
    match &found[..] {
        [only] => Ok((*only).clone()),
        [] => Err(Error::failed(format!("no account {wanted} is assigned to you"))
            .next("`awsenv sso accounts` lists what there is")),
        many => {
            let numbers: Vec<&str> = many.iter().map(|a| a.id.as_str()).collect();
            Err(Error::failed(format!("{wanted} is the name of {} accounts", many.len()))
                .next(format!("take the number: {}", numbers.join(", "))))
        }
    }
}
