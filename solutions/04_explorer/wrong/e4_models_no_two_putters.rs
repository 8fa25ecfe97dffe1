//! must say: no model catches PutsInTwoSteps
//!
//! Everything but two that put.

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

use super::ground::sync::Arc;
use super::ground::thread;

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[one_value, two_takers, second_put];

/// A value that is taken is the one that was put, and then there is room for another.
fn one_value(slot: Slot) {
    let slot = Arc::new(slot);
    let putter = start(&slot, |slot| slot.try_put(7));
    let taken = slot.try_take();
    assert!(
        taken.is_none_or(|value| value == 7),
        "somebody took {taken:?}"
    );
    assert!(putter.join().unwrap(), "the slot was empty, and put failed");
    let rest = slot.try_take();
    assert!(
        taken.or(rest) == Some(7),
        "7 is gone: {taken:?}, then {rest:?}"
    );
    assert!(
        slot.try_put(8),
        "the value was taken, and the next put failed"
    );
}

/// Two that take never get the same value.
fn two_takers(slot: Slot) {
    let slot = Arc::new(slot);
    assert!(slot.try_put(7), "the slot was empty, and put failed");
    let taker = start(&slot, Slot::try_take);
    let mine = slot.try_take();
    let other = taker.join().unwrap();
    assert!(mine.is_none() || other.is_none(), "both took {mine:?}");
}

/// A value that is put while another one takes.
fn second_put(slot: Slot) {
    let slot = Arc::new(slot);
    assert!(slot.try_put(7), "the slot was empty, and put failed");
    let taker = start(&slot, Slot::try_take);
    slot.try_put(8);
    assert_eq!(
        taker.join().unwrap(),
        Some(7),
        "there was a value, and take failed"
    );
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
