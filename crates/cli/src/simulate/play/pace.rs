//! How fast requests follow each other.

use std::{
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// At most so many requests per second.
#[derive(Debug, Default)]
pub(in crate::simulate) struct Pace {
    /// Between two requests.
    gap: Duration,
    next: Mutex<Option<Instant>>,
}

impl Clone for Pace {
    fn clone(&self) -> Self {
        Self {
            gap: self.gap,
            next: Mutex::new(None),
        }
    }
}

impl FromStr for Pace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "a pace is `fast` or requests per second, such as 25".to_owned();
        if text == "fast" {
            return Ok(Self::default());
        }
        let rate: f64 = text.parse().map_err(|_| wrong())?;
        let gap = Duration::try_from_secs_f64(1.0 / rate).map_err(|_| wrong())?;
        Ok(Self {
            gap,
            next: Mutex::new(None),
        })
    }
}

impl Pace {
    /// Waits until the next request may be sent.
    pub(super) fn wait(&self) {
        if self.gap.is_zero() {
            return;
        }
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = next.map_or(now, |next| next.max(now));
        *next = Some(mine + self.gap);
        drop(next);
        pause(mine.saturating_duration_since(now));
    }
}

/// Lets time pass, as a client does between two tries.
#[expect(
    clippy::disallowed_methods,
    reason = "the pace of the identity provider is what is simulated"
)]
pub(super) fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_a_rate_or_fast() {
        for (text, gap) in [
            ("fast", Some(0)),
            ("25", Some(40)),
            ("0.5", Some(2_000)),
            ("0", None),
            ("-1", None),
            ("slow", None),
        ] {
            let got = text.parse::<Pace>().ok().map(|pace| pace.gap.as_millis());
            assert_eq!(got, gap, "{text}");
        }
    }
}
