//! Plain numbers about the directory and its work, for those who watch it. What they are called
//! where they are shown is decided there.

use provost_scim::Timestamp;

use crate::{change::Position, node::NodeSeen, view_report::Standing};

/// What the directory holds and where its applications stand.
#[derive(Clone, Debug)]
pub struct Figures {
    /// When they were read.
    pub at: Timestamp,
    /// The end of the change log.
    pub head: Position,
    /// Every tenant, by slug.
    pub tenants: Vec<TenantFigures>,
    /// Every application, by name.
    pub applications: Vec<ApplicationFigures>,
    /// Every named set of addresses, by name.
    pub ip_sets: Vec<IpSetFigures>,
    /// The nodes that share the database; none on SQLite.
    pub nodes: Vec<NodeSeen>,
}

/// How a named set of addresses fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpSetFigures {
    /// Its name.
    pub name: String,
    /// Networks in force.
    pub networks: u64,
    /// When its document was last read successfully.
    pub fetched: Timestamp,
    /// Attempts that failed since.
    pub failures: u64,
    /// Whether it should have been refreshed long ago.
    pub is_overdue: bool,
}

/// What a tenant holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantFigures {
    /// Its slug.
    pub slug: String,
    /// Users, active or not.
    pub users: u64,
    /// Groups.
    pub groups: u64,
    /// Memberships of users and of groups.
    pub memberships: u64,
}

/// Where an application stands.
#[derive(Clone, Debug)]
pub struct ApplicationFigures {
    /// Its name.
    pub name: String,
    /// Where it stands, and what the brake holds.
    pub standing: Standing,
    /// What it does not see as the identity providers have it.
    pub veiled: Veiled,
}

/// What a view keeps from its application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Veiled {
    /// Groups that the application knows by an older name.
    pub kept_group_names: u64,
    /// Users that are hidden because another one has their name.
    pub hidden_users: u64,
    /// Groups that are hidden because another one has their name.
    pub hidden_groups: u64,
}

/// What the process has done since the directory was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// What the store did.
    pub work: Work,
    /// Passwords that are being hashed or wait for it.
    pub hashes_waiting: u64,
    /// Passwords that were not hashed because too many waited.
    pub hashes_refused: u64,
}

/// What a store has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Transactions that were committed.
    pub commits: u64,
    /// Writes in them; several that wait share a commit.
    pub writes: u64,
    /// Transactions that were lost.
    pub failed_commits: u64,
    /// Reads and writes that it could not carry out.
    pub unavailable: u64,
}
