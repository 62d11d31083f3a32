//! What only the shell knows of itself, as `doctor` and `status` say it.
#![cfg(unix)]

use testbed::{Home, Session, Shell};

const AWSENV: &str = env!("CARGO_BIN_EXE_awsenv");

const KEYS: &str = "[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";

#[test]
fn doctor_knows_that_the_hook_is_loaded_and_which_functions_are_the_users_own() {
    for shell in Shell::ALL {
        let home = Home::new(AWSENV);
        home.credentials(KEYS);
        ["aws", "terraform"].map(|name| home.script(name, "#!/bin/sh\n"));
        let own = if shell == Shell::Fish { "function aws; echo mine; end" } else { "aws() { echo mine; }" };
        let Some(mut session) = Session::start(shell, &home, &format!("{own}\n{}", shell.hook())) else { continue };
        let said = session.run("awsenv doctor").text;
        assert!(said.contains(&format!("loaded in this {}", shell.name())), "{said}");
        assert!(said.contains("`aws` is a function of your own"), "{said}");
        assert!(!said.contains("`terraform` is a function"), "{said}");
        // Without the hook's word it has to say so.
        let said = session.run("command awsenv doctor").text;
        assert!(!said.contains("loaded in this"), "{said}");
    }
}

#[test]
fn status_says_that_a_profile_was_inherited() {
    for shell in Shell::ALL {
        let home = Home::new(AWSENV);
        home.credentials(KEYS);
        let Some(mut session) = Session::start(shell, &home, shell.hook()) else { continue };
        session.run("awsenv use dev");
        let said = session.run("awsenv status").text;
        assert!(!said.contains("inherited"), "{said}");

        let mut pane = home;
        pane.set("AWS_PROFILE", "dev")
            .set("AWSENV_PROFILE", "dev")
            .set("AWSENV_NAMES", "1 x AWS_PROFILE:1 AWSENV_PROFILE:2");
        let Some(mut session) = Session::start(shell, &pane, shell.hook()) else { continue };
        let said = session.run("awsenv status").text;
        assert!(said.contains("inherited from the shell that started this one"), "{said}");
    }
}
