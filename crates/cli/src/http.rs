//! A plain HTTP client for playing other people's clients: any method, any header, every status
//! is an answer.

use std::time::{Duration, Instant};

pub(crate) use provost::Authorities;
use ureq::{
    Agent,
    http::{HeaderMap, Request},
    tls::TlsConfig,
};

/// The client. Keeps connections alive, as the real ones do.
#[derive(Clone, Debug)]
pub(crate) struct Http(Agent);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The headers.
    headers: HeaderMap,
    /// The body as text.
    pub(crate) body: String,
    /// From the first byte sent to the last byte read.
    pub(crate) took: Duration,
}

impl Answer {
    /// A header, if it came and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The content type as it came; empty without one.
    pub(crate) fn content_type(&self) -> &str {
        self.header("content-type").unwrap_or_default()
    }
}

/// Most bytes of an answer that are read.
const MAX_ANSWER: u64 = 64 << 20;

impl Http {
    /// A client that gives up after `timeout`.
    pub(crate) fn new(timeout: Duration, authorities: Authorities) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(authorities.roots()).build())
            .timeout_global(Some(timeout))
            .build();
        Self(config.new_agent())
    }

    /// Sends a request and reads the whole answer; the error is a sentence.
    pub(crate) fn send<'a>(
        &self,
        method: &str,
        url: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        body: Option<&str>,
    ) -> Result<Answer, String> {
        let begun = Instant::now();
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let failed = |error: &dyn std::fmt::Display| format!("{method} {url} failed: {error}");
        let sent = if let Some(text) = body {
            let request = request.body(text).map_err(|error| failed(&error))?;
            self.0.run(request)
        } else {
            let request = request.body(()).map_err(|error| failed(&error))?;
            self.0.run(request)
        };
        let mut answer = sent.map_err(|error| failed(&error))?;
        let headers = answer.headers().clone();
        let body = answer.body_mut().with_config().limit(MAX_ANSWER);
        let body = body.read_to_string().map_err(|error| failed(&error))?;
        Ok(Answer {
            status: answer.status().as_u16(),
            headers,
            body,
            took: begun.elapsed(),
        })
    }
}
