//! What a server counts.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::sync::Arc;

use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that one thread changes, and any reads.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// So many more.
    #[inline]
    pub fn add(&self, n: u64) {
        // ORDERING: Relaxed. A statistic with one writer; pairs with the load in `get`.
        let now = self.0.load(Relaxed);
        // ORDERING: Relaxed, as above.
        self.0.store(now.wrapping_add(n), Relaxed);
    }

    /// So many less.
    #[inline]
    pub fn sub(&self, n: u64) {
        self.add(n.wrapping_neg());
    }

    /// How many.
    pub fn get(&self) -> u64 {
        // ORDERING: Relaxed. A statistic; pairs with the store in `add`.
        self.0.load(Relaxed)
    }
}

/// What one loop counts.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "a placeholder")]
pub struct Counters {
    pub accepted: Counter,
    pub open: Counter,
    pub requests: Counter,
    pub bytes_in: Counter,
    pub bytes_out: Counter,
    pub refused: Counter,
    pub evicted: Counter,
    pub panics: Counter,
    pub accept_pauses: Counter,
}

impl Counters {
    /// One more answer with this status.
    pub fn answered(&self, _status: u16) {}
}

/// What a server counts.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Counters>);

impl Metrics {
    /// The counters of one loop.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.0)
    }
}
