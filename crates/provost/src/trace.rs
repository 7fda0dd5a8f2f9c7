//! Request ids and the access log: one line per request, never a query, a body or a secret.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{HeaderValue, Method, StatusCode};
use provost_directory::token::Caller;

use crate::client_ip::ClientIp;

/// Names one request in the answer, in the log and in the change log. Unique within a process,
/// and across processes up to a 32-bit chance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId {
    process: u32,
    number: u32,
}

impl RequestId {
    pub(crate) fn next() -> Self {
        static PROCESS: OnceLock<u32> = OnceLock::new();
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let random = || getrandom::u32().unwrap_or_else(|_| std::process::id());
        Self {
            process: *PROCESS.get_or_init(random),
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(crate) fn header(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.to_string()).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}{:08x}", self.process, self.number)
    }
}

/// What the layers learn about a request on its way, for the access log.
#[derive(Clone)]
pub(crate) struct Trace(Arc<Inner>);

struct Inner {
    id: RequestId,
    started: Instant,
    method: Method,
    meant: OnceLock<Method>,
    route: OnceLock<Box<str>>,
    caller: OnceLock<Caller>,
}

impl Trace {
    pub(crate) fn begin(method: &Method) -> Self {
        Self(Arc::new(Inner {
            id: RequestId::next(),
            started: Instant::now(),
            method: method.clone(),
            meant: OnceLock::new(),
            route: OnceLock::new(),
            caller: OnceLock::new(),
        }))
    }

    pub(crate) fn id(&self) -> RequestId {
        self.0.id
    }

    /// How long ago the request began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// The method that the request means, where that is not the one it was sent with.
    pub(crate) fn set_method(&self, method: &Method) {
        let _ = self.0.meant.set(method.clone());
    }

    pub(crate) fn set_route(&self, pattern: &str) {
        let _ = self.0.route.set(pattern.into());
    }

    pub(crate) fn set_caller(&self, caller: &Caller) {
        let _ = self.0.caller.set(caller.clone());
    }

    /// Writes the access log line.
    pub(crate) fn end(&self, status: StatusCode, client: ClientIp) {
        let inner = &*self.0;
        let caller = inner.caller.get();
        tracing::info!(
            target: "provost::access",
            request = %inner.id,
            method = %inner.meant.get().unwrap_or(&inner.method),
            route = inner.route.get().map_or("-", |route| route),
            status = status.as_u16(),
            %client,
            tenant = caller.map_or("-", |caller| caller.tenant.slug.as_str()),
            token = %caller.map_or_else(|| "-".to_owned(), |caller| caller.token.to_string()),
            micros = inner.started.elapsed().as_micros(),
        );
    }
}
