//! Names that differ between the versions: URNs, and `managerId` for the `value` of a manager.
//!
//! Requests are brought into the names of 2.0 before anything else reads them; answers are written
//! in those of 1.1. All other names are the same in both, so they are not listed.

use std::borrow::Cow;

use super::urn;
use crate::{
    name,
    schema::{AttributeDef, Schema},
    urn as v2,
};

/// A sub-attribute with another name in 1.1.
struct Renamed {
    schema: &'static str,
    attribute: &'static str,
    v1: &'static str,
    v2: &'static str,
}

/// R-11-CS-11.
const RENAMED: &[Renamed] = &[Renamed {
    schema: v2::ENTERPRISE_USER,
    attribute: "manager",
    v1: "managerId",
    v2: "value",
}];

/// The URN of a schema in 1.1; extensions that 1.1 does not know keep theirs.
pub(super) fn schema(schema: &Schema) -> &'static str {
    match schema.id {
        v2::USER | v2::GROUP => urn::CORE,
        v2::ENTERPRISE_USER => urn::ENTERPRISE_USER,
        other => other,
    }
}

/// The 1.1 name of the sub-attribute `sub` in an attribute of the schema `holder`.
pub(super) fn sub_attribute<'a>(holder: &str, attribute: &AttributeDef, sub: &'a str) -> &'a str {
    RENAMED
        .iter()
        .find(|row| (row.schema, row.attribute, row.v2) == (holder, attribute.name, sub))
        .map_or(sub, |row| row.v1)
}

/// Whether an attribute of the schema `holder` has a sub-attribute with another name in 1.1.
pub(super) fn renames(holder: &str, attribute: &AttributeDef) -> bool {
    RENAMED
        .iter()
        .any(|row| (row.schema, row.attribute) == (holder, attribute.name))
}

/// The 2.0 name of a sub-attribute of `attribute`, which may be qualified.
pub(super) fn from_v1<'a>(attribute: &str, sub: &'a str) -> &'a str {
    let attribute = attribute.rsplit(':').next().unwrap_or(attribute);
    RENAMED
        .iter()
        .find(|row| name::same(row.attribute, attribute) && name::same(row.v1, sub))
        .map_or(sub, |row| row.v2)
}

/// The notation of an attribute in 2.0: `urn:scim:schemas:core:1.0:name.givenName` is
/// `name.givenName`.
pub(super) fn notation(text: &str) -> Cow<'_, str> {
    let text = unqualified(text);
    let Some((attribute, sub)) = split_sub(&text) else {
        return text;
    };
    let renamed = from_v1(attribute, sub);
    if renamed == sub {
        return text;
    }
    Cow::Owned(format!("{attribute}.{renamed}"))
}

/// Without the core URN, and with the URN that the extension has in 2.0.
fn unqualified(text: &str) -> Cow<'_, str> {
    if let Some(rest) = below(text, urn::CORE).and_then(|rest| rest.strip_prefix([':', '.'])) {
        return Cow::Borrowed(rest);
    }
    match below(text, urn::ENTERPRISE_USER) {
        Some(rest) => Cow::Owned([v2::ENTERPRISE_USER, rest].concat()),
        None => Cow::Borrowed(text),
    }
}

/// What follows `urn` in `text`: nothing, or a separator and a name.
fn below<'a>(text: &'a str, urn: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(urn.len())?;
    (name::same(head, urn) && (rest.is_empty() || rest.starts_with([':', '.']))).then_some(rest)
}

/// The attribute and the sub-attribute of a notation; the dots of a URN are none.
fn split_sub(text: &str) -> Option<(&str, &str)> {
    let name = text.rfind(':').map_or(0, |colon| colon + 1);
    let dot = text.get(name..)?.find('.')? + name;
    Some((text.get(..dot)?, text.get(dot + 1..)?))
}
