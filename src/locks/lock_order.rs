//! Two ways to learn of a deadlock before it happens.
//!
//! Threads deadlock when they wait for each other in a circle. A circle needs at least one
//! thread that takes locks in another order than the rest. So it is enough to look at the
//! order, which every run shows, and not to wait for the circle, which hardly any does.
//!
//! | | [`OrderedMutex`] | [`LockGraph`] and its [`WatchedMutex`] |
//! |---|---|---|
//! | you say | a level for each lock | nothing |
//! | it finds | a lock taken against the levels | two orders that together make a circle |
//! | when | at the first lock against the order | when the second order is seen, on whatever thread |
//! | and then | panics, naming both places | keeps a report, naming all places; the program goes on |
//! | cost | a look at a thread-local | the same, and a lock and a look-up while another lock is held |
//!
//! A level is a design, written down where it is checked. A graph is for a program that has
//! none yet. Neither sees locks that are not its own.

mod graph;
mod ordered;

pub use graph::{Cycle, Edge, LockGraph, WatchedGuard, WatchedMutex};
pub use ordered::{OrderedGuard, OrderedMutex};

#[cfg(test)]
mod models;
