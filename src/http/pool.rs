//! The exchanges that nobody uses at the moment.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use super::exchange::{Exchange, Rules};

/// How many of them are kept. Those above it are freed, as is each large buffer
/// ([`KEPT_MAX`](super::input)): what a burst of requests has needed is not held for ever.
const SPARE_MAX: usize = 64;

// ANCHOR: pool
/// A loop's exchanges. There are never more than connections, as each borrows one at most,
/// and of those that are not needed never more than 64.
#[derive(Debug)]
pub(crate) struct Pool {
    rules: Rules,
    /// The one that was used last at the end: it is still in the cache. That it is a box
    /// makes lending it a copy of a pointer.
    #[allow(clippy::vec_box, reason = "it is moved from here, and whole")]
    spare: Vec<Box<Exchange>>,
}

impl Pool {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            spare: Vec::with_capacity(SPARE_MAX),
        }
    }

    /// One that is empty.
    #[inline]
    pub(crate) fn lend(&mut self) -> Box<Exchange> {
        match self.spare.pop() {
            Some(exchange) => exchange,
            None => self.one_more(),
        }
    }

    #[cold]
    fn one_more(&self) -> Box<Exchange> {
        Box::new(Exchange::new(&self.rules))
    }

    /// Takes one back, whatever is in it.
    #[inline]
    pub(crate) fn take_back(&mut self, mut exchange: Box<Exchange>) {
        if self.spare.len() < SPARE_MAX {
            exchange.clear(&self.rules);
            self.spare.push(exchange);
        }
    }

    /// What requests are held to.
    #[inline]
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }
}
// ANCHOR_END: pool

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn what_was_used_last_is_lent_first_and_few_are_kept() {
        let mut pool = Pool::new(Rules::new(&Config::default()));
        let lent: Vec<_> = (0..SPARE_MAX + 10).map(|_| pool.lend()).collect();
        let last_kept = &raw const *lent[SPARE_MAX - 1];
        for exchange in lent {
            pool.take_back(exchange);
        }
        assert_eq!(pool.spare.len(), SPARE_MAX);
        assert_eq!(&raw const *pool.lend(), last_kept);
    }
}
