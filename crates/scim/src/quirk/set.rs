//! Which quirks a tenant understands, and asking them.

use serde_json::{Map, Value};

use super::{Members, Misfit, Quirk, Rewrite, TABLE};
use crate::{filter::Literal, schema::ResourceType};

/// Some of the rows of [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuirkSet {
    /// One bit for each row, by its id.
    rows: u32,
    /// What it was before a tenant changed it.
    base: u32,
}

impl QuirkSet {
    /// None of them.
    pub const NONE: Self = Self { rows: 0, base: 0 };
    /// All of them.
    pub const ALL: Self = Self {
        rows: u32::MAX,
        base: u32::MAX,
    };

    /// Whether the quirk is understood.
    pub fn has(self, quirk: &Quirk) -> bool {
        self.rows & bit(quirk) != 0
    }

    /// With one quirk switched.
    #[must_use]
    pub fn with(self, quirk: &Quirk, is_on: bool) -> Self {
        let rows = if is_on {
            self.rows | bit(quirk)
        } else {
            self.rows & !bit(quirk)
        };
        Self { rows, ..self }
    }

    /// This set with the switches that were changed in `other`.
    #[must_use]
    pub fn with_changes_of(self, other: Self) -> Self {
        let changed = other.rows ^ other.base;
        Self {
            rows: (self.base & !changed) | (other.rows & changed),
            ..self
        }
    }

    /// The quirks that were switched, and how.
    pub fn changes(self) -> impl Iterator<Item = (&'static Quirk, bool)> {
        TABLE
            .iter()
            .filter(move |quirk| (self.rows ^ self.base) & bit(quirk) != 0)
            .map(move |quirk| (*quirk, self.has(quirk)))
    }

    fn rewrites(self) -> impl Iterator<Item = &'static Rewrite> {
        TABLE
            .iter()
            .filter(move |quirk| self.has(quirk))
            .map(|quirk| &quirk.rewrite)
    }

    /// What to read instead of a value that does not fit; the value itself if no quirk knows it.
    pub(crate) fn value(self, place: Misfit, mut value: Value) -> Result<Value, Value> {
        for rewrite in self.rewrites() {
            if let Rewrite::Value(rewrite) = rewrite {
                value = match rewrite(place, value) {
                    Ok(rewritten) => return Ok(rewritten),
                    Err(value) => value,
                };
            }
        }
        Err(value)
    }

    /// Rewrites an element of a list.
    pub(crate) fn element(self, object: &mut Map<String, Value>) {
        for rewrite in self.rewrites() {
            if let Rewrite::Element(rewrite) = rewrite {
                rewrite(object);
            }
        }
    }

    /// Rewrites a list.
    pub(crate) fn list(self, items: &mut Vec<Value>) {
        for rewrite in self.rewrites() {
            if let Rewrite::List(rewrite) = rewrite {
                rewrite(items);
            }
        }
    }

    /// The members that a member becomes whose key names no attribute; its value if no quirk knows
    /// it.
    pub(crate) fn member(
        self,
        kind: &'static ResourceType,
        key: &str,
        mut value: Value,
    ) -> Members {
        for rewrite in self.rewrites() {
            if let Rewrite::Key(rewrite) = rewrite {
                value = match rewrite(kind, key, value) {
                    Ok(members) => return Ok(members),
                    Err(value) => value,
                };
            }
        }
        Err(value)
    }

    /// Whether a key is read as a path.
    pub(crate) fn is_path(self, key: &str) -> bool {
        self.rewrites()
            .any(|rewrite| matches!(rewrite, Rewrite::Path(is_path) if is_path(key)))
    }

    /// The literal that a word in a filter means.
    pub(crate) fn word(self, word: &str) -> Option<Literal> {
        self.rewrites().find_map(|rewrite| match rewrite {
            Rewrite::Word(read) => read(word),
            _ => None,
        })
    }
}

fn bit(quirk: &Quirk) -> u32 {
    1_u32.checked_shl(quirk.id.into()).unwrap_or_default()
}

/// The row with that setting.
pub(super) fn find(setting: &str) -> Option<&'static Quirk> {
    TABLE
        .iter()
        .copied()
        .find(|quirk| quirk.setting.eq_ignore_ascii_case(setting))
}

impl Quirk {
    /// The quirk that a tenant's setting of that key switches.
    pub fn of_setting(key: &str) -> Option<&'static Self> {
        find(key)
    }
}
