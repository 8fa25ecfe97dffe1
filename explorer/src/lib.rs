//! A model checker that you can read, and that grades you.
//!
//! A test runs a program once, in one of the ways in which it can go. A [`Model`] runs it in
//! all of them: each order in which its threads can take their steps, and each old value
//! that the memory model lets a load return. A bug that a machine shows once in a million
//! runs, or never on the one at hand, is found every time, and comes with the steps that
//! led there.
//!
//! | module | what it does |
//! |---|---|
//! | [`memory`] | remembers old values, and who may still read them |
//! | [`litmus`] | all outcomes of programs of a few loads and stores |
//! | `execution` | one run: threads as coroutines, whose turn it is, who waits for what |
//! | `search` | depth-first over all choices; states that were seen are not explored again |
//! | [`ground`] | std's types, as steps of a model |
//! | `report`, `schedule` | what a failure looks like, and how to repeat it |
//!
//! Chapter 04 of the book builds it.

mod digest;
mod execution;
mod failure;
pub mod graph;
pub mod ground;
pub mod litmus;
pub mod memory;
mod model;
mod objects;
mod panics;
mod report;
mod schedule;
mod search;
pub mod v1_round_robin;
pub mod v2_interleavings;
mod waits;

pub use failure::{Event, Failure, Kind};
pub use graph::{Caption, Graph};
pub use model::{Model, Stats, UsedOrdering, set_reporter};
