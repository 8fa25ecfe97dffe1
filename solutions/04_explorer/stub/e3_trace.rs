//! 04.3 (read a trace): a newspaper with nothing in it.
//!
//! In `exercises/04_explorer/given/newspaper.rs` one thread writes a newspaper, notes how
//! many pages it has, and says that it is out. Another one looks whether it is out, and
//! reads. The explorer says of it:
//!
//! ```text trace
//! model: one issue of a newspaper
//! DATA RACE: main reads text at newspaper.rs:54, thread 1 wrote it at
//! newspaper.rs:41, and nothing orders the two
//!   at exercises/04_explorer/given/newspaper.rs:54
//!
//!   newspaper.rs
//!   step  line  main                           thread 1
//!      1  41                                   writes text
//!         43                                   pages.store(8, Relaxed)
//!      2  45                                   is_out.store(true, Relaxed)
//!      3  50    is_out.load(Acquire) -> true
//!      4  52    pages.load(Relaxed) -> 0  OLD
//!         54    reads text
//!
//! OLD: the value had been overwritten, and nothing that the thread has seen so far
//! forbids to read it.
//!
//! replay: Model::replay("1*2 0 0.1")
//! ```
//!
//! Goal: answer the questions below. The lines are those of `newspaper.rs`; have it open
//! beside this.
//!
//! Edit between the markers only. 5 answers, 15 minutes.
//! Stuck? `cargo hint 04.3`, three levels.
//!
//! A failing run prints, for instance:
//! ```text
//! step 2 is is_out.store(true, Relaxed): it reads nothing, so it reads nothing old
//! ```

#[path = "../../../exercises/04_explorer/given/newspaper.rs"]
pub mod given;

// --- edit from here ---

/// One step of the trace reads a value that had been overwritten before. Which one?
pub const OLD_STEP: Option<usize> = None;

/// What would that step have read, had it read the newest value?
pub const NEWEST: Option<u32> = None;

/// Two lines of `newspaper.rs` use the same plain memory, and nothing orders them.
pub const UNORDERED: Option<[u32; 2]> = None;

/// The line of the one operation whose ordering is too weak: made stronger, both the old
/// value and the data race are gone.
pub const TOO_WEAK: Option<u32> = None;

/// A schedule for the same steps in the same order, in which nothing old is read. (The
/// data race is there all the same.) How to write one is said in 04.1.
pub const NOTHING_OLD: &str = "";

// --- to here ---
