//! The outermost layer of every listener: request id, broken heads, panics, the access log, and
//! the gate in front of SCIM.

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;

use crate::{
    client_ip::ClientRule,
    crowd, http_rules,
    ops::metrics::{Metrics, Part, Seen},
    scim::{self, Failure, Wire},
    state::AppState,
    trace::Trace,
};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CLOSE: HeaderValue = HeaderValue::from_static("close");
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    Retry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Answers requests of one listener. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Surface {
    /// What lies outside `/scim/`.
    outside: Router,
    /// The SCIM API behind its gate, where it is served.
    scim: Option<(AppState, Router)>,
    /// Whether what lies outside answers with SCIM errors too.
    scim_errors: bool,
    clients: ClientRule,
    metrics: Metrics,
}

impl Surface {
    /// A listener without SCIM.
    pub(crate) fn new(outside: Router) -> Self {
        Self {
            outside,
            scim: None,
            scim_errors: false,
            clients: ClientRule::default(),
            metrics: Metrics::default(),
        }
    }

    /// Serves the SCIM API behind its gate.
    pub(crate) fn with_scim(mut self, state: AppState, router: Router) -> Self {
        self.scim = Some((state, router));
        self
    }

    /// Makes every error a SCIM error.
    pub(crate) fn scim_errors(mut self) -> Self {
        self.scim_errors = true;
        self
    }

    /// Finds clients by this rule.
    pub(crate) fn with_clients(mut self, clients: ClientRule) -> Self {
        self.clients = clients;
        self
    }

    /// Counts there.
    pub(crate) fn with_metrics(mut self, metrics: Metrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// The whole answer over the cap of connections. A client that comes back after a moment
    /// finds room.
    pub(crate) fn busy(&self) -> &'static [u8] {
        if self.scim_errors { BUSY } else { crowd::BUSY }
    }

    /// Answers a request; never panics.
    pub(crate) async fn answer(self, mut request: Request<Body>) -> Response {
        let trace = Trace::begin(request.method());
        request.extensions_mut().insert(trace.clone());
        let client = self.clients.find(&request);
        let metrics = self.metrics.clone();
        if self.clients.ignores_forwarding(&request) {
            metrics.untrusted_forward_header();
        }
        let method = request.method().clone();
        request.extensions_mut().insert(client);
        let inside = self.scim.is_some() && scim::is_scim(request.uri().path());
        let scim = inside || self.scim_errors;
        let wire = Wire::of(request.uri().path());
        let crowd = crowd::Client::of(request.uri().path(), request.headers()).filter(|_| !scim);
        let part = part(request.uri().path(), inside, crowd.is_some());
        let answered = unpanicked(self.dispatch(request, scim)).await;
        let mut response = answered.unwrap_or_else(|_| {
            metrics.panicked();
            tracing::error!(request = %trace.id(), "a handler panicked");
            trouble(scim)
        });
        if scim {
            scim::seal(&mut response, wire, trace.id());
        }
        if let Some(client) = crowd {
            response = client.seal(response);
        }
        if let Some(id) = trace.id().header() {
            response.headers_mut().insert(REQUEST_ID.clone(), id);
        }
        metrics.answered(&Seen {
            part,
            method,
            status: response.status(),
            took: trace.elapsed(),
        });
        trace.end(response.status(), client);
        response
    }

    async fn dispatch(self, request: Request<Body>, scim: bool) -> Response {
        if let Some(reason) =
            http_rules::broken(request.version(), request.uri(), request.headers())
        {
            return refuse(scim, reason);
        }
        match self.scim {
            Some((state, router)) if scim::is_scim(request.uri().path()) => {
                match scim::admit(&state, request).await {
                    Ok(request) => route(router, request).await,
                    Err(failure) => failure.into_response(),
                }
            }
            Some(_) | None => route(self.outside, request).await,
        }
    }
}

/// What a request is for.
fn part(path: &str, is_scim: bool, is_crowd: bool) -> Part {
    match path {
        _ if is_scim => Part::Scim,
        _ if is_crowd => Part::Crowd,
        "/health/live" | "/health/ready" => Part::Health,
        "/metrics" => Part::Metrics,
        _ => Part::Other,
    }
}

async fn route(router: Router, request: Request<Body>) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The outcome of a future, or what it panicked with.
async fn unpanicked<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(
        move |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => std::task::Poll::Ready(Err(panic)),
        },
    )
    .await
}

fn refuse(scim: bool, reason: &'static str) -> Response {
    let mut response = if scim {
        Failure::Malformed(reason).into_response()
    } else {
        let headers = [(header::CONTENT_TYPE, PLAIN)];
        let mut response = (StatusCode::BAD_REQUEST, headers, reason).into_response();
        crowd::note_broken(&mut response, reason);
        response
    };
    response.headers_mut().insert(header::CONNECTION, CLOSE);
    response
}

fn trouble(scim: bool) -> Response {
    if scim {
        return Failure::Internal.into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, PLAIN),
        (header::RETRY_AFTER, HeaderValue::from_static("5")),
    ];
    let sentence = "Internal trouble; try again.";
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, headers, sentence).into_response();
    crowd::note_trouble(&mut response);
    response
}

#[cfg(test)]
mod tests;
