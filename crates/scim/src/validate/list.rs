//! Multi-valued attributes (RFC 7643 section 2.4): elements, duplicates, the primary value.

use std::collections::HashMap;

use serde_json::Value;

use super::{MAX_VALUES, Reader, Spot, error::wrong_type, invalid_value, reader::assigned, simple};
use crate::{
    Profile, ScimError,
    quirk::{Misfit, SEVERAL_PRIMARIES},
    schema::AttributeDef,
    text::fold,
};

const PRIMARY: &str = "primary";

impl Reader<'_> {
    /// The elements that `value` gives, without empty ones; none for `null`.
    pub(crate) fn items(&mut self, spot: Spot, value: Value) -> Result<Vec<Value>, ScimError> {
        let given = match value {
            Value::Null => return Ok(Vec::new()),
            Value::Array(given) => given,
            other => {
                return match self.profile.quirks.value(Misfit::List(spot.def), other) {
                    Ok(value) => self.items(spot, value),
                    Err(other) => Err(wrong_type(spot, "a list", &other)),
                };
            }
        };
        check_count(spot, given.len())?;
        let mut items = Vec::with_capacity(given.len());
        for value in given {
            items.extend(self.item(spot, value)?);
        }
        Ok(items)
    }

    fn item(&mut self, spot: Spot, value: Value) -> Result<Option<Value>, ScimError> {
        if !spot.def.is_complex() {
            return simple(self.profile, spot, value);
        }
        let object = assigned(self.parts(spot, value)?);
        Ok((!object.is_empty()).then_some(Value::Object(object)))
    }
}

/// `invalidValue` when a list has more than [`MAX_VALUES`] values.
pub(super) fn check_count(spot: Spot, count: usize) -> Result<(), ScimError> {
    if count > MAX_VALUES {
        return Err(invalid_value(
            spot,
            format_args!("has {count} values; at most {MAX_VALUES} are kept"),
        ));
    }
    Ok(())
}

/// Brings a list into the form that is stored: no duplicates, one primary value at most.
///
/// # Errors
/// `invalidValue` for too many values, and in a strict profile for a second primary value.
pub(crate) fn settle(
    profile: &Profile,
    spot: Spot,
    items: &mut Vec<Value>,
) -> Result<(), ScimError> {
    check_count(spot, items.len())?;
    collapse(spot.def, items);
    let first = items.iter().position(is_primary);
    let second = |first: usize| items.iter().skip(first + 1).any(is_primary);
    if !profile.quirks.has(&SEVERAL_PRIMARIES) && first.is_some_and(second) {
        return Err(invalid_value(
            spot,
            "has more than one value with primary true; mark one only",
        ));
    }
    keep_one_primary(items, first);
    Ok(())
}

/// Makes every primary value but the one at `kept` an ordinary one.
pub(crate) fn keep_one_primary(items: &mut [Value], kept: Option<usize>) {
    for (index, item) in items.iter_mut().enumerate() {
        if Some(index) != kept
            && is_primary(item)
            && let Some(flag) = item.get_mut(PRIMARY)
        {
            *flag = Value::Bool(false);
        }
    }
}

/// Whether the element is marked as primary.
pub(crate) fn is_primary(item: &Value) -> bool {
    item.get(PRIMARY).and_then(Value::as_bool) == Some(true)
}

/// Leaves out elements that only say what they would be, if the profile does.
pub(crate) fn drop_hollow(profile: &Profile, items: &mut Vec<Value>) {
    profile.quirks.list(items);
}

fn collapse(def: &AttributeDef, items: &mut Vec<Value>) {
    if items.len() < 2 {
        return;
    }
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    let mut places = HashMap::with_capacity(items.len());
    for item in items.drain(..) {
        let place = *places.entry(identity(def, &item)).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(have) => overlay(have, item),
            None => kept.push(item),
        }
    }
    *items = kept;
}

/// Adds `item` to `items` unless it is there; the index of the element that now holds it.
pub(crate) fn merge_into(def: &AttributeDef, items: &mut Vec<Value>, item: Value) -> usize {
    if let Some(index) = items.iter().position(|have| holds(def, have, &item)) {
        return index;
    }
    let same = items
        .iter_mut()
        .enumerate()
        .find(|(_, have)| same_value(def, have, &item));
    if let Some((index, have)) = same {
        overlay(have, item);
        return index;
    }
    items.push(item);
    items.len() - 1
}

/// The index of the element with the `value` that `item` gives; `None` if there is no such element
/// or more than one.
pub(crate) fn only_of_value(def: &AttributeDef, items: &[Value], item: &Value) -> Option<usize> {
    let wanted = item.get("value")?;
    let exact = is_exact(def, "value");
    let is_it = |have: &Value| {
        have.get("value")
            .is_some_and(|have| same_text(exact, have, wanted))
    };
    let first = items.iter().position(is_it)?;
    let mut rest = items.iter().skip(first + 1);
    (!rest.any(is_it)).then_some(first)
}

/// Sets in `have` what `item` gives.
pub(crate) fn overlay(have: &mut Value, item: Value) {
    if let (Value::Object(have), Value::Object(item)) = (have, item) {
        have.extend(item);
    }
}

/// Whether `have` has everything that `item` gives.
fn holds(def: &AttributeDef, have: &Value, item: &Value) -> bool {
    let (Value::Object(have), Value::Object(item)) = (have, item) else {
        return same_text(def.case_exact, have, item);
    };
    item.iter().all(|(key, value)| {
        have.get(key)
            .is_some_and(|have| same_text(is_exact(def, key), have, value))
    })
}

/// What makes an element the same as another: equal exactly when [`same_value`] holds.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    /// `value` and `type`.
    Value(String, Option<String>),
    /// All of an element without `value`.
    Whole(String),
}

fn identity(def: &AttributeDef, item: &Value) -> Identity {
    let part = |key: &str| match item.get(key)? {
        Value::String(text) if !is_exact(def, key) => Some(fold(text).into_owned()),
        other => Some(other.to_string()),
    };
    match part("value") {
        Some(value) => Identity::Value(value, part("type")),
        None => Identity::Whole(item.to_string()),
    }
}

fn is_exact(def: &AttributeDef, key: &str) -> bool {
    let mut subs = def.sub_attributes.iter();
    subs.find(|sub| sub.name == key)
        .is_none_or(|sub| sub.case_exact)
}

/// Whether two elements are the same by `type` and `value`; without a `value`, by everything.
fn same_value(def: &AttributeDef, a: &Value, b: &Value) -> bool {
    let same = |key: &str| match (a.get(key), b.get(key)) {
        (None, None) => true,
        (Some(a), Some(b)) => same_text(is_exact(def, key), a, b),
        _ => false,
    };
    if a.get("value").is_none() && b.get("value").is_none() {
        return a == b;
    }
    same("value") && same("type")
}

fn same_text(exact: bool, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) if !exact => {
            a == b
                || a.eq_ignore_ascii_case(b)
                || (!(a.is_ascii() && b.is_ascii()) && fold(a) == fold(b))
        }
        _ => a == b,
    }
}
