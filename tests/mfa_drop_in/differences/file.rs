//! In the credentials file.

use super::super::pair::{Input, MANAGER, Pair, World, sections};
use super::{DEV, one_line, traceback};

differences! {

the_file_stays_as_it_is [
    "the rest of the file",
    "rewrites the whole file: comments and layout are lost, a nested block is bent",
    "changes the lines of the session; comments, order, blanks, line ends stay, byte for byte",
    "asked for in #39"
] {
    let others = "# mine\r\n[other]\r\nregion=eu-west-1 \r\ns3 =\r\n  addressing_style = path\r\n\r\n";
    let Some(pair) = Pair::new() else { return };
    pair.each(|w| { w.home.credentials(format!("{others}{}# end\n", w.long_term())); });
    pair.same(&DEV, Input::Code);
    assert!(!pair.real.credentials().contains('#'));
    let ours = pair.ours.credentials();
    assert!(ours.starts_with(&format!("{others}{}# end\n", pair.ours.long_term())), "{ours}");
}

what_was_written_meanwhile_stays [
    "what another program writes while the code is typed",
    "is lost: the file was read before the question",
    "stays: the file is read again behind the question, under a lock, and replaced whole",
    "two tools that write at once must not cost a session"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let write = |w: &World| {
        w.home.credentials(format!("{}[meanwhile]\nx = 1\n", w.credentials()));
    };
    assert_eq!(pair.real.run_around(&DEV, write).status, Some(0));
    assert_eq!(pair.ours.run_around(&DEV, write).status, Some(0));
    assert!(!pair.real.credentials().contains("meanwhile"));
    assert!(pair.ours.credentials().contains("[meanwhile]\nx = 1\n"));
}

our_own_key [
    "`manager = awsenv`",
    "is not there",
    "is written below aws-mfa's keys",
    "it keeps `awsume --clean` from deleting the section; aws-mfa passes over it"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    pair.same(&DEV, Input::Code);
    let ours = sections(&pair.ours.credentials());
    assert_eq!(ours[1].1.last().map(|(k, v)| (k.as_str(), v.as_str())), Some(MANAGER));
    assert_eq!((ours[1].1.len(), sections(&pair.real.credentials())[1].1.len()), (7, 6));
}

another_form_of_the_end [
    "`expiration` in another form (ISO 8601, awsume's local time)",
    "traceback",
    "is understood; one that nobody understands counts as no session",
    "other tools write these forms"
] {
    let Some(pair) = Pair::with(|w| w.session(9000).replace("expiration = 20", "expiration = 2020T")) else { return };
    let (real, ours) = pair.run(&DEV, Input::Code);
    traceback(&real, "ValueError");
    assert!(ours.out.contains("WARNING - Your existing credentials are missing or invalid") && ours.status == Some(0), "{ours:?}");
    pair.each(|w| {
        let text = format!("{}{}", w.long_term(), w.session(0));
        let (before, _) = text.split_once("expiration").expect("there");
        w.home.credentials(format!("{before}expiration = 2126-11-22T12:00:00Z\n"));
    });
    let (real, ours) = pair.run(&DEV, Input::Nothing);
    traceback(&real, "ValueError");
    assert!(ours.out.ends_with("they will expire at 2126-11-22 12:00:00\n") && ours.status == Some(0), "{ours:?}");
}

another_credentials_file [
    "AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE",
    "are passed over: it is always ~/.aws/credentials",
    "name the files, as for the AWS CLI",
    "asked for in PR #66, #70, #82"
] {
    let Some(mut pair) = Pair::new() else { return };
    pair.each(|w| { w.home.write("elsewhere", w.long_term()).credentials(""); });
    pair.set("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere");
    let (real, ours) = pair.run(&DEV, Input::Code);
    one_line(&real, "'[dev-long-term]' is missing");
    assert_eq!(ours.status, Some(0), "{ours:?}");
    assert!(pair.ours.home.text("elsewhere").contains("[dev]\n") && pair.ours.credentials().is_empty());
}

a_new_file [
    "`y` to `would you like to create one?`",
    "traceback where there is no ~/.aws; else a file that others may read",
    "makes the folder (0700) and the file (0600)",
    "keys go into it"
] {
    use std::os::unix::fs::PermissionsExt;
    let Some(pair) = Pair::new() else { return };
    let (real, ours) = pair.run(&DEV, Input::Text("y\n"));
    traceback(&real, "FileNotFoundError");
    one_line(&ours, "'[dev-long-term]' is missing");
    let mode = |name: &str| pair.ours.home.path().join(name).metadata().expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(".aws"), mode(".aws/credentials")), (0o700, 0o600));
}

the_long_term_section [
    "where the long-term section stands",
    "in ~/.aws/credentials, with both keys and `aws_mfa_device`",
    "there or in ~/.aws/config; `mfa_serial` and `credential_process` count, too",
    "other tools have them so"
] {
    let Some(pair) = Pair::new() else { return };
    pair.each(|w| {
        let section = w.long_term().replace("[dev-", "[profile dev-").replace("aws_mfa_device", "mfa_serial");
        w.home.config(section).credentials("");
    });
    let (real, ours) = pair.run(&DEV, Input::Code);
    one_line(&real, "'[dev-long-term]' is missing");
    assert_eq!(ours.status, Some(0), "{ours:?}");
    assert!(pair.ours.credentials().starts_with("[dev]\nassumed_role = False\n"), "{}", pair.ours.credentials());
}

a_section_twice [
    "a section or a key that is there twice",
    "traceback",
    "is read as one section; the last value of a key counts, as in the SDKs",
    "okta-aws-cli leaves such files"
] {
    let Some(pair) = Pair::with(|w| format!("[x]\n[x]\n{}", w.session(9000))) else { return };
    let (real, ours) = pair.run(&DEV, Input::Nothing);
    traceback(&real, "DuplicateSectionError");
    assert!(ours.out.contains("still valid") && ours.status == Some(0), "{ours:?}");
}

a_broken_file [
    "`There was a problem reading or parsing your credentials file: …`",
    "names the file",
    "names the line, and what is wrong with it, too",
    "files have hundreds of lines; the line itself may be a secret"
] {
    let Some(pair) = Pair::with(|_| "secret/without+a+key\n".to_owned()) else { return };
    let both = || {
        let (real, ours) = pair.run(&DEV, Input::Nothing);
        let problem = "ERROR - There was a problem reading or parsing your credentials file: ";
        let file = |w: &World| format!("{problem}{}", w.home.path().join(".aws/credentials").display());
        assert_eq!((real.status, real.out), (Some(1), format!("{}\n", file(&pair.real))));
        let rest = ours.out.strip_prefix(&file(&pair.ours)).unwrap_or_else(|| panic!("{ours:?}")).to_owned();
        assert!(ours.status == Some(1) && !rest.contains("secret/") && rest.lines().count() == 1, "{ours:?}");
        rest
    };
    assert!(both().starts_with(":5: "));
    pair.each(|w| { w.home.credentials("secret/without+a+key\n[x]\n"); });
    assert!(both().starts_with(":1: "));
}

a_comment_behind_a_value [
    "a comment behind a value (`aws_mfa_device = ARN # phone`)",
    "is part of the value",
    "is a comment, as in the SDKs",
    "it is what was meant"
] {
    let Some(pair) = Pair::new() else { return };
    pair.each(|w| { w.home.credentials(w.long_term().replace("mfa/taro", "mfa/taro # phone")); });
    let (real, ours) = pair.run(&DEV, Input::Code);
    assert!(real.out.contains("mfa/taro # phone] (renewing"), "{real:?}");
    assert_eq!((real.status, ours.status), (Some(1), Some(0)), "{ours:?}");
}

setup_of_what_is_there [
    "`--setup` for a profile that has long-term keys",
    "traceback, after the keys were typed",
    "one ERROR line before they are",
    "nothing is typed in vain"
] {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let (real, ours) = pair.run(&["--setup"], Input::Text("dev\nAKIA\nsecret\n"));
    assert!(real.err.contains("DuplicateSectionError"), "{real:?}");
    one_line(&ours, "[dev-long-term] is already in ");
    pair.same_files();
}

}
