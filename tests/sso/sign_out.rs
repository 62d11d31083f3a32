//! Signing out: at AWS, and everything that this machine holds.

use testbed::aws::{Fault, cache_name};

use super::desk::{Desk, START_URL};

fn files(desk: &Desk, folder: &str) -> usize {
    let names = desk.home.path().join(folder).read_dir().into_iter().flatten().flatten();
    names.filter(|entry| entry.path().extension().is_some_and(|e| e == "json")).count()
}

#[test]
fn logout_ends_it_at_aws_and_here() {
    let desk = Desk::new();
    let token = desk.token(3600);
    assert_eq!(desk.run(&["credentials", "dev"]).status, 0);
    let ran = desk.run(&["logout", "dev"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.err.contains("signed out of corp; copies of the keys it gave work at AWS until"), "{ran:?}");
    assert_eq!((desk.count("Logout"), files(&desk, ".aws/sso/cache"), files(&desk, ".aws/cli/cache")), (1, 0, 0));
    assert_eq!(desk.state("dev"), "missing");
    // The old token is worth nothing any more, nor is what renewed it.
    desk.home.write(cache_name("corp"), token.file());
    assert_eq!(desk.run(&["credentials", "dev"]).status, 1);
    assert!(desk.run(&["logout", "dev"]).status == 0);
    assert!(desk.run(&["logout", "dev"]).err.contains("there was no session to end"));
}

#[test]
fn a_token_that_is_over_is_renewed_to_sign_out() {
    let desk = Desk::new();
    let token = desk.token(-60);
    let ran = desk.run(&["logout", "dev"]);
    assert_eq!((ran.status, desk.count("Logout")), (0, 1), "{ran:?}");
    desk.home.write(cache_name("corp"), token.file());
    assert_eq!(desk.run(&["credentials", "dev"]).status, 1, "its refresh token is spent");
}

#[test]
fn without_a_network_it_is_gone_here_and_that_is_said() {
    let desk = Desk::new();
    desk.token(3600);
    desk.aws.fault_on("Logout", Fault::CutBefore, 9);
    let ran = desk.run(&["logout", "dev"]);
    assert_eq!((ran.status, ran.err.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.err.contains("corp is gone from this machine, but AWS could not be told to end it"), "{ran:?}");
    assert_eq!(files(&desk, ".aws/sso/cache"), 0);
}

#[test]
fn all_signs_out_once_per_sign_in_and_finds_what_no_profile_uses() {
    let desk = Desk::with("[profile two]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Other\n");
    let token = desk.token(3600);
    desk.home.write(cache_name("gone"), token.file());
    let ran = desk.run(&["logout", "--all"]);
    assert_eq!((ran.status, desk.count("Logout")), (0, 1), "{ran:?}");
    assert!(
        ran.err.contains("signed out of corp") && ran.err.contains(&format!("a sign-in at {START_URL}")),
        "{ran:?}"
    );
    assert_eq!(files(&desk, ".aws/sso/cache"), 0);
    assert!(desk.run(&["logout", "--all"]).err.contains("there was no session on this machine"));
}

#[test]
fn a_token_that_is_over_and_cannot_be_renewed_is_told_to_live_on() {
    let desk = Desk::new();
    desk.token(-60);
    desk.aws.fault_on("CreateToken", Fault::CutBefore, 9);
    let ran = desk.run(&["logout", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("AWS could not be told to end it"), "{ran:?}");
    assert_eq!(files(&desk, ".aws/sso/cache"), 0);
    // One that AWS has ended itself is no failure.
    let desk = Desk::new();
    desk.token(-60);
    desk.directory.end_sign_ins();
    assert_eq!(desk.run(&["logout", "dev"]).status, 0);
}

#[test]
fn a_file_that_holds_no_token_goes_too() {
    let desk = Desk::new();
    desk.home.write(cache_name("corp"), "{\"accessToken\": ");
    let ran = desk.run(&["logout", "dev"]);
    assert!(ran.status == 1 && ran.err.contains("holds none that could be used"), "{ran:?}");
    assert_eq!(files(&desk, ".aws/sso/cache"), 0);
}
