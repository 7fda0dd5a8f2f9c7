//! Deletes what was made: groups first, then users, then what should never have been.

use super::{Session, crew, expect};
use crate::simulate::compose::Request;

/// Deletes everything; what cannot be deleted stays in the ledger.
pub(super) fn clean_up(session: &Session) {
    let kind = "clean up";
    let existing = session.ledger.existing();
    crew::share(session, &existing, |(object, id)| {
        let request = Request::delete(kind, session.habits, *object, id);
        let outcome = session.send(&request, &expect::deleted(session.habits));
        if outcome.good || outcome.status == 404 {
            session.ledger.forget(*object);
        }
    });
    for path in session.ledger.strays() {
        let request = Request {
            method: "DELETE",
            ..Request::get(kind, path.clone())
        };
        if session
            .send(&request, &expect::deleted(session.habits))
            .good
        {
            session.ledger.no_stray(&path);
        }
    }
}
