//! Rule 8: a POST repeated after a lost answer gets the object it made.

use provost_scim::Timestamp;

/// How long a repetition is recognised, in microseconds (10 minutes).
const WINDOW: i64 = 600 * 1_000_000;

/// The request that made an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// Public id of the token.
    pub(crate) token: String,
    /// SHA-256 of the body.
    pub(crate) body_hash: [u8; 32],
}

/// Whether `request` repeats the one that made an object of this version and age.
pub(crate) fn is_replay(
    made: &Origin,
    version: u64,
    created: Timestamp,
    request: &Origin,
    now: Timestamp,
) -> bool {
    let age = now.as_micros().saturating_sub(created.as_micros());
    // A clock that was set back must not turn a lost answer into an error.
    made == request && version == 1 && age <= WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_request_soon_after_is_a_replay() {
        let origin = |token: &str, byte| Origin {
            token: token.to_owned(),
            body_hash: [byte; 32],
        };
        let made = origin("tok_a", 1);
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        for (version, request, now, expect) in [
            (1, origin("tok_a", 1), 1_000, true),
            (1, origin("tok_a", 1), 1_600, true),
            (1, origin("tok_a", 1), 1_601, false),
            (1, origin("tok_a", 1), 900, true),
            (2, origin("tok_a", 1), 1_000, false),
            (1, origin("tok_b", 1), 1_000, false),
            (1, origin("tok_a", 2), 1_000, false),
        ] {
            let got = is_replay(&made, version, at(1_000), &request, at(now));
            assert_eq!(got, expect, "version {version} {request:?} at {now}");
        }
    }
}
