//! Counters and the closed sets that they are laid out by.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use provost_directory::SignIn;

/// A row of counters, one for each member of a closed set.
pub(super) struct Counters<const N: usize>([AtomicU64; N]);

impl<const N: usize> Default for Counters<N> {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; N])
    }
}

impl<const N: usize> Counters<N> {
    /// Adds one; places that do not exist count nothing.
    pub(super) fn add(&self, place: usize) {
        if let Some(counter) = self.0.get(place) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The counters now, in the order of their set.
    pub(super) fn read(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|counter| counter.load(Ordering::Relaxed))
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The SCIM API.
    Scim,
    /// Crowd REST.
    Crowd,
    /// Health.
    Health,
    /// This.
    Metrics,
    /// Nothing that is served.
    Other,
}

impl Part {
    /// In the order of counters.
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::Scim, "scim"),
        (Self::Crowd, "crowd"),
        (Self::Health, "health"),
        (Self::Metrics, "metrics"),
        (Self::Other, "other"),
    ];
}

/// One of the two listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listener {
    /// Of the SCIM API.
    Scim,
    /// Of the applications; with `single_port` of everything.
    App,
}

impl Listener {
    /// In the order of counters.
    pub(super) const NAMES: [&'static str; 2] = ["scim", "app"];
}

/// How a sign-in with a password ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Accepted,
    Wrong,
    Delayed,
    Busy,
    Impossible,
}

impl Ended {
    /// In the order of counters.
    pub(super) const ALL: [&'static str; 5] =
        ["accepted", "wrong", "delayed", "busy", "impossible"];

    pub(super) const fn of(outcome: &SignIn) -> Self {
        match outcome {
            SignIn::Accepted(_) => Self::Accepted,
            SignIn::WrongPassword(_) => Self::Wrong,
            SignIn::Delayed { .. } => Self::Delayed,
            SignIn::Busy => Self::Busy,
            SignIn::UnknownUser | SignIn::Inactive(_) | SignIn::NoPassword(_) => Self::Impossible,
        }
    }
}

/// The connections of one listener.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: AtomicI64,
    refused: AtomicU64,
}

impl Connections {
    /// A connection begins; it ends with the value.
    pub(crate) fn open(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }

    /// A connection was refused because there were too many.
    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> (i64, u64) {
        let open = self.open.load(Ordering::Relaxed);
        (open, self.refused.load(Ordering::Relaxed))
    }
}

/// A connection that is open.
pub(crate) struct Open(Arc<Connections>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
