//! Sentences about values that do not fit, each naming the attribute.

use std::fmt;

use serde_json::Value;

use crate::{ScimError, ScimType, schema::AttributeDef};

/// An attribute or sub-attribute as an error names it: `emails.value`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    parent: Option<&'static str>,
    /// The row of the attribute itself.
    pub(crate) def: &'static AttributeDef,
}

impl Spot {
    /// A top-level attribute, also of an extension.
    pub(crate) const fn top(def: &'static AttributeDef) -> Self {
        Self { parent: None, def }
    }

    /// A sub-attribute of this one.
    pub(crate) const fn sub(self, def: &'static AttributeDef) -> Self {
        Self {
            parent: Some(self.def.name),
            def,
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.def.name)
    }
}

/// `invalidValue`: the attribute at `spot` and what is wrong with it.
pub(crate) fn invalid_value(spot: Spot, problem: impl fmt::Display) -> ScimError {
    ScimError::new(ScimType::InvalidValue, format!("{spot} {problem}."))
}

/// `invalidValue` for a value of another type than `expected`.
pub(super) fn wrong_type(spot: Spot, expected: &str, value: &Value) -> ScimError {
    invalid_value(
        spot,
        format_args!("must be {expected}, but {} was sent", what(value)),
    )
}

/// The JSON type in words.
pub(crate) const fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
