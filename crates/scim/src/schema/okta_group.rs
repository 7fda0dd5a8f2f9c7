//! Okta's Group extension (Okta SCIM 1.1 reference, "Create group"): the description of a group,
//! which RFC 7643 has no place for and which Crowd shows.

use super::{AttributeDef, Schema};
use crate::urn;

/// `urn:okta:custom:group:1.0`.
pub(super) static SCHEMA: Schema = Schema {
    id: urn::OKTA_GROUP,
    name: "GroupDescription",
    description: "Description of a group",
    attributes: &[AttributeDef::string(
        "description",
        "What the group is for.",
    )],
};
