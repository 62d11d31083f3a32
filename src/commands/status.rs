//! `awsenv status [PROFILE]`: what is in force and how long it is good for. Reads files only.

use super::report::{self, Report};
use super::{Desk, print};
use crate::cli::StatusArgs;
use crate::environment::stamp;
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::profile::ProfileName;
use crate::session::{InForce, State};
use crate::state::Memory;
use crate::terminal::{Colours, clean_to};

pub fn run(args: &StatusArgs, host: Host) -> Result<()> {
    let desk = Desk::open(host)?;
    let report = report_of(&desk, args)?;
    if args.json {
        print(&report::json(&report)?)?;
    } else {
        print(text(&desk, &report).as_bytes())?;
    }
    match args.min {
        Some(min) if !meets(&report, min) => Err(Error::silent(Kind::NotMet)),
        _ => Ok(()),
    }
}

fn report_of(desk: &Desk, args: &StatusArgs) -> Result<Report> {
    let in_force = match &args.profile {
        Some(_) => InForce::Chosen(desk.profile_name(args.profile.as_deref())),
        None => InForce::of(&desk.host, &desk.files),
    };
    let mut report = match in_force.name() {
        None => Report::of_environment(desk),
        Some(name) => match desk.files.profile(&name) {
            Some(profile) => Report::of_profile(desk, &profile),
            // Nobody chose anything and there is nothing to choose: that is an answer.
            None if in_force == InForce::Default => nothing_chosen(),
            None => return Err(desk.files.unknown(&name)),
        },
    };
    if args.profile.is_none() {
        let regions = ["AWS_REGION", "AWS_DEFAULT_REGION"];
        let exported = regions.iter().find_map(|n| desk.host.var(n)).map(|v| v.to_string_lossy().into_owned());
        report.region = exported.or(report.region);
        report.warnings.extend(conflicts(desk));
    }
    Ok(report)
}

fn nothing_chosen() -> Report {
    Report {
        profile: "default".into(),
        kind: "none",
        state: State::Missing.word(),
        expires_at: None,
        remaining_seconds: None,
        account: None,
        region: None,
        mfa_serial: None,
        source_profile: None,
        proxy: report::ProxyReport::default(),
        warnings: Vec::new(),
        sdk_profile: None,
        standing: None,
        tool: None,
    }
}

/// Keys without an end meet any minimum; a session whose end no file tells meets it where it works without a person.
fn meets(report: &Report, min: u32) -> bool {
    let Some(standing) = &report.standing else { return false };
    match (standing.state, report.remaining_seconds) {
        (State::Expired | State::Missing, _) => false,
        (_, Some(left)) => left >= i64::from(min),
        (State::Unknown, None) => false,
        (_, None) => true,
    }
}

/// What in this environment contradicts what the user probably believes.
pub fn conflicts(desk: &Desk) -> Vec<String> {
    let host = &desk.host;
    let shown = |name: &str| host.var(name).map(|v| clean_to(v.as_encoded_bytes(), 500));
    let mut found = Vec::new();
    let (profile, default) = (shown("AWS_PROFILE"), shown("AWS_DEFAULT_PROFILE"));
    if let (true, Some(profile)) = (InForce::of(host, &desk.files) == InForce::Environment, &profile) {
        found.push(format!(
            "AWS_ACCESS_KEY_ID is set and beats AWS_PROFILE={profile}: `awsenv use {profile}` unsets it"
        ));
    }
    match (&profile, &default) {
        (Some(profile), Some(default)) if profile != default => found.push(format!(
            "AWS_DEFAULT_PROFILE={default} beats AWS_PROFILE={profile} in boto3 and AWS CLI v1: unset AWS_DEFAULT_PROFILE"
        )),
        _ => {}
    }
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        if host.raw_var(name).is_some_and(|v| v.is_empty()) {
            found.push(format!(
                "{name} is set and empty, which some tools take for a profile without a name: unset {name}"
            ));
        }
    }
    // The hook tells by AWSENV_HOOK, for this one command, that `use` ran in another shell.
    if shown("AWSENV_HOOK").is_some_and(|h| h.split(' ').any(|word| word == "inherited")) {
        let text = "the profile was inherited from the shell that started this one, not chosen here";
        found.push(format!("{text}: `awsenv leave` unsets it"));
    }
    // What `use` set for one profile is still there while another is in force.
    let used = host.var("AWSENV_PROFILE").map(|n| ProfileName::from(n.as_os_str()));
    let now = InForce::by_name(host, &desk.files).name();
    if let (Some(used), Some(now)) = (used, now) {
        let names = shown("AWSENV_NAMES").unwrap_or_default();
        let proxy = names.split(' ').any(|n| n.starts_with("HTTPS_PROXY:") || n.starts_with("HTTP_PROXY:"));
        if used != now && proxy {
            found.push(format!("the proxy is still that of {used}: `awsenv use {now}` sets the right one"));
        } else if used != now {
            found.push(format!("AWS_PROFILE was changed by other means after `awsenv use {used}`"));
        }
    }
    found
}

fn text(desk: &Desk, report: &Report) -> String {
    let colours = Colours::on_stdout(&desk.host);
    let mut lines: Vec<(&str, String)> = Vec::new();
    if !report.profile.is_empty() {
        lines.push(("profile", colours.strong(&clean_to(&report.profile, 500))));
    }
    lines.push(("kind", report.kind.to_owned()));
    if let Some(tool) = report.tool {
        lines.push(("keys from", tool.name().to_owned()));
    }
    let end = report.standing.as_ref().and_then(|s| s.expires_at);
    let state = match end {
        Some(end) if end > desk.host.now() => {
            let left = report.standing.as_ref().map(|s| stamp::left(s, &desk.host)).unwrap_or_default();
            format!("{} until {} ({left} left)", report.state, end.local(desk.host.now()))
        }
        Some(end) => format!("{} since {}", report.state, end.local(desk.host.now())),
        None => report.state.to_owned(),
    };
    lines.push(("state", if report.needs_attention() { colours.bad(&state) } else { colours.good(&state) }));
    let more = [
        ("account", &report.account),
        ("region", &report.region),
        ("MFA device", &report.mfa_serial),
        ("source", &report.source_profile),
        ("proxy", &report.proxy.https.clone().or(report.proxy.http.clone())),
    ];
    lines.extend(more.into_iter().filter_map(|(name, text)| Some((name, clean_to(text.as_ref()?, 500)))));
    if let Some(sdk) = report.sdk_profile.as_ref().filter(|sdk| **sdk != report.profile) {
        lines.push(("for code", clean_to(sdk, 500)));
    }
    if let Some(skew) = Memory::of(&desk.host).skew().filter(|s| s.seconds.abs() >= 60) {
        let direction = if skew.seconds > 0 { "behind" } else { "ahead of" };
        let by = crate::time::span(skew.seconds.abs());
        lines.push(("clock", format!("this machine's clock is {by} {direction} AWS's")));
    }
    let mut out: String = lines.iter().map(|(name, text)| format!("{name:<10}  {text}\n")).collect();
    for warning in &report.warnings {
        out += &format!("{}  {}\n", colours.warning("warning   "), clean_to(warning, 500));
    }
    out
}
