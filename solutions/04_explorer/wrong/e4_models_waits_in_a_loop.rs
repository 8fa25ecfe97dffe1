//! must say: MODELS[0] rejects the slot that is right
//!
//! Asks again and again for a value that another one has taken.

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

use super::ground::sync::Arc;
use super::ground::thread;

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[impatient];

/// Two take, and both wait until they get something.
fn impatient(slot: Slot) {
    let slot = Arc::new(slot);
    let taker = start(&slot, |slot| {
        while slot.try_take().is_none() {
            thread::yield_now();
        }
    });
    slot.try_put(7);
    while slot.try_take().is_none() {
        thread::yield_now();
    }
    taker.join().unwrap();
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
