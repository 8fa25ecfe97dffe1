//! Random numbers that can be had again.

use std::env;
use std::hash::{BuildHasher, RandomState};

/// The seed of a test, from `THREADBARE_SEED` or a new one; prints how to repeat it.
pub(crate) fn seed(test: &str) -> u64 {
    let seed = match env::var("THREADBARE_SEED") {
        Ok(text) => text.parse().expect("THREADBARE_SEED is a number"),
        Err(_) => RandomState::new().hash_one(test),
    };
    eprintln!("{test}: to repeat this run, set THREADBARE_SEED={seed}");
    seed
}

/// How many programs a test tries: `usual`, unless `THREADBARE_PROGRAMS` says otherwise.
pub(crate) fn programs(usual: u64) -> u64 {
    let asked = env::var("THREADBARE_PROGRAMS");
    asked.map_or(usual, |text| text.parse().expect("a number"))
}

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `limit - 1`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// Prints what a check is about if the check panics.
pub(crate) struct Shown<'a, T: std::fmt::Debug>(pub(crate) &'a T);

impl<T: std::fmt::Debug> Drop for Shown<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the program: {:?}", self.0);
        }
    }
}
