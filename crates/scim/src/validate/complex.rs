//! The value of a complex attribute, or one element of a complex list → sub-attributes.

use serde_json::{Map, Value};

use super::{Reader, Spot, error::wrong_type, invalid_value, members::last_segment, part, simple};
use crate::{
    ScimError,
    quirk::Misfit,
    schema::{AttributeDef, AttributeType, Mutability},
};

/// Sub-attributes as given: a value, or `None` for unassigned.
pub(crate) type Parts = Vec<(&'static AttributeDef, Option<Value>)>;

const VALUE: &str = "value";
const REFERENCE: &str = "$ref";

impl Reader<'_> {
    /// The sub-attributes that `value` assigns or unassigns; none for `null` and `{}`.
    pub(crate) fn parts(&mut self, spot: Spot, value: Value) -> Result<Parts, ScimError> {
        match value {
            Value::Null => Ok(Parts::new()),
            Value::Object(mut object) => {
                if spot.def.multi_valued {
                    self.profile.quirks.element(&mut object);
                }
                self.sub_attributes(spot, object)
            }
            other => match self.profile.quirks.value(Misfit::Complex(spot.def), other) {
                Ok(value) => self.parts(spot, value),
                Err(other) => Err(wrong_type(spot, "an object", &other)),
            },
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
                parts.push((def, part(self.profile, sub, value)?));
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
}

/// Whether the sub-attribute is the URI of another resource here. The server makes those, so a
/// client's is read for the id in it and not kept.
pub(crate) fn is_own_reference(def: &AttributeDef) -> bool {
    def.kind == AttributeType::Reference
        && def.name == REFERENCE
        && !def.reference_types.is_empty()
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
