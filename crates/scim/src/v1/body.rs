//! The body of a POST or PUT in 1.1 → the body that 2.0 would send. Values are left as they are:
//! whether they are legal is decided afterwards, by the same code for both versions.

use serde_json::{Map, Value, json};

use super::{names, urn};
use crate::{
    name,
    schema::{AttributeDef, COMMON, ResourceType, Schema},
    urn as v2,
    validate::take,
};

/// Rewrites a body: `schemas` and containers in the URNs of 2.0, `managerId` as `value`, text in a
/// list of objects as an object with that `value` (R-11-CS-10).
///
/// What has the names of 2.0 already stays, so that nothing changes when a body passes twice.
pub fn body(kind: &'static ResourceType, body: Value) -> Value {
    let Value::Object(mut object) = body else {
        return body;
    };
    let schemas = schemas(kind, take(&mut object, "schemas"));
    let mut object = members(kind, object);
    object.insert("schemas".to_owned(), schemas);
    Value::Object(object)
}

/// The base schema need not be listed (R-11-CS-01).
fn schemas(kind: &ResourceType, given: Option<Value>) -> Value {
    let mut urns = match given {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(urns)) => urns,
        Some(other) => return other,
    };
    for urn in &mut urns {
        if let Some(same) = urn.as_str().and_then(|text| schema(kind, text)) {
            *urn = same.into();
        }
    }
    let is_base = |urn: &Value| {
        urn.as_str()
            .is_some_and(|text| name::same(text, kind.schema.id))
    };
    if !urns.iter().any(is_base) {
        urns.insert(0, kind.schema.id.into());
    }
    Value::Array(urns)
}

/// The URN in 2.0 of a schema that 1.1 names in its own way.
fn schema(kind: &ResourceType, text: &str) -> Option<&'static str> {
    if name::same(text, urn::CORE) {
        Some(kind.schema.id)
    } else if name::same(text, urn::ENTERPRISE_USER) {
        Some(v2::ENTERPRISE_USER)
    } else {
        None
    }
}

/// The attributes of a body without `schemas`, in the names of 2.0.
pub(super) fn members(
    kind: &'static ResourceType,
    object: Map<String, Value>,
) -> Map<String, Value> {
    let mut renamed = Map::new();
    for (key, value) in object {
        if name::same(&key, urn::ENTERPRISE_USER) {
            merge(&mut renamed, v2::ENTERPRISE_USER, value);
        } else {
            renamed.insert(key, value);
        }
    }
    for (key, value) in &mut renamed {
        match (kind.extension(key), value) {
            (Some(schema), Value::Object(container)) => {
                for (key, value) in container {
                    attribute(schema.attribute(key), key, value);
                }
            }
            (_, value) => attribute(top_level(kind, key), key, value),
        }
    }
    renamed
}

/// The row of a member of the body; attributes of extensions may stand at the top level too.
fn top_level(kind: &'static ResourceType, key: &str) -> Option<&'static AttributeDef> {
    let common = COMMON.iter().find(|def| name::same(def.name, key));
    let own = common.or_else(|| kind.schema.attribute(key));
    own.or_else(|| {
        let mut extensions = kind.extensions.iter();
        extensions.find_map(|schema: &&'static Schema| schema.attribute(key))
    })
}

/// A container may come under both of its names.
fn merge(object: &mut Map<String, Value>, key: &str, value: Value) {
    match (object.get_mut(key), value) {
        (Some(Value::Object(have)), Value::Object(more)) => have.extend(more),
        (_, value) => {
            object.insert(key.to_owned(), value);
        }
    }
}

fn attribute(def: Option<&'static AttributeDef>, key: &str, value: &mut Value) {
    match value {
        Value::Object(object) => rename_subs(key, object),
        Value::Array(items) if def.is_some_and(holds_values) => {
            for item in items {
                if let Value::String(text) = item {
                    *item = json!({"value": text});
                }
            }
        }
        _ => {}
    }
}

fn rename_subs(attribute: &str, object: &mut Map<String, Value>) {
    let differs = |key: &&String| names::from_v1(attribute, key) != key.as_str();
    let Some(key) = object.keys().find(differs).cloned() else {
        return;
    };
    if let Some(value) = object.remove(&key) {
        let renamed = names::from_v1(attribute, &key).to_owned();
        take(object, &renamed);
        object.insert(renamed, value);
    }
}

/// Whether an element is an object known by its `value`.
fn holds_values(def: &'static AttributeDef) -> bool {
    def.multi_valued && def.sub_attribute("value").is_some()
}
