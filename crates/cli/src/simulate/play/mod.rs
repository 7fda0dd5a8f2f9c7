//! Plays a plan: one engine for all identity providers. What each does stands in its `Habits`.

mod audit;
mod cleanup;
mod connect;
mod crew;
mod expect;
mod groups;
mod lookup;
mod pace;
mod session;
mod users;

use super::plan::{Plan, Step};

pub(super) use pace::Pace;
pub(super) use session::{Authentication, Session};

/// Plays the whole life. Stops early when an identity provider would.
pub(super) fn play(session: &Session, plan: &Plan) -> Played {
    session.progress.head("connection test");
    if !connect::connect(session) {
        return Played::Refused;
    }
    if lookup::is_taken(session, plan) {
        return Played::Taken;
    }
    for (number, cycle) in plan.cycles.iter().enumerate() {
        session.progress.head(&cycle.title);
        for stage in &cycle.stages {
            crew::share(session, stage, |step| {
                perform(session, step);
                session.progress.step();
            });
            if session.has_given_up() {
                return Played::GivenUp;
            }
        }
        if number == 0 {
            users::clash(session, plan);
        }
    }
    session.progress.head("reading everything back");
    audit::audit(session, plan);
    Played::Whole
}

/// Deletes what was made.
pub(super) fn clean_up(session: &Session) {
    session.progress.head("cleaning up");
    cleanup::clean_up(session);
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Played {
    /// To the end.
    Whole,
    /// The connection test failed, and the identity provider saves nothing.
    Refused,
    /// The names are in use, by an earlier run with this seed.
    Taken,
    /// The target stopped answering.
    GivenUp,
}

fn perform(session: &Session, step: &Step) {
    match step {
        Step::User(step) => users::perform(session, step),
        Step::Group(step) => groups::perform(session, step),
    }
}
