//! must say: MODELS[0] rejects the slot that is right
//!
//! Expects that a value is there before anybody was waited for.

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

use super::ground::sync::Arc;
use super::ground::thread;

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[one_value];

/// A value that is put can be taken, at once.
fn one_value(slot: Slot) {
    let slot = Arc::new(slot);
    let putter = start(&slot, |slot| slot.try_put(7));
    assert_eq!(slot.try_take(), Some(7), "nothing came");
    putter.join().unwrap();
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
