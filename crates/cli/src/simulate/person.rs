//! Users and groups as the identity provider knows them: the truth that the target must follow.

use std::collections::BTreeSet;

/// A user of the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// Place in the plan; the same for the whole life.
    pub(super) number: usize,
    /// The identity provider's own id.
    pub(super) external_id: String,
    /// Account name, which is also the address.
    pub(super) user_name: String,
    /// Given name.
    pub(super) given: String,
    /// Family name.
    pub(super) family: String,
    /// Job title.
    pub(super) title: String,
    /// Department.
    pub(super) department: String,
    /// Whether the account may be used.
    pub(super) active: bool,
    /// Number of the manager.
    pub(super) manager: Option<usize>,
}

impl Person {
    /// The name that is shown.
    pub(super) fn display(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A group of the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Team {
    /// Place in the plan; the same for the whole life.
    pub(super) number: usize,
    /// The identity provider's own id.
    pub(super) external_id: String,
    /// Name.
    pub(super) name: String,
    /// Numbers of the members.
    pub(super) members: BTreeSet<usize>,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Object {
    /// The user of that number.
    User(usize),
    /// The group of that number.
    Group(usize),
}

impl Object {
    /// Where such things live below the base URL.
    pub(super) const fn endpoint(self) -> &'static str {
        match self {
            Self::User(_) => "/Users",
            Self::Group(_) => "/Groups",
        }
    }
}

/// An attribute of a user that identity providers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    UserName,
    ExternalId,
    DisplayName,
    GivenName,
    FamilyName,
    Email,
    Title,
    Department,
    Active,
    Manager,
}

impl Attribute {
    /// Its path in a PATCH of SCIM 2.0.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::DisplayName => "displayName",
            Self::GivenName => "name.givenName",
            Self::FamilyName => "name.familyName",
            Self::Email => r#"emails[type eq "work"].value"#,
            Self::Title => "title",
            Self::Department => {
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
            }
            Self::Active => "active",
            Self::Manager => "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        }
    }

    /// What a reader calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Email => "emails",
            Self::Department => "department",
            Self::Manager => "manager",
            Self::UserName
            | Self::ExternalId
            | Self::DisplayName
            | Self::GivenName
            | Self::FamilyName
            | Self::Title
            | Self::Active => self.path(),
        }
    }

    /// Whether a server may leave it out without an account going wrong.
    pub(super) const fn is_optional(self) -> bool {
        matches!(self, Self::Title | Self::Department | Self::Manager)
    }
}
