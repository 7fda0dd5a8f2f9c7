//! The body of a POST or PUT: which member is which attribute.

use serde_json::{Map, Value};

use super::{Input, Password, ReadOnly, Reader, Spot, error::what, member_ids, schemas, simple};
use crate::{
    Profile, Resource, ScimError, ScimType, name,
    schema::{AttributeDef, COMMON, Mutability, ResourceType, Schema},
};

/// Reads a whole body.
pub(super) fn read(
    kind: &'static ResourceType,
    profile: &Profile,
    body: Value,
) -> Result<Input, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(ScimError::new(
            ScimType::InvalidSyntax,
            "The body must be a JSON object.",
        ));
    };
    schemas::check(kind, profile, super::take(&mut body, "schemas"))?;
    let mut reading = Reading::new(kind, profile);
    for (key, value) in body {
        reading.member(&key, value)?;
    }
    reading.finish()
}

struct Reading<'a> {
    kind: &'static ResourceType,
    reader: Reader<'a>,
    bag: Map<String, Value>,
    /// Extension attributes that stood at the top level; the container wins over them.
    stray: Vec<(&'static Schema, &'static AttributeDef, Value)>,
    members: Option<Vec<String>>,
    password: Option<Password>,
    cleared: Vec<&'static str>,
}

impl<'a> Reading<'a> {
    fn new(kind: &'static ResourceType, profile: &'a Profile) -> Self {
        Self {
            kind,
            reader: Reader::new(profile, ReadOnly::Skip),
            bag: Map::new(),
            stray: Vec::new(),
            members: None,
            password: None,
            cleared: Vec::new(),
        }
    }

    fn member(&mut self, key: &str, value: Value) -> Result<(), ScimError> {
        let kind = self.kind;
        let common = COMMON.iter().find(|def| name::same(def.name, key));
        if let Some(def) = common.or_else(|| kind.schema.attribute(key)) {
            return self.core(def, value);
        }
        if let Some(schema) = kind.extension(key) {
            return self.container(schema, value);
        }
        if self.reader.profile.loose_shapes {
            let found = kind
                .extensions
                .iter()
                .find_map(|schema| Some((*schema, schema.attribute(key)?)));
            if let Some((schema, def)) = found {
                if let Some(value) = self.read(def, value)? {
                    self.stray.push((schema, def, value));
                }
                return Ok(());
            }
        }
        self.reader.unknown(key)
    }

    fn core(&mut self, def: &'static AttributeDef, value: Value) -> Result<(), ScimError> {
        match def.name {
            "members" if self.kind.schema.attribute("members").is_some() => {
                self.members = member_ids(self.reader.profile, Spot::top(def), value)?;
            }
            "password" => {
                let text = simple(self.reader.profile, Spot::top(def), value)?;
                self.password = text.and_then(password);
            }
            _ => {
                if let Some(value) = self.read(def, value)? {
                    self.bag.insert(def.name.to_owned(), value);
                }
            }
        }
        Ok(())
    }

    fn container(&mut self, schema: &'static Schema, value: Value) -> Result<(), ScimError> {
        let object = match self.reader.unlisted(value) {
            Value::Object(object) => object,
            Value::Null => Map::new(),
            other => {
                return Err(ScimError::new(
                    ScimType::InvalidValue,
                    format!(
                        "{} must be an object, but {} was sent.",
                        schema.id,
                        what(&other)
                    ),
                ));
            }
        };
        if object.is_empty() {
            self.cleared.push(schema.id);
        }
        let mut inner = Map::new();
        for (key, value) in object {
            let Some(def) = schema.attribute(&key) else {
                self.reader.unknown_in(schema, &key)?;
                continue;
            };
            if let Some(value) = self.read(def, value)? {
                inner.insert(def.name.to_owned(), value);
            }
        }
        if !inner.is_empty() {
            self.bag.insert(schema.id.to_owned(), Value::Object(inner));
        }
        Ok(())
    }

    /// The stored form of an attribute of the bag; `None` if it is readOnly or unassigned.
    fn read(
        &mut self,
        def: &'static AttributeDef,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        if def.mutability == Mutability::ReadOnly {
            return Ok(None);
        }
        let value = self.reader.attribute(Spot::top(def), value)?;
        if value.is_none() {
            self.cleared.push(def.name);
        }
        Ok(value)
    }

    fn finish(mut self) -> Result<Input, ScimError> {
        for (schema, def, value) in std::mem::take(&mut self.stray) {
            let container = self
                .bag
                .entry(schema.id)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Some(container) = container.as_object_mut() {
                container.entry(def.name).or_insert(value);
            }
        }
        check_required(self.kind, &self.bag)?;
        Ok(Input {
            resource: Resource::from_validated(self.bag),
            members: self.members,
            password: self.password,
            cleared: self.cleared,
            ignored: self.reader.into_ignored(),
        })
    }
}

/// A password from its validated text.
pub(crate) fn password(text: Value) -> Option<Password> {
    match text {
        Value::String(text) if !text.is_empty() => Some(Password(text)),
        _ => None,
    }
}

/// `invalidValue` naming the first required attribute that `bag` lacks.
pub(crate) fn check_required(
    kind: &'static ResourceType,
    bag: &Map<String, Value>,
) -> Result<(), ScimError> {
    let missing = kind
        .schema
        .attributes
        .iter()
        .find(|def| def.required && !bag.contains_key(def.name));
    match missing {
        None => Ok(()),
        Some(def) => Err(super::invalid_value(
            Spot::top(def),
            format_args!("is required; send a {} with it", kind.name),
        )),
    }
}
