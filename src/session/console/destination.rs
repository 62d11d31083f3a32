//! Pages of the console, by the names that people say.

use std::str::FromStr;

use crate::net::Region;

/// A service's name in the console's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceName(String);

/// What people say, and what stands in the address. Other names stand there as they are.
const SPOKEN: [(&str, &str); 34] = [
    ("apigw", "apigateway"),
    ("autoscaling", "ec2autoscaling"),
    ("billing", "costmanagement"),
    ("cf", "cloudfront"),
    ("cfn", "cloudformation"),
    ("cognito", "cognito/v2"),
    ("console", "console"),
    ("cost", "cost-management"),
    ("ct", "cloudtrail"),
    ("cw", "cloudwatch"),
    ("ddb", "dynamodbv2"),
    ("dynamodb", "dynamodbv2"),
    ("eb", "elasticbeanstalk"),
    ("ecs", "ecs/v2"),
    ("elasticsearch", "aos"),
    ("eventbridge", "events"),
    ("gd", "guardduty"),
    ("home", "console"),
    ("k8s", "eks"),
    ("opensearch", "aos"),
    ("orgs", "organizations"),
    ("param", "systems-manager/parameters"),
    ("parameterstore", "systems-manager/parameters"),
    ("quotas", "servicequotas"),
    ("r53", "route53/v2"),
    ("route53", "route53/v2"),
    ("secrets", "secretsmanager"),
    ("sfn", "states"),
    ("sm", "secretsmanager"),
    ("ssm", "systems-manager"),
    ("sso", "singlesignon"),
    ("stepfunctions", "states"),
    ("vpc", "vpcconsole"),
    ("waf", "wafv2"),
];

/// Services that belong to no region: their pages stand at the console's own host.
const GLOBAL: [&str; 8] =
    ["billing", "cloudfront", "cost-management", "costmanagement", "iam", "iamv2", "organizations", "route53/v2"];

impl FromStr for ServiceName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.to_ascii_lowercase();
        let is_label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(is_label) {
            return Err("a service is letters, digits and hyphens, as in s3 or cloudwatch");
        }
        let spoken = SPOKEN.iter().find(|(said, _)| *said == text).map(|(_, written)| (*written).to_owned());
        Ok(ServiceName(spoken.unwrap_or(text)))
    }
}

/// The page of a service, or the console's home. `partition` is that of the endpoint's region; `region` is the profile's
/// own, where it has one.
pub fn destination(service: Option<&ServiceName>, partition: &Region, region: Option<&Region>) -> String {
    let suffix = partition.partition().console_suffix;
    let path = service.map_or("console", |service| service.0.as_str());
    match region.filter(|region| region.partition() == partition.partition()) {
        None => format!("https://console.{suffix}/{path}/home"),
        Some(region) if GLOBAL.contains(&path) => format!("https://console.{suffix}/{path}/home?region={region}"),
        Some(region) => format!("https://{region}.console.{suffix}/{path}/home?region={region}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(service: &str, partition: &str, own: &str) -> String {
        let region = |name: &str| Region::new(name).ok();
        let service = Some(service).filter(|s| !s.is_empty()).map(|s| s.parse::<ServiceName>().expect("a service"));
        destination(service.as_ref(), &region(partition).expect("a region"), region(own).as_ref())
    }

    #[test]
    fn pages_stand_at_the_hosts_of_region_and_partition() {
        let at = |service, region| page(service, region, region);
        assert_eq!(at("", "eu-west-1"), "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1");
        assert_eq!(at("S3", "eu-west-1"), "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1");
        assert_eq!(at("iam", "eu-west-1"), "https://console.aws.amazon.com/iam/home?region=eu-west-1");
        assert_eq!(
            at("ddb", "cn-north-1"),
            "https://cn-north-1.console.amazonaws.cn/dynamodbv2/home?region=cn-north-1"
        );
        assert_eq!(
            at("some-new-thing", "us-gov-east-1"),
            "https://us-gov-east-1.console.amazonaws-us-gov.com/some-new-thing/home?region=us-gov-east-1"
        );
        assert_eq!(page("lambda", "us-east-1", ""), "https://console.aws.amazon.com/lambda/home");
        assert_eq!(page("", "cn-north-1", "eu-west-1"), "https://console.amazonaws.cn/console/home");
    }

    #[test]
    fn a_service_is_one_part_of_a_path() {
        for text in ["", "a/b", "..", "s3?x", "s3#x", "é", "a b", "a.b", &"a".repeat(65)] {
            assert!(text.parse::<ServiceName>().is_err(), "{text}");
        }
    }
}
