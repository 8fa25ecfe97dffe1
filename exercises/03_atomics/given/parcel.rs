//! Given for 03.8: a parcel that goes through three hands.
//!
//! The sender wraps it and says so; the courier sees that, and says that it has come; the
//! receiver sees this, and opens it. Each of the six [`Change`]s is made at one of the
//! three, and is to be read together with what is there without it.

#![allow(unsafe_code, reason = "what is in the parcel is plain memory")]

use super::super::ground::Named as _;
use super::super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};
use super::super::ground::cell::UnsafeCell;
use super::super::ground::sync::Arc;
use super::super::ground::thread;

const WRAPPED: u32 = 1;
const COME: u32 = 2;

/// What is changed in the program. The trace shows it with none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The sender's store is `SeqCst`.
    A,
    /// The courier's store is `Release`.
    B,
    /// The courier adds 1, by a relaxed `fetch_add`, in place of its store.
    C,
    /// The courier has a release fence before its store.
    D,
    /// The receiver's load is `SeqCst`.
    E,
    /// The receiver has an acquire fence after its load.
    F,
}

#[derive(Debug)]
struct Parcel {
    content: UnsafeCell<u32>,
    stage: AtomicU32,
}

// SAFETY: the content is written before `stage` is WRAPPED, and read after it is COME. So
// it is meant; whether the orderings say so is what is asked.
unsafe impl Sync for Parcel {}

/// Thread 1 sends, thread 2 carries, and thread 0, which is `main`, receives.
pub fn three_hands(change: Change) {
    let parcel = Arc::new(Parcel {
        content: UnsafeCell::new(0).named("content"),
        stage: AtomicU32::new(0).named("stage"),
    });
    let ours = Arc::clone(&parcel);
    let sender = thread::spawn(move || ours.send(change));
    let ours = Arc::clone(&parcel);
    let courier = thread::spawn(move || ours.carry(change));
    parcel.receive(change);
    sender.join().unwrap();
    courier.join().unwrap();
}

impl Parcel {
    fn send(&self, change: Change) {
        // SAFETY: it is not wrapped yet, so nobody reads.
        self.content.with_mut(|content| unsafe { *content = 42 });
        // ORDERING: Release pairs with the Acquire load in `carry`.
        let order = if change == Change::A { SeqCst } else { Release };
        self.stage.store(WRAPPED, order);
    }

    fn carry(&self, change: Change) {
        // ORDERING: Acquire pairs with the Release store in `send`.
        if self.stage.load(Acquire) != WRAPPED {
            return;
        }
        // ORDERING, of all four: whether it is enough is what is asked; it is to pair with the load in `receive`.
        match change {
            Change::B => self.stage.store(COME, Release),
            Change::C => {
                self.stage.fetch_add(COME - WRAPPED, Relaxed);
            }
            Change::D => {
                fence(Release);
                self.stage.store(COME, Relaxed);
            }
            _ => self.stage.store(COME, Relaxed),
        }
    }

    fn receive(&self, change: Change) {
        let order = if change == Change::E { SeqCst } else { Acquire };
        // ORDERING: Acquire pairs with what is stored in `carry`, or so we think.
        if self.stage.load(order) != COME {
            return;
        }
        if change == Change::F {
            // ORDERING: Acquire pairs with what is stored in `carry`, or so we think.
            fence(Acquire);
        }
        // SAFETY: it has come, so nobody writes.
        let content = self.content.with(|content| unsafe { *content });
        assert_eq!(content, 42, "there is nothing in the parcel");
    }
}
