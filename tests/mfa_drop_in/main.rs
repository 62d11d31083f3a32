//! The aws-mfa drop-in beside the real aws-mfa (PyPI), in the virtual environment that AWSENV_TEST_VENV names: the same files,
//! the same commands and codes, each with a home and a fake AWS of its own. `scenarios` holds what must be the same,
//! `differences` every deliberate difference with its reason, as docs/aws-mfa.md lists them, `wishes` what aws-mfa's users
//! asked for.
#![cfg(unix)]

mod differences;
mod page;
mod pair;
mod scenarios;
mod wishes;
