//! Waiting for programs that tell nobody when they are done.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks again and again until `done` finds what it looks for; how long that took. The limit is
/// there to end a test that hangs, not to measure.
pub fn until<T>(
    what: &str,
    at_most: Duration,
    mut done: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = done()? {
            return Ok(found);
        }
        if begun.elapsed() > at_most {
            bail!("{what}: not within {at_most:?}");
        }
        pause(PAUSE);
    }
}

/// Lets time pass: for the rhythm of a test, such as a node killed every two seconds, never to
/// wait for something that can be seen.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place of the tests where time passes by itself"
)]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}
