//! `awsenv sso accounts`: the accounts that the signed-in person may use.

use serde::Serialize;

use super::{Portal, table};
use crate::cli::SsoAccountsArgs;
use crate::commands::{print, report};
use crate::error::Result;
use crate::host::Host;
use crate::net::Account;
use crate::terminal::{Colours, say};

/// One account, for `--json`.
#[derive(Serialize)]
struct Row {
    account: String,
    account_name: String,
    email: String,
}

pub fn run(args: &SsoAccountsArgs, host: Host) -> Result<()> {
    let portal = Portal::of(&args.which, host)?;
    let accounts = portal.accounts()?;
    if args.json {
        let row = |Account { id, name, email }| Row { account: id, account_name: name, email };
        return print(&report::json(&accounts.into_iter().map(row).collect::<Vec<_>>())?);
    }
    if accounts.is_empty() {
        say(format!("{}: no account is assigned to you", portal.name()));
        return Ok(());
    }
    let colours = Colours::on_stdout(&portal.desk().host);
    let rows: Vec<_> = accounts.into_iter().map(|a| [a.name, a.id, a.email]).collect();
    print(table(["NAME", "ACCOUNT", "EMAIL"], &rows, |text| colours.faint(text)).as_bytes())
}
