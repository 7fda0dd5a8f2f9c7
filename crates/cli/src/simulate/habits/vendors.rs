//! OneLogin and JumpCloud.
//!
//! Sources: requests recorded with OneLogin and the templates of its guides; for JumpCloud its
//! support article, so that the bodies are those of its documented forms, not recorded ones.

use serde_json::json;

use super::{Encoding, Habits, Key, Membership, Probe, REMOVAL_BY_VALUE, Rename, USUAL};
use crate::simulate::{
    judge::{Severity::Hurts, Trouble},
    person::Attribute,
};

/// Short schema URNs, dangling `&` and `?`, no `externalId`.
pub(super) static ONELOGIN: Habits = Habits {
    slug: "onelogin",
    name: "OneLogin",
    headers: &[("User-Agent", "")],
    content_type: "application/json",
    connect: &[Probe::NobodyUser(Key::UserName)],
    encoding: Encoding::Form,
    filter_tail: "&",
    write_tail: "?",
    attributes: &[
        Attribute::UserName,
        Attribute::DisplayName,
        Attribute::GivenName,
        Attribute::FamilyName,
        Attribute::Email,
        Attribute::Active,
    ],
    user_schemas: &[
        "urn:scim:schemas:core:2.0",
        "urn:scim:schemas:extension:enterprise:2.0",
    ],
    user_extras: |person| {
        json!({
            "title": "",
            "prefferedLanguage": "en",
            "urn:scim:schemas:extension:enterprise:2.0": {
                "department": person.department,
                "manager": {"managerId": "", "displayName": ""},
            },
        })
    },
    group_schemas: &["urn:scim:schemas:core:2.0"],
    group_external_id: false,
    rename: Rename::Path,
    membership: Membership::Values,
    departures: &[
        REMOVAL_BY_VALUE,
        ("create user", ONELOGIN_TEMPLATE),
        ("update user", ONELOGIN_TEMPLATE),
        ("create group", ONELOGIN_TEMPLATE),
    ],
    temper: &[
        (
            Trouble::Rejected,
            Hurts,
            "OneLogin shows the task as failed and waits for an administrator to repeat it",
        ),
        (
            Trouble::Unsupported,
            Hurts,
            "OneLogin cannot change the object: groups stay as empty as they were created",
        ),
    ],
    ..USUAL
};

/// Makes test objects on activation; members by value.
pub(super) static JUMPCLOUD: Habits = Habits {
    slug: "jumpcloud",
    name: "JumpCloud",
    connect: &[Probe::NobodyUser(Key::UserName), Probe::TestObjects],
    membership: Membership::Values,
    departures: &[REMOVAL_BY_VALUE],
    temper: &[(
        Trouble::Rejected,
        Hurts,
        "JumpCloud reports the failed operation by mail, and does not activate an integration whose test objects fail",
    )],
    ..USUAL
};

const ONELOGIN_TEMPLATE: &str = "the body follows the customer's template: short schema URNs, attributes that no schema has, and empty texts; RFC 7643 has none of these";
