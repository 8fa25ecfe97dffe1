//! A stack in a fixed array of slots, linked by index, without a lock; and why an index
//! that has come back is not the same.
//!
//! `head` names the slot on top, each slot the one below. To pop is to swing `head` from
//! the top to the one below it, by a compare-exchange. But what was below it was looked up
//! before:
//!
//! ```text
//!            head -> A -> B
//! thread 1   looks: head is A, below it is B            ... and is held up
//! thread 2   pops A, pops B, pushes A                   head -> A
//! thread 1   compare-exchange(A, B): head is A, fine    head -> B, which thread 2 has
//! ```
//!
//! The word is the same, the stack is not: *ABA*. [`v1_untagged`] does exactly that.
//! [`v2_tagged`] puts a number beside the index, into the same word, that grows with every
//! pop. Then the head that thread 1 looked at is `A, 5`, what it finds is `A, 7`, and the
//! exchange fails as it should.

pub mod v1_untagged;
pub mod v2_tagged;

pub use v2_tagged::TaggedStack;

#[cfg(test)]
mod models;
