//! `start-index` and `max-results`.

use super::error::Failure;

/// How many entries a list has if the request names no number.
const DEFAULT_MAX_RESULTS: u64 = 1000;

/// Which of the matching entries are listed; counts down while they pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    skip: u64,
    /// `None` for all.
    take: Option<u64>,
}

impl Page {
    /// Reads the two parameters; `max-results=-1` is all.
    pub(super) fn parse(start: Option<&str>, max: Option<&str>) -> Result<Self, Failure> {
        let skip = match start {
            None => 0,
            Some(text) => text
                .parse()
                .map_err(|_| Failure::bad_request("start-index must be a number from 0"))?,
        };
        let take = match max {
            None => Some(DEFAULT_MAX_RESULTS),
            Some("-1") => None,
            Some(text) => Some(text.parse().map_err(|_| {
                Failure::bad_request("max-results must be a number from 0, or -1 for all")
            })?),
        };
        Ok(Self { skip, take })
    }

    /// Every entry.
    pub(super) const fn everything() -> Self {
        Self {
            skip: 0,
            take: None,
        }
    }

    /// No entry at all.
    pub(super) const fn nothing() -> Self {
        Self {
            skip: 0,
            take: Some(0),
        }
    }

    /// Whether no further entry can be listed.
    pub(super) fn is_full(self) -> bool {
        self.take == Some(0)
    }

    /// Whether the next matching entry is listed.
    pub(super) fn admits(&mut self) -> bool {
        if self.is_full() {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.take = self.take.map(|left| left.saturating_sub(1));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_cuts_ten_entries() {
        for (start, max, expect) in [
            (None, None, Some("0123456789")),
            (Some("0"), Some("-1"), Some("0123456789")),
            (Some("3"), Some("-1"), Some("3456789")),
            (Some("3"), Some("2"), Some("34")),
            (Some("10"), Some("2"), Some("")),
            (None, Some("0"), Some("")),
            (Some("9"), Some("99999"), Some("9")),
            (Some("-1"), None, None),
            (Some("x"), None, None),
            (None, Some("-2"), None),
            (None, Some("1.5"), None),
            (None, Some("18446744073709551616"), None),
        ] {
            let got = Page::parse(start, max).ok().map(|mut page| {
                (0..10)
                    .filter(|_| page.admits())
                    .map(|n| n.to_string())
                    .collect::<String>()
            });
            assert_eq!(got.as_deref(), expect, "{start:?} {max:?}");
        }
    }

    #[test]
    fn a_page_without_number_has_a_thousand_entries() {
        let mut page = Page::parse(None, None).unwrap();
        assert_eq!((0..2000).filter(|_| page.admits()).count(), 1000);
        assert!(page.is_full());
    }
}
