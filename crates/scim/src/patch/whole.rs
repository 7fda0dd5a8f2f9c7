//! Operations without a path, and on a whole extension: every key of the value is a target of
//! its own (D-28, D-29).

use serde_json::{Map, Value};

use super::{OpKind, apply::Run, bag::Place};
use crate::{
    ScimError, ScimType, name,
    path::Path,
    schema::{AttributeRef, Holder, Mutability, Schema, Target},
    validate::what,
};

impl Run<'_> {
    /// An add or replace without a path.
    pub(super) fn whole(&mut self, op: OpKind, value: Value) -> Result<(), ScimError> {
        let object = self.object(value, "Without a path, the value")?;
        self.keys(op, object)
    }

    fn keys(&mut self, op: OpKind, object: Map<String, Value>) -> Result<(), ScimError> {
        for (key, value) in object {
            match self.kind.resolve(&key) {
                Some(Target::Attribute(at)) => self.key(op, &at, value)?,
                Some(Target::Extension(schema)) => self.extension(op, schema, Some(value))?,
                None if name::same(&key, self.kind.schema.id) => {
                    let inner = self.object(value, self.kind.schema.id)?;
                    self.base(op, inner)?;
                }
                None if key.contains('[') => {
                    let path = Path::parse(&key, self.profile())?;
                    self.at_path(op, &path, Some(value))?;
                }
                None => self.reader.unknown(&key)?,
            }
        }
        Ok(())
    }

    /// The base schema's URN as a container, which RFC 7643 does not know but clients send.
    fn base(&mut self, op: OpKind, object: Map<String, Value>) -> Result<(), ScimError> {
        for (key, value) in object {
            match self.kind.resolve_attribute(&key) {
                Some(at) => self.key(op, &at, value)?,
                None => self.reader.unknown(&key)?,
            }
        }
        Ok(())
    }

    /// One attribute of a value; clients echo what they read, so readOnly ones are passed over.
    fn key(&mut self, op: OpKind, at: &AttributeRef, value: Value) -> Result<(), ScimError> {
        let is_read_only = at.attribute.mutability == Mutability::ReadOnly
            || at.leaf().mutability == Mutability::ReadOnly;
        if is_read_only {
            return self.reader.read_only(&at.notation());
        }
        if at.is_core("schemas") && self.profile().infer_schemas {
            return Ok(());
        }
        self.attribute(op, at, Some(value))
    }

    /// A whole extension: add and replace merge, remove and `null` clear.
    pub(super) fn extension(
        &mut self,
        op: OpKind,
        schema: &'static Schema,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let object = match (op, value) {
            (OpKind::Remove, _) | (OpKind::Replace, None | Some(Value::Null)) => {
                for def in schema.attributes {
                    self.bag
                        .put(Place::new(Holder::Extension(schema), def), None);
                }
                return Ok(());
            }
            (OpKind::Add, None | Some(Value::Null)) => return Ok(()),
            (_, Some(value)) => self.object(value, schema.id)?,
        };
        for (key, value) in object {
            match self.in_extension(schema, &key) {
                Some(at) => self.key(op, &at, value)?,
                None => self.reader.unknown_in(schema, &key)?,
            }
        }
        Ok(())
    }

    fn in_extension(&self, schema: &'static Schema, key: &str) -> Option<AttributeRef> {
        let qualified = format!("{}:{key}", schema.id);
        self.kind.resolve_attribute(&qualified)
    }

    fn object(&self, value: Value, subject: &str) -> Result<Map<String, Value>, ScimError> {
        let value = match value {
            Value::Array(mut items) if self.profile().loose_shapes && items.len() == 1 => {
                items.pop().unwrap_or_default()
            }
            other => other,
        };
        match value {
            Value::Object(object) => Ok(object),
            other => Err(ScimError::new(
                ScimType::InvalidValue,
                format!(
                    "{subject} must be an object of attributes, but {} was sent.",
                    what(&other)
                ),
            )),
        }
    }
}
