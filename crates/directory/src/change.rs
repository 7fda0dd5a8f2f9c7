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

/// One entry of the log.
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
