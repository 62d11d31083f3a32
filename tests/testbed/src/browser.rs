//! A real browser without a screen, as a program that `BROWSER` can name.

use std::path::{Path, PathBuf};

use crate::Home;

/// Where a page's last state is kept, under the home: what a person would see when all is done.
pub const PAGE: &str = "browser-page.html";

/// The names under which Chromium is installed.
const NAMES: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

/// A script on the home's PATH that opens its argument in Chromium and ends when the page is loaded, all that its own
/// scripts lead to included ([`crate::aws::Consent::Click`]); the last page lies in [`PAGE`] then. Missing: as
/// [`crate::require`].
pub fn headless(home: &Home) -> Option<PathBuf> {
    let Some(chromium) = NAMES.iter().find_map(|name| crate::find(name)) else {
        assert!(std::env::var_os("AWSENV_TEST_REQUIRE").is_none(), "chromium is needed (AWSENV_TEST_REQUIRE is set)");
        crate::skipped("chromium is not on this machine");
        return None;
    };
    Some(home.script("headless-browser", &script(&chromium)))
}

/// Virtual time runs only while nothing is on its way, so a slow machine does not cut a page short. The sandbox is
/// not for root, and the page is the tests' own. Renamed when it is whole, for readers who wait for it.
fn script(chromium: &Path) -> String {
    let chromium = chromium.to_str().expect("Chromium's path is UTF-8").replace('\'', r"'\''");
    format!(
        "#!/bin/sh\n\
         '{chromium}' --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \\\n    \
         --disable-background-networking --disable-component-update --user-data-dir=\"$HOME/.chromium\" \\\n    \
         --virtual-time-budget=10000 --dump-dom \"$1\" >\"$HOME/{PAGE}.part\" 2>\"$HOME/browser-errors\" </dev/null &&\n    \
         mv \"$HOME/{PAGE}.part\" \"$HOME/{PAGE}\"\n"
    )
}
