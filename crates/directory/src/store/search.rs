//! Searches in an order: what an engine looks through, and how what it finds is ranked.

use std::{cmp::Ordering, collections::BinaryHeap};

use provost_scim::{filter::BoundFilter, schema::ResourceType, sort::Sort, sort::SortKey};

use super::{Kind, Load, Stored};
use crate::cursor::Place;

/// The resources of one kind that a search covers.
#[derive(Clone, Debug)]
pub(crate) struct SearchPart {
    pub(crate) kind: Kind,
    /// What the tenant's resources of the kind look like.
    pub(crate) of: &'static ResourceType,
    pub(crate) filter: Option<BoundFilter>,
    pub(crate) sort: Option<Sort>,
    pub(crate) load: Load,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub(crate) enum Window {
    /// After so many matches.
    Skip(u64),
    /// After this place, whatever there was before it.
    After(Place),
}

/// A page of one order over all parts.
#[derive(Clone, Debug)]
pub(crate) struct SearchQuery {
    pub(crate) parts: Vec<SearchPart>,
    pub(crate) window: Window,
    /// Most items to return.
    pub(crate) take: u64,
}

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// How many match in all, before and after the page too.
    pub(crate) total: u64,
    pub(crate) items: Vec<(Kind, Stored)>,
    /// The place of the last item, if more follow.
    pub(crate) next: Option<Place>,
}

/// A match with its rank: by key, then in the order of insertion; the whole turned round when
/// descending.
#[derive(Clone, Debug)]
pub(crate) struct Ranked {
    pub(crate) place: Place,
    pub(crate) descending: bool,
    /// Which part of the search it belongs to.
    pub(crate) part: usize,
}

impl Ranked {
    fn ascending(&self) -> (&SortKey, i64) {
        (&self.place.key, self.place.row)
    }

    /// Whether it comes after a place of the same order.
    pub(crate) fn is_after(&self, place: &Place) -> bool {
        let order = self.ascending().cmp(&(&place.key, place.row));
        order
            == if self.descending {
                Ordering::Less
            } else {
                Ordering::Greater
            }
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.ascending().cmp(&other.ascending());
        if self.descending {
            order.reverse()
        } else {
            order
        }
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

/// The first matches of an order, as many as asked for and never more.
#[derive(Debug)]
pub(crate) struct First {
    keep: usize,
    heap: BinaryHeap<Ranked>,
}

impl First {
    pub(crate) fn new(keep: usize) -> Self {
        Self {
            keep,
            heap: BinaryHeap::new(),
        }
    }

    pub(crate) fn offer(&mut self, ranked: Ranked) {
        if self.heap.len() < self.keep {
            self.heap.push(ranked);
        } else if let Some(mut last) = self.heap.peek_mut()
            && ranked < *last
        {
            *last = ranked;
        }
    }

    /// In order.
    pub(crate) fn into_vec(self) -> Vec<Ranked> {
        self.heap.into_sorted_vec()
    }
}
