//! Reads the value of one attribute by its row in the schema table.

use serde_json::{Map, Value};

use super::{MAX_IGNORED, Spot, error::what, list, simple};
use crate::{Profile, ScimError, ScimType, name, quirk::Misfit, schema::Schema};

/// What happens to readOnly parts inside a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadOnly {
    /// Left out (POST and PUT; PATCH of a tolerant profile).
    Skip,
    /// `mutability` (PATCH of a strict profile).
    Refuse,
}

/// Reads values under one profile and collects what was left out.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    /// The tenant's profile.
    pub(crate) profile: &'a Profile,
    read_only: ReadOnly,
    ignored: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(profile: &'a Profile, read_only: ReadOnly) -> Self {
        Self {
            profile,
            read_only,
            ignored: Vec::new(),
        }
    }

    /// The unknown names met so far.
    pub(crate) fn into_ignored(self) -> Vec<String> {
        self.ignored
    }

    /// The stored form of a whole attribute; `None` when the value means unassigned.
    pub(crate) fn attribute(
        &mut self,
        spot: Spot,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        if spot.def.multi_valued {
            let mut items = self.items(spot, value)?;
            list::settle(self.profile, spot, &mut items)?;
            list::drop_hollow(self.profile, &mut items);
            return Ok((!items.is_empty()).then_some(Value::Array(items)));
        }
        if spot.def.is_complex() {
            let object = assigned(self.parts(spot, value)?);
            return Ok((!object.is_empty()).then_some(Value::Object(object)));
        }
        simple(self.profile, spot, value)
    }

    /// An object of attributes, named `subject` in errors; `null` is an empty one.
    pub(crate) fn attributes(
        &self,
        subject: &str,
        value: Value,
    ) -> Result<Map<String, Value>, ScimError> {
        match value {
            Value::Object(object) => Ok(object),
            Value::Null => Ok(Map::new()),
            other => match self.profile.quirks.value(Misfit::Attributes, other) {
                Ok(value) => self.attributes(subject, value),
                Err(other) => Err(ScimError::new(
                    ScimType::InvalidValue,
                    format!(
                        "{subject} must be an object of attributes, but {} was sent.",
                        what(&other)
                    ),
                )),
            },
        }
    }

    /// Notes a name that no schema knows, or refuses it with `invalidSyntax`.
    pub(crate) fn unknown(&mut self, notation: &str) -> Result<(), ScimError> {
        if !self.profile.ignore_unknown {
            return Err(ScimError::new(
                ScimType::InvalidSyntax,
                format!(
                    "The attribute {notation:.200?} does not exist; see /Schemas for those that do."
                ),
            ));
        }
        self.note(notation);
        Ok(())
    }

    /// Notes a key that an extension does not know, or refuses it. Some libraries repeat `schemas` in
    /// every object; inside an extension it says nothing and is passed over.
    pub(crate) fn unknown_in(&mut self, schema: &Schema, key: &str) -> Result<(), ScimError> {
        if name::same(key, "schemas") {
            return Ok(());
        }
        self.unknown(&format!("{}:{key}", schema.id))
    }

    /// Lists a name among those left out.
    pub(crate) fn note(&mut self, notation: &str) {
        if self.ignored.len() < MAX_IGNORED {
            self.ignored.push(notation.to_owned());
        }
    }

    /// Passes over a readOnly part, or refuses it with `mutability`.
    pub(crate) fn read_only(&self, notation: &str) -> Result<(), ScimError> {
        match self.read_only {
            ReadOnly::Skip => Ok(()),
            ReadOnly::Refuse => Err(ScimError::new(
                ScimType::Mutability,
                format!("{notation} is readOnly; leave it out."),
            )),
        }
    }
}

/// The sub-attributes that have a value, as an object.
pub(crate) fn assigned(parts: super::complex::Parts) -> Map<String, Value> {
    parts
        .into_iter()
        .filter_map(|(def, value)| Some((def.name.to_owned(), value?)))
        .collect()
}

/// Takes the member `key` out of `object`, compared without case.
pub(crate) fn take(object: &mut Map<String, Value>, key: &str) -> Option<Value> {
    if let Some(value) = object.remove(key) {
        return Some(value);
    }
    let spelling = object.keys().find(|have| name::same(have, key))?.clone();
    object.remove(&spelling)
}
