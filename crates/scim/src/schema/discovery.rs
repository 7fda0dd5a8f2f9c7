//! The discovery documents (RFC 7644 section 4) from the schema tables.
use super::{ResourceType, Schema};
use serde_json::Value;
/// Limits and features that `/ServiceProviderConfig` announces.
#[derive(Clone, Copy, Debug)]
pub struct Features {
    /// Most resources in one page.
    pub max_results: u64,
}
/// `/ServiceProviderConfig`.
pub fn service_provider_config(_base: &str, _features: &Features) -> Value {
    todo!()
}
/// One entry of `/ResourceTypes`.
pub fn resource_type(_base: &str, _kind: &ResourceType) -> Value {
    todo!()
}
/// One entry of `/Schemas`.
pub fn schema(_base: &str, _schema: &Schema) -> Value {
    todo!()
}
/// A `ListResponse` of discovery documents.
pub fn list(_documents: Vec<Value>) -> Value {
    todo!()
}
