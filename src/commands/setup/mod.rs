//! `awsenv setup --shell SHELL`: adds the hook's line to the shell's start file, after showing it. On Windows without a shell:
//! for each that is there, and awsenv's folder to the PATH. `--sso START_URL`: see [`sso`].

mod hook;
mod sso;
#[cfg(windows)]
mod windows;

use crate::cli::SetupArgs;
use crate::error::{Error, Result};
use crate::host::Host;

pub fn run(args: &SetupArgs, host: Host) -> Result<()> {
    if let Some(url) = &args.sso {
        return sso::run(args, url, host);
    }
    match args.shell {
        Some(shell) => match hook::add(args.yes, shell, &host)? {
            true => Ok(()),
            false => Err(Error::failed("nothing was changed")),
        },
        #[cfg(windows)]
        None => windows::run(args, &host),
        #[cfg(unix)]
        None => Err(Error::usage("which shell?").next("awsenv setup --shell bash")),
    }
}
