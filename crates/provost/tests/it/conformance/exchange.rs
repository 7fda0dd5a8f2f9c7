//! One line of a story: a request and what the answer must be.

use serde_json::{Value, json};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// The version of SCIM that a story speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

impl Version {
    /// The last segment of the base URL.
    pub(super) fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The type of bodies that name none.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::V1 => "application/json",
            Self::V2 => "application/scim+json",
        }
    }
}

/// A request and what is expected of its answer.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) expect: Expect,
}

/// What is expected of an answer.
#[derive(Debug)]
pub(super) struct Expect {
    pub(super) status: u16,
    /// Header names with their value; `*` is any value, `-` is none.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: ExpectBody,
}

/// What is expected of the body of an answer.
#[derive(Debug)]
pub(super) enum ExpectBody {
    /// Nothing in particular.
    Free,
    /// No bytes.
    Empty,
    /// The JSON of the resource that was last shown.
    Same,
    /// This `scimType`.
    ScimType(String),
    /// These names, in any order.
    Names(Vec<String>),
    /// At least this.
    Holds(Value),
}

impl Exchange {
    /// Reads `METHOD path header:value… body -> status header:value… body`.
    pub(super) fn parse(line: &str, version: Version) -> Self {
        let (request, expect) = line
            .rsplit_once(" ->")
            .unwrap_or_else(|| panic!("no arrow in: {line}"));
        let expect = Expect::parse(expect);
        if let Some(filter) = request.strip_prefix("? ") {
            return Self::list(
                &format!("/Users?count=1000&filter={}", encode(filter)),
                expect,
            );
        }
        if let Some(filter) = request.strip_prefix("?g ") {
            return Self::list(
                &format!("/Groups?count=1000&filter={}", encode(filter)),
                expect,
            );
        }
        let (method, rest) = request.split_once(' ').expect("a path follows the method");
        let (path, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (headers, body) = headers(rest);
        let body = match version {
            Version::V1 if !body.starts_with('[') => body.trim_start_matches('=').to_owned(),
            Version::V1 | Version::V2 => complete(method, path, body),
        };
        Self {
            body,
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            expect,
        }
    }

    fn list(path: &str, expect: Expect) -> Self {
        Self {
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            expect,
        }
    }
}

impl Expect {
    fn parse(text: &str) -> Self {
        let text = text.trim();
        let Some(Ok(status)) = text.split(' ').next().map(str::parse) else {
            let names = text
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty());
            return Self {
                status: 200,
                headers: Vec::new(),
                body: ExpectBody::Names(names.map(str::to_owned).collect()),
            };
        };
        let rest = text.split_once(' ').map_or("", |(_, rest)| rest);
        let (headers, body) = headers(rest);
        let body = match body {
            "" => ExpectBody::Free,
            "empty" => ExpectBody::Empty,
            "same" => ExpectBody::Same,
            json if json.starts_with(['{', '[']) => ExpectBody::Holds(
                serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {json}")),
            ),
            word => ExpectBody::ScimType(word.to_owned()),
        };
        Self {
            status,
            headers,
            body,
        }
    }
}

/// The words `Name:value` at the beginning of `text`, and the rest.
fn headers(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while rest.starts_with(|c: char| c.is_ascii_uppercase()) {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let Some((name, value)) = word.split_once(':') else {
            break;
        };
        found.push((name.to_owned(), value.replace('~', " ")));
        rest = after.trim_start();
    }
    (found, rest)
}

/// Adds what every message has: `schemas`, and the frame of a PATCH around its operations. A body
/// that begins with `=` is sent as it stands.
fn complete(method: &str, path: &str, body: &str) -> String {
    if let Some(raw) = body.strip_prefix('=') {
        return raw.to_owned();
    }
    let Ok(mut value) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    if method == "PATCH" && value.is_array() {
        value = json!({"schemas": [PATCH], "Operations": value});
    }
    let kind = if path
        .split('?')
        .next()
        .is_some_and(|path| path.ends_with("/.search"))
    {
        SEARCH
    } else if path.starts_with("/Groups") {
        GROUP
    } else {
        USER
    };
    if let Value::Object(fields) = &mut value
        && !fields.contains_key("schemas")
        && method != "PATCH"
    {
        fields.insert("schemas".to_owned(), json!([kind]));
    }
    value.to_string()
}

/// Percent-encodes everything but unreserved characters.
fn encode(text: &str) -> String {
    let keep = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes()
        .map(|byte| {
            if keep(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
