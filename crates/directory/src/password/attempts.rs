//! What wrong passwords lead to: a delay that grows per user, and a brake per application.
//!
//! Kept in memory and bounded; a restart forgets it. Each node counts for itself, so that n nodes
//! allow n times as many attempts: no sign-in waits for a write. Users are counted per application, so that
//! somebody who holds the password of one application cannot lock people out of another.

use std::collections::HashMap;

use provost_scim::Timestamp;

use crate::id::{ApplicationId, UserId};

const SECOND: i64 = 1_000_000;
/// Wrong passwords in a row that cost nothing.
const FREE: u32 = 5;
/// The first delay; it doubles with every further wrong password.
const FIRST_DELAY: i64 = 2 * SECOND;
/// The longest delay (15 minutes).
const LONGEST_DELAY: i64 = 900 * SECOND;
/// After so many doublings a delay is the longest.
const DOUBLINGS: u32 = 16;
/// Wrong passwords are forgotten after this (one hour).
const MEMORY: i64 = 3_600 * SECOND;
/// Users that are remembered at most.
const MOST_USERS: usize = 10_000;
/// An application may cause wrong passwords at this rate for ever (five a second) …
const INTERVAL: i64 = SECOND / 5;
/// … and so many at once.
const BURST: i64 = 300 * INTERVAL;

/// Whether a password may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may.
    Try,
    /// Not for this user, for so many seconds.
    UserWaits(u64),
    /// Not for this application: too many were wrong.
    ApplicationWaits,
}

/// The wrong passwords of one user in one application.
#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    fn delay(self) -> i64 {
        match self.count.checked_sub(FREE) {
            None | Some(0) => 0,
            Some(beyond) => (FIRST_DELAY << (beyond - 1).min(DOUBLINGS)).min(LONGEST_DELAY),
        }
    }

    /// A clock that was set back makes no delay longer than it began.
    fn since(self, now: Timestamp) -> i64 {
        (now.as_micros() - self.last.as_micros()).max(0)
    }
}

/// All that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    users: HashMap<(ApplicationId, UserId), Failures>,
    /// Until when the wrong passwords of an application are paid for, at the allowed rate.
    applications: HashMap<ApplicationId, i64>,
}

impl Attempts {
    /// Whether a password may be tried now.
    pub(crate) fn may_try(
        &self,
        application: ApplicationId,
        user: UserId,
        now: Timestamp,
    ) -> Verdict {
        // Further ahead than a failure can put it, it is from before the clock was set back.
        let waits = |paid: &i64| {
            let ahead = paid - now.as_micros();
            ahead > BURST && ahead <= BURST + INTERVAL
        };
        if self.applications.get(&application).is_some_and(waits) {
            return Verdict::ApplicationWaits;
        }
        let failures = self.users.get(&(application, user));
        let wait = failures.map_or(0, |failures| failures.delay() - failures.since(now));
        match u64::try_from(wait) {
            Ok(micros) if micros > 0 => Verdict::UserWaits(micros.div_ceil(SECOND.unsigned_abs())),
            Ok(_) | Err(_) => Verdict::Try,
        }
    }

    /// A wrong password.
    pub(crate) fn failed(&mut self, application: ApplicationId, user: UserId, now: Timestamp) {
        let paid = self.applications.entry(application).or_default();
        // After the clock was set back, what lies far ahead counts as one burst.
        let ahead = now.as_micros() + BURST;
        *paid = (*paid).clamp(now.as_micros(), ahead) + INTERVAL;
        let key = (application, user);
        if self.users.len() >= MOST_USERS && !self.users.contains_key(&key) {
            self.make_room(now);
        }
        let failures = self.users.entry(key).or_insert(Failures {
            count: 0,
            last: now,
        });
        if failures.since(now) > MEMORY {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// The right password: the user starts afresh.
    pub(crate) fn succeeded(&mut self, application: ApplicationId, user: UserId) {
        self.users.remove(&(application, user));
    }

    /// Forgets what is old, or else the user whose last wrong password is the longest ago.
    fn make_room(&mut self, now: Timestamp) {
        self.users
            .retain(|_, failures| failures.since(now) <= MEMORY);
        if self.users.len() < MOST_USERS {
            return;
        }
        let oldest = self.users.iter().min_by_key(|(_, f)| f.last);
        if let Some(key) = oldest.map(|(key, _)| *key) {
            self.users.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const JIRA: ApplicationId = ApplicationId(1);
    const WIKI: ApplicationId = ApplicationId(2);

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * SECOND)
    }

    fn failed(attempts: &mut Attempts, times: u32, now: i64) {
        for _ in 0..times {
            attempts.failed(JIRA, user(1), at(now));
        }
    }

    #[test]
    fn delays_grow_from_the_sixth_wrong_password_on() {
        for (times, expect) in [
            (0, Verdict::Try),
            (5, Verdict::Try),
            (6, Verdict::UserWaits(2)),
            (7, Verdict::UserWaits(4)),
            (14, Verdict::UserWaits(512)),
            (15, Verdict::UserWaits(900)),
            (200, Verdict::UserWaits(900)),
        ] {
            let mut attempts = Attempts::default();
            failed(&mut attempts, times, 1_000);
            let got = attempts.may_try(JIRA, user(1), at(1_000));
            assert_eq!(got, expect, "after {times}");
        }
    }

    #[test]
    fn a_delay_ends_with_time_or_with_the_clock_set_back_never_later() {
        let mut attempts = Attempts::default();
        failed(&mut attempts, 8, 10_000);
        for (now, expect) in [
            (10_000, Verdict::UserWaits(8)),
            (10_007, Verdict::UserWaits(1)),
            (10_008, Verdict::Try),
            (5, Verdict::UserWaits(8)),
        ] {
            assert_eq!(attempts.may_try(JIRA, user(1), at(now)), expect, "{now}");
        }
        attempts.failed(JIRA, user(1), at(10_000 + 3_601));
        assert_eq!(attempts.may_try(JIRA, user(1), at(13_601)), Verdict::Try);
    }

    #[test]
    fn one_user_in_one_application_waits_and_nobody_else() {
        let mut attempts = Attempts::default();
        failed(&mut attempts, 20, 1_000);
        assert_eq!(attempts.may_try(JIRA, user(2), at(1_000)), Verdict::Try);
        assert_eq!(attempts.may_try(WIKI, user(1), at(1_000)), Verdict::Try);
        attempts.succeeded(JIRA, user(1));
        assert_eq!(attempts.may_try(JIRA, user(1), at(1_000)), Verdict::Try);
    }

    #[test]
    fn an_application_that_tries_one_password_on_everybody_is_braked() {
        let mut attempts = Attempts::default();
        for number in 0..400 {
            attempts.failed(JIRA, user(number), at(1_000));
        }
        let fresh = user(999);
        let waits = Verdict::ApplicationWaits;
        assert_eq!(attempts.may_try(JIRA, fresh, at(1_000)), waits);
        assert_eq!(attempts.may_try(WIKI, fresh, at(1_000)), Verdict::Try);
        for later in [1_021, 500] {
            let got = attempts.may_try(JIRA, fresh, at(later));
            assert_eq!(got, Verdict::Try, "{later}");
        }
    }

    #[test]
    fn memory_is_bounded_and_the_latest_are_kept() {
        let mut attempts = Attempts::default();
        for number in 0..20_000 {
            let time = i64::try_from(number).unwrap();
            attempts.failed(JIRA, user(number), Timestamp::from_micros(time));
        }
        assert_eq!(attempts.users.len(), MOST_USERS);
        assert!(attempts.users.contains_key(&(JIRA, user(19_999))));
        assert!(!attempts.users.contains_key(&(JIRA, user(0))));
    }
}
