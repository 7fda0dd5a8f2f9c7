//! What a simulation remembers: requests by kind, ids that the target gave, and what was wrong.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;

use super::{judge::Trouble, person::Object};

/// A request and its answer, as text for people.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Exchange {
    /// What the request was for.
    #[serde(skip)]
    pub(super) kind: &'static str,
    /// Method, path and body.
    pub(super) sent: String,
    /// Status and body.
    pub(super) came: String,
}

/// Requests of one kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// How many.
    pub(super) count: usize,
    /// How many of them went wrong.
    pub(super) failed: usize,
    /// How often one was sent again.
    pub(super) repeated: usize,
    /// How long the answers took.
    pub(super) took: Vec<Duration>,
}

/// One thing that was wrong, however often.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// What was wrong.
    pub(super) trouble: Trouble,
    /// The kind of request.
    pub(super) kind: &'static str,
    /// How often.
    pub(super) count: usize,
    /// The first time.
    pub(super) exchange: Exchange,
    /// What was seen the first time.
    pub(super) detail: String,
}

/// Everything that is remembered.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Pages>);

/// The writes to one object.
#[derive(Debug, Default)]
struct Blame {
    failed: Option<Exchange>,
    kinds: BTreeMap<&'static str, Exchange>,
    last: Option<Exchange>,
}

#[derive(Debug, Default)]
struct Pages {
    /// In the order in which they occurred first.
    tallies: Vec<(&'static str, Tally)>,
    findings: Vec<Finding>,
    ids: BTreeMap<Object, String>,
    blame: BTreeMap<Object, Blame>,
    strays: Vec<String>,
    buried: Vec<(Object, String)>,
    skipped: usize,
}

impl Ledger {
    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request was answered, or not.
    pub(super) fn count(
        &self,
        kind: &'static str,
        failed: bool,
        repeated: u32,
        took: Option<Duration>,
    ) {
        let mut pages = self.open();
        let known = pages.tallies.iter().position(|(one, _)| *one == kind);
        let place = known.unwrap_or(pages.tallies.len());
        if known.is_none() {
            pages.tallies.push((kind, Tally::default()));
        }
        let Some((_, tally)) = pages.tallies.get_mut(place) else {
            return;
        };
        tally.count += 1;
        tally.failed += usize::from(failed);
        tally.repeated += usize::try_from(repeated).unwrap_or_default();
        tally.took.extend(took);
    }

    /// Something was wrong.
    pub(super) fn complain(&self, trouble: Trouble, detail: String, exchange: &Exchange) {
        let mut pages = self.open();
        let same = |known: &&mut Finding| known.trouble == trouble && known.kind == exchange.kind;
        if let Some(known) = pages.findings.iter_mut().find(same) {
            known.count += 1;
            return;
        }
        pages.findings.push(Finding {
            trouble,
            kind: exchange.kind,
            count: 1,
            exchange: exchange.clone(),
            detail,
        });
    }

    /// An object was written to.
    pub(super) fn wrote(&self, object: Object, exchange: &Exchange, failed: bool) {
        let mut pages = self.open();
        let blame = pages.blame.entry(object).or_default();
        blame.kinds.insert(exchange.kind, exchange.clone());
        if failed {
            blame.failed = Some(exchange.clone());
        } else {
            blame.last = Some(exchange.clone());
        }
    }

    /// The write that is to blame if an object is wrong: one that failed, or else the last one of
    /// this kind, or else the last one.
    pub(super) fn blame(&self, object: Object, kind: &str) -> Option<Exchange> {
        let pages = self.open();
        let blame = pages.blame.get(&object)?;
        let of_kind = blame.kinds.get(kind);
        let chosen = blame.failed.as_ref().or(of_kind).or(blame.last.as_ref());
        chosen.cloned()
    }

    /// Whether a write to an object failed, so that it is bound to be wrong.
    pub(super) fn has_failed(&self, object: Object) -> bool {
        let pages = self.open();
        let blame = pages.blame.get(&object);
        blame.is_some_and(|blame| blame.failed.is_some())
    }

    /// The target gave an object an id.
    pub(super) fn learn(&self, object: Object, id: &str) {
        self.open().ids.insert(object, id.to_owned());
    }

    /// The id that the target gave to an object.
    pub(super) fn id(&self, object: Object) -> Option<String> {
        self.open().ids.get(&object).cloned()
    }

    /// An object is deleted.
    pub(super) fn forget(&self, object: Object) {
        self.open().ids.remove(&object);
    }

    /// An object was deleted that had this id.
    pub(super) fn bury(&self, object: Object, id: &str) {
        self.open().buried.push((object, id.to_owned()));
    }

    /// Everything that was deleted.
    pub(super) fn buried(&self) -> Vec<(Object, String)> {
        self.open().buried.clone()
    }

    /// Everything that exists, groups first.
    pub(super) fn existing(&self) -> Vec<(Object, String)> {
        let pages = self.open();
        let all = pages.ids.iter().rev();
        all.map(|(object, id)| (*object, id.clone())).collect()
    }

    /// The target made something that should not be there.
    pub(super) fn stray(&self, path: String) {
        self.open().strays.push(path);
    }

    /// What the target made that should not be there.
    pub(super) fn strays(&self) -> Vec<String> {
        self.open().strays.clone()
    }

    /// It is gone.
    pub(super) fn no_stray(&self, path: &str) {
        self.open().strays.retain(|stray| stray != path);
    }

    /// A step could not be played, because its object was never created.
    pub(super) fn skip(&self) {
        self.open().skipped += 1;
    }

    /// How many steps could not be played.
    pub(super) fn skipped(&self) -> usize {
        self.open().skipped
    }

    /// Requests by kind, in the order in which they occurred first.
    pub(super) fn tallies(&self) -> Vec<(&'static str, Tally)> {
        self.open().tallies.clone()
    }

    /// What was wrong, in the order in which it occurred first.
    pub(super) fn findings(&self) -> Vec<Finding> {
        self.open().findings.clone()
    }
}
