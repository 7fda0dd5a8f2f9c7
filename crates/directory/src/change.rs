//! The change log: what happened, in order.

use std::fmt;

use provost_scim::Timestamp;

/// A place in the log: `{epoch}.{number}`, also the Crowd event token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Number of the log's history; a restore starts a new one.
    pub epoch: u64,
    /// Number of the last change seen.
    pub number: u64,
}

impl Position {
    /// Reads what `Display` printed.
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, number) = text.split_once('.')?;
        let digits = |part: &str| {
            (!part.is_empty() && part.len() <= 19 && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        Some(Self {
            epoch: digits(epoch)?,
            number: digits(number)?,
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.number)
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ChangeKind {
    UserCreated,
    UserUpdated,
    /// The userName changed, maybe with other attributes.
    UserRenamed,
    UserDeleted,
    /// `active` became false, maybe with other attributes.
    UserDeactivated,
    /// `active` became true, maybe with other attributes.
    UserActivated,
    /// A tombstone went (policy `deleted_users`).
    UserForgotten,
    GroupCreated,
    GroupUpdated,
    /// The displayName changed, maybe with other attributes.
    GroupRenamed,
    GroupDeleted,
    MemberAdded,
    MemberRemoved,
}

/// The numbers stand in databases and in the hash chain; they never change.
const CODES: [(ChangeKind, i64); 13] = [
    (ChangeKind::UserCreated, 1),
    (ChangeKind::UserUpdated, 2),
    (ChangeKind::UserRenamed, 3),
    (ChangeKind::UserDeleted, 4),
    (ChangeKind::UserForgotten, 5),
    (ChangeKind::GroupCreated, 6),
    (ChangeKind::GroupUpdated, 7),
    (ChangeKind::GroupRenamed, 8),
    (ChangeKind::GroupDeleted, 9),
    (ChangeKind::MemberAdded, 10),
    (ChangeKind::MemberRemoved, 11),
    (ChangeKind::UserDeactivated, 12),
    (ChangeKind::UserActivated, 13),
];

impl ChangeKind {
    /// The number in the store.
    pub(crate) fn code(self) -> i64 {
        CODES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or(0, |(_, code)| *code)
    }

    /// The kind with that number.
    pub(crate) fn from_code(code: i64) -> Option<Self> {
        CODES
            .iter()
            .find(|(_, number)| *number == code)
            .map(|(kind, _)| *kind)
    }
}

/// One entry of the log.
///
/// The memberships of a deleted group end with `GroupDeleted` and have no entries of their own;
/// those of a deleted user have.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its place.
    pub position: Position,
    /// Slug of the tenant.
    pub tenant: String,
    /// What happened.
    pub kind: ChangeKind,
    /// Id of the user or group.
    pub object: String,
    /// Name of the object after the change (before it, for deletions).
    pub name: String,
    /// Id of the member that came or went.
    pub member: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Token id, or `admin`.
    pub actor: String,
    /// Request id.
    pub request: String,
}

/// Who makes a change, for the log.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Token id, or `admin`.
    pub name: String,
    /// Request id.
    pub request: String,
}
