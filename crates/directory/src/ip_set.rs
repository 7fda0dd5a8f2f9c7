//! Named sets of IP addresses: what they are called, where they come from, what is in force.
//!
//! They belong to the installation, not to a tenant, so that the addresses of one identity provider
//! are kept once. Whether a document may replace what is in force is decided in
//! `provost_allowlist::update`; nothing here fetches anything.

use std::fmt;

use provost_allowlist::{
    IpSet,
    feed::{Document, Feed},
    update::{self, Accepted, Overrides, Refusal, Update},
};
use provost_scim::Timestamp;

use crate::DirectoryError;

/// Microseconds of a second and of an hour.
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
/// How long a refreshed set may go without success before somebody must look, in hours.
pub const ALARM_HOURS: i64 = 5 * 24;
/// Longest URL of a document, in bytes.
const MAX_URL: usize = 2_000;
/// Most parts of a document that a set takes, and the longest name of one in bytes.
const MAX_PARTS: usize = 500;
const MAX_PART: usize = 200;
/// Longest sentence about a failure that is kept, in characters.
const MAX_FAILURE: usize = 500;

/// The name of a set: 1 to 63 of `a-z`, `0-9` and `-`, with no hyphen at either end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpSetName(String);

impl IpSetName {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid`, saying what a name is.
    pub fn parse(text: &str) -> Result<Self, DirectoryError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (1..=63).contains(&text.len())
            && text.bytes().all(plain)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits {
            return Ok(Self(text.to_owned()));
        }
        Err(DirectoryError::Invalid(format!(
            "\"{}\" cannot name a set of addresses: use 1 to 63 of a-z, 0-9 and -, with no - at either end",
            text.escape_debug()
        )))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IpSetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a set comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The format of the document, and who publishes it.
    pub feed: &'static Feed,
    /// The parts of the document that are taken.
    pub parts: Vec<String>,
    /// From where it is fetched (`https`); `None` for a file that somebody imports.
    pub url: Option<String>,
    /// Whether a server fetches it again every day; only with a URL.
    pub refresh: bool,
}

impl Source {
    /// Checks what an administrator has typed.
    ///
    /// # Errors
    /// `Invalid` for another URL than an `https` one, for refreshing without one, and beyond the
    /// limits.
    pub fn check(&self) -> Result<(), DirectoryError> {
        let invalid = |text: &str| Err(DirectoryError::Invalid(text.to_owned()));
        match &self.url {
            Some(url) if !is_secure(url) => invalid(
                "the URL of a set begins with https:// and has no spaces: on the way of anything else, anybody could add addresses",
            ),
            None if self.refresh => invalid("a set is refreshed from a URL; name one with --url"),
            Some(_) | None if self.parts.len() > MAX_PARTS => {
                invalid("a set takes at most 500 parts of a document; make two sets of them")
            }
            Some(_) | None if self.parts.iter().any(|part| part.len() > MAX_PART) => {
                invalid("the name of a part has at most 200 bytes; check it")
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether editions of documents of this source and of another one can be compared.
    fn is_like(&self, other: &Self) -> bool {
        self.feed.name == other.feed.name
    }
}

fn is_secure(url: &str) -> bool {
    let host = url.strip_prefix("https://");
    url.len() <= MAX_URL
        && url.bytes().all(|b| b.is_ascii_graphic())
        && host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

/// A named set.
#[derive(Clone, Debug)]
pub struct NamedSet {
    /// Its name.
    pub name: IpSetName,
    /// Where it comes from.
    pub source: Source,
    /// The addresses in force, with edition and digest of their document.
    pub accepted: Accepted,
    /// Since when these addresses are in force.
    pub changed: Timestamp,
    /// When its document was last read successfully.
    pub fetched: Timestamp,
    /// When that was last tried.
    pub tried: Timestamp,
    /// How many attempts have failed since.
    pub failures: u32,
    /// Why the last one did; one sentence.
    pub failure: Option<String>,
    /// Generation of the registry at which its addresses were last written.
    pub(crate) serial: u64,
}

impl NamedSet {
    /// Whether it is refreshed and has not been for so long that somebody must look: addresses that
    /// the provider has added since are locked out.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let age = now.as_micros().saturating_sub(self.fetched.as_micros());
        self.source.refresh && age > ALARM_HOURS * HOUR
    }

    /// Whether a server should fetch it now.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        let since = |then: Timestamp| now.as_micros().saturating_sub(then.as_micros());
        let is_old = since(self.fetched) >= 24 * HOUR - early(self.fetched);
        // Somebody tries it just now, or has and failed.
        let has_rested = self.tried == self.fetched || since(self.tried) >= HOUR;
        // A clock that was set back must not stop everything until it has caught up.
        self.source.refresh && ((is_old && has_rested) || since(self.tried) < 0)
    }

    /// How many networks are in force.
    pub fn networks(&self) -> usize {
        self.accepted.set.prefixes().count()
    }
}

/// How much earlier than after a day a set is fetched: up to two hours, spread by the microsecond
/// at which it was fetched before, which is chance enough.
fn early(fetched: Timestamp) -> i64 {
    let spread = fetched
        .as_micros()
        .cast_unsigned()
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        >> 40;
    i64::try_from(spread % 7_200).unwrap_or_default() * SECOND
}

/// A sentence about a failure, fit to be kept: one line, of bounded length.
pub(crate) fn sentence(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).take(MAX_FAILURE).collect()
}

/// What a document would make of a set: checked against every safety rule, not yet in force.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub(crate) name: IpSetName,
    pub(crate) source: Source,
    pub(crate) update: Update,
    /// The set that it was compared with.
    pub(crate) replaces: Option<u64>,
}

impl Proposal {
    /// Compares a document with the set in force, if there is one.
    ///
    /// # Errors
    /// The first doubt, as [`Refusal`]: then nothing may change.
    pub fn new(
        name: IpSetName,
        source: Source,
        document: Document,
        present: Option<&NamedSet>,
        overrides: Overrides,
    ) -> Result<Self, Refusal> {
        let before = present.map(|set| {
            let mut accepted = set.accepted.clone();
            if !set.source.is_like(&source) {
                accepted.version = None;
            }
            accepted
        });
        Ok(Self {
            update: update::check(source.feed, document, before.as_ref(), overrides)?,
            replaces: present.map(|set| set.serial),
            name,
            source,
        })
    }

    /// The name of the set.
    pub fn name(&self) -> &IpSetName {
        &self.name
    }

    /// Where the document comes from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whether there is no set of this name yet.
    pub fn is_new(&self) -> bool {
        self.replaces.is_none()
    }

    /// What would be in force.
    pub fn accepted(&self) -> &Accepted {
        &self.update.accepted
    }

    /// Who would newly be admitted.
    pub fn added(&self) -> &IpSet {
        &self.update.added
    }

    /// Who would no longer be.
    pub fn removed(&self) -> &IpSet {
        &self.update.removed
    }
}

/// Who uses a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// The tenant of this slug.
    Tenant(String),
    /// The application of this name.
    Application(String),
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant(slug) => write!(f, "the tenant {slug}"),
            Self::Application(name) => write!(f, "the application {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use provost_allowlist::feed;

    use super::*;

    fn set(fetched: i64, tried: i64, failures: u32) -> NamedSet {
        NamedSet {
            name: IpSetName("a".to_owned()),
            source: Source {
                feed: feed::find("text").unwrap(),
                parts: Vec::new(),
                url: Some("https://ranges.example/".to_owned()),
                refresh: true,
            },
            accepted: Accepted {
                set: IpSet::default(),
                version: None,
                digest: String::new(),
            },
            changed: Timestamp::from_micros(0),
            fetched: Timestamp::from_micros(fetched),
            tried: Timestamp::from_micros(tried),
            failures,
            failure: None,
            serial: 0,
        }
    }

    #[test]
    fn a_set_is_due_every_day_and_every_hour_while_that_fails() {
        let day = 24 * HOUR;
        for (fetched, tried, failures, now, expect) in [
            (day, day, 0, day + 21 * HOUR, false),
            (day, day, 0, 2 * day, true),
            (day, 3 * day, 1, 3 * day + HOUR - 1, false),
            (day, 3 * day, 9, 3 * day + HOUR, true),
            (day, 2 * day, 0, 2 * day + HOUR - 1, false),
            (day, 2 * day, 0, 2 * day + HOUR, true),
            (day, day, 0, day - 1, true),
        ] {
            let mut set = set(fetched, tried, failures);
            assert_eq!(set.is_due(Timestamp::from_micros(now)), expect, "{now}");
            set.source.refresh = false;
            assert!(!set.is_due(Timestamp::from_micros(now)));
        }
    }

    #[test]
    fn sets_that_were_fetched_together_are_spread() {
        let days: Vec<_> = (0..1_000)
            .map(|micros| early(Timestamp::from_micros(micros)))
            .collect();
        assert!(days.iter().all(|early| (0..2 * HOUR).contains(early)));
        let late = days.iter().filter(|early| **early < HOUR).count();
        assert!((400..600).contains(&late), "{late}");
    }

    #[test]
    fn after_five_days_somebody_is_told() {
        let set = set(0, 4 * 24 * HOUR, 100);
        assert!(!set.is_overdue(Timestamp::from_micros(ALARM_HOURS * HOUR)));
        assert!(set.is_overdue(Timestamp::from_micros(ALARM_HOURS * HOUR + 1)));
    }
}
