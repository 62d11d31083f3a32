//! IAM Identity Center end to end: the real program, a fake AWS as strict as AWS on PKCE, states, grants and refresh tokens,
//! and a browser that follows where it is led.
#![cfg(unix)]

mod adopting;
mod desk;
mod generating;
mod guard;
mod hostile;
mod keys;
mod listing;
mod network;
mod page;
mod renewing;
mod setting_up;
mod sign_in;
mod sign_out;
