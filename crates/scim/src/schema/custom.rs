//! Custom extension schemas: a JSON document in the form of RFC 7643 section 7, which is also what
//! `/Schemas` serves → a [`Schema`] with every rule checked.
//!
//! Where a loaded schema belongs, and what becomes of the values stored under it, is the
//! directory's business.

mod attribute;
mod fit;
mod read;
mod share;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use self::read::Fields;
use super::{ResourceTypes, Schema, discovery};
use crate::{filter::notation, json, name, urn};

pub use fit::unfit;

/// Largest schema document, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most attributes and sub-attributes of one schema.
pub const MAX_ATTRIBUTES: usize = 200;
/// Longest name of an attribute, in bytes.
pub const MAX_NAME: usize = 64;
/// Longest URN, in bytes.
pub const MAX_URN: usize = 256;
/// Longest description, name or canonical value, in characters.
pub const MAX_TEXT: usize = 1_024;
/// Most canonical values of one attribute.
pub const MAX_CANONICAL: usize = 200;
/// Most custom schemas of one tenant.
pub const MAX_SCHEMAS: usize = 20;

/// What begins the URNs of the core schemas and of messages, in 2.0 and in 1.1.
const RESERVED: [&str; 4] = [
    "urn:ietf:params:scim:schemas:core:",
    "urn:ietf:params:scim:api:",
    "urn:scim:schemas:core:1.0",
    "urn:scim:schemas:extension:enterprise:1.0",
];

/// Why a document is no schema that can be served: one sentence that names the attribute and the
/// next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SchemaError(String);

impl SchemaError {
    fn new(sentence: impl fmt::Display) -> Self {
        Self(sentence.to_string())
    }
}

/// A schema and what its author should know about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The schema. It lives as long as the process; the same document always gives the same one.
    pub schema: &'static Schema,
    /// What will probably surprise, one sentence each.
    pub warnings: Vec<String>,
}

/// Reads a schema document. Characteristics that are not given take the defaults of RFC 7643
/// section 2.2; `schemas` and `meta` may be there, as in the answers of `/Schemas`.
///
/// # Errors
/// One sentence that names the attribute and says what to change.
pub fn load(document: &[u8]) -> Result<Loaded, SchemaError> {
    if document.len() > MAX_BYTES {
        return Err(SchemaError::new(format_args!(
            "the schema has {} bytes; at most {MAX_BYTES} are read, so shorten the descriptions or make two schemas of it",
            document.len()
        )));
    }
    let value = json::parse(document).map_err(|error| {
        let detail = error.detail().trim_end_matches('.').to_owned();
        SchemaError::new(detail.replacen("The body", "the schema file", 1))
    })?;
    let mut warnings = Vec::new();
    let draft = draft(value, &mut warnings)?;
    Ok(Loaded {
        schema: share::schema(draft),
        warnings,
    })
}

/// The document of a schema without `meta`, in the order of its attributes: what [`load`] reads.
pub fn print(schema: &Schema) -> Value {
    let mut document = discovery::schema("", schema);
    if let Some(fields) = document.as_object_mut() {
        fields.remove("meta");
    }
    document
}

/// The published resource types with these extensions added to them.
pub fn extend(users: &[&'static Schema], groups: &[&'static Schema]) -> ResourceTypes {
    let standard = ResourceTypes::STANDARD;
    ResourceTypes {
        user: share::resource_type(standard.user, users),
        group: share::resource_type(standard.group, groups),
    }
}

/// Whether names of one schema could be taken for names of the other: the URNs are the same, or
/// one goes on where the other ends.
pub fn is_ambiguous(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let Some((head, rest)) = long.split_at_checked(short.len()) else {
        return false;
    };
    name::same(head, short) && (rest.is_empty() || rest.starts_with([':', '.']))
}

/// A schema whose parts are checked and not yet shared.
#[derive(Debug)]
struct Draft {
    id: String,
    name: String,
    description: String,
    attributes: Vec<attribute::Draft>,
}

fn draft(value: Value, warnings: &mut Vec<String>) -> Result<Draft, SchemaError> {
    let mut fields = Fields::of("the schema", value)?;
    check_schemas(fields.take("schemas"))?;
    fields.take("meta");
    let id = fields.text("id", MAX_URN)?.ok_or_else(|| {
        SchemaError::new("the schema has no \"id\"; give it a URN such as \"urn:ietf:params:scim:schemas:extension:example:2.0:User\"")
    })?;
    check_urn(&id)?;
    let name = fields.text("name", MAX_TEXT)?;
    let description = fields.text("description", MAX_TEXT)?.unwrap_or_default();
    let rows = fields.list("attributes")?;
    fields.finish(&["schemas", "id", "name", "description", "attributes", "meta"])?;
    if rows.is_empty() {
        return Err(SchemaError::new(
            "the schema has no attribute; list at least one under \"attributes\"",
        ));
    }
    let attributes = attribute::top(rows, warnings)?;
    let count = attributes
        .iter()
        .map(attribute::Draft::count)
        .sum::<usize>();
    if count > MAX_ATTRIBUTES {
        return Err(SchemaError::new(format_args!(
            "the schema has {count} attributes and sub-attributes; at most {MAX_ATTRIBUTES} fit, so make two schemas of it"
        )));
    }
    Ok(Draft {
        name: name.unwrap_or_else(|| last_part(&id).to_owned()),
        id,
        description,
        attributes,
    })
}

/// The last part of a URN that is no version.
fn last_part(id: &str) -> &str {
    let mut parts = id.rsplit(':');
    let named = parts.find(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()));
    named.unwrap_or(id)
}

fn check_schemas(value: Option<Value>) -> Result<(), SchemaError> {
    let is_schema = |item: &Value| {
        item.as_str()
            .is_some_and(|text| name::same(text, urn::SCHEMA))
    };
    match value {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(items)) if items.iter().any(is_schema) => Ok(()),
        Some(_) => Err(SchemaError::new(format_args!(
            "\"schemas\" of the document must list \"{}\"; leave it out or correct it",
            urn::SCHEMA
        ))),
    }
}

fn check_urn(id: &str) -> Result<(), SchemaError> {
    let refuse = |problem: &str| {
        Err(SchemaError::new(format_args!(
            "\"{}\" cannot be the id of a custom schema: {problem}",
            id.escape_debug()
        )))
    };
    let is_reserved = |head: &&str| {
        id.get(..head.len())
            .is_some_and(|got| name::same(got, head))
    };
    if RESERVED.iter().any(is_reserved) {
        return refuse(
            "the standard keeps it for itself; choose a URN such as urn:ietf:params:scim:schemas:extension:example:2.0:User",
        );
    }
    let standard = ResourceTypes::STANDARD;
    if let Some(taken) = standard.schemas().find(|known| is_ambiguous(known.id, id)) {
        return refuse(&format!(
            "{} is served already and its names could not be told from these; choose another URN",
            taken.id
        ));
    }
    let parts: Vec<_> = id.split(':').collect();
    let is_urn = parts.len() >= 3
        && parts
            .first()
            .is_some_and(|scheme| name::same(scheme, "urn"))
        && parts.iter().all(|part| !part.is_empty())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b));
    let can_be_named = notation::is_attribute(&format!("{id}:a.b"))
        && (notation::is_attribute(id) || notation::is_urn(id));
    if is_urn && can_be_named {
        return Ok(());
    }
    refuse(
        "use a URN of letters, digits, - _ . and at least two colons, such as urn:ietf:params:scim:schemas:extension:example:2.0:User",
    )
}
