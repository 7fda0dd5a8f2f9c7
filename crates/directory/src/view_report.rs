//! What administrators are told about a view: what it shows, what it hides, what a change of its
//! settings would do, and where its application stands.

use provost_scim::Timestamp;

use crate::{brake::Loss, change::Position, id::GroupId};

/// A user or group that the view hides, because another one has its name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Slug of its tenant.
    pub tenant: String,
    /// Its userName or displayName.
    pub name: String,
    /// The name it would have in the view.
    pub wanted: String,
}

/// A group that the application knows under another name than it has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptName {
    /// The group.
    pub group: GroupId,
    /// The name that the application sees.
    pub shown: String,
    /// The name it has at the identity provider.
    pub current: String,
    /// How many direct members it has.
    pub members: u64,
}

/// Some of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample<T> {
    /// How many there are.
    pub total: u64,
    /// The first ones.
    pub first: Vec<T>,
}

impl<T> Default for Sample<T> {
    fn default() -> Self {
        Self {
            total: 0,
            first: Vec::new(),
        }
    }
}

/// How many of each are shown to administrators.
const FIRST: usize = 20;

impl<T> Sample<T> {
    pub(crate) fn push(&mut self, item: T) {
        self.total += 1;
        if self.first.len() < FIRST {
            self.first.push(item);
        }
    }
}

/// What a view shows and hides.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Names of users.
    pub users: Sample<String>,
    /// How many of them are inactive.
    pub inactive: u64,
    /// How many have a derived e-mail address.
    pub without_email: u64,
    /// Names of groups.
    pub groups: Sample<String>,
    /// Memberships of users and of child groups.
    pub memberships: u64,
    /// Users that are hidden because of their name.
    pub hidden_users: Sample<Hidden>,
    /// Groups that are hidden because of their name.
    pub hidden_groups: Sample<Hidden>,
    /// Groups that were renamed since the application saw them first.
    pub kept_names: Vec<KeptName>,
}

/// What becomes of users or groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Come into sight.
    pub appear: Sample<String>,
    /// Go out of sight; the application deletes or deactivates them.
    pub vanish: Sample<String>,
    /// Old and new name.
    pub renamed: Sample<(String, String)>,
    /// Members of groups come or go, or a user becomes inactive or active.
    pub changed: Sample<String>,
}

impl Difference {
    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a change of settings would do.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// To users.
    pub users: Difference,
    /// To groups.
    pub groups: Difference,
    /// Memberships now and then.
    pub memberships: (u64, u64),
}

/// Where an application stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// When it last asked for changes or for everything.
    pub last_synchronisation: Option<Timestamp>,
    /// When it last listed everything.
    pub last_full_synchronisation: Option<Timestamp>,
    /// The change it has read up to.
    pub position: Option<u64>,
    /// The end of the log.
    pub head: Position,
    /// How many changes of its tenants it has not read yet.
    pub lag_changes: u64,
    /// When the first of them was made.
    pub lag_since: Option<Timestamp>,
    /// What it would lose with them.
    pub loss: Loss,
    /// Whether the mass-change brake holds them.
    pub is_held: bool,
}

impl Standing {
    /// For how many seconds the oldest change that it has not read has been waiting.
    pub fn lag_seconds(&self, now: Timestamp) -> u64 {
        let waiting = |since: Timestamp| now.as_micros().saturating_sub(since.as_micros());
        let micros = self.lag_since.map_or(0, waiting);
        u64::try_from(micros / 1_000_000).unwrap_or(0)
    }
}
