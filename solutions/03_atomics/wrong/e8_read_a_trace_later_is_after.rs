//! must say: STEP_3_BEFORE_4 is true: step 3 is stage.store(2, Relaxed), step 4 is stage.load(Acquire) -> 2; the load acquires, but from a store that releases nothing
//!
//! Takes the order of the trace for the order of what happens.

#[path = "../../../exercises/03_atomics/given/parcel.rs"]
pub mod given;

// --- edit from here ---

/// Step 2 loads. Which step stored what it reads?
pub const STEP_2_READS_FROM: Option<usize> = Some(1);

/// Step 4 loads. Which step stored what it reads?
pub const STEP_4_READS_FROM: Option<usize> = Some(3);

/// That a step comes first in the trace does not mean that it happens before the other.
/// Does step 1 happen before step 2?
pub const STEP_1_BEFORE_2: Option<bool> = Some(true);
/// Does step 2 happen before step 3?
pub const STEP_2_BEFORE_3: Option<bool> = Some(true);
/// Does step 3 happen before step 4?
pub const STEP_3_BEFORE_4: Option<bool> = Some(true);
/// Does step 1 happen before step 4?
pub const STEP_1_BEFORE_4: Option<bool> = Some(false);

/// Which of these changes, alone, makes the program right?
///
/// A: the sender's store is `SeqCst`.
pub const A_MENDS_IT: Option<bool> = Some(false);
/// B: the courier's store is `Release`.
pub const B_MENDS_IT: Option<bool> = Some(true);
/// C: the courier adds 1, by a relaxed `fetch_add`, in place of its store.
pub const C_MENDS_IT: Option<bool> = Some(true);
/// D: the courier has a release fence before its store.
pub const D_MENDS_IT: Option<bool> = Some(true);
/// E: the receiver's load is `SeqCst`.
pub const E_MENDS_IT: Option<bool> = Some(false);
/// F: the receiver has an acquire fence after its load.
pub const F_MENDS_IT: Option<bool> = Some(false);

// --- to here ---
