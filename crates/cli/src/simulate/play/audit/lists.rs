//! Reads lists page by page, as an import does, and sees whether the pages make a whole.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::simulate::{
    compose::Request,
    judge::Trouble,
    play::{Session, expect, session::Outcome},
};

/// How many pages of a list are read at most; a target may hold much that is not ours.
const MAX_PAGES: usize = 50;

const PAGE: usize = 100;

/// Reads a list to its end, unless it is very long.
pub(super) fn walk(session: &Session, endpoint: &str) {
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for page in 1..=MAX_PAGES {
        let path = format!("{endpoint}?startIndex={}&count={PAGE}", count + 1);
        let outcome = session.send(&Request::get("list", path), &expect::list());
        if !outcome.good {
            return;
        }
        let ids = ids(&outcome);
        let total = outcome.body.get("totalResults").and_then(Value::as_u64);
        let total = total
            .and_then(|total| usize::try_from(total).ok())
            .unwrap_or_default();
        count += ids.len();
        let is_last = ids.is_empty() || count >= total;
        seen.extend(ids);
        if is_last {
            let numbers = format!(
                "{page} pages with {count} entries, {} different ones, totalResults {total}",
                seen.len(),
            );
            let fits = seen.len() == count && count == total;
            return whole(session, (endpoint, &outcome), &seen, fits, &numbers);
        }
    }
}

fn ids(outcome: &Outcome) -> Vec<String> {
    let resources = outcome.body.get("Resources").and_then(Value::as_array);
    let id = |resource: &Value| Some(resource.get("id")?.as_str()?.to_owned());
    resources.into_iter().flatten().filter_map(id).collect()
}

/// Complains unless the pages fit and everything of ours is in them.
fn whole(
    session: &Session,
    (endpoint, outcome): (&str, &Outcome),
    seen: &BTreeSet<String>,
    fits: bool,
    numbers: &str,
) {
    let own = session.ledger.existing();
    let own = own
        .iter()
        .filter(|(object, _)| object.endpoint() == endpoint);
    let lost = own.filter(|(_, id)| !seen.contains(id)).count();
    if !fits || lost > 0 {
        let detail = format!("{numbers}; {lost} that exist are not among them");
        session
            .ledger
            .complain(Trouble::ListTorn, detail, &outcome.exchange);
    }
}
