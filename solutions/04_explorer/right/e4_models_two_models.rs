//! Right: two models, in which each thread does more than one thing.

#[path = "../../../exercises/04_explorer/given/slot.rs"]
pub mod given;

use given::Slot;

// --- edit from here ---

use super::ground::sync::Arc;
use super::ground::thread;

/// All models; the graders run each on the right slot and on each of the wrong ones.
pub const MODELS: &[fn(Slot)] = &[ping_pong, everybody];

/// One puts twice, the other takes.
fn ping_pong(slot: Slot) {
    let slot = Arc::new(slot);
    let other = Arc::clone(&slot);
    let taker = thread::spawn(move || other.try_take());
    let put = [slot.try_put(1), slot.try_put(2)];
    let taken = taker.join().unwrap();
    let rest = slot.try_take();
    let out = [taken, rest].into_iter().flatten().count();
    assert_eq!(
        put.iter().filter(|put| **put).count(),
        out,
        "lost or doubled"
    );
    assert!(slot.try_put(3), "an empty slot refuses a value");
}

/// Two that put and two that take: nothing comes out that did not go in, nor twice.
fn everybody(slot: Slot) {
    let slot = Arc::new(slot);
    let putter = Arc::clone(&slot);
    let putter = thread::spawn(move || putter.try_put(1));
    let taker = Arc::clone(&slot);
    let taker = thread::spawn(move || taker.try_take());
    let mine = slot.try_put(2);
    let first = slot.try_take();
    let put = [putter.join().unwrap(), mine];
    let out = [first, taker.join().unwrap(), slot.try_take()];
    let count = put.iter().filter(|put| **put).count();
    assert_eq!(
        count,
        out.iter().flatten().count(),
        "put {put:?}, got {out:?}"
    );
}

// --- to here ---
