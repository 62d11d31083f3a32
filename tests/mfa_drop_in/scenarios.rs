//! What must be the same. The first rows are the ways through aws-mfa's one function, in its order; three of them differ on
//! purpose and are in `differences`: an expiration in another form, comments in the file, `--token` of the PyPI build.

use super::pair::{DEVICE, Input, Pair, ROLE};

const VALID: &str = "INFO - Validating credentials for profile: dev \n";
const ASKED: &str = "Enter AWS MFA code for device [arn:aws:iam::123456789012:mfa/taro] (renewing for 43200 seconds):\
                     INFO - Fetching Credentials - Profile: dev, Duration: 43200\n";
const SUCCESS: &str = "INFO - Success! Your credentials will expire in 43200 seconds at: TIME+00:00\n";
const NEW_ROLE: &str = "INFO - Obtaining credentials for a new role or profile.\n";
const DEV: [&str; 2] = ["--profile", "dev"];

fn with_role(args: &[&'static str]) -> Vec<&'static str> {
    [&DEV, &["--assume-role", ROLE], args].concat()
}

#[test]
fn a_first_run_asks_and_a_second_one_finds_it_valid() {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let missing = "INFO - Short term credentials section dev is missing, obtaining new credentials.\n";
    assert_eq!(pair.same(&DEV, Input::Code), format!("{VALID}{missing}{ASKED}{SUCCESS}"));
    let valid = "INFO - Your credentials are still valid for SECONDS seconds they will expire at TIME\n";
    assert_eq!(pair.same(&DEV, Input::Nothing), format!("{VALID}{valid}"));
    let text = pair.ours.credentials();
    assert!(text.contains("\nexpiration = 2") && text.contains("\nassumed_role = False\n"), "{text}");
}

#[test]
fn force_renews_what_is_valid() {
    let Some(pair) = Pair::with(|w| w.session(9000)) else { return };
    let forced = "INFO - Forcing refresh of credentials.\n";
    assert_eq!(pair.same(&["--profile", "dev", "--force"], Input::Code), format!("{VALID}{forced}{ASKED}{SUCCESS}"));
}

#[test]
fn what_is_over_is_renewed() {
    let Some(pair) = Pair::with(|w| w.session(-5)) else { return };
    let over = "INFO - Your credentials have expired, renewing.\n";
    assert_eq!(pair.same(&DEV, Input::Code), format!("{VALID}{over}{ASKED}{SUCCESS}"));
}

#[test]
fn half_a_session_is_renewed() {
    let Some(pair) = Pair::with(|w| w.session(9000).replace("aws_security_token", "other")) else { return };
    let half = "WARNING - Your existing credentials are missing or invalid, obtaining new credentials.\n";
    assert_eq!(pair.same(&DEV, Input::Code), format!("{VALID}{half}{ASKED}{SUCCESS}"));
}

#[test]
fn several_reasons_are_all_said() {
    let Some(pair) = Pair::with(|w| w.session(9000).replace("aws_security_token", "other")) else { return };
    let half = "WARNING - Your existing credentials are missing or invalid, obtaining new credentials.\n";
    let forced = pair.same(&["--profile", "dev", "--force"], Input::Wrong);
    assert!(forced.starts_with(&format!("{VALID}{half}INFO - Forcing refresh of credentials.\nEnter")), "{forced}");
    let role = pair.same(&with_role(&[]), Input::Text("12345\n"));
    assert!(role.contains(&format!("{half}{NEW_ROLE}Enter")), "{role}");
    // And of a section that is not there only that, whatever else is asked.
    pair.each(|w| {
        w.home.credentials(w.long_term());
    });
    let missing = "INFO - Short term credentials section dev is missing, obtaining new credentials.\n";
    let role = pair.same(&with_role(&["--force"]), Input::Text("12345\n"));
    assert!(role.contains(&format!("{ROLE}\n{missing}Enter")), "{role}");
}

#[test]
fn the_default_section_lends_its_keys() {
    let Some(pair) = Pair::new() else { return };
    pair.each(|w| {
        let text = w.long_term();
        let (keys, device) = text.split_once("aws_mfa_device").expect("there");
        w.home.credentials(format!("[DEFAULT]\naws_mfa_device{device}\n{keys}"));
    });
    assert!(pair.same(&DEV, Input::Code).contains("INFO - Success!"));
    assert!(pair.same(&DEV, Input::Nothing).contains("still valid"));
}

#[test]
fn keys_are_read_in_any_case_with_either_sign() {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    pair.each(|w| {
        let text = w
            .long_term()
            .replace("aws_access_key_id =", "AWS_Access_Key_Id:")
            .replace("aws_mfa_device = ", "AWS_MFA_DEVICE=");
        w.home.credentials(format!("; a comment\n{text}"));
    });
    let (real, ours) = pair.run(&DEV, Input::Code);
    assert_eq!((real.status, ours.status), (Some(0), Some(0)), "{ours:?}\n{real:?}");
}

#[test]
fn a_role_comes_and_stays_and_goes() {
    let Some(pair) = Pair::with(|w| w.session(9000)) else { return };
    let line = format!("INFO - Validating credentials for profile: dev with assumed role: {ROLE}\n");
    let asked = format!(
        "Enter AWS MFA code for device [{DEVICE}] (renewing for 3600 seconds):\
         INFO - Assuming Role - Profile: dev, Role: {ROLE}, Duration: 3600\n"
    );
    let success = SUCCESS.replace("43200", "3600");
    assert_eq!(pair.same(&with_role(&[]), Input::Code), format!("{line}{NEW_ROLE}{asked}{success}"));
    assert!(pair.ours.credentials().contains("assumed_role = True\naws_access"), "the order is the old one");
    let valid = "INFO - Your credentials are still valid for SECONDS seconds they will expire at TIME\n";
    assert_eq!(pair.same(&with_role(&[]), Input::Nothing), format!("{line}{valid}"));
    // Another one.
    let other = pair.same(&["--profile", "dev", "--assume", "arn:aws:iam::123456789012:role/Other"], Input::Code);
    assert!(
        other.contains(NEW_ROLE) && other.contains("(AccessDenied) when calling the AssumeRole operation"),
        "{other}"
    );
    // And none: the role in the file is still shown, and its key goes.
    assert_eq!(pair.same(&DEV, Input::Code), format!("{line}{NEW_ROLE}{ASKED}{SUCCESS}"));
    assert!(!pair.ours.credentials().contains("assumed_role_arn"));
}

#[test]
fn a_role_in_a_new_section_is_called_by_the_login_name() {
    let Some(mut pair) = Pair::with(|_| String::new()) else { return };
    pair.same(&with_role(&["--duration=900"]), Input::Code);
    let text = pair.ours.credentials();
    assert!(
        text.contains(&format!("[dev]\nassumed_role = True\nassumed_role_arn = {ROLE}\naws_access_key_id")),
        "{text}"
    );
    assert_eq!(pair.ours.aws.calls_of("AssumeRole")[0].params["RoleSessionName"], "taro");
    pair.set("LOGNAME", "hanako").same(&with_role(&["--force"]), Input::Code);
    pair.same(&with_role(&["--force", "--role-session-name", "night.job"]), Input::Code);
    let names: Vec<_> =
        pair.ours.aws.calls_of("AssumeRole").iter().map(|call| call.params["RoleSessionName"].clone()).collect();
    assert_eq!(names, ["taro", "hanako", "night.job"]);
}

#[test]
fn equal_names_are_an_error_before_anything_else() {
    let Some(pair) = Pair::with(|w| w.session(9000)) else { return };
    let equal = "ERROR - The value for '--long-term-suffix' cannot be equal to the value for '--short-term-suffix'\n";
    assert_eq!(pair.same(&["--profile", "dev", "--long-term-suffix", "none"], Input::Nothing), equal);
    assert_eq!(pair.same(&["--long-suffix=x", "--short-suffix=x"], Input::Nothing), equal);
}

#[test]
fn a_wrong_code_and_half_a_code_change_nothing() {
    let Some(pair) = Pair::with(|w| w.session(-5)) else { return };
    let before = pair.ours.credentials();
    let over = "INFO - Your credentials have expired, renewing.\n";
    let wrong = pair.same(&DEV, Input::Wrong);
    let refusal = "ERROR - An error occured while calling assume role: An error occurred (AccessDenied) when calling the \
                   GetSessionToken operation: MultiFactorAuthentication failed with invalid MFA one time pass code. \n";
    assert_eq!(wrong, format!("{VALID}{over}{ASKED}{refusal}"));
    for text in ["12345\n", "\n", "12345"] {
        let short = pair.same(&DEV, Input::Text(text));
        assert_eq!(short, format!("{VALID}{over}{ASKED}ERROR - Token must be six digits\n"));
    }
    assert_eq!(pair.ours.credentials(), before);
    assert_eq!(pair.ours.aws.calls().len(), 1, "one try, and none with half a code");
}

#[test]
fn a_missing_device_is_an_error_also_where_the_session_is_valid() {
    let Some(pair) = Pair::new() else { return };
    pair.each(|w| {
        w.home.credentials(format!("[dev-long-term]\n{}{}", w.key.lines(), w.session(9000)));
    });
    let device = "ERROR - You must provide --device or MFA_DEVICE or set \"aws_mfa_device\" in \".aws/credentials\"\n";
    assert_eq!(pair.same(&DEV, Input::Nothing), format!("{VALID}{device}"));
}

#[test]
fn a_missing_section_or_key_is_named() {
    let Some(pair) = Pair::with(|w| w.session(9000)) else { return };
    let missing = pair.same(&["--profile", "other"], Input::Nothing);
    assert!(
        missing.contains("ERROR - Long term credentials session '[other-long-term]' is missing. You must"),
        "{missing}"
    );
    // `default` where nothing is said.
    assert!(pair.same(&[], Input::Nothing).contains("'[default-long-term]' is missing"));
    for text in
        ["[y-long-term]\naws_access_key_id = A\n", "[y-long-term]\naws_secret_access_key = A\n", "[y-long-term]\n"]
    {
        pair.each(|w| {
            w.home.credentials(text);
        });
        let missing = pair.same(&["--profile", "y"], Input::Nothing);
        assert!(
            missing.contains("ERROR - No option 'aws_") && missing.contains(" in section: 'y-long-term'"),
            "{missing}"
        );
    }
}

#[test]
fn flags_come_before_variables_and_these_before_the_file() {
    let Some(mut pair) = Pair::with(|_| format!("assume_role = {ROLE}\n")) else { return };
    let first = pair.same(&DEV, Input::Code);
    assert!(first.contains("Validating credentials for profile: dev \n"), "the file's role is not shown: {first}");
    assert!(first.contains("Assuming Role - Profile: dev, Role: arn:aws:iam::123456789012:role/Admin, Duration: 3600"));
    pair.set("MFA_STS_DURATION", "7200").set("MFA_ASSUME_ROLE", "arn:aws:iam::123456789012:role/Gone");
    let gone = pair.same(&DEV, Input::Code);
    assert!(gone.contains("role/Gone, Duration: 7200\nERROR - An error occured while calling assume role"), "{gone}");
    pair.set("MFA_DEVICE", "arn:aws:iam::123456789012:mfa/gone");
    let device = pair.same(&["--profile", "dev", "--force", "--assume-role", ROLE], Input::Code);
    assert!(
        device.contains("[arn:aws:iam::123456789012:mfa/gone]") && device.contains("unable to validate MFA"),
        "{device}"
    );
    // An empty value and 0 are as if they were not there.
    let args = ["--profile", "dev", "--force", "--device", DEVICE, "--duration", "1800", "--assume-role", ROLE];
    assert!(pair.same(&args, Input::Code).contains("renewing for 1800 seconds"));
    pair.set("MFA_DEVICE", "").set("MFA_ASSUME_ROLE", "").set("MFA_STS_DURATION", "");
    let args = ["--profile=dev", "--force", "--device=", "--duration=0", "--assume-role=", "--short-term-suffix="];
    assert!(pair.same(&args, Input::Code).contains("renewing for 3600 seconds"));
}

#[test]
fn the_profile_comes_from_the_environment() {
    let Some(mut pair) = Pair::with(|w| w.session(9000)) else { return };
    pair.set("AWS_PROFILE", "dev");
    assert!(pair.same(&[], Input::Nothing).contains("profile: dev \nINFO - Your credentials are still valid"));
    // AWS_DEFAULT_PROFILE is not aws-mfa's; boto3 wants to know it.
    pair.set("AWS_PROFILE", "").set("AWS_DEFAULT_PROFILE", "dev");
    pair.each(|w| {
        w.home.config("[profile dev]\n");
        w.home.credentials(w.long_term().replace("dev-", "default-"));
    });
    assert!(pair.same(&[], Input::Code).contains("section default is missing"));
    assert!(pair.ours.credentials().contains("[default]\nassumed_role = False\n"));
}

#[test]
fn suffixes_name_other_sections() {
    let Some(pair) = Pair::new() else { return };
    pair.each(|w| {
        w.home.credentials(w.long_term().replace("[dev-long-term]", "[org]"));
    });
    let args = ["--profile", "org", "--long-term-suffix", "NONE", "--short-term-suffix", "production"];
    let first = pair.same(&args, Input::Code);
    assert!(
        first.contains("profile: org-production \n") && first.contains("- Profile: org-production, Dur"),
        "{first}"
    );
    assert!(pair.ours.credentials().contains("\n[org-production]\nassumed_role = False\n"));
    assert!(pair.same(&args, Input::Nothing).contains("still valid"));
    pair.each(|w| {
        w.home.credentials(w.long_term().replace("-long-term", "-keys"));
    });
    pair.same(&["--profile", "dev", "--long-suffix", "keys", "--short-suffix", "None"], Input::Code);
    assert!(pair.ours.credentials().contains("\n[dev]\n"));
}

#[test]
fn unknown_keys_and_the_order_of_keys_stay() {
    let Some(pair) = Pair::with(|w| w.session(-5).replace("assumed_role = False", "region = eu-west-1")) else {
        return;
    };
    let half = pair.same(&DEV, Input::Code);
    assert!(half.contains("WARNING - Your existing credentials"), "{half}");
    let text = pair.ours.credentials();
    assert!(
        text.contains("[dev]\nregion = eu-west-1\naws_access_key_id") && text.contains("assumed_role = F"),
        "{text}"
    );
}

#[test]
fn each_level_shows_what_it_should() {
    let Some(pair) = Pair::with(|w| w.session(9000).replace("aws_security_token", "x")) else { return };
    for level in ["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "NOTSET"] {
        pair.same(&["--profile", "dev", "--log-level", level], Input::Text("123\n"));
    }
}

#[test]
fn a_missing_file_is_offered() {
    let Some(pair) = Pair::new() else { return };
    let question = "Could not locate credentials file at HOME/.aws/credentials, would you like to create one? [y/n]";
    let no = pair.same(&DEV, Input::Text("n\n"));
    assert_eq!(no, format!("{question}ERROR - Could not locate credentials file at HOME/.aws/credentials\n"));
    pair.each(|w| {
        w.home.config("");
    });
    let yes = pair.same(&DEV, Input::Text("Y\n"));
    assert!(yes.starts_with(&format!("{question}{VALID}ERROR - Long term credentials session")), "{yes}");
    assert_eq!(pair.ours.credentials(), "");
    // One line is one answer: the next question has the next one.
    pair.each(|w| {
        std::fs::remove_file(w.home.path().join(".aws/credentials")).expect("just made");
    });
    let (real, ours) = pair.run(&["--setup"], Input::Text("y\nnew\nAKIA\nsecret\n"));
    assert_eq!((real.status, ours.status), (Some(0), Some(0)), "{ours:?}\n{real:?}");
    pair.same_files();
    assert!(pair.ours.credentials().starts_with("[new-long-term]\naws_access_key_id = AKIA\n"));
}

#[test]
fn setup_writes_two_keys() {
    let Some(pair) = Pair::with(|_| String::new()) else { return };
    let setup = |input: &str| {
        let (real, ours) = pair.run(&["--setup", "--long-suffix", "none"], Input::Text(input));
        assert_eq!((&ours.out, ours.status), (&real.out, real.status), "{ours:?}\n{real:?}");
        // Python says on stderr that it cannot hide what is typed; the questions are there in both.
        for question in ours.err.split_inclusive(": ") {
            assert!(real.err.contains(question), "{ours:?}\n{real:?}");
        }
        pair.same_files();
        ours.out
    };
    assert_eq!(setup("new\nAKIANEW\nsec/ret+=\n"), "Profile name to [default]: ");
    assert!(
        pair.ours
            .credentials()
            .ends_with("\n[new-long-term]\naws_access_key_id = AKIANEW\naws_secret_access_key = sec/ret+=\n")
    );
    setup("\nAKIADEFAULT\nsecret\n");
    assert!(pair.ours.credentials().contains("[default-long-term]"));
    assert!(setup("x\n\n").ends_with("ERROR - You must supply aws_access_key_id\n"));
    assert!(setup("x\nAKIA\n\n").ends_with("ERROR - You must supply aws_secret_access_key\n"));
}

#[test]
fn help_and_wrong_usage_have_the_same_exit_codes() {
    let Some(pair) = Pair::with(|w| w.session(9000)) else { return };
    let run = |args: &[&str]| {
        let (real, ours) = pair.run(args, Input::Nothing);
        assert_eq!(ours.status, real.status, "{args:?}: {ours:?}\n{real:?}");
        assert_eq!((ours.out.is_empty(), ours.err.is_empty()), (real.out.is_empty(), real.err.is_empty()), "{args:?}");
        ours
    };
    assert_eq!(run(&["--help"]).status, Some(0));
    assert!(run(&["-h"]).out.contains("--long-term-suffix"));
    for args in [
        &["dev"][..],
        &["--profile"],
        &["--profile", "--force"],
        &["--duration", "long"],
        &["--log-level", "debug"],
        &["--s"],
        &["--force=1"],
        &["--unknown"],
        &["-x"],
        &["--setup-now"],
    ] {
        assert_eq!(run(args).status, Some(2));
    }
    // Abbreviations, and the last of several counts.
    assert_eq!(run(&["--pro", "dev", "--dur=900", "--ro", "x", "--log", "INFO", "--de", "x"]).status, Some(0));
    assert_eq!(run(&["--profile", "other", "--profile", "dev"]).status, Some(0));
}
