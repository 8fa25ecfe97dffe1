//! Counters that many threads add to, and what a cache line costs them.
//!
//! | version | where a thread adds | what it costs beside others |
//! |---|---|---|
//! | [`v1_shared`] | one word | whoever writes near it, too, takes the line away (*false sharing*) |
//! | [`v2_padded`] | one word, alone on its cache line | whoever adds to the same counter takes the line away (*sharing*) |
//! | [`v3_sharded`] | one of sixteen padded words, its own if there are no more threads | nothing; who reads has sixteen words to read |
//!
//! All three are exact: no addition is lost, and once the threads are joined the sum is what
//! they added. All orderings are `Relaxed`, because a count tells nobody that other memory
//! is ready.

pub mod v1_shared;
pub mod v2_padded;
pub mod v3_sharded;

pub use v3_sharded::Counter;

#[cfg(test)]
mod models;
