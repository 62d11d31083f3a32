//! `awsenv doctor`: finds what is wrong, and says how to mend it.

use crate::cli::JsonArgs;
use crate::error::Result;
use crate::host::Host;

pub fn run(_args: &JsonArgs, _host: Host) -> Result<()> {
    Ok(())
}
