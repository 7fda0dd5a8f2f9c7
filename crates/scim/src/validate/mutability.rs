//! What a PUT or PATCH leaves as it is: immutable values, writeOnly values that a PUT does not repeat,
//! and values that are stored and not shown, because their schema was removed or changed.

use serde_json::{Map, Value};

use super::Spot;
use crate::{
    Resource, ScimError, ScimType, name,
    resource::same_value,
    schema::{AttributeDef, AttributeRef, COMMON, Holder, Mutability, ResourceType},
};

/// Adds to the attributes of a PUT what stays although it was not sent. Attributes whose notation
/// is in `cleared` were sent without a value.
pub(super) fn carry_over(
    kind: &'static ResourceType,
    current: &Resource,
    cleared: &[String],
    bag: &mut Map<String, Value>,
) {
    for (holder, def) in kind.attributes() {
        let at = AttributeRef::whole(holder, def);
        let Some(value) = current.get(&at) else {
            continue;
        };
        let Some(kept) = kept(def, value) else {
            continue;
        };
        if !cleared.contains(&at.notation()) {
            put(bag, holder, def.name, kept);
        }
    }
    for (key, value) in current.attributes() {
        keep_hidden(kind, key, value, bag);
    }
}

/// The part of a stored value that a PUT cannot take away by silence.
fn kept(def: &AttributeDef, value: &Value) -> Option<Value> {
    match def.mutability {
        Mutability::Immutable | Mutability::WriteOnly => return Some(value.clone()),
        Mutability::ReadOnly => return None,
        Mutability::ReadWrite => {}
    }
    let parts = value.as_object()?.iter().filter(|(key, _)| {
        let mut subs = def.sub_attributes.iter();
        subs.any(|sub| sub.name == *key && sub.mutability == Mutability::Immutable)
    });
    let parts: Map<_, _> = parts
        .map(|(key, part)| (key.clone(), part.clone()))
        .collect();
    (!parts.is_empty()).then_some(Value::Object(parts))
}

/// Sets what is not set; of a complex value, the parts that are not.
fn put_below(bag: &mut Map<String, Value>, key: &str, kept: Value) {
    match (bag.get_mut(key), kept) {
        (None, kept) => {
            bag.insert(key.to_owned(), kept);
        }
        (Some(Value::Object(have)), Value::Object(kept)) => {
            for (part, value) in kept {
                have.entry(part).or_insert(value);
            }
        }
        (Some(_), _) => {}
    }
}

/// Sets what is not set where the attribute lives.
fn put(bag: &mut Map<String, Value>, holder: Holder, key: &str, kept: Value) {
    let inner = match holder {
        Holder::Core => Some(bag),
        Holder::Extension(schema) => bag
            .entry(schema.id)
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut(),
    };
    if let Some(inner) = inner {
        put_below(inner, key, kept);
    }
}

/// Values that no schema of the tenant knows any more.
fn keep_hidden(
    kind: &'static ResourceType,
    key: &str,
    value: &Value,
    bag: &mut Map<String, Value>,
) {
    let is_core =
        COMMON.iter().any(|def| name::same(def.name, key)) || kind.schema.attribute(key).is_some();
    if is_core {
        return;
    }
    let Some(schema) = kind.extension(key) else {
        bag.entry(key).or_insert_with(|| value.clone());
        return;
    };
    let unknown = value.as_object().into_iter().flatten();
    for (part, value) in unknown.filter(|(part, _)| schema.attribute(part).is_none()) {
        put(bag, Holder::Extension(schema), part, value.clone());
    }
}

/// `mutability` when a value that is set once would become another one or none.
pub(crate) fn check_immutable(
    kind: &'static ResourceType,
    current: &Resource,
    next: &Resource,
) -> Result<(), ScimError> {
    for (holder, def) in kind.attributes() {
        let at = AttributeRef::whole(holder, def);
        let Some(old) = current.get(&at) else {
            continue;
        };
        let new = next.get(&at);
        if def.mutability == Mutability::Immutable && !new.is_some_and(|new| same_value(old, new)) {
            return Err(immutable(Spot::top(def)));
        }
        for sub in def.sub_attributes {
            let old = old.get(sub.name);
            let is_changed = || old != new.and_then(|new| new.get(sub.name));
            if sub.mutability == Mutability::Immutable && old.is_some() && is_changed() {
                return Err(immutable(Spot::top(def).sub(sub)));
            }
        }
    }
    Ok(())
}

/// The error for a change of a value that is set once.
pub(crate) fn immutable(spot: Spot) -> ScimError {
    ScimError::new(
        ScimType::Mutability,
        format!(
            "{spot} is immutable and has a value already; leave it out or send the same value."
        ),
    )
}
