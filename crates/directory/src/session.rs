//! Single sign-on sessions: tokens that stand for a user for a while. Clients of Crowd such as
//! build servers and scripts use them; directory synchronisation does not.
//!
//! They are kept in the store, so that every node knows them and a restart does not end them: one
//! write when a session begins, one when it ends, and while it is used one every thirtieth part of
//! its time. Only digests are kept, and of a bounded number. Whether the user may still sign in is
//! asked anew each time, by whoever looks a session up.

use provost_scim::Timestamp;
use sha2::{Digest as _, Sha256};

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
const MOST: u64 = 10_000;
/// A use lengthens a session only if it gains this part of its time: a minute of half an hour.
const GAIN: i64 = 30;
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

    /// What is kept of them: together with the token, so that it tells nothing without it.
    fn digest(&self, token: &str) -> SecretDigest {
        let mut hash = Sha256::new_with_prefix(token);
        for text in self.0.iter().flat_map(|(name, value)| [name, value]) {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        SecretDigest(hash.finalize().into())
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

/// A session as the store keeps it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptSession {
    /// Of the token: it is looked up by digest, so that comparing takes no time that tells about it.
    pub(crate) digest: SecretDigest,
    pub(crate) session: Session,
    /// Microseconds from one use to the end.
    pub(crate) lasts: i64,
    /// Of the factors.
    pub(crate) factors: SecretDigest,
}

impl KeptSession {
    /// Until when it lasts after a use, if that is worth a write.
    fn lengthened(&self, now: Timestamp) -> Option<Timestamp> {
        let until = after(now, self.lasts);
        let gain = until.as_micros() - self.session.expires.as_micros();
        (gain > 0 && gain >= self.lasts / GAIN).then_some(until)
    }
}

fn digest(token: &str) -> Option<SecretDigest> {
    secret::is_well_formed(PREFIX, token).then(|| SecretDigest::of(token))
}

impl Directory {
    /// Opens a session for a user who has proved who it is. `seconds` shortens it.
    ///
    /// # Errors
    /// `Unavailable` when the system gives no random bytes or the store does not answer.
    pub async fn open_session(
        &self,
        user: UserId,
        factors: &Factors,
        seconds: Option<u64>,
    ) -> Result<(Secret, Session), DirectoryError> {
        let token = secret::make(PREFIX, self.entropy())?;
        let seconds = seconds.unwrap_or(SESSION_DURATION).min(SESSION_DURATION);
        let lasts = i64::try_from(seconds).unwrap_or_default() * SECOND;
        let created = self.now();
        let session = Session {
            user,
            created,
            expires: after(created, lasts),
        };
        let kept = KeptSession {
            digest: SecretDigest::of(token.reveal()),
            session,
            lasts,
            factors: factors.digest(token.reveal()),
        };
        self.store().keep_session(kept, MOST).await?;
        Ok((token, session))
    }

    /// A session that has not ended.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot tell.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, DirectoryError> {
        Ok(self.kept_session(token).await?.map(|kept| kept.session))
    }

    async fn kept_session(&self, token: &str) -> Result<Option<KeptSession>, DirectoryError> {
        let Some(digest) = digest(token) else {
            return Ok(None);
        };
        let now = self.now();
        let found = self.store().session(digest).await?;
        Ok(found.filter(|kept| kept.session.expires > now))
    }

    /// A session that has not ended and was opened with the same factors; it lasts on from now.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot tell.
    pub async fn use_session(
        &self,
        token: &str,
        factors: &Factors,
    ) -> Result<Option<Session>, DirectoryError> {
        let found = self.kept_session(token).await?;
        let Some(kept) = found.filter(|kept| kept.factors.same(&factors.digest(token))) else {
            return Ok(None);
        };
        let (now, mut session) = (self.now(), kept.session);
        if let Some(until) = kept.lengthened(now) {
            session.expires = until;
            let lives = self.store().lengthen_session(kept.digest, now, until);
            return Ok(lives.await?.then_some(session));
        }
        Ok(Some(session))
    }

    /// Ends a session, if there is one.
    ///
    /// # Errors
    /// `Unavailable` when the store does not answer.
    pub async fn close_session(&self, token: &str) -> Result<(), DirectoryError> {
        match digest(token) {
            Some(digest) => self.store().end_session(digest).await,
            None => Ok(()),
        }
    }

    /// Ends every session of a user, except the one of that token.
    ///
    /// # Errors
    /// `Unavailable` when the store does not answer.
    pub async fn close_sessions(
        &self,
        user: UserId,
        except: Option<&str>,
    ) -> Result<(), DirectoryError> {
        let kept = except.and_then(digest);
        self.store().end_sessions(*user.as_uuid(), kept).await
    }
}

fn after(now: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(now.as_micros().saturating_add(micros))
}
