//! What the process remembers of each application: where its full listings began, which says how
//! far back its next token must reach; what was noted of it in the store; and whether its view was
//! frozen when it last asked.
//!
//! Kept in memory: after a restart the start of a listing is not known, and tokens reach back by
//! time alone.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use provost_scim::Timestamp;

use crate::id::ApplicationId;

/// Listings that may be under way at the same time and are remembered.
const MOST: usize = 16;
/// How long a full synchronisation may take (2 hours).
const LONGEST: i64 = 2 * 60 * 60 * 1_000_000;

/// How long a note that an application asked for nothing new may wait (1 minute).
const QUIET: i64 = 60 * 1_000_000;

/// What is remembered of each application.
#[derive(Debug, Default)]
pub(crate) struct Listings(Mutex<HashMap<ApplicationId, Memory>>);

#[derive(Debug, Default)]
struct Memory {
    starts: VecDeque<Start>,
    noted: Option<Start>,
    is_held: bool,
}

#[derive(Debug)]
struct Start {
    number: u64,
    at: Timestamp,
}

impl Listings {
    /// A full listing of `application` begins with the log at `number`.
    pub(crate) fn begin(&self, application: ApplicationId, number: u64, at: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let starts = &mut all.entry(application).or_default().starts;
        while starts.len() >= MOST {
            starts.pop_front();
        }
        starts.push_back(Start { number, at });
    }

    /// The numbers at which listings of `application` began that may still be under way, or were
    /// the last; the earliest first. Two clients may share an application's name.
    pub(crate) fn starts(&self, application: ApplicationId, now: Timestamp) -> Vec<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Memory { starts, .. }) = all.get_mut(&application) else {
            return Vec::new();
        };
        let oldest = now.as_micros().saturating_sub(LONGEST);
        while starts.len() > 1 && starts.front().is_some_and(|s| s.at.as_micros() < oldest) {
            starts.pop_front();
        }
        starts.iter().map(|start| start.number).collect()
    }

    /// Whether it should be noted that `application` has read up to `number`.
    pub(crate) fn is_news(&self, application: ApplicationId, number: u64, at: Timestamp) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = all.get(&application).and_then(|known| known.noted.as_ref());
        noted.is_none_or(|noted| {
            number > noted.number || at.as_micros() - noted.at.as_micros() >= QUIET
        })
    }

    /// It was noted.
    pub(crate) fn noted(&self, application: ApplicationId, number: u64, at: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(application).or_default().noted = Some(Start { number, at });
    }

    /// Remembers whether the view is frozen; `true` if that is new.
    pub(crate) fn is_turned(&self, application: ApplicationId, is_held: bool) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(application).or_default();
        std::mem::replace(&mut known.is_held, is_held) != is_held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_starts_go_and_the_last_one_stays() {
        let listings = Listings::default();
        let application = ApplicationId(1);
        let at = |hours: i64| Timestamp::from_micros(hours * 3_600_000_000);
        assert!(listings.starts(application, at(0)).is_empty());
        listings.begin(application, 10, at(0));
        listings.begin(application, 20, at(1));
        assert_eq!(listings.starts(application, at(1)), [10, 20]);
        assert_eq!(listings.starts(application, at(3)), [20]);
        assert_eq!(listings.starts(application, at(99)), [20]);
        for number in 21..60 {
            listings.begin(application, number, at(99));
        }
        assert_eq!(listings.starts(application, at(99)).len(), MOST);
        assert!(listings.starts(ApplicationId(2), at(99)).is_empty());
    }
}
