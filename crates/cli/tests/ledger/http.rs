//! One keep-alive connection of a test client.

use std::time::Duration;

use serde_json::Value;
use ureq::{
    Agent,
    http::Request,
    tls::{RootCerts, TlsConfig},
};

/// Most bytes of an answer that are read.
const MAX_ANSWER: u64 = 1 << 30;

/// The connection.
pub(crate) struct Http {
    agent: Agent,
    roots: RootCerts,
}

impl Http {
    /// Over plain HTTP.
    pub(crate) fn new() -> Self {
        Self::believing(RootCerts::WebPki)
    }

    /// Also over HTTPS, to servers with such a certificate.
    pub(crate) fn believing(roots: RootCerts) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self {
            agent: config.new_agent(),
            roots,
        }
    }

    /// Another connection of the same kind.
    pub(crate) fn anew(&self) -> Self {
        Self::believing(self.roots.clone())
    }

    /// Status and JSON body; `None` when the server gave no whole answer.
    pub(crate) fn send(
        &self,
        method: &str,
        url: &str,
        authorization: &str,
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let headers = [
            ("Authorization", authorization),
            ("Content-Type", "application/scim+json"),
        ];
        let body = body.map(Value::to_string);
        let (status, text) = self.exchange(method, url, &headers, body.as_deref())?;
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }

    /// Status and body; `None` when the server gave no whole answer.
    pub(crate) fn exchange(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Option<(u16, String)> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body).ok()?),
            None => self.agent.run(request.body(()).ok()?),
        };
        let mut answer = answer.ok()?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(MAX_ANSWER);
        Some((status, body.read_to_string().ok()?))
    }
}
