//! Passwords of users, for tenants that accept them (design section 6 rule 11).
//!
//! Hashing, the threads that do it, and the delays that wrong passwords lead to. What a sign-in
//! answers is decided in `directory/sign_in.rs`; nothing here reads the store.

mod attempts;
mod hash;
mod pool;

use std::sync::{Mutex, MutexGuard, PoisonError};

use provost_scim::{Timestamp, text};
use zeroize::Zeroizing;

pub(crate) use self::{
    attempts::{Attempts, Verdict},
    hash::PasswordHash,
    pool::Pool,
};
use crate::{
    DirectoryError,
    entropy::Entropy,
    id::{ApplicationId, UserId},
};

/// A password in the form in which it is compared. No `Debug`; erased on drop.
#[derive(Clone)]
pub(crate) struct ClearText(Zeroizing<String>);

impl ClearText {
    /// Prepares what somebody typed.
    pub(crate) fn new(typed: &str) -> Self {
        Self(Zeroizing::new(text::opaque(typed)))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What the process knows about passwords.
#[derive(Default)]
pub(crate) struct Passwords {
    pool: Pool,
    attempts: Mutex<Attempts>,
}

/// The pool is full or has no thread.
fn saturated() -> DirectoryError {
    DirectoryError::Unavailable("too many passwords wait to be hashed".to_owned())
}

impl Passwords {
    /// Hashes a password with a fresh salt.
    ///
    /// # Errors
    /// `Unavailable` when too many wait already.
    pub(crate) async fn hash(
        &self,
        password: &ClearText,
        entropy: &dyn Entropy,
    ) -> Result<PasswordHash, DirectoryError> {
        let salt = hash::salt(entropy)?;
        let password = password.clone();
        let made = self
            .pool
            .run(move || PasswordHash::make(&password, &salt))
            .await;
        made.ok_or_else(saturated)?
    }

    /// Whether `password` is the one that `stored` was made of; `None` when too many wait already.
    pub(crate) async fn check(
        &self,
        password: &ClearText,
        stored: PasswordHash,
    ) -> Result<Option<bool>, DirectoryError> {
        let password = password.clone();
        let checked = self.pool.run(move || stored.matches(&password)).await;
        checked.transpose()
    }

    /// As [`Passwords::check`], for a write, which can only be repeated as a whole.
    ///
    /// # Errors
    /// `Unavailable` when too many wait already.
    pub(crate) async fn is_same(
        &self,
        password: &ClearText,
        stored: PasswordHash,
    ) -> Result<bool, DirectoryError> {
        self.check(password, stored).await?.ok_or_else(saturated)
    }

    /// How many passwords are hashed or wait for it, and how many were turned away so far.
    pub(crate) fn load(&self) -> (u64, u64) {
        self.pool.load()
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a password may be tried now.
    pub(crate) fn may_try(
        &self,
        application: ApplicationId,
        user: UserId,
        now: Timestamp,
    ) -> Verdict {
        self.attempts().may_try(application, user, now)
    }

    /// Notes how a try ended.
    pub(crate) fn tried(
        &self,
        application: ApplicationId,
        user: UserId,
        is_right: bool,
        now: Timestamp,
    ) {
        let mut attempts = self.attempts();
        if is_right {
            attempts.succeeded(application, user);
        } else {
            attempts.failed(application, user, now);
        }
    }
}
