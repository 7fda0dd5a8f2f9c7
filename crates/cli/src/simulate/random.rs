//! Repeatable chance: everything that a simulation makes up follows from one seed.

/// A generator with 64 bits of state (splitmix64 of Steele, Lea and Flood): small, and the same on
/// every machine. Not for secrets.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The generator that this seed starts.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`; zero if `end` is zero.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from((self.next() >> 1) % end).unwrap_or_default()
    }

    /// One of these; `None` if there are none.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// Takes up to `count` out of `from`, without repetition.
    pub(super) fn take<T>(&mut self, from: &mut Vec<T>, count: usize) -> Vec<T> {
        let count = count.min(from.len());
        let draw = |_| from.swap_remove(self.below(from.len()));
        (0..count).map(draw).collect()
    }

    /// Text in the form of a UUID.
    pub(super) fn uuid(&mut self) -> String {
        let text = format!("{:016x}{:016x}", self.next(), self.next());
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
        let (first, second) = (part(0, 8), part(8, 12));
        format!(
            "{first}-{second}-4{}-9{}-{}",
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_tells_the_same_story() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            (random.uuid(), random.below(1_000), random.below(1_000))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert_eq!(draw(7).0.len(), 36);
    }

    #[test]
    fn what_is_taken_is_gone() {
        let mut random = Random::new(1);
        let mut all: Vec<_> = (0..10).collect();
        let mut taken = random.take(&mut all, 7);
        taken.extend(random.take(&mut all, 7));
        taken.sort_unstable();
        assert_eq!(taken, (0..10).collect::<Vec<_>>());
        assert_eq!(random.take(&mut all, 1), Vec::<i32>::new());
    }
}
