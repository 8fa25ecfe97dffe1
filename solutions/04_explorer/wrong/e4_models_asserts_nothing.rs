//! must say: no model catches StaysBusy
//!
//! Leaves everything to the explorer, which knows nothing of slots.

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

use super::ground::sync::Arc;
use super::ground::thread;

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[busy, takers, putters];

/// Lets a value be put, taken, and put again.
fn busy(slot: Slot) {
    let slot = Arc::new(slot);
    let taker = start(&slot, Slot::try_take);
    slot.try_put(7);
    slot.try_put(8);
    taker.join().unwrap();
}

/// Lets two take.
fn takers(slot: Slot) {
    let slot = Arc::new(slot);
    slot.try_put(7);
    let taker = start(&slot, Slot::try_take);
    slot.try_take();
    taker.join().unwrap();
}

/// Lets two put.
fn putters(slot: Slot) {
    let slot = Arc::new(slot);
    let putter = start(&slot, |slot| slot.try_put(7));
    slot.try_put(8);
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
