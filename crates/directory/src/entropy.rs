//! Where randomness comes from, and the identifiers made of it.

use std::sync::{Mutex, PoisonError};

use provost_scim::Timestamp;
use uuid::Uuid;

use crate::DirectoryError;

/// A source of random bytes fit for secrets.
pub(crate) trait Entropy: Send + Sync {
    /// Fills `bytes`; `Unavailable` when the system has none to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), DirectoryError>;
}

/// The operating system's source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), DirectoryError> {
        getrandom::fill(bytes).map_err(|error| {
            DirectoryError::Unavailable(format!("the system gives no random bytes: {error}"))
        })
    }
}

/// Makes UUIDs of version 7 that grow within the process, whatever the clock does.
#[derive(Debug, Default)]
pub(crate) struct IdMaker(Mutex<(u64, u16)>);

impl IdMaker {
    /// The next identifier.
    pub(crate) fn make(
        &self,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Uuid, DirectoryError> {
        let mut bytes = [0_u8; 10];
        entropy.fill(&mut bytes)?;
        let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or_default();
        let (millis, counter) = self.tick(millis);
        let [first, second, ..] = &mut bytes;
        [*first, *second] = counter.to_be_bytes();
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
    }

    /// Millisecond and the 12 bits after it; never the same pair twice.
    fn tick(&self, millis: u64) -> (u64, u16) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = match *last {
            (before, _) if millis > before => (millis, 0),
            (before, 0x0fff) => (before + 1, 0),
            (before, counter) => (before, counter + 1),
        };
        *last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_stands_or_goes_back() {
        let maker = IdMaker::default();
        let mut last = Uuid::nil();
        for step in 0..10_000_i64 {
            let now = Timestamp::from_micros(1_800_000_000_000_000 - step * 50);
            let id = maker.make(now, &SystemEntropy).unwrap();
            assert!(id > last, "{id} after {last}");
            last = id;
        }
    }
}
