//! Which parts of a document are wanted, and which it has.

use std::{collections::BTreeSet, fmt};

use super::{Feed, FeedError, Parts};

/// How many parts an error names.
const OFFERED: usize = 12;

/// Names are compared exactly: `AzureActiveDirectory.ServiceEndpoint` is no region of
/// `AzureActiveDirectory`.
pub(super) struct Choice<'a> {
    feed: &'static str,
    parts: Parts,
    wanted: Vec<(&'a str, bool)>,
    /// Names like a part that was not found.
    near: BTreeSet<String>,
    /// The first names, where none is like it.
    first: BTreeSet<String>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(feed: &Feed, parts: &'a [String]) -> Self {
        Self {
            feed: feed.name,
            parts: feed.parts,
            wanted: parts.iter().map(|part| (part.as_str(), false)).collect(),
            near: BTreeSet::new(),
            first: BTreeSet::new(),
        }
    }

    /// Whether an entry that goes by these names is wanted.
    pub(super) fn takes(&mut self, names: &[&str]) -> bool {
        let takes_all = !matches!(self.parts, Parts::Required(_));
        let mut taken = takes_all && self.wanted.is_empty();
        for (part, found) in &mut self.wanted {
            if names.contains(part) {
                *found = true;
                taken = true;
            }
        }
        if !taken {
            for name in names {
                self.offer(name);
            }
        }
        taken
    }

    /// Remembers names for the error.
    fn offer(&mut self, name: &str) {
        let kin = |part: &str| {
            let start = part.get(..part.len().min(3)).unwrap_or(part);
            name.to_ascii_lowercase()
                .contains(&start.to_ascii_lowercase())
        };
        let is_near = self.wanted.iter().any(|(part, found)| !found && kin(part));
        let list = if is_near {
            &mut self.near
        } else {
            &mut self.first
        };
        if list.len() < OFFERED && !list.contains(name) {
            list.insert(name.chars().take(64).collect());
        }
    }

    pub(super) fn malformed(&self, reason: &impl fmt::Display) -> FeedError {
        FeedError::Malformed {
            feed: self.feed,
            reason: reason.to_string(),
        }
    }

    pub(super) fn finish(self) -> Result<(), FeedError> {
        let offered = if self.near.is_empty() {
            self.first
        } else {
            self.near
        };
        let offered = offered.into_iter().collect();
        if let Some((part, _)) = self.wanted.iter().find(|(_, found)| !found) {
            return Err(FeedError::Missing {
                part: (*part).to_owned(),
                offered,
            });
        }
        match self.parts {
            Parts::Required(what) if self.wanted.is_empty() => {
                Err(FeedError::Unchosen { what, offered })
            }
            Parts::Required(_) | Parts::Optional(_) | Parts::None => Ok(()),
        }
    }
}
