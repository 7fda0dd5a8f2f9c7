//! Okta: apps of the integration wizard (PUT), catalogue apps (PATCH), SCIM 1.1, and the agent that
//! provisions on premises.
//!
//! Sources: Okta's developer documents, its public test suites and requests recorded by its staff.

use std::time::Duration;

use serde_json::json;

use super::{
    CORE_V1, ENTERPRISE_V1, Encoding, FirstMembers, Habits, Key, Membership, Probe, Rename, USUAL,
    Update, UserPatch, Version,
};
use crate::simulate::{
    judge::{
        Severity::{Hurts, Notice},
        Trouble,
    },
    plan::Leavers,
};

/// An app made with the integration wizard: PUT for everything.
pub(super) static WIZARD: Habits = Habits {
    slug: "okta",
    name: "Okta, app of the integration wizard",
    update: Update::PutEcho,
    switch: Update::PutEcho,
    rename: Rename::Put,
    membership: Membership::Put,
    full_push: false,
    ..COMMON
};

/// A catalogue app: PATCH for activation and groups, PUT for profiles.
pub(super) static CATALOGUE: Habits = Habits {
    slug: "okta-catalogue",
    name: "Okta, app of the catalogue",
    update: Update::PutEcho,
    switch: Update::Patch(UserPatch::Pathless),
    rename: Rename::WithId,
    membership: Membership::Delta,
    full_push: true,
    ..COMMON
};

/// The cloud client of SCIM 1.1.
pub(super) static V1: Habits = Habits {
    slug: "okta-1.1",
    name: "Okta with SCIM 1.1",
    switch: Update::Patch(UserPatch::Partial),
    rename: Rename::Partial,
    membership: Membership::Partial,
    first_members: FirstMembers::Absent,
    ..VERSION_1
};

/// The agent on premises: PUT for everything, over SCIM 1.1.
pub(super) static ON_PREMISES: Habits = Habits {
    slug: "okta-opp",
    name: "Okta on-premises provisioning agent",
    connect: &[
        Probe::Config {
            path: "/ServiceProviderConfigs",
            needs: &["/urn:okta:schemas:scim:providerconfig:1.0/userManagementCapabilities"],
        },
        Probe::List("/Users?startIndex=1&count=2"),
        Probe::List("/Groups?startIndex=1&count=100"),
    ],
    headers: &[("Accept", "application/json")],
    content_type: "application/json",
    email_type: Some("primary"),
    user_schemas: &[
        CORE_V1,
        ENTERPRISE_V1,
        "urn:okta:onprem_app:1.0:user:custom",
    ],
    user_extras: |person| {
        json!({
            "password": "placeholder-1mz050nq",
            "urn:okta:onprem_app:1.0:user:custom": {
                "isAdmin": false,
                "isOkta": true,
                "departmentName": person.department,
            },
        })
    },
    group_schemas: &[CORE_V1, "urn:okta:custom:group:1.0"],
    group_extras: |team| json!({"urn:okta:custom:group:1.0": {"description": format!("Pushed: {}", team.name)}}),
    first_members: FirstMembers::Listed,
    rename: Rename::Put,
    membership: Membership::Put,
    timeout: Duration::from_secs(30),
    ..VERSION_1
};

const VERSION_1: Habits = Habits {
    version: Version::V1,
    headers: &[
        ("Accept", "application/json"),
        ("Accept-Charset", "utf-8"),
        ("User-Agent", "Okta SCIM Client 1.0.0"),
    ],
    content_type: "application/json; charset=utf-8",
    user_schemas: &[CORE_V1],
    enterprise: ENTERPRISE_V1,
    group_schemas: &[CORE_V1],
    ..COMMON
};

const COMMON: Habits = Habits {
    headers: &[
        ("Accept", "application/scim+json"),
        ("Accept-Charset", "utf-8"),
        ("User-Agent", "Okta SCIM Client 1.0.0"),
    ],
    content_type: "application/scim+json; charset=utf-8",
    connect: &[
        Probe::List("/Users?startIndex=1&count=2"),
        Probe::List("/Groups?startIndex=1&count=100"),
    ],
    encoding: Encoding::Percent,
    filter_tail: "&startIndex=1&count=100",
    user_keys: &[Key::UserName],
    user_extras: |_| json!({"locale": "en-US", "groups": [], "password": "placeholder-1mz050nq"}),
    reads_first: true,
    group_external_id: false,
    first_members: FirstMembers::Empty,
    leavers: Leavers::Deactivated,
    list_needs: &["totalResults", "startIndex", "itemsPerPage"],
    concurrency: 4,
    temper: TEMPER,
    ..USUAL
};

const TEMPER: &[(Trouble, super::Severity, &str)] = &[
    (
        Trouble::Refused,
        Hurts,
        "Okta reports failed authentication and does not save the integration; running apps stop provisioning",
    ),
    (
        Trouble::Rejected,
        Hurts,
        "Okta does not repeat a 400: the whole change is lost until an administrator repeats the task by hand",
    ),
    (
        Trouble::NoId,
        Hurts,
        "Okta reports \"Create new user returned empty user\", and the person stays unassigned",
    ),
    (
        Trouble::InactiveHidden,
        Hurts,
        "Okta finds nobody when the person is assigned again and creates a second account",
    ),
    (
        Trouble::DuplicateCreated,
        Hurts,
        "Okta links the person to a new, empty account; the old one stays behind with its permissions",
    ),
    (
        Trouble::ConfigIncomplete,
        Notice,
        "Okta assumes that every function exists and offers functions that may not work",
    ),
    (
        Trouble::MembersExtra,
        Hurts,
        "Okta believes the push succeeded: people keep what the group grants",
    ),
    (
        Trouble::MembersMissing,
        Hurts,
        "Okta believes the push succeeded: people lack what the group grants until the group is pushed again",
    ),
    (
        Trouble::NoAnswer,
        Hurts,
        "Okta closes the connection after its time-out and shows the task as failed",
    ),
];
