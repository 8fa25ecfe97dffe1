//! A model checker that you can read, and that grades you.
//!
//! A test runs a program once, in one of the ways in which it can go. A [`Model`] runs it in
//! all of them: each order in which its threads can take their steps, and each old value
//! that the memory model lets a load return. A bug that a machine shows once in a million
//! runs, or never on the one at hand, is found every time, and comes with the steps that
//! led there.
//!
//! ```
//! use explorer::{Kind, Model};
//! use explorer::ground::atomic::{AtomicBool, Ordering::{Acquire, Release}};
//! use explorer::ground::{hint, sync::Arc, thread};
//!
//! let stats = Model::new("who waits for the flag, sees it")
//!     .hint(Kind::Livelock, "who sets it?")
//!     .check(|| {
//!         let flag = Arc::new(AtomicBool::new(false));
//!         let theirs = Arc::clone(&flag);
//!         // ORDERING: Release pairs with the load below, in `check`; nothing is behind it here.
//!         let setter = thread::spawn(move || theirs.store(true, Release));
//!         // ORDERING: Acquire pairs with the store above, in `check`.
//!         while !flag.load(Acquire) {
//!             hint::spin_loop();
//!         }
//!         setter.join().unwrap();
//!     });
//! assert!(stats.complete, "everything that can happen has been tried");
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`memory`] | remembers old values, and who may still read them |
//! | [`litmus`] | all outcomes of programs of a few loads and stores |
//! | `execution` | one run: threads as coroutines, and whose turn it is |
//! | `objects`, `waits` | what threads share: races, drops, leaks; and what they wait for |
//! | `search` | depth-first over all choices; a state that was seen is not explored again |
//! | [`ground`] | std's types, as steps of a model |
//! | `report`, `schedule` | what a failure looks like, and how to repeat it |
//! | [`fn@weaken`] | is each ordering needed? |
//! | [`graph`] | all states of a small model, for the steppers in the book |
//! | [`v1_round_robin`], [`v2_interleavings`] | the explorer as chapter 04 builds it up |
//!
//! # What a pass means
//! That the closure, with the threads and the operations that it has, does not fail in any
//! order of its steps and with any old value, if [`Stats::complete`] says so. Not that the
//! type is right with one thread more. Three things are left out: *load buffering* and the
//! finer points of `SeqCst` (see [`memory`]); whatever a thread does other than through
//! [`ground`]; and rounds of a waiting loop beyond a few thousand. A thread must do the
//! same whenever it is told the same: no clock, no random numbers, no address as a value.
//!
//! # Where the methods of a run are
//! `Execution` is one run, and its methods stand beside what they are about:
//!
//! | methods | file |
//! |---|---|
//! | `arrive`, `decide`, `give_turn`, `finish`, `digest` | `execution/mod.rs` |
//! | `object`, `register`, `name`, `used` | `objects/mod.rs` |
//! | `touch`, `access`, `retire`, `leave` | `objects/races.rs` |
//! | `is_free`, `wake`, `time_out`, `is_spurious` | `waits/mod.rs` |
//! | `looked`, `acted`, `changed`, `see_all` | `waits/spin.rs` |
//! | `looked_else`, `changed_else` | `waits/moment.rs` |
//! | `verdict`, `stuck`, `waits`, `goes_on_and_on` | `waits/stuck.rs` |
//! | `tell`, `tell_old`, `chose` | `report/record.rs` |
//! | `check_schedule`, `refuse`, `do_without` | `report/replay.rs` |
//! | `draw`, `draw_start`, `draw_end` | `graph/drawing.rs` |
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
mod weaken;

pub use failure::{Event, Failure, Kind};
pub use graph::{Caption, Graph};
pub use model::{Model, Stats, UsedOrdering, set_reporter};
pub use report::{terminal_colour, terminal_width};
pub use weaken::{Weakened, needlessly_strong, weaken};
