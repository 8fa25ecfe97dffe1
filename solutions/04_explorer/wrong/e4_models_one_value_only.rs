//! must say: no model catches EmptiesRelaxed
//!
//! Uses the slot once.

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
    let putter = start(&slot, |slot| slot.try_put(7));
    let taken = slot.try_take();
    assert!(
        taken.is_none_or(|value| value == 7),
        "somebody took {taken:?}"
    );
    assert!(putter.join().unwrap(), "the slot was empty, and put failed");
}

/// Starts a thread that does `what` to the slot.
fn start<R: 'static + Send>(
    slot: &Arc<Slot>,
    what: impl FnOnce(&Slot) -> R + 'static + Send,
) -> thread::JoinHandle<R> {
    let slot = Arc::clone(slot);
    thread::spawn(move || what(&slot))
}

// --- to here ---
