//! authentik, rauthy, and Keycloak with the extension keycloak-scim.
//!
//! Source: the code of these clients.

use std::time::Duration;

use serde_json::json;

use super::{
    Encoding, FirstMembers, Habits, Key, Membership, Probe, REMOVAL_BY_VALUE, Rename, USUAL,
    Update, UserPatch,
};
use crate::simulate::{
    judge::{Severity::Hurts, Trouble},
    person::Attribute,
};

/// Reads the configuration first, posts without looking, one operation per member.
pub(super) static AUTHENTIK: Habits = Habits {
    slug: "authentik",
    name: "authentik",
    headers: &[("Accept", "application/scim+json")],
    connect: &[
        Probe::Config {
            path: "/ServiceProviderConfig",
            needs: &[
                "/patch/supported",
                "/bulk/supported",
                "/bulk/maxOperations",
                "/filter/supported",
            ],
        },
        Probe::List("/Users"),
        Probe::List("/Groups?startIndex=1"),
    ],
    encoding: Encoding::Form,
    user_keys: &[],
    group_keys: &[],
    rename: Rename::Whole,
    membership: Membership::OneEach,
    departures: &[REMOVAL_BY_VALUE],
    batch: 100,
    concurrency: 2,
    temper: &[
        (
            Trouble::ConfigIncomplete,
            Hurts,
            "authentik cannot read the document and assumes a server without PATCH and filters",
        ),
        (
            Trouble::Vanished,
            Hurts,
            "authentik forgets its link to the account and creates it again",
        ),
        (
            Trouble::DuplicateOtherStatus,
            Hurts,
            "authentik only looks for the existing account after a 409; otherwise the task fails for ever",
        ),
        (
            Trouble::ListTorn,
            Hurts,
            "authentik asks for further pages until it has seen totalResults: an endless loop",
        ),
    ],
    ..USUAL
};

/// Looks up by its own id, then by name; the address is the name; compares the groups of users.
pub(super) static RAUTHY: Habits = Habits {
    slug: "rauthy",
    name: "rauthy",
    connect: &[Probe::NobodyUser(Key::ExternalId)],
    encoding: Encoding::Url,
    user_keys: &[Key::ExternalId, Key::UserName],
    group_keys: &[Key::ExternalId, Key::DisplayName],
    attributes: &[
        Attribute::UserName,
        Attribute::ExternalId,
        Attribute::GivenName,
        Attribute::FamilyName,
        Attribute::Email,
        Attribute::Active,
    ],
    email_type: None,
    user_extras: |person| {
        json!({
            "displayName": person.user_name,
            "preferredLanguage": "en",
            "locale": "en",
            "roles": [],
        })
    },
    reads_groups_of_user: true,
    departures: &[REMOVAL_BY_VALUE],
    list_needs: &["totalResults", "itemsPerPage"],
    temper: &[
        (
            Trouble::ListIncomplete,
            Hurts,
            "rauthy cannot read the answer; the sync task is repeated every 60 to 90 seconds, 100 times",
        ),
        (
            Trouble::ValueChanged,
            Hurts,
            "rauthy refuses a user whose answer does not carry what was sent, externalId above all",
        ),
        (
            Trouble::GroupsOfUser,
            Hurts,
            "rauthy compares memberships in the user's groups and adds or removes the person at every sync",
        ),
    ],
    ..USUAL
};

/// PUT for users and groups; leaves `members` out when nobody is left.
pub(super) static KEYCLOAK: Habits = Habits {
    slug: "keycloak",
    name: "Keycloak with keycloak-scim",
    connect: &[Probe::List("/Users")],
    user_keys: &[],
    group_keys: &[],
    email_type: None,
    user_extras: |_| json!({"roles": []}),
    first_members: FirstMembers::Listed,
    rename: Rename::Put,
    membership: Membership::PutOmitEmpty,
    departures: &[(
        "change members",
        "`members` is left out when nobody is left; RFC 7644, section 3.5.1, lets a server keep or clear what is left out",
    )],
    timeout: Duration::from_secs(5),
    attempts: 10,
    temper: &[
        (
            Trouble::NoAnswer,
            Hurts,
            "Keycloak gives up after 5 seconds, and after ten attempts the change is lost",
        ),
        (
            Trouble::MembersExtra,
            Hurts,
            "Keycloak leaves `members` out when a group has become empty and relies on the server to clear it: people keep what the group grants. On Provost: `provost tenant set SLUG put_without_members=clear`",
        ),
        (
            Trouble::ValueChanged,
            Hurts,
            "Keycloak reads displayName and active from the answer unchecked and fails without them",
        ),
    ],
    ..USUAL
};

/// The same with updates by PATCH.
pub(super) static KEYCLOAK_PATCH: Habits = Habits {
    slug: "keycloak-patch",
    name: "Keycloak with keycloak-scim, PATCH",
    update: Update::Patch(UserPatch::Paths),
    switch: Update::Patch(UserPatch::Paths),
    connect: KEYCLOAK_CONNECT,
    user_keys: &[],
    group_keys: &[],
    email_type: None,
    user_extras: |_| json!({"roles": []}),
    first_members: FirstMembers::Listed,
    rename: Rename::Path,
    membership: Membership::Values,
    departures: &[
        REMOVAL_BY_VALUE,
        ("activate user", KEYCLOAK_TEXT),
        ("deactivate user", KEYCLOAK_TEXT),
    ],
    timeout: Duration::from_secs(5),
    attempts: 10,
    attributes: &[
        Attribute::UserName,
        Attribute::ExternalId,
        Attribute::DisplayName,
        Attribute::Active,
    ],
    ..USUAL
};

const KEYCLOAK_CONNECT: &[Probe] = &[Probe::List("/Users")];

const KEYCLOAK_TEXT: &str = "booleans are text; RFC 7643, section 2.3.2, has true and false";
