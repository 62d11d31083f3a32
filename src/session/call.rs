//! The way from a profile to STS: route, region, endpoint.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::net::{CaBundle, Configured, Endpoint, Keys, Region, Route, Service, Sts};
use crate::profile::Profile;
use crate::settings::ProfileSettings;
use crate::state::Memory;

use super::proxy::ProfileProxy;

/// Everything but the keys that a call needs.
pub struct Way<'a> {
    host: &'a Host,
    route: Route,
    region: Region,
    pub endpoint: Endpoint,
    memory: &'a Memory,
    /// Whether requests may go to the endpoint without a word: it is AWS's, this machine's, or allowed in the settings.
    pub is_known: bool,
}

impl<'a> Way<'a> {
    /// The way for a profile. `arn` (of the role or device) decides the partition where the profile has no region.
    ///
    /// # Errors
    /// Names the value that is no region or no endpoint, with its place.
    pub fn of(
        host: &'a Host,
        memory: &'a Memory,
        profile: &Profile,
        settings: &ProfileSettings,
        proxy: &ProfileProxy,
        arn: &str,
    ) -> Result<Self> {
        let region = region(profile, arn)?;
        let url = |value: Option<crate::profile::Value>| {
            value.and_then(|v| Some((v.str().ok()?.to_owned(), v.place.to_string())))
        };
        let flag = |key: &str| profile.get(key).and_then(|v| v.str().ok().map(|t| t.eq_ignore_ascii_case("true")));
        let configured = Configured {
            services_url: url(profile.service_endpoint("sts")),
            profile_url: url(profile.get("endpoint_url")),
            ignore: flag("ignore_configured_endpoint_urls"),
            fips: flag("use_fips_endpoint"),
            dual_stack: flag("use_dualstack_endpoint"),
        };
        let endpoint = Endpoint::resolve(host, Service::Sts, &region, &configured)
            .map_err(|e| Error::failed(format!("profile {}: {e}", profile.name)))?;
        let bundle = profile
            .get("ca_bundle")
            .and_then(|v| Some((PathBuf::from(v.str().ok()?), format!("ca_bundle in {}", v.place))));
        let route = Route { proxy: proxy.for_calls(), ca_bundle: CaBundle::chosen(host, bundle), ..Route::default() };
        let is_known = !endpoint.is_foreign(&settings.allow_endpoint);
        Ok(Way { host, route, region, endpoint, memory, is_known })
    }

    /// STS with these keys.
    pub fn sts<'s>(&'s self, keys: &'s Keys) -> Sts<'s> {
        Sts {
            machine: self.host,
            route: &self.route,
            region: &self.region,
            endpoint: &self.endpoint,
            keys,
            skew: self.memory.skew().map_or(0, |s| s.seconds),
            refused: self.memory,
        }
    }

    /// What a person should know before typing a code: an endpoint outside AWS, a proxy or CA bundle from the environment.
    ///
    /// # Errors
    /// A proxy's address that makes no sense.
    pub fn warnings(&self) -> Result<Vec<String>> {
        let mut lines = self.route.named_by_environment(self.host, self.endpoint.host())?;
        if !self.is_known {
            let origin = self.endpoint.origin().unwrap_or("the settings");
            lines.push(format!("the code goes to {}, which is not AWS ({origin})", self.endpoint.host()));
        }
        Ok(lines)
    }

    /// Refuses a silent call to an endpoint that is neither AWS's nor this machine's nor allowed.
    ///
    /// # Errors
    /// Names the endpoint, where it comes from and how to allow it.
    pub fn check_silent(&self) -> Result<()> {
        if self.is_known {
            return Ok(());
        }
        let (host, origin) = (self.endpoint.host(), self.endpoint.origin().unwrap_or("the settings"));
        Err(Error::failed(format!("nothing was sent to {host} ({origin}), which is not AWS"))
            .next(format!("allow_endpoint = {host} in awsenv's settings allows it")))
    }
}

/// The profile's region where it lies in the ARN's partition, else that partition's own.
fn region(profile: &Profile, arn: &str) -> Result<Region> {
    let by_arn = Region::for_arn(arn);
    let Some(value) = profile.get("region") else { return Ok(by_arn) };
    let region = Region::new(&value.text).map_err(|e| Error::failed(format!("{}: {e}", value.place)))?;
    let same = region.partition().name == by_arn.partition().name || !arn.starts_with("arn:");
    Ok(if same { region } else { by_arn })
}
