//! What an identity provider sends, as data: steps with the answers it needs.
//!
//! The scenarios are JSON files beside this one. `{name.id}` in a path or body stands for the id
//! that an earlier step captured under that name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The scenarios of the demonstration, in the order in which they are played.
const SCENARIOS: &[&str] = &[include_str!("entra.json"), include_str!("okta.json")];

/// The life cycle that one identity provider drives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Slug of the tenant it is played against.
    pub(crate) tenant: String,
    /// What the identity provider is called.
    pub(crate) idp: String,
    /// Headers of every request, beside `Authorization`.
    pub(crate) headers: BTreeMap<String, String>,
    /// What is sent first.
    pub(crate) steps: Vec<Step>,
    /// What is sent after the applications have synchronised once.
    #[serde(default)]
    pub(crate) later: Vec<Step>,
}

/// One request and what the answer must be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// What it is for.
    pub(crate) title: String,
    /// HTTP method.
    pub(crate) method: String,
    /// Path and query behind the base URL.
    pub(crate) path: String,
    /// Body.
    #[serde(default)]
    pub(crate) body: Option<Value>,
    /// The statuses the client accepts.
    pub(crate) status: Vec<u16>,
    /// What the answer must hold: objects by key, arrays element by element in any order.
    #[serde(default)]
    pub(crate) contains: Option<Value>,
    /// Keeps the `id` of the answer under this name.
    #[serde(default)]
    pub(crate) capture: Option<String>,
    /// Whom it concerns: a captured name.
    #[serde(default)]
    pub(crate) about: Option<String>,
    /// What it did to them, in one word.
    #[serde(default)]
    pub(crate) did: Option<String>,
}

/// All scenarios.
pub(crate) fn all() -> Result<Vec<Scenario>, serde_json::Error> {
    SCENARIOS
        .iter()
        .map(|text| serde_json::from_str(text))
        .collect()
}

/// Ids by the names they were captured under.
pub(crate) type Captured = BTreeMap<String, String>;

/// Puts captured ids into a path or body.
pub(crate) fn fill(text: &str, captured: &Captured) -> String {
    captured.iter().fold(text.to_owned(), |text, (name, id)| {
        text.replace(&format!("{{{name}.id}}"), id)
    })
}

/// Whether `actual` holds all of `expected`.
pub(crate) fn holds(actual: &Value, expected: &Value) -> bool {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected
            .iter()
            .all(|(key, value)| actual.get(key).is_some_and(|found| holds(found, value))),
        (Value::Array(actual), Value::Array(expected)) if expected.is_empty() => actual.is_empty(),
        (Value::Array(actual), Value::Array(expected)) => expected
            .iter()
            .all(|value| actual.iter().any(|found| holds(found, value))),
        (actual, expected) => actual == expected,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn every_scenario_is_well_formed() {
        for scenario in all().unwrap() {
            let mut known = BTreeSet::new();
            for step in scenario.steps.iter().chain(&scenario.later) {
                let body = step.body.as_ref().map(Value::to_string).unwrap_or_default();
                let text = format!("{} {body}", step.path);
                for (end, _) in text.match_indices(".id}") {
                    let name = text[..end].rsplit('{').next().unwrap();
                    assert!(
                        known.contains(name),
                        "{}: {name} is not captured yet",
                        step.title
                    );
                }
                known.extend(step.capture.clone());
                assert!(!step.status.is_empty(), "{}", step.title);
                if let Some(name) = &step.about {
                    assert!(known.contains(name), "{}: {name} is nobody", step.title);
                }
            }
        }
    }

    #[test]
    fn holds_compares_subsets() {
        for (actual, expected, outcome) in [
            (json!({"a": 1, "b": 2}), json!({"a": 1}), true),
            (json!({"a": 1}), json!({"a": 2}), false),
            (json!({"a": 1}), json!({"b": 1}), false),
            (json!([1, 2, 3]), json!([3, 1]), true),
            (json!([1]), json!([]), false),
            (json!([]), json!([]), true),
            (json!([{"v": 1, "w": 2}]), json!([{"v": 1}]), true),
            (json!(false), json!("False"), false),
        ] {
            assert_eq!(holds(&actual, &expected), outcome, "{actual} {expected}");
        }
    }
}
