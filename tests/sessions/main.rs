//! Sessions end to end: the real program, a fake AWS that checks codes, real files and terminals.
#![cfg(unix)]

mod chains;
mod code;
mod desk;
mod doctor;
mod ending;
mod handing_on;
mod refresh;
mod sibling;
mod states;
mod switch;
