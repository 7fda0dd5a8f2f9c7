//! A validated resource.

use serde_json::{Map, Value};

use crate::{
    filter::is_present,
    schema::{AttributeRef, COMMON, Holder, ResourceType, Returned, Schema},
};

/// A bag of attributes that follows the schema.
///
/// Names have the schema's spelling, values the schema's types, nothing is `null` or empty, and
/// extension attributes sit in the container named by their URN. What the server owns is kept
/// apart: `schemas`, `id`, `meta`, `groups`, `members` and `password` are never inside.
///
/// Only [`crate::validate`] and [`crate::patch`] make one from a client's input;
/// [`Resource::from_stored`] reads back what [`Resource::to_stored`] wrote.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource(Map<String, Value>);

impl Resource {
    /// Wraps attributes that the caller has validated.
    pub(crate) fn from_validated(attributes: Map<String, Value>) -> Self {
        Self(attributes)
    }

    /// Reads what [`Resource::to_stored`] wrote; `None` if it is not that.
    pub fn from_stored(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// Compact JSON for the store: the attributes and nothing else.
    pub fn to_stored(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The attributes by their schema spelling.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The value of the attribute itself; the sub-attribute of `at` plays no part.
    pub fn get(&self, at: &AttributeRef) -> Option<&Value> {
        match at.holder {
            Holder::Core => self.0.get(at.attribute.name),
            Holder::Extension(schema) => self.0.get(schema.id)?.get(at.attribute.name),
        }
    }

    /// The attributes of the tenant's schemas without those that are never returned: what a person
    /// may see who may see everything.
    pub fn visible(&self, kind: &'static ResourceType) -> Map<String, Value> {
        let common = COMMON.iter().map(|def| (Holder::Core, def));
        let mut shown = Map::new();
        for (holder, def) in common.chain(kind.attributes()) {
            let value = self.get(&AttributeRef::whole(holder, def));
            let Some(value) = value.filter(|_| def.returned != Returned::Never) else {
                continue;
            };
            let place = match holder {
                Holder::Core => Some(&mut shown),
                Holder::Extension(schema) => shown
                    .entry(schema.id)
                    .or_insert_with(|| Value::Object(Map::new()))
                    .as_object_mut(),
            };
            if let Some(place) = place {
                place.insert(def.name.to_owned(), value.clone());
            }
        }
        shown
    }

    /// Whether any attribute of the extension has a value.
    pub(crate) fn uses(&self, extension: &Schema) -> bool {
        let values = self.0.get(extension.id).and_then(Value::as_object);
        values.is_some_and(|values| {
            let mut names = extension.attributes.iter().map(|def| def.name);
            names.any(|name| values.get(name).is_some_and(is_present))
        })
    }

    /// Whether both hold the same attributes. The order of the values of a list has no meaning
    /// (R-7643-2.4-10), so a client that sends them in another order changes nothing.
    pub fn same_as(&self, other: &Self) -> bool {
        same_object(&self.0, &other.0)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// `userName` of a User.
    pub fn user_name(&self) -> &str {
        self.text("userName").unwrap_or_default()
    }

    /// `displayName`.
    pub fn display_name(&self) -> Option<&str> {
        self.text("displayName")
    }

    /// `externalId`.
    pub fn external_id(&self) -> Option<&str> {
        self.text("externalId")
    }

    /// `active`; a user that carries none can be used (RFC 7644 section 3.3 default).
    pub fn is_active(&self) -> bool {
        self.0
            .get("active")
            .and_then(Value::as_bool)
            .unwrap_or(true)
    }

    /// A sub-attribute of the singular complex attribute `name`, such as `name.givenName`.
    pub fn sub_text(&self, attribute: &str, sub: &str) -> Option<&str> {
        self.0.get(attribute)?.get(sub)?.as_str()
    }

    /// A simple attribute of an extension.
    pub fn extension_text(&self, urn: &str, attribute: &str) -> Option<&str> {
        self.0.get(urn)?.get(attribute)?.as_str()
    }

    /// Every `value` of the multi-valued complex attribute `attribute`, the primary one first.
    pub fn values<'a>(&'a self, attribute: &str) -> impl Iterator<Item = &'a str> {
        let items = self
            .0
            .get(attribute)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let is_primary = |item: &&Value| item.get("primary").and_then(Value::as_bool) == Some(true);
        let primary = items.iter().filter(is_primary);
        let others = items.iter().filter(move |item| !is_primary(item));
        primary
            .chain(others)
            .filter_map(|item| item.get("value")?.as_str())
    }
}

fn same_object(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|((key, a), (other, b))| key == other && same_value(a, b))
}

/// Whether two values are the same but for the order of lists.
pub(crate) fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => same_object(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a == b || (a.len() == b.len() && sorted(a) == sorted(b))
        }
        _ => a == b,
    }
}

/// The values in an order that follows from the values alone.
fn sorted(items: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
    texts.sort_unstable();
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_a_list_has_no_meaning() {
        let read = |text| Resource::from_stored(text).unwrap();
        let stored =
            read(r#"{"userName":"a","emails":[{"type":"work","value":"x"},{"value":"y"}]}"#);
        for (other, same) in [
            (
                r#"{"emails":[{"value":"y"},{"value":"x","type":"work"}],"userName":"a"}"#,
                true,
            ),
            (
                r#"{"emails":[{"value":"y"},{"value":"x"}],"userName":"a"}"#,
                false,
            ),
            (
                r#"{"emails":[{"value":"y"},{"value":"y"}],"userName":"a"}"#,
                false,
            ),
            (r#"{"emails":[{"value":"y"}],"userName":"a"}"#, false),
            (
                r#"{"emails":[{"type":"work","value":"x"},{"value":"y"}],"userName":"A"}"#,
                false,
            ),
            (r#"{"userName":"a"}"#, false),
        ] {
            assert_eq!(stored.same_as(&read(other)), same, "{other}");
            assert_eq!(read(other).same_as(&stored), same, "{other}");
        }
    }
}
