//! Operations on singular attributes and their sub-attributes (RFC 7644 sections 3.5.2.1 to
//! 3.5.2.3): a complex value is merged, also by replace.

use serde_json::{Map, Value};

use super::{
    OpKind,
    apply::{Run, still_required},
    bag::Place,
};
use crate::{
    ScimError, ScimType, name,
    schema::{AttributeDef, Mutability},
    validate::{Parts, Spot, immutable, invalid_value, is_own_reference, part, refer, simple},
};

impl Run<'_> {
    /// A whole singular attribute.
    pub(super) fn single(
        &mut self,
        op: OpKind,
        place: Place,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let (OpKind::Add | OpKind::Replace, Some(value)) = (op, value) else {
            return self.unassign(op, place);
        };
        if place.def.is_complex() {
            return self.merge(op, place, value);
        }
        match simple(self.profile(), place.spot(), value)? {
            Some(value) => {
                self.bag.put(place, Some(value));
                Ok(())
            }
            None => self.nothing(op, place),
        }
    }

    /// `null` and what counts as it (D-18): replace unassigns, add changes nothing; an attribute
    /// that needs a value refuses both.
    pub(super) fn nothing(&mut self, op: OpKind, place: Place) -> Result<(), ScimError> {
        super::apply::refuse_unassign(self.profile(), op, place)?;
        if op == OpKind::Replace {
            self.bag.put(place, None);
        }
        Ok(())
    }

    fn merge(&mut self, op: OpKind, place: Place, value: Value) -> Result<(), ScimError> {
        if value.is_null() {
            return self.nothing(op, place);
        }
        let parts = self.reader.parts(place.spot(), value)?;
        let mut object = if op == OpKind::Replace && self.profile().replace_drops_rest {
            Map::new()
        } else {
            self.take_object(place)
        };
        merge_parts(op, place.spot(), &mut object, parts)?;
        self.put_object(place, object);
        Ok(())
    }

    /// One sub-attribute of a singular complex attribute.
    pub(super) fn sub(
        &mut self,
        op: OpKind,
        place: Place,
        sub: &'static AttributeDef,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let parts = self.sub_parts(op, place.spot(), sub, value)?;
        let mut object = self.take_object(place);
        merge_parts(op, place.spot(), &mut object, parts)?;
        self.put_object(place, object);
        Ok(())
    }

    /// What an operation on the sub-attribute `sub` assigns or unassigns.
    pub(super) fn sub_parts(
        &self,
        op: OpKind,
        spot: Spot,
        sub: &'static AttributeDef,
        value: Option<Value>,
    ) -> Result<Parts, ScimError> {
        let value = match (op, value) {
            (OpKind::Add | OpKind::Replace, Some(value)) => {
                part(self.profile(), spot.sub(sub), value)?
            }
            _ => None,
        };
        if !is_own_reference(sub) {
            return Ok(vec![(sub, value)]);
        }
        let mut parts = Parts::new();
        if let Some(Value::String(uri)) = value {
            refer(spot, &mut parts, &uri)?;
        }
        Ok(parts)
    }

    fn take_object(&mut self, place: Place) -> Map<String, Value> {
        match self.bag.take(place) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        }
    }

    fn put_object(&mut self, place: Place, object: Map<String, Value>) {
        let value = (!object.is_empty()).then_some(Value::Object(object));
        self.bag.put(place, value);
    }

    /// `schemas` follows from the attributes; only removing an extension's URN has an effect.
    pub(super) fn schemas(
        &mut self,
        op: OpKind,
        place: Place,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let refused = || {
            ScimError::new(
                ScimType::Mutability,
                "schemas follows from the attributes and cannot be set; leave it out.",
            )
        };
        let urns = self.reader.items(place.spot(), value.unwrap_or_default())?;
        let is_base = |urn: &str| name::same(urn, self.kind.schema.id);
        let mut extensions = Vec::new();
        let mut has_base = false;
        for urn in urns.iter().filter_map(Value::as_str) {
            match self.kind.extension(urn) {
                Some(schema) => extensions.push(schema),
                None if is_base(urn) => has_base = true,
                None => return Err(refused()),
            }
        }
        match op {
            OpKind::Add => Ok(()),
            OpKind::Replace if has_base => Ok(()),
            OpKind::Remove if !has_base && !extensions.is_empty() => extensions
                .into_iter()
                .try_for_each(|schema| self.extension(OpKind::Remove, schema, None)),
            OpKind::Replace | OpKind::Remove => Err(refused()),
        }
    }
}

/// Merges sub-attributes into an object; an unassigned one is removed unless `op` is an add.
pub(super) fn merge_parts(
    op: OpKind,
    spot: Spot,
    object: &mut Map<String, Value>,
    parts: Parts,
) -> Result<(), ScimError> {
    for (sub, value) in parts {
        let is_set_once = sub.mutability == Mutability::Immutable;
        if is_set_once
            && object
                .get(sub.name)
                .is_some_and(|old| value.as_ref() != Some(old))
        {
            return Err(immutable(spot.sub(sub)));
        }
        match value {
            Some(Value::Array(added)) if op == OpKind::Add => append(object, sub, added),
            Some(value) => {
                object.insert(sub.name.to_owned(), value);
            }
            None if sub.required => return Err(still_required(op, spot.sub(sub))),
            None if op == OpKind::Add => {}
            None => {
                object.remove(sub.name);
            }
        }
    }
    Ok(())
}

/// Adds values to a part that holds a list.
fn append(object: &mut Map<String, Value>, sub: &AttributeDef, added: Vec<Value>) {
    let have = object
        .entry(sub.name)
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(have) = have {
        for item in added {
            if !have.contains(&item) {
                have.push(item);
            }
        }
    }
}

/// `invalidPath` for a path that would change every element where one was meant.
pub(super) fn needs_filter(spot: Spot, sub: &AttributeDef) -> ScimError {
    ScimError::new(
        ScimType::InvalidPath,
        format!(
            "{spot} holds a list; say which value is meant, for example {spot}[type eq \"work\"].{}.",
            sub.name
        ),
    )
}

/// `invalidValue` for a value that is not one element.
pub(super) fn not_one_element(spot: Spot) -> ScimError {
    invalid_value(spot, "needs one object for the values the filter selects")
}
