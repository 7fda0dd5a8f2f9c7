//! A validated resource.

use serde_json::{Map, Value};

use crate::schema::{AttributeRef, Holder};

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

    pub(crate) fn into_attributes(self) -> Map<String, Value> {
        self.0
    }

    /// The value of the attribute itself; the sub-attribute of `at` plays no part.
    pub fn get(&self, at: &AttributeRef) -> Option<&Value> {
        match at.holder {
            Holder::Core => self.0.get(at.attribute.name),
            Holder::Extension(schema) => self.0.get(schema.id)?.get(at.attribute.name),
        }
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
