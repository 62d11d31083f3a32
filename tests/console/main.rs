//! The AWS console, the browser that opens it, and `aws login`: the real program, a fake AWS that lets in only whom AWS lets
//! in, and a browser that notes what is on its command line.
#![cfg(unix)]

mod browser;
mod desk;
mod links;
mod login;
mod refusals;
