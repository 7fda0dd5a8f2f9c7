//! The URNs of SCIM 1.1 (core schema 1.1, sections 3 and 4) and of Okta's extensions to it.

/// The one core schema: users, groups, lists, configuration, schemas, bulk jobs.
pub const CORE: &str = "urn:scim:schemas:core:1.0";
/// The Enterprise User extension.
pub const ENTERPRISE_USER: &str = "urn:scim:schemas:extension:enterprise:1.0";
/// Okta's extension of the configuration: what a server lets Okta's on-premises agent do.
pub const OKTA_CONFIG: &str = "urn:okta:schemas:scim:providerconfig:1.0";
