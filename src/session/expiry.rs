//! The end of a session in every form that some tool writes.
//!
//! | who | where | form |
//! |---|---|---|
//! | aws-mfa, awsenv | key `expiration` | `2026-11-22 12:19:16`, UTC |
//! | awsume | key `expiration` beside `manager = awsume`; `AWSUME_EXPIRATION` | the same look or with `T`, local time |
//! | saml2aws, gimme-aws-creds, okta-aws-cli | key `x_security_token_expires` | RFC 3339 with offset |
//! | aws-vault | key `aws_credential_expiration`, `AWS_CREDENTIAL_EXPIRATION` | RFC 3339 `Z` |
//! | AWS CLI v1, v2, botocore | JSON caches | `Z`, `+00:00`, `UTC`, fractions of a second |
//! | aws-session | `AWS_SESSION_EXPIRATION` | seconds since 1970 |

use chrono::{DateTime, NaiveDateTime};

use crate::time::Timestamp;

/// What a time without a zone means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    Utc,
    /// awsume writes local time.
    Local,
}

/// Reads an end of session in any of the forms above; fractions of a second are dropped. `None` for anything else.
pub fn parse(text: &str, zoneless: Zone) -> Option<Timestamp> {
    let text = text.trim();
    if !text.is_empty() && text.len() <= 13 && text.bytes().all(|b| b.is_ascii_digit()) {
        return epoch(text);
    }
    // aws-mfa's own form first: thousands of roles may stand on one such session, and each other try costs a microsecond.
    if text.len() == 19
        && let Ok(naive) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
    {
        return instant(naive, zoneless);
    }
    if let Ok(t) = DateTime::parse_from_rfc3339(text) {
        return Some(Timestamp(t.timestamp()));
    }
    for with_offset in
        ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z", "%Y%m%dT%H%M%S%z"]
    {
        if let Ok(t) = DateTime::parse_from_str(text, with_offset) {
            return Some(Timestamp(t.timestamp()));
        }
    }
    let (bare, zone) = match text.strip_suffix("UTC").or_else(|| text.strip_suffix('Z')) {
        Some(bare) => (bare.trim_end(), Zone::Utc),
        None => (text, zoneless),
    };
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y%m%dT%H%M%S"];
    instant(forms.iter().find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok())?, zone)
}

fn instant(naive: NaiveDateTime, zone: Zone) -> Option<Timestamp> {
    match zone {
        Zone::Utc => Some(Timestamp(naive.and_utc().timestamp())),
        Zone::Local => Timestamp::from_local(naive),
    }
}

/// Seconds since 1970, or milliseconds where the number is too large to be seconds of this century.
fn epoch(digits: &str) -> Option<Timestamp> {
    let number: i64 = digits.parse().ok()?;
    Some(Timestamp(if digits.len() >= 12 { number / 1000 } else { number }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_the_same_instant() {
        let forms = [
            "2026-11-22 12:29:16",
            "2026-11-22T12:29:16",
            "2026-11-22T12:29:16Z",
            "2026-11-22T12:29:16.123Z",
            "2026-11-22T12:29:16.123456+00:00",
            "2026-11-22T14:29:16+02:00",
            "2026-11-22T14:29:16+0200",
            "2026-11-22 12:29:16+00:00",
            "2026-11-22 12:29:16 +0000",
            "2026-11-22T12:29:16UTC",
            "2026-11-22 12:29:16 UTC",
            "20261122T122916Z",
            "1795350556",
            "1795350556123",
        ];
        for form in forms {
            assert_eq!(parse(form, Zone::Utc), Some(Timestamp(1_795_350_556)), "{form}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "soon", "2026-13-22 12:29:16", "99999999999999999999", "a[$(touch X)]", "-5", "12:29"] {
            assert_eq!(parse(text, Zone::Utc), None, "{text}");
        }
    }
}
