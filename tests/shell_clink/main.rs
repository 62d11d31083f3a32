//! Clink's hook under Lua 5.2, the version that Clink embeds, against an imitation of the documented API. The binary and
//! its questions are real.

#![cfg(unix)]

mod desk;
mod guard;
mod prompt;
mod quoting;
mod switching;
