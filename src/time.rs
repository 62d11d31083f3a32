//! Instants in whole seconds, and how they are written for people and for programs.

use chrono::{DateTime, Local, SecondsFormat, TimeZone, Utc};

/// An instant: whole seconds since 1970-01-01T00:00:00Z (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The instant `seconds` later (earlier when negative).
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Timestamp(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this instant; negative when this one comes first.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }

    /// `2026-11-22T12:19:16Z`: RFC 3339 in UTC with whole seconds, the form that every SDK reads.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// `2026-11-22 12:19:16`: UTC without a zone, the form of aws-mfa's `expiration` key.
    pub fn aws_mfa(self) -> String {
        self.utc().format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Local time for people, short when it is near: `21:14` within the day after `now`, else `2026-11-23 21:14`.
    pub fn local(self, now: Timestamp) -> String {
        let when = self.utc().with_timezone(&Local);
        let near = (self.since(now)).abs() < 24 * 3600;
        when.format(if near { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
    }

    /// A local wall-clock time without a zone (as awsume writes); the earlier one where a clock change makes it ambiguous.
    pub fn from_local(naive: chrono::NaiveDateTime) -> Option<Self> {
        Local.from_local_datetime(&naive).earliest().map(|t| Timestamp(t.timestamp()))
    }
}

/// Time left for a prompt: `11h59m`, `59m`, `<1m`, and `expired` from the end on. Minutes are rounded down.
pub fn left(seconds: i64) -> String {
    match seconds {
        ..=0 => "expired".into(),
        1..=59 => "<1m".into(),
        _ => hours_and_minutes(seconds),
    }
}

/// A length of time for people: `45s`, `59m`, `12h00m`, from two days on `12 days`. Rounded down.
pub fn span(seconds: i64) -> String {
    const DAY: i64 = 24 * 3600;
    const TWO_DAYS: i64 = 2 * DAY;
    match seconds {
        ..60 => format!("{}s", seconds.max(0)),
        60..TWO_DAYS => hours_and_minutes(seconds),
        _ => format!("{} days", seconds / DAY),
    }
}

fn hours_and_minutes(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match hours {
        0 => format!("{minutes}m"),
        _ => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_reads_as_in_the_prompt() {
        let shown: Vec<_> = [43199, 3540, 60, 59, 1, 0, -7500].map(left).into();
        assert_eq!(shown, ["11h59m", "59m", "1m", "<1m", "<1m", "expired", "expired"]);
        assert_eq!(span(7500), "2h05m");
        assert_eq!(span(43200), "12h00m");
        assert_eq!([span(172_799), span(172_800), span(91_645_320)], ["47h59m", "2 days", "1060 days"]);
        // A prompt's text is short, and the shells work it out themselves.
        assert_eq!(left(200_000), "55h33m");
    }

    #[test]
    fn instants_are_written_in_the_forms_other_tools_read() {
        let t = Timestamp(1_795_350_556);
        assert_eq!(t.rfc3339(), "2026-11-22T12:29:16Z");
        assert_eq!(t.aws_mfa(), "2026-11-22 12:29:16");
    }
}
