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

/// A set of numbers as inclusive ranges in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ranges<T>(Vec<(T, T)>);

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self(Vec::new())
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
        merged.shrink_to_fit();
        Self(merged)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (T, T)> {
        self.0.iter().copied()
    }

    /// Whether every number from `first` to `last` is in it; takes the logarithm of the number of
    /// ranges.
    pub(crate) fn covers(&self, first: T, last: T) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= first);
        let before = after.checked_sub(1).and_then(|at| self.0.get(at));
        before.is_some_and(|(_, end)| last <= *end)
    }

    /// In one or in the other.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::new(self.iter().chain(other.iter()).collect())
    }

    /// In this one and not in the other.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut cuts = other.0.iter().copied().peekable();
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
        Self(left)
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
