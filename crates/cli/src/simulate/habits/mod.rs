//! What is peculiar to each identity provider, as data: how it looks for a user, what it sends, what
//! it reads back, and what it does with an answer it does not like.
//!
//! One table per identity provider; the engine (`play`) is the same for all and asks no name.

mod entra;
mod okta;
mod open_source;
mod vendors;

use std::time::Duration;

use serde_json::Value;

use super::{
    judge::{Severity, Trouble},
    person::{Attribute, Person, Team},
    plan::Leavers,
};

/// The version of the protocol that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// SCIM 1.1.
    V1,
    /// SCIM 2.0.
    V2,
}

/// How a filter is written into a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As a form: a space is `+`.
    Form,
    /// Percent-encoded: a space is `%20`.
    Percent,
    /// As `Percent`, with `@` and `'` as they are.
    Url,
}

/// What an object is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    UserName,
    DisplayName,
    ExternalId,
}

/// A step of the connection test.
#[derive(Clone, Copy, Debug)]
pub(super) enum Probe {
    /// Looks up a user that cannot exist: an empty list must come.
    NobodyUser(Key),
    /// Looks up a group that cannot exist: an empty list must come.
    NobodyGroup(Key),
    /// Reads that list.
    List(&'static str),
    /// Reads a configuration document and looks for these JSON pointers.
    Config {
        path: &'static str,
        needs: &'static [&'static str],
    },
    /// Makes a test user and a test group, and deletes them.
    TestObjects,
}

/// How a PATCH of a user is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UserPatch {
    /// One capitalised operation per attribute, booleans as `"True"` and `"False"`.
    Capitalised,
    /// One operation without a path that holds dotted and URN-qualified keys; addresses apart.
    Merged,
    /// One operation without a path.
    Pathless,
    /// One operation with a path per attribute, booleans as `"true"` and `"false"`.
    Paths,
    /// The partial resource of SCIM 1.1.
    Partial,
}

/// How a user is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Update {
    /// PATCH of what has changed.
    Patch(UserPatch),
    /// PUT of everything that the identity provider knows.
    Put,
    /// PUT of what was read before, with the changes in it.
    PutEcho,
}

/// What the body of a new group says about members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstMembers {
    /// Nothing; they follow.
    Absent,
    /// An empty list; they follow.
    Empty,
    /// All of them.
    Listed,
}

/// How a group is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rename {
    /// PATCH with the path `displayName`, the operation in capitals.
    Capitalised,
    /// PATCH with the path `displayName`.
    Path,
    /// PATCH without a path, with `id` and `displayName`.
    WithId,
    /// PATCH without a path, with the whole resource.
    Whole,
    /// The partial resource of SCIM 1.1.
    Partial,
    /// PUT of everything.
    Put,
}

/// How members come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    /// `Add` and `Remove` with the path `members` and a list of values.
    Capitalised,
    /// `add` with a list of values, `remove` with a filter, one operation each.
    Filter,
    /// `add` and `remove` with the path `members` and a list of values.
    Values,
    /// As `Values`, one operation per member.
    OneEach,
    /// As `Filter`, in one request in which the removals come first; the name is sent before.
    Delta,
    /// SCIM 1.1: a list of members, each with `operation` if it goes.
    Partial,
    /// PUT of everything; an empty list is sent as such.
    Put,
    /// PUT of everything; an empty list is left out.
    PutOmitEmpty,
}

/// What is peculiar to an identity provider.
#[expect(
    clippy::struct_excessive_bools,
    reason = "habits that have nothing to do with each other"
)]
pub(super) struct Habits {
    /// What the command line calls it.
    pub(super) slug: &'static str,
    /// What people call it.
    pub(super) name: &'static str,
    /// The version it speaks.
    pub(super) version: Version,
    /// Headers of every request, beside authentication.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// Content type of every body.
    pub(super) content_type: &'static str,
    /// The connection test.
    pub(super) connect: &'static [Probe],
    /// How filters are written.
    pub(super) encoding: Encoding,
    /// What comes between `?` and `filter` when groups are read.
    pub(super) group_query: &'static str,
    /// What comes behind a filter.
    pub(super) filter_tail: &'static str,
    /// What comes behind the path of a write.
    pub(super) write_tail: &'static str,
    /// What users are looked up by before they are created, in order.
    pub(super) user_keys: &'static [Key],
    /// What groups are looked up by before they are created, in order.
    pub(super) group_keys: &'static [Key],
    /// Attributes that it sends and compares.
    pub(super) attributes: &'static [Attribute],
    /// `schemas` of users.
    pub(super) user_schemas: &'static [&'static str],
    /// The key under which departments are sent.
    pub(super) enterprise: &'static str,
    /// `type` of the address, if one is sent.
    pub(super) email_type: Option<&'static str>,
    /// What else stands in a new user.
    pub(super) user_extras: fn(&Person) -> Value,
    /// How users are changed.
    pub(super) update: Update,
    /// How users are activated and deactivated.
    pub(super) switch: Update,
    /// Whether a user is read before it is changed.
    pub(super) reads_first: bool,
    /// `schemas` of groups.
    pub(super) group_schemas: &'static [&'static str],
    /// Whether groups have an `externalId`.
    pub(super) group_external_id: bool,
    /// What else stands in a new or replaced group.
    pub(super) group_extras: fn(&Team) -> Value,
    /// Members of a new group.
    pub(super) first_members: FirstMembers,
    /// How groups are renamed.
    pub(super) rename: Rename,
    /// How members come and go.
    pub(super) membership: Membership,
    /// Whether the first members are pushed as a whole (`replace members`).
    pub(super) full_push: bool,
    /// Whether it asks first whether a single member is one already, and a manager set already.
    pub(super) asks_first: bool,
    /// Whether it reads the groups of a user out of the user.
    pub(super) reads_groups_of_user: bool,
    /// Most members in one request.
    pub(super) batch: usize,
    /// What it does with people who leave.
    pub(super) leavers: Leavers,
    /// Members of a list answer that it cannot do without.
    pub(super) list_needs: &'static [&'static str],
    /// When it gives up waiting for an answer.
    pub(super) timeout: Duration,
    /// How often it sends a request whose answer is lost or an error of the server.
    pub(super) attempts: u32,
    /// How many requests it has under way.
    pub(super) concurrency: usize,
    /// Where its requests leave the standard: kind of request and how.
    pub(super) departures: &'static [(&'static str, &'static str)],
    /// What it does about troubles, where that differs from what most do.
    pub(super) temper: &'static [(Trouble, Severity, &'static str)],
}

/// Every identity provider that can be played.
pub(super) const ALL: &[&Habits] = &[
    &entra::DEFAULT,
    &entra::FLAG,
    &okta::WIZARD,
    &okta::CATALOGUE,
    &okta::V1,
    &okta::ON_PREMISES,
    &vendors::ONELOGIN,
    &open_source::AUTHENTIK,
    &open_source::RAUTHY,
    &open_source::KEYCLOAK,
    &open_source::KEYCLOAK_PATCH,
    &vendors::JUMPCLOUD,
];

/// The identity provider of that name.
pub(super) fn find(slug: &str) -> Option<&'static Habits> {
    ALL.iter().copied().find(|habits| habits.slug == slug)
}

const CORE_V2: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP_V2: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE_V2: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const CORE_V1: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE_V1: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// Nothing else.
const NO_HEADERS: &[(&str, &str)] = &[];
const NO_PERSON_EXTRAS: fn(&Person) -> Value = |_| Value::Null;
const NO_TEAM_EXTRAS: fn(&Team) -> Value = |_| Value::Null;

/// What most identity providers do; tables say where they differ.
const USUAL: Habits = Habits {
    slug: "",
    name: "",
    version: Version::V2,
    headers: NO_HEADERS,
    content_type: "application/scim+json",
    connect: &[],
    encoding: Encoding::Percent,
    group_query: "",
    filter_tail: "",
    write_tail: "",
    user_keys: &[Key::UserName],
    group_keys: &[Key::DisplayName],
    attributes: &[
        Attribute::UserName,
        Attribute::ExternalId,
        Attribute::DisplayName,
        Attribute::GivenName,
        Attribute::FamilyName,
        Attribute::Email,
        Attribute::Active,
    ],
    user_schemas: &[CORE_V2],
    enterprise: ENTERPRISE_V2,
    email_type: Some("work"),
    user_extras: NO_PERSON_EXTRAS,
    update: Update::Put,
    switch: Update::Put,
    reads_first: false,
    group_schemas: &[GROUP_V2],
    group_external_id: true,
    group_extras: NO_TEAM_EXTRAS,
    first_members: FirstMembers::Absent,
    rename: Rename::Path,
    membership: Membership::Values,
    full_push: false,
    asks_first: false,
    reads_groups_of_user: false,
    batch: usize::MAX,
    leavers: Leavers::Deleted,
    list_needs: &["totalResults"],
    timeout: Duration::from_secs(60),
    attempts: 3,
    concurrency: 1,
    departures: &[],
    temper: &[],
};

/// Removal of members by their values.
const REMOVAL_BY_VALUE: (&str, &str) = (
    "change members",
    "members to remove are sent as `value`; RFC 7644, section 3.5.2.2, knows a filter in the path only",
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_identity_provider_has_a_name_of_its_own() {
        let slugs: BTreeSet<_> = ALL.iter().map(|habits| habits.slug).collect();
        assert_eq!(slugs.len(), ALL.len());
        for habits in ALL {
            assert!(!habits.name.is_empty() && !habits.slug.is_empty());
            assert!(find(habits.slug).is_some(), "{}", habits.slug);
        }
    }
}
