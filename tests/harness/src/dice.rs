//! Chance that can be played again: the same seed throws the same numbers, on every machine and in every release. A soak prints its
//! seed, and whoever has the seed has the run. Not for secrets.

use std::time::Duration;

/// A source of numbers after Sebastiano Vigna's `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that throw what this seed says.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number of 64 bits.
    #[expect(clippy::should_implement_trait, reason = "they never come to an end")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `bound` - 1. Panics for 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        // The high half of a product of 128 bits: nearly fair, and the same everywhere.
        u64::try_from((u128::from(self.next()) * u128::from(bound)) >> 64).expect("the high half")
    }

    /// True `percent` times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`. Panics when there is none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// A place in something of that length. Panics for 0.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("an index")
    }

    /// A time below `limit`, in whole microseconds. Panics for less than one.
    pub fn within(&mut self, limit: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(limit.as_micros()).expect("a time of this life")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_what_the_reference_throws() {
        // The first numbers of the reference implementation for the seed 1234567.
        let mut dice = Dice::new(1_234_567);
        assert_eq!([dice.next(), dice.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn stays_in_its_bounds_and_reaches_them() {
        let mut dice = Dice::new(7);
        let mut seen = [0; 6];
        for _ in 0..600 {
            seen[dice.index(6)] += 1;
        }
        assert!(seen.iter().all(|times| (50..150).contains(times)), "{seen:?}");
        assert!((0..200).all(|_| !dice.chance(0) && dice.chance(100)));
        assert!((0..200).all(|_| dice.within(Duration::from_micros(3)) < Duration::from_micros(3)));
        assert_eq!(*dice.pick(&["tea"]), "tea");
    }
}
