//! Single sign-on sessions: tokens that stand for a user for a while. Clients of Crowd such as
//! build servers and scripts use them; directory synchronisation does not.
//!
//! They are kept in the memory of this process, as digests, and bounded: a restart ends them.
//! Whether the user may still sign in is asked anew each time, by whoever looks a session up.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use provost_scim::Timestamp;

use crate::{
    Directory, DirectoryError,
    id::UserId,
    secret::{self, SecretDigest},
    token::Secret,
};

/// Prefix of session tokens.
const PREFIX: &str = "pvss_";
/// How long a session lasts after its last use, in seconds; also the most that may be asked for.
pub const SESSION_DURATION: u64 = 30 * 60;
/// Sessions that are kept at most; beyond that the one that would end first goes.
const MOST: usize = 10_000;
/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

/// What a client says about where a session is used, such as the address of the browser: names
/// and values. Two sets are equal whatever their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Factors(Vec<(String, String)>);

impl Factors {
    /// A set of factors.
    pub fn new(mut factors: Vec<(String, String)>) -> Self {
        factors.sort();
        factors.dedup();
        Self(factors)
    }
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// For whom.
    pub user: UserId,
    /// Since when.
    pub created: Timestamp,
    /// Until when, unless it is used.
    pub expires: Timestamp,
}

#[derive(Debug)]
struct Entry {
    session: Session,
    /// Microseconds from one use to the end.
    lasts: i64,
    factors: Factors,
}

/// All sessions of this process.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<[u8; 32], Entry>>);

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, key: [u8; 32], entry: Entry, now: Timestamp) {
        let mut all = self.lock();
        if all.len() >= MOST {
            all.retain(|_, entry| entry.session.expires > now);
        }
        if all.len() >= MOST {
            let first = all.iter().min_by_key(|(_, entry)| entry.session.expires);
            if let Some(first) = first.map(|(key, _)| *key) {
                all.remove(&first);
            }
        }
        all.insert(key, entry);
    }
}

/// Tokens are looked up by digest, so that comparing takes no time that tells about them.
fn key(token: &str) -> Option<[u8; 32]> {
    secret::is_well_formed(PREFIX, token).then(|| SecretDigest::of(token).0)
}

impl Directory {
    /// Opens a session for a user who has proved who it is. `seconds` shortens it.
    ///
    /// # Errors
    /// `Unavailable` when the system gives no random bytes.
    pub fn open_session(
        &self,
        user: UserId,
        factors: Factors,
        seconds: Option<u64>,
    ) -> Result<(Secret, Session), DirectoryError> {
        let token = secret::make(PREFIX, self.entropy())?;
        let seconds = seconds.unwrap_or(SESSION_DURATION).min(SESSION_DURATION);
        let lasts = i64::try_from(seconds).unwrap_or_default() * SECOND;
        let now = self.now();
        let session = Session {
            user,
            created: now,
            expires: after(now, lasts),
        };
        let entry = Entry {
            session,
            lasts,
            factors,
        };
        let key = SecretDigest::of(token.reveal()).0;
        self.sessions().add(key, entry, now);
        Ok((token, session))
    }

    /// A session that has not ended.
    pub fn session(&self, token: &str) -> Option<Session> {
        let now = self.now();
        let all = self.sessions().lock();
        let session = all.get(&key(token)?)?.session;
        (session.expires > now).then_some(session)
    }

    /// A session that has not ended and was opened with the same factors; it lasts on from now.
    pub fn use_session(&self, token: &str, factors: &Factors) -> Option<Session> {
        let now = self.now();
        let mut all = self.sessions().lock();
        let entry = all.get_mut(&key(token)?)?;
        if entry.session.expires <= now || entry.factors != *factors {
            return None;
        }
        entry.session.expires = entry.session.expires.max(after(now, entry.lasts));
        Some(entry.session)
    }

    /// Ends a session, if there is one.
    pub fn close_session(&self, token: &str) {
        if let Some(key) = key(token) {
            self.sessions().lock().remove(&key);
        }
    }

    /// Ends every session of a user, except the one of that token.
    pub fn close_sessions(&self, user: UserId, except: Option<&str>) {
        let kept = except.and_then(key);
        self.sessions()
            .lock()
            .retain(|key, entry| entry.session.user != user || Some(*key) == kept);
    }
}

fn after(now: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(now.as_micros().saturating_add(micros))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{store::sql::sqlite::SqliteStore, testing::Bench};

    fn bench() -> Bench {
        Bench::new(|path, clock| std::sync::Arc::new(SqliteStore::open(path, true, clock).unwrap()))
    }

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn factors(pairs: &[(&str, &str)]) -> Factors {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Factors::new(pairs.iter().map(owned).collect())
    }

    fn open(bench: &Bench, number: u128, seconds: Option<u64>) -> String {
        let here = factors(&[("remote_address", "192.0.2.1"), ("a", "b")]);
        let opened = bench.directory.open_session(user(number), here, seconds);
        opened.unwrap().0.reveal().to_owned()
    }

    #[test]
    fn a_session_ends_half_an_hour_after_its_last_use() {
        let bench = bench();
        let token = open(&bench, 1, None);
        let here = factors(&[("a", "b"), ("remote_address", "192.0.2.1")]);
        bench.clock.advance_seconds(1_799);
        assert!(bench.directory.session(&token).is_some());
        assert!(bench.directory.use_session(&token, &here).is_some());
        bench.clock.advance_seconds(1_799);
        assert_eq!(bench.directory.session(&token).unwrap().user, user(1));
        bench.clock.advance_seconds(1);
        assert!(bench.directory.session(&token).is_none());
        assert!(bench.directory.use_session(&token, &here).is_none());
    }

    #[test]
    fn a_duration_shortens_and_never_lengthens() {
        let bench = bench();
        let (short, long) = (open(&bench, 1, Some(10)), open(&bench, 1, Some(u64::MAX)));
        bench.clock.advance_seconds(10);
        assert!(bench.directory.session(&short).is_none());
        assert!(bench.directory.session(&long).is_some());
        bench.clock.advance_seconds(1_790);
        assert!(bench.directory.session(&long).is_none());
    }

    #[test]
    fn a_session_is_used_with_its_factors_and_its_token_only() {
        let bench = bench();
        let token = open(&bench, 1, None);
        for other in [
            factors(&[]),
            factors(&[("remote_address", "192.0.2.1")]),
            factors(&[("remote_address", "192.0.2.2"), ("a", "b")]),
        ] {
            assert!(bench.directory.use_session(&token, &other).is_none());
        }
        for wrong in ["", "pvss_", &format!("{token} "), &token[1..]] {
            assert!(bench.directory.session(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn sessions_are_closed_one_by_one_or_by_user() {
        let bench = bench();
        let [a, b, c, other] = [1, 1, 1, 2].map(|number| open(&bench, number, None));
        bench.directory.close_session(&a);
        bench.directory.close_sessions(user(1), Some(&b));
        let is_open = |token: &String| bench.directory.session(token).is_some();
        assert_eq!(
            [&a, &b, &c, &other].map(is_open),
            [false, true, false, true]
        );
        bench.directory.close_sessions(user(1), None);
        assert!(!is_open(&b));
    }

    #[test]
    fn memory_is_bounded_and_the_newest_are_kept() {
        let bench = bench();
        let first = open(&bench, 1, Some(1_000));
        for number in 0..MOST {
            open(&bench, number as u128, None);
        }
        assert_eq!(bench.directory.sessions().lock().len(), MOST);
        assert!(bench.directory.session(&first).is_none());
    }
}
