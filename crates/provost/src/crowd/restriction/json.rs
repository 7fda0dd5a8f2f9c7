//! Restrictions in JSON. Member names are read with hyphens or in camel case.

use serde_json::{Map, Value};

use super::{
    Failure, Restriction,
    build::{Budget, Words, join},
};

/// Reads a restriction. The parser itself refuses nesting beyond 128 levels.
pub(super) fn parse(text: &str) -> Result<Restriction, Failure> {
    let value: Value = serde_json::from_str(text)
        .map_err(|_| Failure::bad_request("The search restriction is not well-formed JSON"))?;
    restriction(&value, 1, &mut Budget::default())
}

fn restriction(value: &Value, depth: usize, budget: &mut Budget) -> Result<Restriction, Failure> {
    budget.enter(depth)?;
    let object = value
        .as_object()
        .ok_or_else(|| Failure::bad_request("A search restriction is a JSON object"))?;
    let kind = text(object, "restriction-type", "restrictionType");
    match kind.as_deref().or_else(|| implied(object)) {
        Some("null-search-restriction") => Ok(Restriction::Everything),
        Some("property-search-restriction") => property(object),
        Some("boolean-search-restriction") => boolean(object, depth, budget),
        Some(_) | None => Err(Failure::bad_request("The restriction-type is unknown")),
    }
}

/// The type of a restriction that does not name it but can be of one type only.
fn implied(object: &Map<String, Value>) -> Option<&'static str> {
    if object.contains_key("property") {
        Some("property-search-restriction")
    } else if object.contains_key("restrictions") {
        Some("boolean-search-restriction")
    } else {
        None
    }
}

fn property(object: &Map<String, Value>) -> Result<Restriction, Failure> {
    let described = object.get("property").and_then(Value::as_object);
    let of_property = |name: &str| described.and_then(|described| text(described, name, name));
    Words {
        name: of_property("name"),
        kind: of_property("type"),
        mode: text(object, "match-mode", "matchMode"),
        value: text(object, "value", "value"),
    }
    .check()
}

fn boolean(
    object: &Map<String, Value>,
    depth: usize,
    budget: &mut Budget,
) -> Result<Restriction, Failure> {
    let parts = object
        .get("restrictions")
        .and_then(Value::as_array)
        .ok_or_else(|| Failure::bad_request("A boolean restriction needs restrictions"))?;
    let parts = parts
        .iter()
        .map(|part| restriction(part, depth + 1, budget))
        .collect::<Result<_, _>>()?;
    join(
        text(object, "boolean-logic", "booleanLogic").as_deref(),
        parts,
    )
}

/// A member as text; numbers and truth values in their JSON spelling.
fn text(object: &Map<String, Value>, hyphenated: &str, camel: &str) -> Option<String> {
    match object.get(hyphenated).or_else(|| object.get(camel))? {
        Value::String(text) => Some(text.clone()),
        scalar @ (Value::Bool(_) | Value::Number(_)) => Some(scalar.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
