//! Regions and partitions.

use std::fmt;

use bstr::{BStr, BString, ByteSlice};

/// A region: exactly one host label, because hosts are built from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region(String);

/// Not a region: something else than one host label (`[a-z0-9-]{1,63}`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a region (small letters, digits and hyphens, as in eu-central-1)")]
pub struct RegionError(BString);

impl Region {
    /// Takes a name as a file or variable has it.
    pub fn new(name: impl AsRef<[u8]>) -> Result<Self, RegionError> {
        let name = name.as_ref();
        let label = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        match name.to_str() {
            Ok(text) if (1..=63).contains(&name.len()) && name.iter().all(label) => Ok(Region(text.to_owned())),
            _ => Err(RegionError(name.iter().copied().take(80).collect::<Vec<_>>().into())),
        }
    }

    /// The region where a global or unnamed call of this ARN's partition goes; the one of `aws` for anything else.
    pub fn for_arn(arn: impl AsRef<[u8]>) -> Self {
        Region(Partition::of_arn(arn).home_region.to_owned())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition it lies in; `aws` for a name nobody knows, as in the SDKs.
    pub fn partition(&self) -> &'static Partition {
        // `us-isob-` must not be taken for `us-iso-`: the hyphen decides.
        PARTITIONS.iter().find(|p| p.region_starts.iter().any(|s| self.0.starts_with(s))).unwrap_or(&PARTITIONS[0])
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One of AWS's separate worlds.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// As in an ARN: `aws`, `aws-cn`, …
    pub name: &'static str,
    /// Where calls without a region go.
    pub home_region: &'static str,
    /// `amazonaws.com`, …
    pub dns_suffix: &'static str,
    /// The suffix of hosts that speak IPv4 and IPv6: `api.aws`, …
    pub dual_stack_suffix: &'static str,
    /// The suffix of the console and of AWS Sign-In, `console.…` and `signin.…`: `aws.amazon.com`, …
    pub console_suffix: &'static str,
    region_starts: &'static [&'static str],
}

impl Partition {
    /// The partition that an ARN names; `aws` when it names none that is known.
    pub fn of_arn(arn: impl AsRef<[u8]>) -> &'static Partition {
        let arn: &BStr = arn.as_ref().as_bstr();
        let name = arn.split_str(":").nth(1).filter(|_| arn.starts_with(b"arn:")).unwrap_or_default();
        PARTITIONS.iter().find(|p| p.name.as_bytes() == name).unwrap_or(&PARTITIONS[0])
    }

    /// All of them, `aws` first.
    pub fn all() -> &'static [Partition] {
        PARTITIONS
    }
}

/// From the partition table in the SDK (`aws-sdk-sts/src/endpoint_lib.rs`), which can be replaced through the environment
/// there and therefore is not asked; the console's hosts from the one of AWS Sign-In. China's home here is the older region, where STS calls of both go without a setting.
const PARTITIONS: &[Partition] = &[
    Partition {
        name: "aws",
        home_region: "us-east-1",
        dns_suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        console_suffix: "aws.amazon.com",
        region_starts: &[],
    },
    Partition {
        name: "aws-cn",
        home_region: "cn-north-1",
        dns_suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
        console_suffix: "amazonaws.cn",
        region_starts: &["cn-", "aws-cn-"],
    },
    Partition {
        name: "aws-us-gov",
        home_region: "us-gov-west-1",
        dns_suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        console_suffix: "amazonaws-us-gov.com",
        region_starts: &["us-gov-", "aws-us-gov-"],
    },
    Partition {
        name: "aws-eusc",
        home_region: "eusc-de-east-1",
        dns_suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
        console_suffix: "amazonaws-eusc.eu",
        region_starts: &["eusc-"],
    },
    Partition {
        name: "aws-iso",
        home_region: "us-iso-east-1",
        dns_suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
        console_suffix: "c2shome.ic.gov",
        region_starts: &["us-iso-"],
    },
    Partition {
        name: "aws-iso-b",
        home_region: "us-isob-east-1",
        dns_suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
        console_suffix: "sc2shome.sgov.gov",
        region_starts: &["us-isob-"],
    },
    Partition {
        name: "aws-iso-e",
        home_region: "eu-isoe-west-1",
        dns_suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
        console_suffix: "csphome.adc-e.uk",
        region_starts: &["eu-isoe-"],
    },
    Partition {
        name: "aws-iso-f",
        home_region: "us-isof-south-1",
        dns_suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
        console_suffix: "csphome.hci.ic.gov",
        region_starts: &["us-isof-"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_one_host_label() {
        for good in ["us-east-1", "eusc-de-east-1", "x"] {
            assert_eq!(Region::new(good).expect("a region").as_str(), good);
        }
        let long = "a".repeat(64);
        for bad in ["", "evil.example/", "us-east-1.evil.example", "US-EAST-1", "a b", "a#", "a@b", "é", &long] {
            assert!(Region::new(bad).is_err(), "{bad}");
        }
        assert!(Region::new(b"\xff").is_err());
    }

    #[test]
    fn the_partition_of_an_arn_gives_the_region() {
        let home = |arn: &str| Region::for_arn(arn).as_str().to_owned();
        assert_eq!(home("arn:aws:iam::123456789012:mfa/taro"), "us-east-1");
        assert_eq!(home("arn:aws-cn:iam::123456789012:role/r"), "cn-north-1");
        assert_eq!(home("arn:aws-us-gov:iam::123456789012:role/r"), "us-gov-west-1");
        assert_eq!(home("arn:aws-eusc:iam::123456789012:role/r"), "eusc-de-east-1");
        assert_eq!(home("arn:aws-iso-b:iam::123456789012:role/r"), "us-isob-east-1");
        assert_eq!(home("GAHT12345678"), "us-east-1");
        assert_eq!(home("mfa:aws-cn:x"), "us-east-1");
    }

    #[test]
    fn a_region_lies_in_its_partition() {
        let partition = |name: &str| Region::new(name).expect("a region").partition().name;
        assert_eq!(partition("eu-central-1"), "aws");
        assert_eq!(partition("cn-northwest-1"), "aws-cn");
        assert_eq!(partition("us-gov-east-1"), "aws-us-gov");
        assert_eq!(partition("us-iso-west-1"), "aws-iso");
        assert_eq!(partition("us-isob-east-1"), "aws-iso-b");
        assert_eq!(partition("moon-1"), "aws");
    }
}
