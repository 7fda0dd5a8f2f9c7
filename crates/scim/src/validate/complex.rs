//! The value of a complex attribute, or one element of a complex list → sub-attributes.

use serde_json::{Map, Value};

use super::{
    Reader, Spot, error::wrong_type, invalid_value, members::last_segment, reader::take, simple,
};
use crate::{
    ScimError, json,
    schema::{AttributeDef, AttributeType, Mutability},
};

/// Sub-attributes as given: a value, or `None` for unassigned.
pub(crate) type Parts = Vec<(&'static AttributeDef, Option<Value>)>;

const VALUE: &str = "value";
const REFERENCE: &str = "$ref";

impl Reader<'_> {
    /// The sub-attributes that `value` assigns or unassigns; none for `null` and `{}`.
    pub(crate) fn parts(&mut self, spot: Spot, value: Value) -> Result<Parts, ScimError> {
        match self.unlisted(value) {
            Value::Null => Ok(Parts::new()),
            Value::Object(object) => {
                let object = self.unpacked(spot, object);
                self.sub_attributes(spot, object)
            }
            Value::String(text) if self.profile.loose_shapes => self.bare_text(spot, text),
            other => Err(wrong_type(spot, "an object", &other)),
        }
    }

    fn sub_attributes(
        &mut self,
        spot: Spot,
        object: Map<String, Value>,
    ) -> Result<Parts, ScimError> {
        let mut parts = Parts::with_capacity(object.len());
        let mut reference = None;
        for (key, value) in object {
            let Some(def) = spot.def.sub_attribute(&key) else {
                self.unknown(&format!("{spot}.{key}"))?;
                continue;
            };
            let sub = spot.sub(def);
            if def.mutability == Mutability::ReadOnly {
                self.read_only(&sub.to_string())?;
            } else if is_own_reference(def) {
                reference = Some((sub, value));
            } else {
                parts.push((def, simple(self.profile, sub, value)?));
            }
        }
        let has_value =
            |(part, value): &(&AttributeDef, Option<Value>)| part.name == VALUE && value.is_some();
        if let Some((sub, value)) = reference
            && !parts.iter().any(has_value)
            && let Some(Value::String(uri)) = simple(self.profile, sub, value)?
        {
            refer(spot, &mut parts, &uri)?;
        }
        Ok(parts)
    }

    /// `"manager": "26118915"` (D-21); JSON text of an object counts as that object.
    fn bare_text(&mut self, spot: Spot, text: String) -> Result<Parts, ScimError> {
        let Some(def) = spot.def.sub_attribute(VALUE) else {
            return Err(wrong_type(spot, "an object", &Value::String(text)));
        };
        if let Some(object) = spelled_element(&text) {
            return self.sub_attributes(spot, object);
        }
        let value = simple(self.profile, spot.sub(def), Value::String(text))?;
        Ok(vec![(def, value)])
    }

    /// Entra ID packs an app role as JSON text into `value` of a list element.
    fn unpacked(&self, spot: Spot, mut object: Map<String, Value>) -> Map<String, Value> {
        if !(self.profile.loose_shapes && spot.def.multi_valued) {
            return object;
        }
        let inner = object
            .iter()
            .find(|(key, _)| crate::name::same(key, VALUE))
            .and_then(|(_, value)| spelled_element(value.as_str()?));
        if let Some(inner) = inner {
            take(&mut object, VALUE);
            for (key, value) in inner {
                take(&mut object, &key);
                object.insert(key, value);
            }
        }
        object
    }
}

/// The object that `text` spells, if that has a `value`.
fn spelled_element(text: &str) -> Option<Map<String, Value>> {
    let object = json::object_in_text(text)?;
    object
        .keys()
        .any(|key| crate::name::same(key, VALUE))
        .then_some(object)
}

/// Whether the sub-attribute is the URI of another resource here. The server makes those, so a
/// client's is read for the id in it and not kept.
pub(crate) fn is_own_reference(def: &AttributeDef) -> bool {
    def.kind == AttributeType::Reference
        && def.name == REFERENCE
        && !def
            .reference_types
            .iter()
            .any(|target| matches!(*target, "external" | "uri"))
}

/// Makes the id at the end of a reference the `value`.
pub(crate) fn refer(spot: Spot, parts: &mut Parts, uri: &str) -> Result<(), ScimError> {
    let Some(def) = spot.def.sub_attribute(VALUE) else {
        return Ok(());
    };
    let Some(id) = last_segment(uri) else {
        return Err(invalid_value(
            spot,
            "has a $ref without an id at its end; send value",
        ));
    };
    parts.retain(|(part, _)| part.name != VALUE);
    parts.push((def, Some(Value::String(id.to_owned()))));
    Ok(())
}
