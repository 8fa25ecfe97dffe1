//! A queue between one producer and one consumer, over a ring of slots that is allocated
//! once.
//!
//! `tail` counts what was pushed and `head` what was popped. Each of the two has a single
//! writer, so neither side ever needs a read-modify-write: it publishes with a store what
//! the other acquires with a load.
//!
//! ```text
//!            head              tail
//!             v                 v
//!   slots  [ free | full | full | free ]      the consumer owns the full ones,
//!                                             the producer the free ones
//! ```
//!
//! Both counts only grow; slot number `count % slots` is meant. So an empty ring
//! (`tail == head`) and a full one (`tail - head == capacity`) are never confused, and no
//! slot is wasted.
//!
//! | version | what it adds | what it saves |
//! |---|---|---|
//! | [`v1_shared_indices`] | | |
//! | [`v2_padded`] | a cache line for each index | the one side's store no longer takes the other's own index away |
//! | [`v3_cached`] | each side remembers what it last saw of the other's index, and its own; a consumer that has caught up lingers | the other's line is fetched once for many items; slots by mask, not by division |
//!
//! To wait until there is room, or an item, is left to the caller: spin, yield, or sleep on
//! a [`Signal`](super::Signal).

pub mod v1_shared_indices;
pub mod v2_padded;
pub mod v3_cached;

pub use v3_cached::{Consumer, Producer, channel};

#[cfg(test)]
mod models;
