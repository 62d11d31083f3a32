//! The way from a profile to a service: route, region, endpoint, and whether it may be gone without a question.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::{CaBundle, Configured, Endpoint, Iam, Keys, Region, Route, Service, Signer, Sts, Transport};
use crate::profile::Profile;
use crate::settings::{ProfileSettings, Settings};
use crate::state::Memory;
use crate::terminal::{Answer, Question, Tty};

use super::proxy::ProfileProxy;
use super::trust;

/// Where a call goes.
#[derive(Debug, Clone, Copy)]
pub enum Goal<'g> {
    /// STS; the ARN of the role or device decides the partition where the profile has no region.
    Sts { arn: &'g str },
    /// A service of IAM Identity Center in the `sso_region`.
    Sso { service: Service, region: &'g str },
    /// The way into the console; the ARN of the role decides the partition where the profile has no region.
    Federation { arn: &'g str },
    /// AWS Sign-In in the region where `aws login` signed in, which comes from this place.
    SignIn { region: &'g str, place: &'static str },
    /// IAM; the ARN of the role or device decides the partition where the profile has no region.
    Iam { arn: &'g str },
}

/// Everything but the keys that a call needs.
pub struct Way<'a> {
    host: &'a Host,
    route: Route,
    pub region: Region,
    pub endpoint: Endpoint,
    memory: &'a Memory,
    /// Whether requests may go to the endpoint without a word: it is AWS's, this machine's, or allowed in the settings.
    pub is_known: bool,
    /// What goes there, for a person: `the code`.
    what: &'static str,
    /// What the environment alone decides about the way, where that is enough to read along: see [`Way::check_silent`].
    steered: Option<String>,
}

impl<'a> Way<'a> {
    /// The way for a profile.
    ///
    /// # Errors
    /// Names the value that is no region or no endpoint, with its place.
    pub fn of(
        host: &'a Host,
        memory: &'a Memory,
        profile: &Profile,
        settings: &ProfileSettings,
        proxy: &ProfileProxy,
        goal: Goal,
    ) -> Result<Self> {
        let (service, region) = match goal {
            Goal::Sts { arn } => (Service::Sts, region(profile, arn)?),
            Goal::Sso { service, region } => (service, named_region(profile, "sso_region", region)?),
            Goal::Federation { arn } => (Service::Federation, region(profile, arn)?),
            Goal::Iam { arn } => (Service::Iam, region(profile, arn)?),
            Goal::SignIn { region, place } => (Service::SignIn, named_region(profile, place, region)?),
        };
        let url = |value: Option<crate::profile::Value>| {
            value.and_then(|v| Some((v.str().ok()?.to_owned(), v.place.to_string())))
        };
        let flag = |key: &str| profile.get(key).and_then(|v| v.str().ok().map(|t| t.eq_ignore_ascii_case("true")));
        let (services, own) = (profile.service_endpoint(service.key()), profile.get("endpoint_url"));
        let in_named_file = [&services, &own].into_iter().flatten().any(|v| v.place.file_from_environment);
        let configured = Configured {
            services_url: url(services),
            profile_url: url(own),
            ignore: flag("ignore_configured_endpoint_urls"),
            fips: flag("use_fips_endpoint"),
            dual_stack: flag("use_dualstack_endpoint"),
        };
        let endpoint = Endpoint::resolve(host, service, &region, &configured)
            .map_err(|e| Error::failed(format!("profile {}: {e}", profile.name)))?;
        let bundle = profile.get("ca_bundle").and_then(|v| {
            let (path, origin) = (PathBuf::from(v.str().ok()?), format!("ca_bundle in {}", v.place));
            Some(CaBundle { path, origin, from_environment: v.place.file_from_environment })
        });
        let route = Route { proxy: proxy.for_calls(), ca_bundle: CaBundle::chosen(host, bundle), ..Route::default() };
        let is_known = !endpoint.is_foreign(&settings.allow_endpoint);
        let chosen = endpoint.origin().is_some_and(|o| in_named_file || o.starts_with("AWS_ENDPOINT_URL"));
        let steered = steered(host, &route, &endpoint, chosen)?;
        let what = match service {
            Service::Sts => "the code",
            Service::SsoOidc | Service::Sso | Service::SignIn => "the sign-in",
            Service::Federation => "the session",
            Service::Iam => "what you change",
        };
        Ok(Way { host, route, region, endpoint, memory, is_known, what, steered })
    }

    /// STS with these keys.
    pub fn sts<'s>(&'s self, keys: &'s Keys) -> Sts<'s> {
        self.sts_for(Signer::Keys(keys))
    }

    /// STS for who holds a web identity token.
    pub fn sts_by_token<'s>(&'s self, token: &'s SecretString) -> Sts<'s> {
        self.sts_for(Signer::WebIdentity(token))
    }

    fn sts_for<'s>(&'s self, signer: Signer<'s>) -> Sts<'s> {
        Sts {
            machine: self.host,
            route: &self.route,
            region: &self.region,
            endpoint: &self.endpoint,
            signer,
            skew: self.memory.skew().map_or(0, |s| s.seconds),
            refused: self.memory,
        }
    }

    /// IAM with these keys.
    pub fn iam<'s>(&'s self, keys: &'s Keys) -> Iam<'s> {
        let skew = self.memory.skew().map_or(0, |s| s.seconds);
        Iam { way: self.transport(), region: self.region.partition().home_region, keys, skew }
    }

    /// The way itself, for calls that nobody signs.
    pub fn transport(&self) -> Transport<'_> {
        Transport { machine: self.host, route: &self.route, endpoint: &self.endpoint, refused: self.memory }
    }

    /// What a person should know before typing a code or signing in: an endpoint outside AWS, a proxy or CA bundle from the environment.
    ///
    /// # Errors
    /// A proxy's address that makes no sense.
    pub fn warnings(&self) -> Result<Vec<String>> {
        let mut lines = self.route.named_by_environment(self.host, self.endpoint.host())?;
        if !self.is_known {
            let origin = self.endpoint.origin().unwrap_or("the settings");
            lines.push(format!("{} goes to {}, which is not AWS ({origin})", self.what, self.endpoint.host()));
        }
        Ok(lines)
    }

    /// The first half of [`Way::check_silent`], which asks nobody anything.
    ///
    /// # Errors
    /// Names the endpoint, where it comes from and how to allow it.
    pub fn check_endpoint(&self) -> Result<()> {
        if self.is_known {
            return Ok(());
        }
        let (host, origin) = (self.endpoint.host(), self.endpoint.origin().unwrap_or("the settings"));
        Err(Error::failed(format!("nothing was sent to {host} ({origin}), which is not AWS"))
            .next(format!("allow_endpoint = {host} in awsenv's settings allows it")))
    }

    /// Passes a call before which no question names where it goes.
    ///
    /// Not to an endpoint that is neither AWS's nor this machine's nor allowed. And not where the environment alone says
    /// both through whom the call goes and whom to believe: whoever set the two (a cloned repository's `.envrc`) could read
    /// the session in the answer. Companies set both with good reason, so a person says once that this pair is theirs,
    /// here or by typing a code under its names; `[proxy NAME]` in the default settings needs no word.
    ///
    /// # Errors
    /// Names the endpoint, or proxy and bundle, where they come from, and how to allow them.
    pub fn check_silent(&self, profile: &Profile, tty: Option<&Tty>) -> Result<()> {
        self.check_endpoint()?;
        let Some(steered) = self.steered.as_ref().filter(|s| !self.memory.confirmed(CONFIRMED_AS, s)) else {
            return Ok(());
        };
        let refused = || {
            Error::failed(format!(
                "nothing was sent by way of {steered}: the environment set both, and together they can read the keys"
            ))
            .next(format!("`awsenv refresh {}` in a terminal asks whether they are yours", profile.name))
        };
        let Some(tty) = tty else { return Err(refused()) };
        let question = Question::other("Are they yours, now and later? [y/n] ")
            .after(format!("calls to {} go by way of {steered}", self.endpoint.host()))
            .after("the environment set both, and together they can read the keys");
        match tty.ask_choice(&question, &["yes", "no"], || false) {
            Answer::Given(0) => {
                self.memory.confirm(CONFIRMED_AS, steered);
                Ok(())
            }
            Answer::Stop => Err(Error::stopped()),
            _ => Err(refused()),
        }
    }

    /// A person typed a code below [`Way::warnings`], and AWS took it: what they named is theirs.
    pub fn note_accepted(&self) {
        if let Some(steered) = self.steered.as_ref().filter(|_| self.is_known) {
            self.memory.confirm(CONFIRMED_AS, steered);
        }
    }
}

/// In place of a file's path in [`Memory::confirm`].
const CONFIRMED_AS: &str = "the way to AWS";

/// What the environment decides about a call, where it decides both who carries it and who is believed.
fn steered(host: &Host, route: &Route, endpoint: &Endpoint, endpoint_chosen: bool) -> Result<Option<String>> {
    let trust = route.trust_from_environment(host);
    let mut named = route.named_by_environment(host, endpoint.host())?;
    // This machine itself: nothing is named.
    if trust.is_empty() || named.is_empty() {
        return Ok(None);
    }
    if endpoint_chosen {
        named.insert(0, format!("{} ({})", endpoint.host(), endpoint.origin().unwrap_or_default()));
    }
    Ok((named.len() > trust.len()).then(|| named.join(" and ")))
}

/// The settings of a profile without the endpoints that a file named by the environment allows, unless the user has
/// confirmed that line or does so now.
pub fn without_foreign_permits(
    settings: &Settings,
    memory: &Memory,
    tty: Option<&Tty>,
    mut of_profile: ProfileSettings,
) -> ProfileSettings {
    if !of_profile.allow_endpoint.is_empty() {
        let line = format!("allow_endpoint = {}", of_profile.allow_endpoint.join(" "));
        if trust::confirm(memory, tty, settings.from_environment, &settings.path, &line).is_err() {
            of_profile.allow_endpoint.clear();
        }
    }
    of_profile
}

fn named_region(profile: &Profile, place: &str, region: &str) -> Result<Region> {
    Region::new(region).map_err(|e| Error::failed(format!("profile {}: {place}: {e}", profile.name)))
}

/// The profile's region where it lies in the ARN's partition, else that partition's own.
fn region(profile: &Profile, arn: &str) -> Result<Region> {
    let by_arn = Region::for_arn(arn);
    let Some(value) = profile.get("region") else { return Ok(by_arn) };
    let region = Region::new(&value.text).map_err(|e| Error::failed(format!("{}: {e}", value.place)))?;
    let same = region.partition().name == by_arn.partition().name || !arn.starts_with("arn:");
    Ok(if same { region } else { by_arn })
}
