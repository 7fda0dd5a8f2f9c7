//! The discovery documents (RFC 7644 section 4) from the schema tables.
//!
//! They announce what the server does: a new row in a table shows up here by itself, and limits
//! come from the caller, who enforces them.

mod documents;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::{AttributeDef, AttributeType, ResourceType, ResourceTypes, Schema};
use crate::{bulk, name, urn};

/// Limits and features that `/ServiceProviderConfig` announces.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// Most resources in one page.
    pub max_results: u64,
    /// Resources in a page when the client does not say how many.
    pub default_results: u64,
    /// Seconds after which a cursor is refused.
    pub cursor_timeout: u64,
    /// Most bytes in the body of a request, a bulk job among them.
    pub max_payload: u64,
    /// Whether the tenant is served by the interoperability profile (R-IP-01).
    pub interop: bool,
    /// Whether passwords that clients send are kept.
    pub change_password: bool,
}

/// `/ServiceProviderConfig` (RFC 7643 section 5). `base` ends in `/v2` without slash.
pub fn service_provider_config(base: &str, features: &Features) -> Value {
    let mut config = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
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
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": features.default_results,
            "maxPageSize": features.max_results,
            "cursorTimeout": features.cursor_timeout,
        },
        "authenticationSchemes": authentication(),
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    });
    if let (true, Some(fields)) = (features.interop, config.as_object_mut()) {
        fields.insert("interopProfileConformant".to_owned(), true.into());
    }
    config
}

fn authentication() -> Value {
    json!([
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this tenant in the Authorization header.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        },
        {
            "type": "httpbasic",
            "name": "HTTP Basic",
            "description": "User name and password that were made for this tenant.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc7617",
            "primary": false,
        },
    ])
}

/// One entry of `/ResourceTypes` (RFC 7643 section 6).
pub fn resource_type(base: &str, kind: &ResourceType) -> Value {
    let extensions: Vec<Value> = kind
        .extensions
        .iter()
        .map(|schema| json!({"schema": schema.id, "required": false}))
        .collect();
    let mut document = json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": kind.schema.id,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", kind.name),
        },
    });
    if let (false, Some(fields)) = (extensions.is_empty(), document.as_object_mut()) {
        fields.insert("schemaExtensions".into(), extensions.into());
    }
    document
}

/// One entry of `/Schemas` (RFC 7643 section 7, erratum 8417).
pub fn schema(base: &str, schema: &Schema) -> Value {
    json!({
        "schemas": [urn::SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": attributes(schema.attributes),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base}/Schemas/{}", schema.id),
        },
    })
}

/// Every document of `/Schemas`: the schemas in use, then those of the discovery documents.
pub fn schemas(base: &str, types: ResourceTypes) -> Vec<Value> {
    published(types).map(|found| schema(base, found)).collect()
}

/// The document at `/Schemas/{id}`; `None` when there is none. Message schemas are not published
/// (R-7644-3.1-03).
pub fn find_schema(base: &str, types: ResourceTypes, id: &str) -> Option<Value> {
    published(types)
        .find(|found| name::same(found.id, id))
        .map(|found| schema(base, found))
}

/// The document at `/ResourceTypes/{id}`; `None` when there is none.
pub fn find_resource_type(base: &str, types: ResourceTypes, id: &str) -> Option<Value> {
    types
        .all()
        .into_iter()
        .find(|kind| kind.name == id)
        .map(|kind| resource_type(base, kind))
}

/// A `ListResponse` of discovery documents.
pub fn list(documents: Vec<Value>) -> Value {
    list_of(urn::LIST_RESPONSE, documents)
}

/// A list of documents, named by the URN that lists have in a version of SCIM.
pub(crate) fn list_of(name: &str, documents: Vec<Value>) -> Value {
    let count = documents.len();
    let mut answer = json!({
        "schemas": [name],
        "totalResults": count,
        "startIndex": 1,
        "itemsPerPage": count,
    });
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("Resources".to_owned(), Value::Array(documents));
    }
    answer
}

fn published(types: ResourceTypes) -> impl Iterator<Item = &'static Schema> {
    types.schemas().chain(documents::SCHEMAS.iter())
}

fn attributes(rows: &[AttributeDef]) -> Vec<Value> {
    rows.iter().map(attribute).collect()
}

/// One attribute with its characteristics. A complex attribute has neither `caseExact` nor
/// `uniqueness` (erratum 6004).
fn attribute(row: &AttributeDef) -> Value {
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    put("name", row.name.into());
    put("type", row.kind.as_str().into());
    put("multiValued", row.multi_valued.into());
    put("description", row.description.into());
    put("required", row.required.into());
    put("mutability", row.mutability.as_str().into());
    put("returned", row.returned.as_str().into());
    if row.kind == AttributeType::Complex {
        put("subAttributes", attributes(row.sub_attributes).into());
    } else {
        put("caseExact", row.case_exact.into());
        put("uniqueness", row.uniqueness.as_str().into());
    }
    if !row.canonical_values.is_empty() {
        put("canonicalValues", row.canonical_values.into());
    }
    if !row.reference_types.is_empty() {
        put("referenceTypes", row.reference_types.into());
    }
    fields.into()
}
