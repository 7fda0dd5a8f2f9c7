//! A model of everything at once: identity providers change tenants at random over SCIM, while
//! applications synchronise fully and incrementally over Crowd, and the server restarts.
//!
//! What a request of a synchronisation reads equals the view at some moment while it ran. After an
//! incremental synchronisation the whole copy does, also if everything changed during the full one
//! before it. When all is quiet, the copy equals the directory.
//!
//! `PROVOST_MODEL_ROUNDS` says how often (default 300), `PROVOST_TEST_SEED` repeats a run.

mod application;
mod cache;
mod copy;
mod mass;
mod random;
mod source;
mod view;
mod witness;
mod world;

use self::world::World;

fn number(variable: &str, default: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value.map_or(default, |text| text.parse().expect("a number"))
}

/// Says how to repeat the run when it fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("repeat this run with PROVOST_TEST_SEED={}", self.0);
        }
    }
}

#[test]
fn applications_that_synchronise_hold_what_the_directory_holds() {
    let rounds = number("PROVOST_MODEL_ROUNDS", 300);
    let seed = Seed(number("PROVOST_TEST_SEED", 20_261_122));
    let (mut world, mut applications) = World::new(seed.0);
    for _ in 0..rounds {
        world.round(&mut applications);
    }
    for application in &mut applications {
        world.synchronise_quietly(application);
        application.forget_token();
        world.synchronise_quietly(application);
    }
    let tally = &world.tally;
    println!("{rounds} rounds: {tally:?}");
    let each = [
        tally.incremental,
        tally.full,
        tally.died,
        tally.restarts,
        tally.views,
        tally.released + tally.discarded,
    ];
    assert!(each.iter().all(|count| *count > 0), "{tally:?}");
    // Only a long walk is sure to meet a renamed group in a view that keeps its name.
    assert!(rounds < 5_000 || tally.released_names > 0, "{tally:?}");
}
