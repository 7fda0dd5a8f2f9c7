//! The nodes that share one database.

use provost_scim::Timestamp;

/// A node that has not spoken for so long, in microseconds, is gone or cut off from the database.
const SILENT: i64 = 10_000_000;

/// A node as the others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeSeen {
    /// Made at every start.
    pub id: String,
    /// The name of its machine.
    pub host: String,
    /// The version of the program.
    pub version: String,
    /// When it was started, by its own clock.
    pub started: Timestamp,
    /// How far its clock is ahead of the database's, in microseconds.
    pub skew_micros: i64,
    /// How long ago it last said that it lives, in microseconds; it does so every two seconds.
    pub silent_micros: i64,
}

impl NodeSeen {
    /// Whether it has not said for ten seconds that it lives.
    pub const fn is_silent(&self) -> bool {
        self.silent_micros >= SILENT
    }
}
