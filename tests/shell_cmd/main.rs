//! cmd.exe's hook: the program for Windows in a real cmd.exe, which wine runs on a Linux terminal.
//!
//! AWSENV_TEST_WINE names a program that runs its words with wine, AWSENV_TEST_WINDOWS_EXE the program under test, and
//! AWSENV_TEST_WINE_USER the number of the user that wine runs as; TMPDIR must be a folder that wine sees. wine knows no
//! doskey macros and runs no AutoRun: a doskey of the test writes the macros down, and a line is typed as they make it.

#![cfg(target_os = "linux")]

mod desk;
mod guard;
mod quoting;
mod session;
mod text;
