//! Microsoft Entra ID, with and without the compliance flag `aadOptscim062020`.
//!
//! Sources: the provisioning documents of Microsoft and requests that customers recorded. How many
//! requests it has under way and how many members it puts into one is not published; the figures
//! here are moderate.

use serde_json::json;

use super::{
    CORE_V2, ENTERPRISE_V2, Encoding, GROUP_V2, Habits, Key, Membership, Probe, REMOVAL_BY_VALUE,
    Rename, USUAL, Update, UserPatch,
};
use crate::simulate::{
    judge::{
        Severity::{Hurts, Notice},
        Trouble,
    },
    person::Attribute,
};

/// Today's default.
pub(super) static DEFAULT: Habits = Habits {
    slug: "entra",
    name: "Microsoft Entra ID",
    departures: &[
        REMOVAL_BY_VALUE,
        TEXT_UPDATE,
        TEXT_OFF,
        TEXT_ON,
        SCHEMA,
        MANAGER,
        ASKED,
    ],
    ..COMMON
};

/// With `?aadOptscim062020` behind the tenant URL.
pub(super) static FLAG: Habits = Habits {
    slug: "entra-scim-flag",
    name: "Microsoft Entra ID with aadOptscim062020",
    update: Update::Patch(UserPatch::Merged),
    switch: Update::Patch(UserPatch::Merged),
    rename: Rename::Path,
    membership: Membership::Filter,
    departures: &[DOTTED, SCHEMA, MANAGER, ASKED],
    ..COMMON
};

const COMMON: Habits = Habits {
    headers: &[("ADSCIMVersion", "5.0")],
    content_type: "application/scim+json; charset=utf-8",
    connect: &[
        Probe::NobodyUser(Key::UserName),
        Probe::NobodyUser(Key::ExternalId),
        Probe::NobodyGroup(Key::DisplayName),
    ],
    encoding: Encoding::Form,
    group_query: "excludedAttributes=members",
    attributes: &[
        Attribute::UserName,
        Attribute::ExternalId,
        Attribute::DisplayName,
        Attribute::GivenName,
        Attribute::FamilyName,
        Attribute::Email,
        Attribute::Title,
        Attribute::Department,
        Attribute::Active,
        Attribute::Manager,
    ],
    user_schemas: &[CORE_V2, ENTERPRISE_V2],
    user_extras: |_| json!({"meta": {"resourceType": "User"}, "roles": []}),
    update: Update::Patch(UserPatch::Capitalised),
    switch: Update::Patch(UserPatch::Capitalised),
    reads_first: true,
    group_schemas: &[
        GROUP_V2,
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
    ],
    group_extras: |_| json!({"meta": {"resourceType": "Group"}}),
    rename: Rename::Capitalised,
    membership: Membership::Capitalised,
    asks_first: true,
    batch: 100,
    concurrency: 4,
    temper: TEMPER,
    ..USUAL
};

const TEXT: &str = "operations are capitalised and booleans are text; RFC 7644, section 3.5.2, knows `add`, `remove` and `replace`, and RFC 7643, section 2.3.2, true and false";
const TEXT_UPDATE: (&str, &str) = ("update user", TEXT);
const TEXT_OFF: (&str, &str) = ("deactivate user", TEXT);
const TEXT_ON: (&str, &str) = ("activate user", TEXT);
const DOTTED: (&str, &str) = (
    "update user",
    "an operation without a path has dotted and URN-qualified keys; RFC 7644, section 3.5.2, expects the structure of the resource",
);
const SCHEMA: (&str, &str) = (
    "create group",
    "`schemas` names an extension of Microsoft that no server announces",
);
const MANAGER: (&str, &str) = (
    "set manager",
    "the manager is a bare string; RFC 7643, section 4.3, has an object with `value`",
);
const ASKED: (&str, &str) = (
    "ask for reference",
    "the extension's attribute stands in the filter without its URN, and a complex attribute is compared as a whole; RFC 7644, section 3.10, asks for the URN",
);

const TEMPER: &[(Trouble, super::Severity, &str)] = &[
    (
        Trouble::Refused,
        Hurts,
        "Entra quarantines the job at once as \"invalid credentials\"; after four weeks it is disabled",
    ),
    (
        Trouble::LookupNotFound,
        Hurts,
        "Entra takes it for non-compliance with SCIM and quarantines the job at once",
    ),
    (
        Trouble::NoEndpoint,
        Hurts,
        "Entra takes it for non-compliance with SCIM and quarantines the job at once",
    ),
    (
        Trouble::UnfilteredList,
        Hurts,
        "Entra matches the wrong account and overwrites it, or reports several matches and skips the user",
    ),
    (
        Trouble::Rejected,
        Hurts,
        "Entra puts the object into escrow and repeats after 6, 12 and 24 hours, then daily for 28 days; with more than 40 % of such failures the job is quarantined",
    ),
    (
        Trouble::ServerError,
        Hurts,
        "Entra repeats the same request in every cycle without end; with more than 40 % of such failures the job is quarantined",
    ),
    (
        Trouble::Throttled,
        Hurts,
        "Entra does not reliably honour Retry-After; short phases of 429 have put jobs into quarantine",
    ),
    (
        Trouble::ContentType,
        Hurts,
        "Microsoft's validator stops at the first such answer, and the provisioning service may not read the body",
    ),
    (
        Trouble::InactiveHidden,
        Hurts,
        "Entra thinks that the disabled user was deleted and creates a second account",
    ),
    (
        Trouble::ValueChanged,
        Hurts,
        "Entra sees a difference and sends the same change again in every cycle",
    ),
    (
        Trouble::OptionalDropped,
        Notice,
        "Entra sees a difference and sends the same attribute again in every cycle; remove it from the attribute mapping",
    ),
    (
        Trouble::MembersExtra,
        Hurts,
        "Entra does not read members back: people keep what the group grants after they were removed",
    ),
    (
        Trouble::MembersMissing,
        Hurts,
        "Entra does not read members back: people lose what the group grants until somebody restarts provisioning",
    ),
];
