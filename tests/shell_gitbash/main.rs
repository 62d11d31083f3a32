//! Git Bash in mintty: bash's hook with a program for Windows that has no console, so that bash asks in its place.
//!
//! No bash of MSYS2 can be had where these tests run. Imitated: it, by Linux' bash with `OSTYPE=msys`; its drives, by a link
//! `Z:` in the folder where it stands; mintty, by three pipes that the program gets as its streams, and `TERM_PROGRAM`. Real:
//! the program for Windows (below wine), what it prints for bash, bash, and the terminal with its line discipline. Not shown by
//! this: how MSYS2 changes words and variables, and Cygwin's own terminal.
//!
//! AWSENV_TEST_WINE, AWSENV_TEST_WINDOWS_EXE and AWSENV_TEST_WINE_USER as for the tests of cmd; `stand_in` needs none of them.

#![cfg(target_os = "linux")]

mod desk;
mod guard;
mod session;
mod stand_in;
