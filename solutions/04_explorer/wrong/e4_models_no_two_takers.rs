//! must say: no model catches TakesInTwoSteps
//!
//! Everything but two that take.

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

use super::ground::sync::Arc;
use super::ground::thread;

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[one_value, two_putters, second_put];

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

/// Of two that put at once only one can succeed.
fn two_putters(slot: Slot) {
    let slot = Arc::new(slot);
    let putter = start(&slot, |slot| slot.try_put(7));
    let mine = slot.try_put(8);
    let other = putter.join().unwrap();
    assert!(!(mine && other), "7 and 8 were both put into one slot");
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
