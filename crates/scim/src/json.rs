//! Bytes → JSON value within limits.
//!
//! Every limit is checked before the parser descends or stores, so the memory and the stack a
//! body needs are bounded by its own length. What the value means is not looked at here.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{ScimError, ScimType};

/// Deepest nesting of a body; the outermost object counts as one.
pub const MAX_DEPTH: usize = 16;
/// Most keys in one object.
pub const MAX_KEYS: usize = 1_000;

/// Reads a JSON object.
///
/// # Errors
/// `invalidSyntax` for anything that is not one object, invalid UTF-8, a byte order mark, nesting
/// deeper than [`MAX_DEPTH`], an object with more than [`MAX_KEYS`] keys, two keys that are equal
/// without case, a number that does not fit, and U+0000 in any string.
pub fn parse(bytes: &[u8]) -> Result<Value, ScimError> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(refused(
            "starts with a byte order mark; send UTF-8 without one",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refused(&format!(
            "is not UTF-8 from byte {} on; send it as UTF-8",
            error.valid_up_to() + 1
        ))
    })?;
    if text.trim_ascii().is_empty() {
        return Err(refused("is empty; send a JSON object"));
    }
    match value(text) {
        Ok(object @ Value::Object(_)) => Ok(object),
        Ok(_) => Err(refused("is not a JSON object; send one object in braces")),
        Err(error) => Err(refused(&format!("cannot be read as JSON: {error}"))),
    }
}

/// The JSON object that `text` spells, within the same limits; `None` if it spells none.
pub(crate) fn object_in_text(text: &str) -> Option<Map<String, Value>> {
    if !text.trim_ascii_start().starts_with('{') {
        return None;
    }
    match value(text).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn value(text: &str) -> serde_json::Result<Value> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let value = Limited { depth: 0 }.deserialize(&mut parser)?;
    parser.end()?;
    Ok(value)
}

fn refused(reason: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, format!("The body {reason}."))
}

/// Deserialises one value that sits inside `depth` arrays and objects.
#[derive(Clone, Copy)]
struct Limited {
    depth: usize,
}

impl Limited {
    fn descend<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!(
                "nested deeper than {MAX_DEPTH} levels"
            )));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Limited {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Limited {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(E::custom("number out of range")),
        }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        without_nul(&value)?;
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.descend()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.descend()?;
        let mut object = Map::new();
        let mut seen = HashSet::new();
        while let Some(key) = members.next_key::<String>()? {
            without_nul(&key)?;
            if !seen.insert(case_free(&key)) {
                return Err(A::Error::custom(format_args!(
                    "the name {key:.64?} occurs twice in one object (names are compared without case)"
                )));
            }
            if seen.len() > MAX_KEYS {
                return Err(A::Error::custom(format_args!(
                    "more than {MAX_KEYS} names in one object"
                )));
            }
            object.insert(key, members.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

fn without_nul<E: Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') {
        return Err(E::custom("the character U+0000 is not allowed in text"));
    }
    Ok(())
}

/// The form under which two keys collide.
///
/// Wider than the comparison of attribute names: a proxy or a consumer may fold the Kelvin sign,
/// the dotless i or the long s to an ASCII letter, and must not read another key than we do.
fn case_free(key: &str) -> String {
    if key.is_ascii() {
        return key.to_ascii_lowercase();
    }
    key.to_uppercase().to_lowercase().replace('\u{307}', "")
}
