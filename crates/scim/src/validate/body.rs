//! The body of a POST or PUT: which member is which attribute.

use serde_json::{Map, Value};

use super::{Input, Password, ReadOnly, Reader, Spot, member_ids, schemas, simple};
use crate::{
    Profile, Resource, ScimError, ScimType, name,
    schema::{AttributeDef, AttributeRef, COMMON, Holder, Mutability, ResourceType, Schema},
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
    reading.odd_members()?;
    reading.finish()
}

struct Reading<'a> {
    kind: &'static ResourceType,
    reader: Reader<'a>,
    bag: Map<String, Value>,
    /// What has a key that names nothing.
    odd: Vec<(String, Value)>,
    members: Option<Vec<String>>,
    password: Option<Password>,
    cleared: Vec<String>,
}

impl<'a> Reading<'a> {
    fn new(kind: &'static ResourceType, profile: &'a Profile) -> Self {
        Self {
            kind,
            reader: Reader::new(profile, ReadOnly::Skip),
            bag: Map::new(),
            odd: Vec::new(),
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
        self.odd.push((key.to_owned(), value));
        Ok(())
    }

    /// Members whose key names nothing here; what stands in its proper place wins over them.
    fn odd_members(&mut self) -> Result<(), ScimError> {
        for (key, value) in std::mem::take(&mut self.odd) {
            let quirks = self.reader.profile.quirks;
            match quirks.member(self.kind, &key, value) {
                Ok(members) => self.moved(members)?,
                Err(_) => self.reader.unknown(&key)?,
            }
        }
        for (key, _) in std::mem::take(&mut self.odd) {
            self.reader.unknown(&key)?;
        }
        Ok(())
    }

    fn moved(&mut self, members: Vec<(String, Value)>) -> Result<(), ScimError> {
        let bag = std::mem::take(&mut self.bag);
        let (ids, password) = (self.members.take(), self.password.take());
        for (key, value) in members {
            self.member(&key, value)?;
        }
        let moved = std::mem::replace(&mut self.bag, bag);
        for (name, value) in moved {
            add_missing(&mut self.bag, name, value);
        }
        self.members = ids.or_else(|| self.members.take());
        self.password = password.or_else(|| self.password.take());
        Ok(())
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
                if let Some(value) = self.read(Holder::Core, def, value)? {
                    self.bag.insert(def.name.to_owned(), value);
                }
            }
        }
        Ok(())
    }

    fn container(&mut self, schema: &'static Schema, value: Value) -> Result<(), ScimError> {
        let object = self.reader.attributes(schema.id, value)?;
        if object.is_empty() {
            self.cleared.push(schema.id.to_owned());
        }
        let mut inner = Map::new();
        for (key, value) in object {
            let Some(def) = schema.attribute(&key) else {
                self.reader.unknown_in(schema, &key)?;
                continue;
            };
            if let Some(value) = self.read(Holder::Extension(schema), def, value)? {
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
        holder: Holder,
        def: &'static AttributeDef,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        if def.mutability == Mutability::ReadOnly {
            return Ok(None);
        }
        let value = self.reader.attribute(Spot::top(def), value)?;
        if value.is_none() {
            self.cleared
                .push(AttributeRef::whole(holder, def).notation());
        }
        Ok(value)
    }

    fn finish(self) -> Result<Input, ScimError> {
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

/// Adds a value, or of an object what is not there yet.
fn add_missing(bag: &mut Map<String, Value>, name: String, value: Value) {
    match (bag.get_mut(&name), value) {
        (Some(Value::Object(have)), Value::Object(given)) => {
            for (key, value) in given {
                have.entry(key).or_insert(value);
            }
        }
        (Some(_), _) => {}
        (None, value) => {
            bag.insert(name, value);
        }
    }
}

/// A password from its validated text.
pub(crate) fn password(text: Value) -> Option<Password> {
    match text {
        Value::String(text) if !text.is_empty() => Some(Password(text)),
        _ => None,
    }
}

/// `invalidValue` naming the first required attribute that `bag` lacks. An extension asks for its own
/// only where it is used, and so does a complex attribute for its parts.
pub(crate) fn check_required(
    kind: &'static ResourceType,
    bag: &Map<String, Value>,
) -> Result<(), ScimError> {
    for (holder, def) in kind.attributes() {
        let owner = match holder {
            Holder::Core => Some(bag),
            Holder::Extension(schema) => bag.get(schema.id).and_then(Value::as_object),
        };
        let Some(owner) = owner else {
            continue;
        };
        match owner.get(def.name) {
            None if def.required => return Err(missing(Spot::top(def), kind.name)),
            None => {}
            Some(value) => check_parts(def, value, kind.name)?,
        }
    }
    Ok(())
}

fn check_parts(def: &'static AttributeDef, value: &Value, kind: &str) -> Result<(), ScimError> {
    let items = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    for sub in def.sub_attributes.iter().filter(|sub| sub.required) {
        if items.iter().any(|item| item.get(sub.name).is_none()) {
            return Err(missing(Spot::top(def).sub(sub), kind));
        }
    }
    Ok(())
}

fn missing(spot: Spot, kind: &str) -> ScimError {
    super::invalid_value(spot, format_args!("is required; send a {kind} with it"))
}
