//! The Enterprise User extension (RFC 7643 section 4.3, erratum 8472): one row per attribute.

use super::{AttributeDef, Schema};
use crate::urn;

/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`.
pub(super) static SCHEMA: Schema = Schema {
    id: urn::ENTERPRISE_USER,
    name: "EnterpriseUser",
    description: "Attributes of users in an organisation",
    attributes: &[
        AttributeDef::string("employeeNumber", "Number or code of the employee."),
        AttributeDef::string("costCenter", "Name of a cost centre."),
        AttributeDef::string("organization", "Name of an organisation."),
        AttributeDef::string("division", "Name of a division."),
        AttributeDef::string("department", "Name of a department."),
        AttributeDef::complex(
            "manager",
            "The user's manager.",
            &[
                AttributeDef::string("value", "Identifier of the manager.").case_exact(),
                AttributeDef::reference("$ref", "URI of the manager.", &["User"]),
                AttributeDef::string("displayName", "Name of the manager.").read_only(),
            ],
        ),
    ],
};
