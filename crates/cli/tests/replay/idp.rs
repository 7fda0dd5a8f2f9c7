//! Replays recorded and documented traffic of identity providers.
//!
//! Every scenario begins with an empty tenant; its steps run in order. Which exchanges must pass
//! is decided by [`MISSES`]: everything that is not listed there.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::support::{
    Backstage, TestServer,
    http::{self, Answer},
    text,
};

const CORPUS: &str = include_str!("../traffic/idp.jsonl");

/// Exchanges that are known to differ, each with the reason. One that passes must leave the list.
const MISSES: &[(&str, &str)] = &[(
    "okta2-group-oin-17",
    "The very POST of the step before is a repeat after a lost answer, so it is answered with the \
     group it made; `strict_replay = true` answers 409.",
)];

/// The header in which a recorded agent sends its secret, as its administrator has chosen it.
const OWN_HEADER: &str = "X-Provisioning-Key";

/// Settings without which a scenario cannot be played.
const SETTINGS: &[(&str, &str, &str)] = &[
    // Okta's sample connector keeps passwords, and its configuration says so.
    ("okta-opp-config", "accept_passwords", "true"),
];

/// The version that a row speaks. Some rows are about a client that uses the names of one version
/// at the URL of the other.
fn version(row: &Value) -> &'static str {
    let at_v2 = row["note"].as_str() == Some("run against the 2.0 base URL");
    if row["scim"] == "1.1" && !at_v2 {
        "v1"
    } else {
        "v2"
    }
}

/// One scenario under way.
struct Replay {
    tenant: String,
    values: BTreeMap<String, String>,
}

impl Replay {
    /// Creates the tenant of the scenario, with the credentials that its rows use.
    fn new(backstage: &Backstage, scenario: &str, rows: &[Value]) -> Self {
        let created = backstage.command(&["tenant", "create", scenario]);
        let mut token = text(&created, "token");
        let mut mine = rows.iter().filter(|row| row["scenario"] == scenario);
        if mine.any(|row| row["headers"].get(OWN_HEADER).is_some()) {
            let own = ["token", "create", scenario, "--header", OWN_HEADER];
            token = text(&backstage.command(&own), "token");
        }
        let basic = backstage.command(&["token", "create", scenario, "--basic"]);
        let pair = format!("{}:{}", text(&basic, "username"), text(&basic, "password"));
        let basic = STANDARD.encode(pair);
        for (_, key, value) in SETTINGS.iter().filter(|(of, ..)| *of == scenario) {
            backstage.command(&["tenant", "set", scenario, &format!("{key}={value}")]);
        }
        Self {
            tenant: scenario.to_owned(),
            values: BTreeMap::from([("token".to_owned(), token), ("basic".to_owned(), basic)]),
        }
    }

    /// Fills the placeholders.
    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.values {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled
    }

    fn fill_json(&self, value: &Value) -> Value {
        serde_json::from_str(&self.fill(&value.to_string())).expect("still JSON")
    }

    fn send(
        &self,
        server: &TestServer,
        version: &str,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Answer {
        let target = format!("/scim/{}/{version}{}", self.tenant, self.fill(path));
        let headers: Vec<_> = headers
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        http::send(server.scim_addr(), method, &target, &headers, body)
    }

    /// What is wrong with one exchange; nothing if it passes.
    fn step(&mut self, server: &TestServer, row: &Value) -> Vec<String> {
        let headers: Vec<_> = row["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), self.fill(value.as_str().unwrap_or_default())))
            .collect();
        let body = match (&row["body_raw"], &row["body"]) {
            (Value::String(raw), _) => raw.clone(),
            (_, Value::Null) => String::new(),
            (_, body) => self.fill_json(body).to_string(),
        };
        let method = row["method"].as_str().unwrap();
        let answer = self.send(
            server,
            version(row),
            method,
            row["path"].as_str().unwrap(),
            &headers,
            body.as_bytes(),
        );
        self.capture(row, &answer);
        let expect = self.fill_json(&row["expect"]);
        let mut wrong = check(&expect, &answer);
        for verify in expect["verify"].as_array().into_iter().flatten() {
            wrong.extend(self.verify(server, version(row), verify, &headers));
        }
        wrong
    }

    fn capture(&mut self, row: &Value, answer: &Answer) {
        for (name, field) in row["capture"].as_object().into_iter().flatten() {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            if let Some(value) = body[field.as_str().unwrap()].as_str() {
                self.values.insert(name.clone(), value.to_owned());
            }
        }
    }

    fn verify(
        &self,
        server: &TestServer,
        version: &str,
        verify: &Value,
        headers: &[(String, String)],
    ) -> Vec<String> {
        let authorization: Vec<_> = headers
            .iter()
            .filter(|(k, _)| k == "Authorization")
            .cloned()
            .collect();
        let path = verify["path"].as_str().unwrap();
        let answer = self.send(server, version, "GET", path, &authorization, b"");
        if answer.status != 200 {
            return vec![format!("verify {path}: status {}", answer.status)];
        }
        let body = answer.json();
        let mut wrong = Vec::new();
        if !contains(&body, &verify["body_contains"]) {
            wrong.push(format!(
                "verify {path}: {body} lacks {}",
                verify["body_contains"]
            ));
        }
        wrong.extend(present(&body, &verify["body_absent"]));
        wrong.extend(members(&body, verify).map(|what| format!("verify {path}: {what}")));
        wrong
    }
}

fn check(expect: &Value, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    let allowed: Vec<_> = expect["status"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_u64)
        .collect();
    if !allowed.contains(&u64::from(answer.status)) {
        wrong.push(format!(
            "status {} not in {allowed:?}: {}",
            answer.status,
            answer.text()
        ));
        return wrong;
    }
    for (name, value) in expect["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap();
        let fits = answer
            .header(name)
            .is_some_and(|got| value == "present" || got.starts_with(value));
        if !fits {
            wrong.push(format!(
                "header {name} is {:?}, not {value}",
                answer.header(name)
            ));
        }
    }
    if answer.body.is_empty() {
        return wrong;
    }
    let body = answer.json();
    if !contains(&body, &expect["body_contains"]) {
        wrong.push(format!("{body} lacks {}", expect["body_contains"]));
    }
    wrong.extend(present(&body, &expect["body_absent"]));
    wrong
}

/// Keys that should not be there.
fn present(body: &Value, absent: &Value) -> Vec<String> {
    let keys = absent
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    keys.filter(|key| body.get(key).is_some())
        .map(|key| format!("{key} should be absent"))
        .collect()
}

/// Whether `got` has everything of `want`; an empty array wants an empty array.
fn contains(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (_, Value::Null) => true,
        (got, Value::String(word)) if word == "present" => !got.is_null(),
        (Value::Object(got), Value::Object(want)) => want
            .iter()
            .all(|(key, value)| got.get(key).is_some_and(|got| contains(got, value))),
        (Value::Array(got), Value::Array(want)) if want.is_empty() => got.is_empty(),
        (Value::Array(got), Value::Array(want)) => want
            .iter()
            .all(|want| got.iter().any(|got| contains(got, want))),
        (got, want) => got == want || plain(got) == plain(want),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn members(body: &Value, verify: &Value) -> Option<String> {
    let got: BTreeSet<_> = body["members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|member| member["value"].as_str())
        .collect();
    let named = |key: &str| -> Option<BTreeSet<&str>> {
        verify[key]
            .as_array()
            .map(|ids| ids.iter().filter_map(Value::as_str).collect())
    };
    let exact = named("members_exactly").is_none_or(|want| want == got);
    let all = named("members_include").is_none_or(|want| want.is_subset(&got));
    let none = named("members_exclude").is_none_or(|want| want.is_disjoint(&got));
    (!(exact && all && none)).then(|| format!("members are {got:?}, want {verify}"))
}

fn rows() -> Vec<Value> {
    let rows = CORPUS.lines();
    rows.map(|line| serde_json::from_str(line).expect("a row of the corpus"))
        .collect()
}

#[test]
fn traffic_of_identity_providers_is_served() {
    let rows = rows();
    let backstage = Backstage::new();
    let scenarios: BTreeSet<_> = rows.iter().filter_map(|r| r["scenario"].as_str()).collect();
    let mut replays: BTreeMap<_, _> = scenarios
        .into_iter()
        .map(|scenario| (scenario, Replay::new(&backstage, scenario, &rows)))
        .collect();
    let server = backstage.open();
    let mut failures = Vec::new();
    let mut passed = 0;
    for row in &rows {
        let scenario = row["scenario"].as_str().unwrap();
        let replay = replays.get_mut(scenario).expect("all were prepared");
        let id = row["id"].as_str().unwrap();
        let wrong = replay.step(&server, row);
        let reason = MISSES
            .iter()
            .find(|(miss, _)| *miss == id)
            .map(|(_, reason)| *reason);
        match (wrong.is_empty(), reason) {
            (true, None) => passed += 1,
            (false, Some(_)) => {}
            (true, Some(_)) => {
                failures.push(format!("{id} passes now; take it from the list of misses"));
            }
            (false, None) => {
                failures.push(format!("{id} ({}): {}", row["evidence"], wrong.join("; ")));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{passed} passed, {} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert_eq!(passed + MISSES.len(), rows.len());
}

#[test]
fn nothing_that_must_pass_is_excused() {
    let hard = [
        "entra-test-connection",
        "entra-default-user",
        "entra-default-group",
        "entra-flag-user",
        "entra-match-filters",
        "okta2-test-credentials",
        "okta2-user-aiw",
        "okta2-group-oin",
        "okta2-import",
    ];
    let rows = rows();
    for (miss, reason) in MISSES {
        let row = rows
            .iter()
            .find(|row| row["id"] == *miss)
            .unwrap_or_else(|| panic!("{miss} is in the corpus"));
        let evidence = row["evidence"].as_str().unwrap();
        let must = hard.contains(&row["scenario"].as_str().unwrap())
            && ["documented", "recorded", "client-source"].contains(&evidence);
        assert!(!must && !reason.is_empty(), "{miss} must pass");
    }
}
