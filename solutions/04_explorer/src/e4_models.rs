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
//
// Rejected: one model with two that put and two that take. It finds most of it, has many
// times the states, and its reports are a page long.
pub const MODELS: &[fn(Slot)] = &[one_value, two_takers, two_putters, second_put];

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
