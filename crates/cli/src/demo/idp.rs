//! Plays a scenario against a SCIM base URL and remembers whom it concerned.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;

use super::scenario::{self, Captured, Scenario, Step};
use crate::http::Http;

/// A user that the identity provider made.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// The name of the capture.
    alias: String,
    /// SCIM id.
    pub(super) id: String,
    /// userName at creation.
    pub(super) first_name: String,
    /// What happened, in words.
    pub(super) deeds: Vec<String>,
}

/// The outcome of one step.
#[derive(Debug)]
pub(super) struct Played {
    /// HTTP status; 0 when no answer came.
    pub(super) status: u16,
    /// How long it took.
    pub(super) took: Duration,
    /// What the identity provider would stumble over.
    pub(super) problem: Option<String>,
}

/// The client side of one identity provider.
pub(super) struct IdentityProvider {
    /// What it plays.
    pub(super) scenario: Scenario,
    http: Http,
    base: String,
    token: String,
    captured: Captured,
    /// Everybody it made, in order.
    pub(super) people: Vec<Sent>,
    /// The first names of the groups it made, by id: applications keep these through renames.
    groups: HashMap<String, String>,
}

impl IdentityProvider {
    /// A client for that base URL.
    pub(super) fn new(scenario: Scenario, http: Http, base: String, token: String) -> Self {
        Self {
            scenario,
            http,
            base,
            token,
            captured: Captured::new(),
            people: Vec::new(),
            groups: HashMap::new(),
        }
    }

    /// Sends one step.
    pub(super) fn play(&mut self, step: &Step) -> Played {
        let url = format!(
            "{}{}",
            self.base,
            scenario::fill(&step.path, &self.captured)
        );
        let body = step.body.as_ref();
        let body = body.map(|body| scenario::fill(&body.to_string(), &self.captured));
        let authorization = format!("Bearer {}", self.token);
        let headers = self.scenario.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = headers.chain([("Authorization", authorization.as_str())]);
        match self.http.send(&step.method, &url, headers, body.as_deref()) {
            Ok(answer) => {
                let json: Value = serde_json::from_str(&answer.body).unwrap_or_default();
                self.remember(step, &json);
                Played {
                    status: answer.status,
                    took: answer.took,
                    problem: self.problem(step, answer.status, &json),
                }
            }
            Err(problem) => Played {
                status: 0,
                took: Duration::ZERO,
                problem: Some(problem),
            },
        }
    }

    /// What the identity provider reads of a user: its own view of what it sent.
    pub(super) fn read_back(&self, id: &str) -> Result<Value, String> {
        let url = format!("{}/Users/{id}", self.base);
        let authorization = format!("Bearer {}", self.token);
        let headers = [("Authorization", authorization.as_str())];
        let answer = self.http.send("GET", &url, headers, None)?;
        serde_json::from_str(&answer.body)
            .map_err(|_| format!("GET {url} answered {} without a resource", answer.status))
    }

    /// The name that a group had when it was made.
    pub(super) fn first_name_of(&self, group: &str) -> Option<&String> {
        self.groups.get(group)
    }

    fn remember(&mut self, step: &Step, answer: &Value) {
        if let (Some(name), Some(id)) = (&step.capture, text(answer, "id")) {
            self.captured.insert(name.clone(), id.clone());
            if let Some(name) = text(answer, "displayName").filter(|_| step.method == "POST") {
                self.groups.entry(id.clone()).or_insert(name);
            }
            if let Some(first_name) = text(answer, "userName") {
                self.people.push(Sent {
                    alias: name.clone(),
                    id,
                    first_name,
                    deeds: vec!["created".to_owned()],
                });
            }
        }
        if let (Some(about), Some(did)) = (&step.about, &step.did) {
            let person = self.people.iter_mut().find(|person| person.alias == *about);
            if let Some(person) = person {
                person.deeds.push(did.clone());
            }
        }
    }

    fn problem(&self, step: &Step, status: u16, answer: &Value) -> Option<String> {
        if !step.status.contains(&status) {
            let detail = text(answer, "detail").unwrap_or_default();
            return Some(format!(
                "answered {status}, needs {:?}: {detail}",
                step.status
            ));
        }
        let expected = scenario::fill(&step.contains.as_ref()?.to_string(), &self.captured);
        let expected = serde_json::from_str(&expected).unwrap_or_default();
        // An answer without a body is checked by the steps that read.
        (!answer.is_null() && !scenario::holds(answer, &expected))
            .then(|| format!("answered {answer}, which does not hold {expected}"))
    }
}

/// A text of the answer.
pub(super) fn text(answer: &Value, key: &str) -> Option<String> {
    answer.get(key)?.as_str().map(str::to_owned)
}
