//! The order of a job: every `bulkId` is known before it is used.
//!
//! Operations keep their order, except that one that refers to a later POST comes after it
//! (R-7644-3.7-15), and so do all that follow on the same resource. Circles are opened at
//! references that can be set afterwards, such as `manager`. A circle of `members` cannot be
//! resolved, because no group contains itself: its operations fail with 409 (section 3.7.1).

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    BulkRequest, Entry, Method, Operation, Place, reference,
    steps::{self, Element, Needs},
};
use crate::{ScimError, name};

const MEMBERS: &str = "members";

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Run the operation with this index.
    Run(usize),
    /// Apply this PATCH to the resource that the POST with this index has created. The POST has
    /// succeeded only if this does, too.
    Complete(usize, Value),
}

/// A planned job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Stop after so many failed operations.
    pub fail_on_errors: Option<u64>,
    /// In the order of the message; steps name them by index.
    pub entries: Vec<Entry>,
    /// What to do, in order; every operation is run once.
    pub steps: Vec<Step>,
}

/// Plans a job.
pub(super) fn plan(request: BulkRequest) -> Job {
    let BulkRequest {
        fail_on_errors,
        mut entries,
    } = request;
    let mut needs = needs(&entries);
    for index in steps::circles(&needs) {
        if let (Some(entry), Some(needs)) = (entries.get_mut(index), needs.get_mut(index)) {
            entry.operation = Err(circular());
            *needs = Needs::default();
        }
    }
    let mut completions = HashMap::new();
    let steps = steps::sequence(&needs)
        .into_iter()
        .filter_map(|element| match element {
            Element::Run(index, later) => {
                if let (false, Some(rest)) =
                    (later.is_empty(), put_off(&mut entries, index, &later))
                {
                    completions.insert(index, rest);
                }
                Some(Step::Run(index))
            }
            Element::Complete(index) => completions
                .remove(&index)
                .map(|rest| Step::Complete(index, rest)),
        })
        .collect();
    Job {
        fail_on_errors,
        entries,
        steps,
    }
}

fn circular() -> ScimError {
    ScimError::with_status(
        409,
        "The members of these groups refer to each other in a circle; a group cannot contain \
         itself, directly or through others",
    )
}

/// Takes what refers to the operations `later` out of the POST with this index.
fn put_off(entries: &mut [Entry], index: usize, later: &[usize]) -> Option<Value> {
    let ids: HashSet<String> = later
        .iter()
        .filter_map(|to| entries.get(*to)?.bulk_id.clone())
        .collect();
    let operation = entries.get_mut(index)?.operation.as_mut().ok()?;
    Some(reference::put_off(&mut operation.data, &ids))
}

fn needs(entries: &[Entry]) -> Vec<Needs> {
    let makers = makers(entries);
    let mut last_on = HashMap::new();
    entries
        .iter()
        .enumerate()
        .map(|(index, entry)| match &entry.operation {
            Ok(operation) => {
                let mut needs = references(operation, &makers);
                needs
                    .hard
                    .extend(predecessor(&mut last_on, index, operation));
                distinct(needs)
            }
            Err(_) => Needs::default(),
        })
        .collect()
}

/// The POST of each `bulkId`.
fn makers(entries: &[Entry]) -> HashMap<&str, usize> {
    let posts = entries.iter().enumerate().filter(|(_, entry)| {
        let operation = entry.operation.as_ref();
        operation.is_ok_and(|operation| operation.method == Method::Post)
    });
    posts
        .filter_map(|(index, entry)| Some((entry.bulk_id.as_deref()?, index)))
        .collect()
}

fn references(operation: &Operation, makers: &HashMap<&str, usize>) -> Needs {
    let mut needs = Needs::default();
    let found = |ids: Vec<&str>| -> Vec<usize> {
        ids.into_iter()
            .filter_map(|id| makers.get(id).copied())
            .collect()
    };
    if let Place::Existing(id) = &operation.place {
        needs
            .hard
            .extend(found(reference::bulk_id(id).into_iter().collect()));
    }
    let Value::Object(members) = &operation.data else {
        return needs;
    };
    for (key, value) in members {
        let mut ids = Vec::new();
        reference::mentioned(key, value, &mut ids);
        if operation.method == Method::Post && !name::same(key, MEMBERS) {
            needs.soft.extend(found(ids));
        } else {
            needs.hard.extend(found(ids));
        }
    }
    needs
}

/// The operation before this one on the same resource.
fn predecessor<'a>(
    last_on: &mut HashMap<(&'static str, &'a str), usize>,
    index: usize,
    operation: &'a Operation,
) -> Option<usize> {
    match &operation.place {
        Place::New => None,
        Place::Existing(id) => last_on.insert((operation.kind.endpoint, id), index),
    }
}

fn distinct(mut needs: Needs) -> Needs {
    needs.hard.sort_unstable();
    needs.hard.dedup();
    needs.soft.sort_unstable();
    needs.soft.dedup();
    needs
}
