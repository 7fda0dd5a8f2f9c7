//! What the process remembers of each application: where its full listings began, which says how
//! far back its next token must reach; what was noted of it in the store; and whether its view was
//! frozen when it last asked.
//!
//! Kept in memory. The store keeps the start of the last listing, for other processes and for the
//! time after a restart.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use provost_scim::Timestamp;

use crate::{change::Position, id::ApplicationId};

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
    noted: Option<Noted>,
    is_held: bool,
}

#[derive(Debug)]
struct Start {
    position: Position,
    at: Timestamp,
}

#[derive(Debug)]
struct Noted {
    number: u64,
    at: Timestamp,
}

impl Listings {
    /// A full listing of `application` begins at this position of its view.
    pub(crate) fn begin(&self, application: ApplicationId, position: Position, at: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let starts = &mut all.entry(application).or_default().starts;
        while starts.len() >= MOST {
            starts.pop_front();
        }
        starts.push_back(Start { position, at });
    }

    /// Where listings of `application` began that may still be under way, or were the last; the
    /// earliest first. Two clients may share an application's name.
    pub(crate) fn starts(&self, application: ApplicationId, now: Timestamp) -> Vec<Position> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Memory { starts, .. }) = all.get_mut(&application) else {
            return Vec::new();
        };
        let oldest = now.as_micros().saturating_sub(LONGEST);
        while starts.len() > 1 && starts.front().is_some_and(|s| s.at.as_micros() < oldest) {
            starts.pop_front();
        }
        starts.iter().map(|start| start.position).collect()
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
        all.entry(application).or_default().noted = Some(Noted { number, at });
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
        let position = |number| Position { epoch: 1, number };
        listings.begin(application, position(10), at(0));
        listings.begin(application, position(20), at(1));
        let both = [10, 20].map(position);
        assert_eq!(listings.starts(application, at(1)), both);
        assert_eq!(listings.starts(application, at(3)), [position(20)]);
        assert_eq!(listings.starts(application, at(99)), [position(20)]);
        for number in 21..60 {
            listings.begin(application, position(number), at(99));
        }
        assert_eq!(listings.starts(application, at(99)).len(), MOST);
        assert!(listings.starts(ApplicationId(2), at(99)).is_empty());
    }
}
