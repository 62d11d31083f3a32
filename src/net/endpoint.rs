//! Where a service is: AWS's own host, or another one that the environment or the profile names.

use http::Uri;

use super::{Partition, Region, is_loopback, is_metadata};
use crate::host::Host;

/// A service with an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Security Token Service.
    Sts,
    /// IAM Identity Center's sign-in (OpenID Connect): client registrations and tokens.
    SsoOidc,
    /// IAM Identity Center's portal: accounts, roles and their keys.
    Sso,
    /// AWS Sign-In of a region: the tokens of `aws login`.
    SignIn,
    /// AWS Sign-In's federation endpoint, one for each partition: from keys to the console.
    Federation,
    /// Identity and Access Management, one for each partition.
    Iam,
}

impl Service {
    /// As in `AWS_ENDPOINT_URL_STS`.
    fn variable(self) -> &'static str {
        match self {
            Service::Sts => "AWS_ENDPOINT_URL_STS",
            Service::SsoOidc => "AWS_ENDPOINT_URL_SSO_OIDC",
            Service::Sso => "AWS_ENDPOINT_URL_SSO",
            Service::SignIn | Service::Federation => "AWS_ENDPOINT_URL_SIGNIN",
            Service::Iam => "AWS_ENDPOINT_URL_IAM",
        }
    }

    /// Its name in a `services` section of the config file.
    pub fn key(self) -> &'static str {
        match self {
            Service::Sts => "sts",
            Service::SsoOidc => "sso_oidc",
            Service::Sso => "sso",
            Service::SignIn | Service::Federation => "signin",
            Service::Iam => "iam",
        }
    }

    /// How its hosts begin.
    fn label(self) -> &'static str {
        match self {
            Service::Sts => "sts",
            Service::SsoOidc => "oidc",
            Service::Sso => "portal.sso",
            Service::SignIn | Service::Federation => "signin",
            Service::Iam => "iam",
        }
    }
}

/// What the config file says about endpoints; every text comes with its place (`services mine in …/config line 7`).
#[derive(Debug, Clone, Default)]
pub struct Configured {
    /// `sts = … endpoint_url` in the profile's `services` section: URL, place.
    pub services_url: Option<(String, String)>,
    /// The profile's `endpoint_url`: URL, place.
    pub profile_url: Option<(String, String)>,
    /// `ignore_configured_endpoint_urls`.
    pub ignore: Option<bool>,
    /// `use_fips_endpoint`.
    pub fips: Option<bool>,
    /// `use_dualstack_endpoint`.
    pub dual_stack: Option<bool>,
}

/// Where the calls go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    host: String,
    port: u16,
    tls: bool,
    origin: Option<String>,
    aws: bool,
}

/// An endpoint URL that cannot be used; the URL is not repeated, it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not `https://HOST[:PORT][/PATH]`.
    #[error("the endpoint in {origin} is not of the form https://HOST[:PORT]: {why}")]
    Malformed {
        /// The variable or place that names it.
        origin: String,
        /// What is wrong.
        why: &'static str,
    },
    /// Unencrypted to another machine.
    #[error(
        "the endpoint in {origin} is http:// to {host}: keys and codes go unencrypted only to this machine; use https://"
    )]
    PlainHttp {
        /// The variable or place that names it.
        origin: String,
        /// The host.
        host: String,
    },
}

impl Endpoint {
    /// The SDKs' order: the service's variable, `AWS_ENDPOINT_URL`, the services section, the profile; none of them with
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or its key in the profile. Then AWS's own host of the region.
    pub fn resolve(
        machine: &Host,
        service: Service,
        region: &Region,
        configured: &Configured,
    ) -> Result<Self, EndpointError> {
        let flag = |name: &str, from_profile: Option<bool>| {
            let variable = machine.var(name).map(|v| v.eq_ignore_ascii_case("true"));
            variable.or(from_profile).unwrap_or(false)
        };
        if !flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", configured.ignore) {
            let variable = |name: &str| Some((machine.var(name)?.to_string_lossy().into_owned(), name.to_owned()));
            let named = variable(service.variable())
                .or_else(|| variable("AWS_ENDPOINT_URL"))
                .or_else(|| configured.services_url.clone())
                .or_else(|| configured.profile_url.clone());
            if let Some((url, origin)) = named {
                return Self::named(&url, origin, service, region);
            }
        }
        let fips = flag("AWS_USE_FIPS_ENDPOINT", configured.fips);
        let dual_stack = flag("AWS_USE_DUALSTACK_ENDPOINT", configured.dual_stack);
        let host = aws_host(service, region, fips, dual_stack);
        Ok(Endpoint { url: format!("https://{host}"), host, port: 443, tls: true, origin: None, aws: true })
    }

    /// One that this machine's environment names for keys of its own: `https`, or `http` to this machine and to where EC2,
    /// ECS and EKS answer, which is AWS; any other one is foreign.
    pub(super) fn of_machine(url: &str, origin: &str) -> Result<Self, EndpointError> {
        let found = Self::parsed(url, origin.into(), |host| is_loopback(host) || is_metadata(host))?;
        Ok(Endpoint { aws: is_metadata(&found.host), ..found })
    }

    fn named(url: &str, origin: String, service: Service, region: &Region) -> Result<Self, EndpointError> {
        let found = Self::parsed(url, origin, is_loopback)?;
        let aws = found.tls && is_aws_host(&found.host, service, region.partition());
        Ok(Endpoint { aws, ..found })
    }

    /// `may_be_plain` says which hosts `http` may go to.
    fn parsed(url: &str, origin: String, may_be_plain: impl Fn(&str) -> bool) -> Result<Self, EndpointError> {
        let malformed = |why| EndpointError::Malformed { origin: origin.clone(), why };
        let uri: Uri = url.trim().parse().map_err(|_| malformed("it is no URL"))?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(malformed("it begins with neither https:// nor http://")),
        };
        let authority = uri.authority().ok_or_else(|| malformed("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(malformed("there is an @ in front of the host"));
        }
        if uri.query().is_some() {
            return Err(malformed("there is a ? in it"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if host.is_empty() {
            return Err(malformed("it names no host"));
        }
        if !tls && !may_be_plain(&host) {
            return Err(EndpointError::PlainHttp { origin, host });
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let url = url.trim().trim_end_matches('/').to_owned();
        Ok(Endpoint { url, host, port, tls, origin: Some(origin), aws: false })
    }

    /// `https://sts.eu-central-1.amazonaws.com`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host, without port and brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, given or the scheme's own.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is `https`.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// The variable or place that names it; none for AWS's own host of the region.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Neither AWS nor this machine nor in `allowed` (`allow_endpoint = HOST` or `HOST:PORT` in settings): nothing goes
    /// there silently; the host is named on the line before the question.
    pub fn is_foreign(&self, allowed: &[impl AsRef<str>]) -> bool {
        let with_port = format!("{}:{}", self.host, self.port);
        let named = |a: &str| a.eq_ignore_ascii_case(&self.host) || a.eq_ignore_ascii_case(&with_port);
        !self.aws && !is_loopback(&self.host) && !allowed.iter().any(|a| named(a.as_ref().trim()))
    }
}

/// IAM's host, of which a partition has one: by the endpoint rules of IAM (botocore's `data/iam/2010-05-08`).
fn iam_host(partition: &Partition, fips: bool, dual_stack: bool) -> String {
    let suffix = if dual_stack { partition.dual_stack_suffix } else { partition.dns_suffix };
    match (partition.name, fips, dual_stack) {
        ("aws-us-gov", ..) => format!("iam.us-gov.{suffix}"),
        ("aws", false, false) => format!("iam.{suffix}"),
        ("aws", true, true) => format!("iam-fips.global.{suffix}"),
        ("aws" | "aws-cn" | "aws-eusc", false, true) => format!("iam.global.{suffix}"),
        ("aws-iso" | "aws-iso-b", true, false) => format!("iam-fips.{}.{suffix}", partition.home_region),
        (_, true, _) => format!("iam-fips.{suffix}"),
        (_, false, true) => format!("iam.{suffix}"),
        (_, false, false) => format!("iam.{}.{suffix}", partition.home_region),
    }
}

/// By the SDKs' endpoint rules for STS, SSO, SSO OIDC and Signin (`aws-sdk-sts/src/config/endpoint.rs` and its siblings);
/// for the federation endpoint as in the IAM User Guide ("Enable custom identity broker access to the AWS console").
fn aws_host(service: Service, region: &Region, fips: bool, dual_stack: bool) -> String {
    let partition = region.partition();
    let label = service.label();
    let has_fips = partition.name == "aws-us-gov";
    match service {
        Service::Iam => return iam_host(partition, fips, dual_stack),
        // AWS names no other hosts for it.
        Service::Federation if fips && has_fips => return format!("signin-fips.{}", partition.console_suffix),
        Service::Federation => return format!("signin.{}", partition.console_suffix),
        Service::SignIn if !dual_stack && (!fips || has_fips) => {
            let fips = if fips { "-fips" } else { "" };
            return format!("{region}.signin{fips}.{}", partition.console_suffix);
        }
        _ => {}
    }
    // GovCloud's plain hosts are the FIPS ones.
    let fips = fips && (dual_stack || partition.name != "aws-us-gov");
    let label = if fips { format!("{label}-fips") } else { label.to_owned() };
    let suffix = if dual_stack { partition.dual_stack_suffix } else { partition.dns_suffix };
    match region.as_str() {
        "aws-global" => format!("{label}.{suffix}"),
        name => format!("{label}.{name}.{suffix}"),
    }
}

/// Whether AWS itself answers there as this service. The suffix alone does not tell: anybody can have a host below
/// `execute-api.us-east-1.amazonaws.com`, with a valid certificate.
fn is_aws_host(host: &str, service: Service, partition: &Partition) -> bool {
    let labels = [service.label().to_owned(), format!("{}-fips", service.label())];
    let is_region = |text: &str| !text.contains('.') && Region::new(text).is_ok();
    // `LABEL` or `LABEL.REGION`.
    let is_service = |rest: &str| {
        labels.iter().filter_map(|label| rest.strip_prefix(label.as_str())).any(|rest| match rest.strip_prefix('.') {
            None => rest.is_empty(),
            Some(region) => is_region(region),
        })
    };
    if let (Service::SignIn | Service::Federation, Some(rest)) = (service, host.strip_suffix(partition.console_suffix))
    {
        // `signin.`, `REGION.signin.`
        let rest = rest.strip_suffix('.').unwrap_or_default();
        let (region, label) = rest.split_once('.').unwrap_or((partition.home_region, rest));
        return is_region(region) && labels.iter().any(|l| l == label);
    }
    let suffixes = [partition.dns_suffix, partition.dual_stack_suffix];
    suffixes.iter().filter_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.')).any(|rest| {
        let behind_vpce = || {
            let (id, service) = rest.strip_suffix(".vpce")?.split_once('.')?;
            Some(id.starts_with("vpce-") && service.contains('.') && is_service(service))
        };
        is_service(rest) || behind_vpce().unwrap_or(false)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::time::Timestamp;

    fn resolve(vars: &[(&str, &str)], region: &str, configured: &Configured) -> Result<Endpoint, EndpointError> {
        let machine = Host::fixed(vars, Path::new("/home/taro"), Timestamp(0));
        Endpoint::resolve(&machine, Service::Sts, &Region::new(region).expect("a region"), configured)
    }

    #[test]
    fn aws_has_its_own_hosts_in_each_partition() {
        let url = |region: &str, vars: &[(&str, &str)]| {
            let e = resolve(vars, region, &Configured::default()).expect("an endpoint");
            assert!(!e.is_foreign(&[] as &[&str]) && e.origin().is_none());
            e.url().to_owned()
        };
        let (fips, dual) = (("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true"));
        assert_eq!(url("eu-central-1", &[]), "https://sts.eu-central-1.amazonaws.com");
        assert_eq!(url("cn-north-1", &[]), "https://sts.cn-north-1.amazonaws.com.cn");
        assert_eq!(url("us-iso-east-1", &[]), "https://sts.us-iso-east-1.c2s.ic.gov");
        assert_eq!(url("us-east-1", &[fips]), "https://sts-fips.us-east-1.amazonaws.com");
        assert_eq!(url("us-gov-west-1", &[fips]), "https://sts.us-gov-west-1.amazonaws.com");
        assert_eq!(url("us-east-1", &[dual]), "https://sts.us-east-1.api.aws");
        assert_eq!(url("us-east-1", &[dual, fips]), "https://sts-fips.us-east-1.api.aws");
        assert_eq!(url("aws-global", &[]), "https://sts.amazonaws.com");
    }

    #[test]
    fn aws_sign_in_has_hosts_of_its_own() {
        let host = |service, region: &str, vars: &[(&str, &str)]| {
            let machine = Host::fixed(vars, Path::new("/home/taro"), Timestamp(0));
            let region = Region::new(region).expect("a region");
            let e = Endpoint::resolve(&machine, service, &region, &Configured::default()).expect("an endpoint");
            assert!(!e.is_foreign(&[] as &[&str]), "{}", e.url());
            e.host().to_owned()
        };
        let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
        assert_eq!(host(Service::Federation, "eu-west-1", &[]), "signin.aws.amazon.com");
        assert_eq!(host(Service::Federation, "cn-north-1", &[]), "signin.amazonaws.cn");
        assert_eq!(host(Service::Federation, "us-gov-west-1", &[]), "signin.amazonaws-us-gov.com");
        assert_eq!(host(Service::Federation, "us-gov-west-1", &[fips]), "signin-fips.amazonaws-us-gov.com");
        assert_eq!(host(Service::SignIn, "eu-west-1", &[]), "eu-west-1.signin.aws.amazon.com");
        assert_eq!(host(Service::SignIn, "us-east-1", &[fips]), "signin-fips.us-east-1.amazonaws.com");
        assert_eq!(host(Service::SignIn, "us-gov-east-1", &[fips]), "us-gov-east-1.signin-fips.amazonaws-us-gov.com");
        for (url, foreign) in [
            ("https://eu-west-1.signin.aws.amazon.com", false),
            ("https://signin.aws.amazon.com/", false),
            ("https://evil.example/signin.aws.amazon.com", true),
            ("https://a.b.signin.aws.amazon.com", true),
            ("https://console.aws.amazon.com", true),
            ("https://xsignin.aws.amazon.com", true),
            ("https://signin.xaws.amazon.com", true),
        ] {
            let machine = Host::fixed(&[("AWS_ENDPOINT_URL_SIGNIN", url)], Path::new("/home/taro"), Timestamp(0));
            let region = Region::new("eu-west-1").expect("a region");
            let e = Endpoint::resolve(&machine, Service::Federation, &region, &Configured::default());
            assert_eq!(e.expect("an endpoint").is_foreign(&[] as &[&str]), foreign, "{url}");
        }
    }

    #[test]
    fn the_four_places_have_the_sdks_order_and_one_switch() {
        let at = |port: u16, place: &str| Some((format!("http://127.0.0.1:{port}/"), place.to_owned()));
        let file =
            Configured { services_url: at(3, "services"), profile_url: at(4, "profile"), ..Configured::default() };
        let profile_only = Configured { services_url: None, ..file.clone() };
        let (sts, all) = (("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:2"));
        let port = |vars: &[(&str, &str)], configured: &Configured| {
            resolve(vars, "us-east-1", configured).expect("an endpoint").port()
        };
        assert_eq!(port(&[sts, all], &file), 1);
        assert_eq!(port(&[all], &file), 2);
        assert_eq!(port(&[], &file), 3);
        assert_eq!(port(&[], &profile_only), 4);
        let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True");
        assert_eq!(port(&[sts, all, ignore], &file), 443);
        let ignored = Configured { ignore: Some(true), ..file };
        assert_eq!(port(&[sts, all], &ignored), 443);
        assert_eq!(port(&[sts, ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")], &ignored), 1);
    }

    #[test]
    fn a_foreign_host_is_told_from_aws_and_from_this_machine() {
        let foreign = |url: &str, region: &str| {
            let e = resolve(&[("AWS_ENDPOINT_URL_STS", url)], region, &Configured::default()).expect("an endpoint");
            e.is_foreign(&["proxy.corp", "sts.corp:8443"])
        };
        for url in [
            "https://sts.amazonaws.com",
            "https://STS.us-east-1.amazonaws.com/",
            "https://sts-fips.us-east-1.api.aws",
            "https://vpce-0a1-b2.sts.us-east-1.vpce.amazonaws.com",
            "http://localhost:4566",
            "https://[::1]:4566",
            "https://proxy.corp",
            "https://sts.corp:8443/x",
        ] {
            assert!(!foreign(url, "us-east-1"), "{url}");
        }
        for url in [
            "https://evil.example",
            "https://sts.amazonaws.com.evil.example",
            "https://sts.us-east-1.amazonaws.com.cn",
            "https://abc.execute-api.us-east-1.amazonaws.com",
            "https://sts.execute-api.us-east-1.amazonaws.com",
            "https://evilamazonaws.com",
            "https://bucket.s3.amazonaws.com",
            "https://sts.corp:9999",
        ] {
            assert!(foreign(url, "us-east-1"), "{url}");
        }
        assert!(!foreign("https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"));
    }

    #[test]
    fn iam_has_one_host_in_a_partition() {
        let host = |region: &str, vars: &[(&str, &str)]| {
            let machine = Host::fixed(vars, Path::new("/home/taro"), Timestamp(0));
            let region = Region::new(region).expect("a region");
            let found =
                Endpoint::resolve(&machine, Service::Iam, &region, &Configured::default()).expect("an endpoint");
            assert!(!found.is_foreign(&[] as &[&str]));
            found.host().to_owned()
        };
        let (fips, dual) = (("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true"));
        assert_eq!(host("eu-central-1", &[]), "iam.amazonaws.com");
        assert_eq!(host("cn-northwest-1", &[]), "iam.cn-north-1.amazonaws.com.cn");
        assert_eq!(host("us-gov-east-1", &[fips]), "iam.us-gov.amazonaws.com");
        assert_eq!(host("us-iso-east-1", &[]), "iam.us-iso-east-1.c2s.ic.gov");
        assert_eq!(host("us-east-2", &[fips]), "iam-fips.amazonaws.com");
        assert_eq!(host("us-east-2", &[dual]), "iam.global.api.aws");
        assert_eq!(host("us-east-2", &[("AWS_ENDPOINT_URL_IAM", "https://iam.amazonaws.com")]), "iam.amazonaws.com");
    }

    #[test]
    fn what_cannot_be_an_endpoint_is_refused_without_being_repeated() {
        for url in
            ["evil", "ftp://x", "https://", "https://u:hunter2@x", "https://x?hunter2", "https://a b", "http://[::1"]
        {
            let error = resolve(&[("AWS_ENDPOINT_URL", url)], "us-east-1", &Configured::default()).expect_err(url);
            assert!(
                error.to_string().contains("AWS_ENDPOINT_URL") && !error.to_string().contains("hunter2"),
                "{error}"
            );
        }
        let error = resolve(&[("AWS_ENDPOINT_URL", "http://10.0.0.1")], "us-east-1", &Configured::default());
        assert!(matches!(error, Err(EndpointError::PlainHttp { .. })));
    }
}
