//! The exchanges that nobody uses at the moment.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use super::Config;
use super::exchange::{Exchange, Rules};

/// How many of them a loop keeps that answers one request after the other. Those above it are
/// freed, as is each large buffer ([`KEPT_MAX`](super::input)): what a burst of requests has
/// needed is not held for ever.
const SPARE_MAX: usize = 64;
/// How many are kept at most for requests that wait for handler threads all at once: 16 MiB.
const SPARE_MOST: usize = 1024;

// ANCHOR: pool
/// A loop's exchanges. There are never more than connections, as each borrows one at most.
/// Of those that are not needed 64 are kept, and beyond them as many as can be on their way
/// through the handler threads, but of those no large buffers.
#[derive(Debug)]
pub(crate) struct Pool {
    rules: Rules,
    spare_max: usize,
    /// The one that was used last at the end: it is still in the cache. That it is a box
    /// makes lending it a copy of a pointer.
    #[allow(clippy::vec_box, reason = "it is moved from here, and whole")]
    spare: Vec<Box<Exchange>>,
}

impl Pool {
    pub(crate) fn new(config: &Config) -> Self {
        let away = match config.handler_threads {
            0 => 0,
            threads => config.queue_cap.saturating_add(threads) / config.loops,
        };
        Self {
            rules: Rules::new(config),
            spare_max: away.clamp(SPARE_MAX, SPARE_MOST),
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
        let spare = self.spare.len();
        if spare < self.spare_max {
            exchange.clear(&self.rules);
            if spare >= SPARE_MAX {
                exchange.slim();
            }
            self.spare.push(exchange);
        }
    }

    /// Of the one that is lent next.
    #[cfg(test)]
    pub(super) fn spare_body(&self) -> (usize, usize) {
        let last = self.spare.last();
        last.map_or((0, 0), |exchange| exchange.output.spare())
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
    use super::*;

    #[test]
    fn what_was_used_last_is_lent_first_and_few_are_kept() {
        for (handler_threads, queue_cap, kept) in
            [(0, 1_000, 64), (4, 0, 64), (4, 80, 84), (4, 5_000, 1_024)]
        {
            let mut pool = Pool::new(&Config {
                handler_threads,
                queue_cap,
                ..Config::default()
            });
            let lent: Vec<_> = (0..kept + 10).map(|_| pool.lend()).collect();
            let last_kept = &raw const *lent[kept - 1];
            for exchange in lent {
                pool.take_back(exchange);
            }
            assert_eq!(pool.spare.len(), kept);
            assert_eq!(&raw const *pool.lend(), last_kept);
        }
    }
}
