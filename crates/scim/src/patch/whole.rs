//! Operations without a path, and on a whole extension: every key of the value is a target of
//! its own (D-28, D-29).

use serde_json::{Map, Value};

use super::{OpKind, apply::Run, bag::Place};
use crate::{
    ScimError, ScimType, name,
    path::Path,
    schema::{AttributeRef, Holder, Mutability, Schema, Target},
};

impl Run<'_> {
    /// An add or replace without a path.
    pub(super) fn whole(&mut self, op: OpKind, value: Value) -> Result<(), ScimError> {
        if value.is_null() {
            return Err(ScimError::new(
                ScimType::InvalidValue,
                "Without a path, the value must be an object of attributes, but null was sent.",
            ));
        }
        let object = self.reader.attributes("Without a path, the value", value)?;
        self.keys(op, object)
    }

    fn keys(&mut self, op: OpKind, object: Map<String, Value>) -> Result<(), ScimError> {
        for (key, value) in object {
            self.member(op, &key, value)?;
        }
        Ok(())
    }

    fn member(&mut self, op: OpKind, key: &str, value: Value) -> Result<(), ScimError> {
        let quirks = self.profile().quirks;
        let is_name = name::is_valid(key) || self.kind.extension(key).is_some();
        let may_be_path = is_name || quirks.is_path(key);
        match self.kind.resolve(key).filter(|_| may_be_path) {
            Some(Target::Attribute(at)) => self.key(op, &at, value),
            Some(Target::Extension(schema)) => self.extension(op, schema, Some(value)),
            None if may_be_path && key.contains('[') => {
                let path = Path::parse(key, self.profile())?;
                self.at_path(op, &path, Some(value))
            }
            None => match quirks.member(self.kind, key, value) {
                Ok(members) => self.keys(op, members.into_iter().collect()),
                Err(_) => self.reader.unknown(key),
            },
        }
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
            (_, Some(value)) => self.reader.attributes(schema.id, value)?,
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
}
