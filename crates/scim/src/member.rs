//! Memberships: what a group change asks for, and what an answer shows.
//!
//! Members are never part of a group's document, so a change is expressed as operations whose
//! cost follows the change and not the group.

use crate::filter::BoundFilter;

/// What kind of resource a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberKind {
    /// A user.
    User,
    /// A nested group.
    Group,
}

impl MemberKind {
    /// `User` or `Group`, as in `members.type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// One step of a group change. Steps run in order.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberOp {
    /// Add these ids; one that is a member already stays.
    Add(Vec<String>),
    /// Remove these ids; one that is no member is no error.
    Remove(Vec<String>),
    /// Remove the members whose sub-attributes match.
    RemoveMatching(BoundFilter),
    /// Remove all members.
    Clear,
}

/// A member as an answer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Id of the user or group.
    pub id: String,
    /// What it is.
    pub kind: MemberKind,
    /// The user's `displayName` or `userName`, the group's `displayName`.
    pub display: String,
}

/// A group in the `groups` attribute of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRef {
    /// Id of the group.
    pub id: String,
    /// The group's `displayName`.
    pub display: String,
    /// `true` for `direct`, `false` for `indirect`.
    pub direct: bool,
}
