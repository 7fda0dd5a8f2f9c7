//! One keep-alive connection of a test client.

use std::time::Duration;

use serde_json::Value;
use ureq::{Agent, http::Request};

/// The connection.
pub(super) struct Http(Agent);

impl Http {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self(config.new_agent())
    }

    /// Status and JSON body; `None` when the server gave no whole answer.
    pub(super) fn send(
        &self,
        method: &str,
        url: &str,
        authorization: &str,
        body: Option<&Value>,
    ) -> Option<(u16, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", authorization)
            .header("Content-Type", "application/scim+json");
        let answer = match body {
            Some(body) => self.0.run(request.body(body.to_string()).ok()?),
            None => self.0.run(request.body(()).ok()?),
        };
        let mut answer = answer.ok()?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or_default()))
    }
}
