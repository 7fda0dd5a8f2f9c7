//! Values of custom attributes that must be unique in the tenant (R-7643-7-12): in which form they
//! are compared.
//!
//! The names that every tenant needs unique (`userName`, the `displayName` of groups) are keys of
//! the directory and not looked at here.

use serde_json::Value;

use crate::{
    Resource,
    schema::{AttributeRef, Holder, ResourceType, Uniqueness},
    text,
};

/// A value, and the attribute that no other resource of the tenant may have it in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueValue {
    /// The attribute's notation in lower case; two spellings of a name are one.
    pub attribute: String,
    /// The value as it is compared: folded unless the attribute sees letter case.
    pub value: String,
    /// The attribute's name, for people.
    pub name: &'static str,
}

/// The custom attributes of a type that are unique.
pub fn attributes(kind: &'static ResourceType) -> impl Iterator<Item = AttributeRef> {
    let rows = kind.attributes().filter(|(holder, def)| {
        matches!(holder, Holder::Extension(_)) && def.uniqueness != Uniqueness::None
    });
    rows.map(|(holder, def)| AttributeRef::whole(holder, def))
}

/// The unique values of a resource.
pub fn values(kind: &'static ResourceType, resource: &Resource) -> Vec<UniqueValue> {
    let found = attributes(kind).filter_map(|at| {
        let value = match resource.get(&at)? {
            Value::String(text) if at.attribute.case_exact => text.clone(),
            Value::String(text) => text::fold(text).into_owned(),
            other => other.to_string(),
        };
        Some(UniqueValue {
            attribute: key(&at),
            value,
            name: at.attribute.name,
        })
    });
    found.collect()
}

/// What names an attribute in [`UniqueValue::attribute`].
pub fn key(at: &AttributeRef) -> String {
    at.notation().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::custom;

    #[test]
    fn values_are_compared_as_filters_compare_them() {
        let document = json!({"id": "urn:example:badges:1.0", "attributes": [
            {"name": "badge", "uniqueness": "server"},
            {"name": "code", "uniqueness": "server", "caseExact": true},
            {"name": "number", "type": "integer", "uniqueness": "server"},
            {"name": "room"},
        ]});
        let loaded = custom::load(document.to_string().as_bytes()).unwrap();
        let kind = custom::extend(&[loaded.schema], &[]).user;
        let stored = json!({"userName": "ada", "urn:example:badges:1.0": {
            "badge": "Ab1", "code": "Ab1", "number": 7, "room": "x"}});
        let resource = Resource::from_stored(&stored.to_string()).unwrap();
        let got: Vec<_> = values(kind, &resource)
            .into_iter()
            .map(|one| (one.attribute, one.value))
            .collect();
        let expect = [("badge", "ab1"), ("code", "Ab1"), ("number", "7")]
            .map(|(name, value)| (format!("urn:example:badges:1.0:{name}"), value.to_owned()));
        assert_eq!(got, expect);
    }
}
