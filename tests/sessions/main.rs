//! Sessions end to end: the real program, a fake AWS that checks codes, real files and terminals.
//!
//! What needs a Unix terminal, `sh` or file modes is marked so. Windows' console has tests of its own: windows_console.rs.

mod chains;
mod code;
mod desk;
mod doctor;
mod doctor_hook;
mod ending;
mod handing_on;
mod machine;
mod refresh;
mod sibling;
mod states;
mod switch;
mod web_identity;
