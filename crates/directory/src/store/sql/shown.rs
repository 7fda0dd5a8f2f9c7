//! The names under which a view shows living users, remembered while a listing meets the same
//! users in one group after the other: each reading of a user costs a page of the store.
//!
//! Bounded, so that a listing takes constant memory: what does not fit is read again.

use std::collections::HashMap;

use super::{db::params, lens::Lens, views::Member};
use crate::{DirectoryError, id::TenantId};

/// Users that are remembered at most.
const MOST_USERS: usize = 220_000;
/// Bytes of names that are remembered at most.
const MOST_TEXT: usize = 8 << 20;

/// Names that a listing has met.
pub(super) struct ShownNames<'l, 'c> {
    lens: &'l Lens<'c>,
    known: Known,
}

impl<'l, 'c> ShownNames<'l, 'c> {
    pub(super) fn new(lens: &'l Lens<'c>) -> Self {
        Self {
            lens,
            known: Known::default(),
        }
    }

    /// Meets every user beforehand, where asking for each costs a round trip.
    pub(super) fn meet_all(&mut self) -> Result<(), DirectoryError> {
        if !self.lens.conn.is_shared() {
            return Ok(());
        }
        for tenant in self.lens.tenants() {
            let mut statement = self.lens.conn.prepare_cached(
                "SELECT row, id, active, name FROM resources WHERE tenant = ?1 AND kind = 0 ORDER BY row",
            )?;
            let mut found = statement.stream(params![tenant.0])?;
            while let Some(row) = found.next()? {
                if self.known.is_full() {
                    return Ok(());
                }
                let member = Member::read(*tenant, &row)?;
                self.meet(&member)?;
            }
        }
        Ok(())
    }

    /// The name under which the view shows the living user of that row, if it shows it.
    pub(super) fn of(
        &mut self,
        tenant: TenantId,
        row: i64,
    ) -> Result<Option<String>, DirectoryError> {
        match self.known.get(row) {
            Some("") => return Ok(None),
            Some(name) => return Ok(Some(name.to_owned())),
            None => {}
        }
        let member = self.lens.member(tenant, row)?;
        self.meet(&member)
    }

    fn meet(&mut self, member: &Member) -> Result<Option<String>, DirectoryError> {
        if !self.lens.shows_member(member)? {
            self.known.keep(member.row, "");
            return Ok(None);
        }
        let name = self.lens.settings().user_name(&member.name);
        // A rule may make an empty name, which stands for nobody here.
        if !name.is_empty() {
            self.known.keep(member.row, &name);
        }
        Ok(Some(name))
    }
}

/// Names by row, one behind the other in one text; an empty one is that of a user not shown.
#[derive(Debug, Default)]
struct Known {
    spans: HashMap<i64, (u32, u32)>,
    text: String,
}

impl Known {
    fn get(&self, row: i64) -> Option<&str> {
        let (start, end) = *self.spans.get(&row)?;
        let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
        self.text.get(start..end)
    }

    fn is_full(&self) -> bool {
        self.spans.len() >= MOST_USERS || self.text.len() >= MOST_TEXT
    }

    /// Remembers a name if there is room.
    fn keep(&mut self, row: i64, name: &str) {
        let (start, end) = (self.text.len(), self.text.len() + name.len());
        if self.spans.len() >= MOST_USERS || end > MOST_TEXT {
            return;
        }
        if let (Ok(start), Ok(end)) = (start.try_into(), end.try_into()) {
            self.spans.insert(row, (start, end));
            self.text.push_str(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_remembered_and_nothing_else() {
        let mut known = Known::default();
        for (row, name) in [(7, "anna"), (9, ""), (8, "bjørn")] {
            assert_eq!(known.get(row), None);
            known.keep(row, name);
        }
        known.keep(10, &"x".repeat(MOST_TEXT));
        assert_eq!(known.get(10), None);
        for row in 11.. {
            known.keep(row, "y");
            if known.get(row).is_none() {
                break;
            }
        }
        assert_eq!(known.spans.len(), MOST_USERS);
        let found = [7, 9, 8, 11].map(|row| known.get(row));
        assert_eq!(found, [Some("anna"), Some(""), Some("bjørn"), Some("y")]);
    }
}
