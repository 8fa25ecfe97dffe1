//! 04.4 (implement): models that catch what is wrong with a slot.
//!
//! A `Slot` holds one value. `try_put` fails if there is one already, `try_take` fails if
//! there is none, and each may fail while somebody else is in the middle of either. It
//! is in `exercises/04_explorer/given/slot.rs`, with five bugs built in, one of
//! which can be switched on at a time.
//!
//! Goal: write models, so that each bug is caught by one of them and the right slot
//! passes them all. A model is a function. It is given a new, empty slot, uses it on a
//! few threads, and asserts what must be true. The explorer runs it under every
//! schedule, and watches for data races by itself. Think of
//!
//! - what a thread must find when another one has put something;
//! - what must be true of all values together that were put and taken;
//! - a slot that is used for a second time.
//!
//! Keep them small: two or three threads, one or two calls each. A thread must not
//! wait for another in an endless loop; a model in which a call fails is a model, too.
//!
//! Edit between the markers only. About 30 lines, 20 minutes.
//! Stuck? `cargo hint 04.4`, three levels.
//!
//! A failing run prints, for instance:
//! ```text
//! no model catches TakesInTwoSteps: two threads that both see a full slot both take
//! its value; which of your models has two that take, and compares what they got?
//! ```

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

use super::ground::sync::Arc;
use super::ground::thread;

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[one_value];

/// A value that is taken is the one that was put.
fn one_value(slot: Slot) {
    let slot = Arc::new(slot);
    let putter = {
        let slot = Arc::clone(&slot);
        thread::spawn(move || slot.try_put(7))
    };
    // to do: take, look at the value
    assert!(putter.join().unwrap(), "the slot was empty, and put failed");
}

// --- to here ---
