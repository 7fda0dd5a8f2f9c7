//! What every configuration has in common: paths, headers, times and the answers of the gateway
//! itself.

use super::Slug;

/// Paths that gateways and servers could read in two ways: dot segments, also encoded; encoded
/// slashes, backslashes and control characters; parameters of segments. As a regular expression
/// over the request target, which stops at the query.
pub(super) const ODD_TARGET: &str =
    r"^[^?]*(/(\.|%2[eE]){1,2}(/|\?|$)|%(2[fF]|5[cC]|[01][0-9a-fA-F]|7[fF])|[;\x5c])";

/// The paths of Crowd, as a regular expression over the request target.
pub(super) const CROWD_TARGET: &str = r"^/(crowd/)?rest/usermanagement/(1|latest)(/|\?|$)";

/// The paths of health, which tell nothing but yes or no.
pub(super) const HEALTH: [&str; 2] = ["/health/live", "/health/ready"];

/// What nodes are asked, to know whether they can serve.
pub(super) const READY: &str = "/health/ready";

/// The URLs of a tenant, as a regular expression over the request target.
pub(super) fn tenant_target(slug: &Slug) -> String {
    format!(r"^/scim/{slug}/v[12](/|\?|$)")
}

/// Headers in which somebody could claim to be somebody else; none passes the gateway. What it
/// hands over itself is written after they are gone.
pub(super) const FORGEABLE: &[&str] = &[
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Original-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
];

/// Seconds within which a node accepts a connection.
pub(super) const CONNECT_SECONDS: u32 = 3;
/// Seconds within which a node of the SCIM API answers: its own deadline of 15 seconds and a
/// little. Three tries stay below the minute after which identity providers give up.
pub(super) const SCIM_SECONDS: u32 = 17;
/// Seconds within which a node of Crowd begins to answer, or goes on with a long listing.
pub(super) const CROWD_SECONDS: u32 = 60;
/// Largest body of a request of an application: a search or a sign-in has a few hundred bytes.
pub(super) const CROWD_MAX_BODY: usize = 64 * 1024;
/// Seconds after which a client may come back when no node can serve.
pub(super) const RETRY_AFTER: u32 = 10;

/// The body of 503 on the route of the identity providers: an error of SCIM 2.0 and of 1.1 in one.
pub(super) const SCIM_DOWN: &str = concat!(
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"503","#,
    r#""detail":"Provost is not available at the moment; try again.","#,
    r#""Errors":[{"code":"503","description":"Provost is not available at the moment; try again."}]}"#
);
/// Its media type; clients of 1.1 take it too.
pub(super) const SCIM_TYPE: &str = "application/scim+json";

/// The body of 503 on the route of the applications.
pub(super) const CROWD_DOWN: &str = "<error><reason>OPERATION_FAILED</reason><message>Provost is not available at the moment; try again.</message></error>";
/// Its media type.
pub(super) const CROWD_TYPE: &str = "application/xml";
/// Without this header applications take any answer for that of another server.
pub(super) const CROWD_HEADER: &str = "X-Embedded-Crowd-Version";
/// Its value in answers of the gateway itself; no client looks at it.
pub(super) const CROWD_VERSION: &str = "Provost/gateway";

/// Cipher suites of TLS 1.2, in the names of OpenSSL: forward secrecy and authenticated encryption.
pub(super) const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
