//! 03.8 (read a trace): a parcel that goes through three hands.
//!
//! In `exercises/03_atomics/given/parcel.rs` thread 1 wraps a parcel, thread 2 carries it,
//! and `main` opens it. Each waits for the one before, or rather gives up if it has not
//! come so far. The sender releases, the receiver acquires, and the explorer says:
//!
//! ```text trace
//! model: a parcel goes through three hands
//! DATA RACE: main reads content at parcel.rs:105, thread 1 wrote it at parcel.rs:69,
//! and nothing orders the two
//!   at exercises/03_atomics/given/parcel.rs:105
//!
//!   parcel.rs
//!   step  line  main                    thread 1                thread 2
//!      1  69                            writes content
//!         72                            stage.store(1,
//!                                       Release)
//!      2  77                                                    stage.load(Acquire) ->
//!                                                               1
//!      3  90                                                    stage.store(2, Relaxed)
//!      4  97    stage.load(Acquire) ->
//!               2
//!         105   reads content
//!
//! replay: Model::replay("1 2*2 0")
//! ```
//!
//! Goal: answer the questions below. Have `parcel.rs` open beside this.
//!
//! Edit between the markers only. 12 answers, 15 minutes.
//! Stuck? `cargo hint 03.8`, three levels.
//!
//! A failing run prints, for instance:
//! ```text
//! STEP_4_READS_FROM is 2, and step 2 is stage.load(Acquire) -> 1: that stores nothing
//! ```

#[path = "../../../exercises/03_atomics/given/parcel.rs"]
pub mod given;

// --- edit from here ---

/// Step 2 loads. Which step stored what it reads?
pub const STEP_2_READS_FROM: Option<usize> = None;

/// Step 4 loads. Which step stored what it reads?
pub const STEP_4_READS_FROM: Option<usize> = None;

/// That a step comes first in the trace does not mean that it happens before the other.
/// Does step 1 happen before step 2?
pub const STEP_1_BEFORE_2: Option<bool> = None;
/// Does step 2 happen before step 3?
pub const STEP_2_BEFORE_3: Option<bool> = None;
/// Does step 3 happen before step 4?
pub const STEP_3_BEFORE_4: Option<bool> = None;
/// Does step 1 happen before step 4?
pub const STEP_1_BEFORE_4: Option<bool> = None;

/// Which of these changes, alone, makes the program right?
///
/// A: the sender's store is `SeqCst`.
pub const A_MENDS_IT: Option<bool> = None;
/// B: the courier's store is `Release`.
pub const B_MENDS_IT: Option<bool> = None;
/// C: the courier adds 1, by a relaxed `fetch_add`, in place of its store.
pub const C_MENDS_IT: Option<bool> = None;
/// D: the courier has a release fence before its store.
pub const D_MENDS_IT: Option<bool> = None;
/// E: the receiver's load is `SeqCst`.
pub const E_MENDS_IT: Option<bool> = None;
/// F: the receiver has an acquire fence after its load.
pub const F_MENDS_IT: Option<bool> = None;

// --- to here ---
