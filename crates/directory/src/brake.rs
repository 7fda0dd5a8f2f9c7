//! The mass-change brake: when a view is frozen (design section 8). Pure rules; the store counts.

use std::collections::HashSet;

use uuid::Uuid;

use crate::{DirectoryError, id::TenantId};

/// When changes that an application has not fetched yet are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brake {
    /// Held when more than so many percent of the people or of the memberships would be lost;
    /// `None` never.
    pub share: Option<u8>,
    /// Never held when fewer people than this lose anything.
    pub least: u64,
}

impl Default for Brake {
    fn default() -> Self {
        Self {
            share: Some(20),
            least: 20,
        }
    }
}

impl Brake {
    /// The share as it is typed.
    pub(crate) fn print_share(self) -> String {
        self.share
            .map_or_else(|| "off".to_owned(), |share| format!("{share}%"))
    }
}

/// Reads `20%`, `20` or `off`.
pub(crate) fn parse_share(value: &str) -> Result<Option<u8>, DirectoryError> {
    if value == "off" {
        return Ok(None);
    }
    let number = value.strip_suffix('%').unwrap_or(value).trim().parse().ok();
    match number.filter(|share| (1..=100).contains(share)) {
        Some(share) => Ok(Some(share)),
        None => Err(DirectoryError::Invalid(format!(
            "mass_change_share={value}: use 1 to 100 percent, such as 20%, or off"
        ))),
    }
}

/// Reads a number of people.
pub(crate) fn parse_least(value: &str) -> Result<u64, DirectoryError> {
    match value.parse() {
        Ok(least) if least >= 1 => Ok(least),
        _ => Err(DirectoryError::Invalid(format!(
            "mass_change_least={value}: use a number of people, 1 or more"
        ))),
    }
}

/// What an application would lose with the changes that it has not fetched yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// People who would be deactivated or removed.
    pub users: u64,
    /// Active people it had.
    pub of_users: u64,
    /// Memberships that would be removed.
    pub memberships: u64,
    /// Memberships it had.
    pub of_memberships: u64,
    /// Groups that would be removed.
    pub groups: u64,
    /// People who would lose anything.
    pub people: u64,
}

impl Loss {
    /// Whether the brake holds it.
    pub fn is_held_by(&self, brake: Brake) -> bool {
        let Some(share) = brake.share else {
            return false;
        };
        let exceeds = |lost: u64, of: u64| {
            lost > 0 && lost.saturating_mul(100) > of.saturating_mul(u64::from(share))
        };
        (self.users >= brake.least && exceeds(self.users, self.of_users))
            || (self.people >= brake.least && exceeds(self.memberships, self.of_memberships))
    }
}

/// What was lost, one by one, so that it can be brought back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lost {
    pub(crate) loss: Loss,
    /// Users that live and are inactive now.
    pub(crate) inactive: HashSet<(TenantId, Uuid)>,
    /// Users that were deleted.
    pub(crate) deleted: HashSet<(TenantId, Uuid)>,
    /// Group and member.
    pub(crate) pairs: HashSet<(TenantId, Uuid, Uuid)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_share_and_enough_people_are_held() {
        let brake = Brake::default();
        for (users, of, held) in [
            (0, 0, false),
            (19, 20, false),
            (20, 100, false),
            (21, 100, true),
            (20, 20, true),
            (200, 1_000, false),
            (201, 1_000, true),
        ] {
            let loss = Loss {
                users,
                of_users: of,
                people: users,
                ..Loss::default()
            };
            assert_eq!(loss.is_held_by(brake), held, "{users} of {of}");
            let off = Brake {
                share: None,
                ..brake
            };
            assert!(!loss.is_held_by(off));
        }
        let memberships = |people| Loss {
            memberships: 300,
            of_memberships: 1_000,
            people,
            ..Loss::default()
        };
        assert!(!memberships(19).is_held_by(brake));
        assert!(memberships(20).is_held_by(brake));
    }
}
