//! The discovery documents of 1.1 from the same schema tables as those of 2.0.
//!
//! 1.1 has no resource types; `/ResourceTypes` is answered all the same, because Okta's test suite
//! for 1.1 asks for it. A schema describes a resource with all its extensions (core schema 1.1,
//! section 10): each attribute says which schema it belongs to.

use serde_json::{Map, Value, json};

use super::{names, urn};
use crate::{
    bulk, name,
    schema::{
        AttributeDef, AttributeType, COMMON, Mutability, ResourceType, ResourceTypes, Schema,
        discovery::{self, Features},
    },
};

/// What Okta may do through its on-premises agent (R-OPP-02). Without the list Okta takes it that
/// everything is served.
const CAPABILITIES: &[&str] = &[
    "GROUP_PUSH",
    "IMPORT_NEW_USERS",
    "IMPORT_PROFILE_UPDATES",
    "PUSH_NEW_USERS",
    "PUSH_PENDING_USERS",
    "PUSH_PROFILE_UPDATES",
    "PUSH_USER_DEACTIVATION",
    "REACTIVATE_USERS",
];

/// The capability that depends on what the tenant does with passwords.
const PASSWORDS: &str = "PUSH_PASSWORD_UPDATES";

/// `/ServiceProviderConfigs`. `base` ends in `/v1` without slash.
pub fn service_provider_configs(base: &str, features: &Features) -> Value {
    let announced = features.change_password.then_some(&PASSWORDS);
    let capabilities: Vec<_> = CAPABILITIES.iter().chain(announced).collect();
    json!({
        "schemas": [urn::CORE, urn::OKTA_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": true,
            "maxOperations": bulk::MAX_OPERATIONS,
            "maxPayloadSize": features.max_payload,
        },
        "filter": {"supported": true, "maxResults": features.max_results},
        "changePassword": {"supported": features.change_password},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "xmlDataFormat": {"supported": false},
        "authenticationSchemes": authentication(),
        urn::OKTA_CONFIG: {"userManagementCapabilities": capabilities},
        "meta": {"location": format!("{base}/ServiceProviderConfigs")},
    })
}

fn authentication() -> Value {
    json!([
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this tenant in the Authorization header.",
            "specUrl": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        },
        {
            "type": "httpbasic",
            "name": "HTTP Basic",
            "description": "User name and password that were made for this tenant.",
            "specUrl": "https://www.rfc-editor.org/rfc/rfc7617",
            "primary": false,
        },
    ])
}

/// A list of discovery documents.
pub fn list(documents: Vec<Value>) -> Value {
    discovery::list_of(urn::CORE, documents)
}

/// One entry of `/ResourceTypes`.
pub fn resource_type(base: &str, kind: &'static ResourceType) -> Value {
    json!({
        "schemas": [urn::CORE],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": id(kind),
        "meta": {"location": format!("{base}/ResourceTypes/{}", kind.name)},
    })
}

/// The document at `/ResourceTypes/{id}`; `None` when there is none.
pub fn find_resource_type(base: &str, types: ResourceTypes, id: &str) -> Option<Value> {
    let mut all = types.all().into_iter();
    let kind = all.find(|kind| kind.name == id)?;
    Some(resource_type(base, kind))
}

/// Every document of `/Schemas`.
pub fn schemas(base: &str, types: ResourceTypes) -> Vec<Value> {
    types.all().map(|kind| schema(base, kind)).into()
}

/// The document at `/Schemas/{text}`, by id, by the name of the resource or by that of its
/// endpoint (R-11-CS-17); `None` when there is none.
pub fn find_schema(base: &str, types: ResourceTypes, text: &str) -> Option<Value> {
    let is_it = |kind: &&ResourceType| {
        let endpoint = kind.endpoint.trim_start_matches('/');
        name::same(&id(kind), text) || name::same(kind.name, text) || name::same(endpoint, text)
    };
    let kind = types.all().into_iter().find(is_it)?;
    Some(schema(base, kind))
}

/// `urn:scim:schemas:core:1.0:User`.
fn id(kind: &ResourceType) -> String {
    [urn::CORE, ":", kind.name].concat()
}

fn schema(base: &str, kind: &'static ResourceType) -> Value {
    let common = COMMON.iter().map(|row| (kind.schema, row));
    let schemas = std::iter::once(kind.schema).chain(kind.extensions.iter().copied());
    let own = schemas.flat_map(|schema| schema.attributes.iter().map(move |row| (schema, row)));
    let attributes: Vec<Value> = common
        .chain(own)
        .map(|(schema, row)| attribute(schema, row))
        .collect();
    let id = id(kind);
    json!({
        "schemas": [urn::CORE],
        "meta": {"location": format!("{base}/Schemas/{id}")},
        "id": id,
        "name": kind.name,
        "description": kind.description,
        "schema": urn::CORE,
        "endpoint": kind.endpoint,
        "attributes": attributes,
    })
}

fn attribute(schema: &'static Schema, row: &'static AttributeDef) -> Value {
    let mut fields = characteristics(row.name, row);
    let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    put("multiValued", row.multi_valued.into());
    put("schema", names::schema(schema).into());
    if row.multi_valued {
        put("multiValuedAttributeChildName", singular(row.name).into());
    }
    if row.is_complex() {
        let subs = row.sub_attributes.iter().filter(|sub| sub.name != "$ref");
        let shown = |sub: &AttributeDef| {
            let name = names::sub_attribute(schema.id, row, sub.name);
            Value::Object(characteristics(name, sub))
        };
        put("subAttributes", subs.map(shown).collect());
    }
    Value::Object(fields)
}

/// What attributes and sub-attributes have in common. 1.1 has no type for references.
fn characteristics(name: &str, row: &AttributeDef) -> Map<String, Value> {
    let kind = match row.kind {
        AttributeType::Reference => AttributeType::String,
        other => other,
    };
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    put("name", name.into());
    put("type", kind.as_str().into());
    put("description", row.description.into());
    put("readOnly", (row.mutability == Mutability::ReadOnly).into());
    put("required", row.required.into());
    put("caseExact", row.case_exact.into());
    if !row.canonical_values.is_empty() {
        put("canonicalValues", row.canonical_values.into());
    }
    fields
}

/// `email` for `emails`: the name that an element has in XML.
fn singular(name: &str) -> &str {
    match name.strip_suffix("es") {
        Some(stem) if stem.ends_with("ss") => stem,
        _ => name.strip_suffix('s').unwrap_or(name),
    }
}
