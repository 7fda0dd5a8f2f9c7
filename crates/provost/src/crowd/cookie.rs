//! `/config/cookie`: the SSO cookie of Crowd, which clients ask for as a test of the connection.
//! This server sets no cookie.

use axum::response::Response;
use serde_json::json;

use super::{answer::document, auth::CrowdCaller, format::Format, xml};

/// The fixed configuration.
pub(super) async fn config(_: CrowdCaller, format: Format) -> Response {
    let body = match format {
        Format::Json => json!({ "secure": false, "name": "crowd.token_key" }).to_string(),
        Format::Xml => format!(
            "{}<cookie-config><domain></domain><secure>false</secure>\
             <name>crowd.token_key</name></cookie-config>",
            xml::DECLARATION
        ),
    };
    document(format, body)
}
