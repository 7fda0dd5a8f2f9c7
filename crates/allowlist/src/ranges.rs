//! Sorted ranges of numbers that neither overlap nor touch: one set, one form.

/// The numbers of one address family.
pub(crate) trait Bits: Copy + Ord {
    /// How many bits.
    const WIDTH: u8;
    /// The number after, unless this is the last.
    fn next(self) -> Option<Self>;
    /// The number before, unless this is the first.
    fn previous(self) -> Option<Self>;
    /// How many low bits are zero.
    fn zeros(self) -> u8;
    /// This number with its `count` low bits, which are zero, set to one.
    fn filled(self, count: u8) -> Self;
}

macro_rules! bits {
    ($type:ty, $width:literal) => {
        impl Bits for $type {
            const WIDTH: u8 = $width;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
            fn zeros(self) -> u8 {
                u8::try_from(self.trailing_zeros()).unwrap_or($width)
            }
            fn filled(self, count: u8) -> Self {
                let above = <$type>::MAX.checked_shl(u32::from(count)).unwrap_or(0);
                self | !above
            }
        }
    };
}

bits!(u32, 32);
bits!(u128, 128);

/// How many ranges lie between two marks: their first numbers fill one line of a cache, or four.
const STRIDE: usize = 16;

/// A set of numbers as inclusive ranges in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ranges<T> {
    firsts: Vec<T>,
    lasts: Vec<T>,
    /// Every [`STRIDE`]th of `firsts`: few enough to stay in the nearest cache, which is what makes
    /// looking up fast.
    marks: Vec<T>,
}

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self {
            firsts: Vec::new(),
            lasts: Vec::new(),
            marks: Vec::new(),
        }
    }
}

impl<T: Bits> Ranges<T> {
    /// From ranges in any order, overlapping or not.
    pub(crate) fn new(mut ranges: Vec<(T, T)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(T, T)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some((_, end)) if end.next().is_none_or(|next| first <= next) => {
                    *end = (*end).max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        Self::ascending(&merged)
    }

    /// From ranges that are merged and in order.
    fn ascending(ranges: &[(T, T)]) -> Self {
        let firsts: Vec<T> = ranges.iter().map(|(first, _)| *first).collect();
        Self {
            marks: firsts.iter().copied().step_by(STRIDE).collect(),
            lasts: ranges.iter().map(|(_, last)| *last).collect(),
            firsts,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.firsts.is_empty()
    }

    /// The ranges, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (T, T)> {
        self.firsts.iter().copied().zip(self.lasts.iter().copied())
    }

    /// Whether every number from `first` to `last` is in it; takes the logarithm of the number of
    /// ranges.
    pub(crate) fn covers(&self, first: T, last: T) -> bool {
        let Some(mark) = self
            .marks
            .partition_point(|mark| *mark <= first)
            .checked_sub(1)
        else {
            return false;
        };
        let begin = mark * STRIDE;
        let end = self.firsts.len().min(begin + STRIDE);
        let near = self.firsts.get(begin..end).unwrap_or_default();
        // The mark itself is not beyond `first`, so at least one range begins before it. Comparing
        // with all of them is faster than to halve so few.
        let at = begin + near.iter().filter(|start| **start <= first).count() - 1;
        self.lasts.get(at).is_some_and(|end| last <= *end)
    }

    /// In one or in the other.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::new(self.iter().chain(other.iter()).collect())
    }

    /// In this one and not in the other.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut cuts = other.iter().peekable();
        for (mut first, last) in self.iter() {
            while cuts.next_if(|(_, end)| *end < first).is_some() {}
            let mut rest = true;
            while let Some((cut, end)) = cuts.peek().copied().filter(|(cut, _)| *cut <= last) {
                if let Some(before) = cut.previous().filter(|before| first <= *before) {
                    left.push((first, before));
                }
                let Some(next) = end.next().filter(|next| *next <= last) else {
                    rest = false;
                    break;
                };
                first = next;
                cuts.next();
            }
            if rest {
                left.push((first, last));
            }
        }
        Self::ascending(&left)
    }

    /// In both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        self.difference(&self.difference(other))
    }

    /// The fewest networks that hold exactly this set, as first number and length.
    pub(crate) fn networks(&self) -> impl Iterator<Item = (T, u8)> {
        self.iter().flat_map(|(first, last)| Networks {
            next: Some(first),
            last,
        })
    }
}

struct Networks<T> {
    next: Option<T>,
    last: T,
}

impl<T: Bits> Iterator for Networks<T> {
    type Item = (T, u8);

    fn next(&mut self) -> Option<(T, u8)> {
        let first = self.next.take()?;
        let mut free = first.zeros();
        while first.filled(free) > self.last {
            free -= 1;
        }
        self.next = first.filled(free).next().filter(|next| *next <= self.last);
        Some((first, T::WIDTH - free))
    }
}
