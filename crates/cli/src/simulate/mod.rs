//! Plays an identity provider against any SCIM server and says what its answers would do to it.
//!
//! A `plan` makes up a life from a seed; `habits` say how an identity provider tells it; `compose`
//! writes requests; `play` sends them; `judge` looks at the answers as the identity provider would;
//! `verdict` says what a person can act on. Nothing here knows what server answers.

mod cast;
mod compose;
mod habits;
mod judge;
mod ledger;
mod names;
mod person;
mod plan;
mod play;
mod progress;
mod random;
mod verdict;

use std::time::Instant;

use self::{
    habits::Habits,
    ledger::Ledger,
    person::Attribute,
    plan::Plan,
    play::{Authentication, Session},
    progress::Progress,
};
use crate::{
    http::{Authorities, Http},
    output::Format,
};

pub(crate) use plan::Size;
pub(crate) use verdict::Verdict;

/// The names of all identity providers that can be played.
pub(crate) fn slugs() -> impl Iterator<Item = &'static str> {
    habits::ALL.iter().map(|habits| habits.slug)
}

/// The pace of a simulation: `fast`, or requests per second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace(play::Pace);

impl std::str::FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What to play, against whom.
pub(crate) struct Options {
    /// Name of the identity provider.
    pub(crate) idp: String,
    /// Base URL of the target.
    pub(crate) url: String,
    /// Header that proves who is calling: name and value.
    pub(crate) authentication: Option<(String, String)>,
    /// How large.
    pub(crate) size: Size,
    /// What all chance follows from.
    pub(crate) seed: u64,
    /// How fast.
    pub(crate) pace: Pace,
    /// Requests under way, if not as many as the identity provider has.
    pub(crate) concurrency: Option<usize>,
    /// How often a request is sent at most, if not as often as the identity provider does.
    pub(crate) attempts: Option<u32>,
    /// Whether a gateway in between may send requests again, so that a DELETE may find nothing.
    pub(crate) gateway_repeats: bool,
    /// Whether to delete what was made.
    pub(crate) cleanup: bool,
    /// Whose certificates are believed.
    pub(crate) authorities: Authorities,
    /// For whom progress is shown.
    pub(crate) format: Format,
}

/// Plays it. `None` if there is no identity provider of that name.
pub(crate) fn run(options: Options) -> Option<Verdict> {
    let habits = habits::find(&options.idp)?;
    let tag = format!("sim{:x}", options.seed);
    let managers = habits.attributes.contains(&Attribute::Manager);
    let plan = Plan::new(options.seed, &tag, options.size, habits.leavers, managers);
    let (seed, cleanup) = (options.seed, options.cleanup);
    let session = session(habits, options, tag, &plan);
    let begun = Instant::now();
    let played = play::play(&session, &plan);
    if cleanup {
        play::clean_up(&session);
    }
    session.progress.end();
    let took = begun.elapsed();
    Some(Verdict::new(session, played, seed, took, cleanup))
}

fn session(habits: &'static Habits, options: Options, tag: String, plan: &Plan) -> Session {
    Session {
        habits,
        http: Http::new(habits.timeout, options.authorities),
        base: options.url.trim_end_matches('/').to_owned(),
        tag,
        authentication: options
            .authentication
            .map(|(name, value)| Authentication { name, value }),
        pace: options.pace.0,
        concurrency: options.concurrency.unwrap_or(habits.concurrency).max(1),
        attempts: options.attempts.unwrap_or(habits.attempts).max(1),
        gateway_repeats: options.gateway_repeats,
        ledger: Ledger::default(),
        progress: Progress::new(plan.steps(), options.format),
        silence: std::sync::atomic::AtomicU32::new(0),
    }
}
