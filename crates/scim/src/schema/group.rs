//! The Group schema (RFC 7643 section 4.2, errata 5368 and 6011): one row per attribute.

use super::{AttributeDef, Schema, Uniqueness};
use crate::urn;

/// `urn:ietf:params:scim:schemas:core:2.0:Group`.
pub(super) static SCHEMA: Schema = Schema {
    id: urn::GROUP,
    name: "Group",
    description: "Group of users and groups",
    attributes: &[
        AttributeDef::string(
            "displayName",
            "Name of the group; unique within the tenant.",
        )
        .required()
        .uniqueness(Uniqueness::Server),
        AttributeDef::complex(
            "members",
            "Users and groups in the group.",
            &[
                AttributeDef::string("value", "Identifier of the member.")
                    .case_exact()
                    .immutable(),
                AttributeDef::reference("$ref", "URI of the member.", &["User", "Group"])
                    .immutable(),
                AttributeDef::string("display", "Name of the member, for display only.")
                    .read_only(),
                AttributeDef::string("type", "Whether the member is a user or a group.")
                    .canonical(&["User", "Group"])
                    .immutable(),
            ],
        )
        .multi_valued(),
    ],
};
