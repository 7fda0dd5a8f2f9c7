//! `/metrics`: what the server counts and what stands in the directory, as Prometheus reads it.
//!
//! Counting costs an atomic addition where something happens: no lock, no allocation. What is
//! counted is laid out by closed sets, so that nobody can make new series from outside; names of
//! tenants and applications appear only in figures that are read from the directory when somebody
//! asks. Every metric is a row of [`METRICS`].

mod count;
mod figures;
mod page;
mod process;
mod requests;
mod table;
mod text;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use provost_directory::SignIn;
use provost_scim::Timestamp;

pub(crate) use self::{
    count::{Connections, Listener, Part},
    page::read,
    requests::Seen,
};
use self::{
    count::{Counters, Ended},
    figures::Latest,
    requests::Requests,
};
pub use self::{
    table::{METRICS, Metric},
    text::Kind,
};

/// The counters of one server. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Metrics(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// When the server was started, if it was.
    started: Option<Timestamp>,
    requests: Requests,
    connections: [Arc<Connections>; 2],
    wrong_credentials: Counters<{ Part::ALL.len() }>,
    refused_addresses: Counters<{ Part::ALL.len() }>,
    sign_ins: Counters<{ Ended::ALL.len() }>,
    untrusted_forward_headers: AtomicU64,
    panics: AtomicU64,
    dropped_log_lines: Arc<AtomicU64>,
    latest: Arc<Latest>,
}

impl Metrics {
    /// Of a server that starts now and whose log drops lines as counted there.
    pub(crate) fn new(started: Timestamp, dropped_log_lines: Arc<AtomicU64>) -> Self {
        Self(Arc::new(Inner {
            started: Some(started),
            dropped_log_lines,
            ..Inner::default()
        }))
    }

    /// A request was answered.
    pub(crate) fn answered(&self, seen: &Seen) {
        self.0.requests.add(seen);
    }

    /// The counters of a listener.
    pub(crate) fn connections(&self, listener: Listener) -> Arc<Connections> {
        let [scim, app] = &self.0.connections;
        Arc::clone(match listener {
            Listener::Scim => scim,
            Listener::App => app,
        })
    }

    /// Somebody presented a token or password that is not valid.
    pub(crate) fn wrong_credentials(&self, part: Part) {
        self.0.wrong_credentials.add(part as usize);
    }

    /// Somebody called from an address that is not allowed.
    pub(crate) fn refused_address(&self, part: Part) {
        self.0.refused_addresses.add(part as usize);
    }

    /// Somebody signed in with a password, or tried to.
    pub(crate) fn signed_in(&self, outcome: &SignIn) {
        self.0.sign_ins.add(Ended::of(outcome) as usize);
    }

    /// A forwarding header came from somebody who is not trusted to send one.
    pub(crate) fn untrusted_forward_header(&self) {
        self.0
            .untrusted_forward_headers
            .fetch_add(1, Ordering::Relaxed);
    }

    /// A handler panicked.
    pub(crate) fn panicked(&self) {
        self.0.panics.fetch_add(1, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn panics(&self) -> u64 {
        self.0.panics.load(Ordering::Relaxed)
    }
}
