//! PowerShell: what is printed for it, read by a parser; and, where there is one, a real PowerShell on a real terminal.

#![cfg(unix)]

mod commands;
mod names;
mod parse;
mod quoting;
mod session;
mod text;
mod typed;
mod world;
