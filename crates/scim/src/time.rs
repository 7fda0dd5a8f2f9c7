//! Instants as SCIM knows them: `dateTime` of RFC 7643 section 2.3.5, always printed in UTC.

use std::fmt;

/// An instant in microseconds since 1970-01-01T00:00:00Z.
///
/// Compared chronologically; printed with milliseconds and `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant `micros` microseconds after the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads an `xsd:dateTime` with date and time; without a zone it is UTC.
    ///
    /// Years 0001 to 9999; digits after the microsecond are cut off. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() || text.len() > 64 || !text.contains(['T', 't']) {
            return None;
        }
        let micros = match text.parse::<jiff::Timestamp>() {
            Ok(instant) => instant.as_microsecond(),
            Err(_) => text
                .parse::<jiff::civil::DateTime>()
                .ok()?
                .to_zoned(jiff::tz::TimeZone::UTC)
                .ok()?
                .timestamp()
                .as_microsecond(),
        };
        Some(Self(micros))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            // Outside the years that have a dateTime form; cannot come from `parse`.
            Err(_) => f.write_str("9999-12-31T23:59:59.999Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_and_print() {
        for (text, expect) in [
            ("2011-05-13T04:42:34Z", Some("2011-05-13T04:42:34.000Z")),
            (
                "2011-05-13T06:42:34+02:00",
                Some("2011-05-13T04:42:34.000Z"),
            ),
            ("2011-05-13T04:42:34", Some("2011-05-13T04:42:34.000Z")),
            (
                "2021-09-23T19:35:41.8420572Z",
                Some("2021-09-23T19:35:41.842Z"),
            ),
            (
                "0001-01-03T00:00:00.0000000Z",
                Some("0001-01-03T00:00:00.000Z"),
            ),
            ("2011-05-13", None),
            ("13/05/2011 04:42", None),
            ("2020-13-45T00:00:00Z", None),
            ("9999999-01-01T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            let got = Timestamp::parse(text).map(|t| t.to_string());
            assert_eq!(got.as_deref(), expect, "{text:?}");
        }
    }
}
