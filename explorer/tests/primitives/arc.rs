//! A reference count by hand: whoever drops the last handle frees the value, and everybody
//! else's accesses happen before that.
//!
//! Freeing is modelled: the value is taken out of its cell, so that a use after it is an
//! assertion and not undefined behaviour.
#![allow(unsafe_code, reason = "the counted value lives in a cell")]

use super::ground::atomic::{AtomicUsize, Ordering::*, fence};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::thread;
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: whoever clones has a handle already.
        clone: Relaxed,
        /// Release: this owner's accesses are over. Pairs with `fence`.
        drop: Release,
        /// Acquire: everybody's accesses are over. Pairs with `drop`.
        fence: Acquire,
        /// Acquire: the other owners' accesses are over. Pairs with `drop`.
        get_mut: Acquire,
    }
    slips {
        /// The last one frees without a fence.
        forgets_the_fence,
        /// Reads the count, and writes it back with one more in a second step.
        clones_in_two_steps,
        /// Reads the count, and writes it back with one less in a second step.
        drops_in_two_steps,
        /// Frees when the count is one before its own drop is counted.
        frees_one_early,
        /// Frees when the count was zero before its own drop.
        frees_never,
        /// Counts the other thread's handle only when that thread runs.
        clones_late,
        /// Reads the value once more when its handle is dropped.
        reads_late,
    }
}

/// What all handles share.
struct Shared {
    spec: Spec,
    count: AtomicUsize,
    value: UnsafeCell<Option<u32>>,
    freed: UnsafeCell<u32>,
}

// SAFETY: the value is read by whoever holds a handle, and written by the last owner.
unsafe impl Sync for Shared {}

impl Shared {
    fn new(spec: Spec) -> Arc<Self> {
        Arc::new(Shared {
            spec,
            count: AtomicUsize::new(1),
            value: UnsafeCell::new(Some(7)),
            freed: UnsafeCell::new(0),
        })
    }

    fn clone_handle(&self) {
        if self.spec.clones_in_two_steps {
            let count = self.count.load(Relaxed);
            self.count.store(count + 1, self.spec.clone);
        } else {
            self.count.fetch_add(1, self.spec.clone);
        }
    }

    fn read(&self) {
        // SAFETY: a handle is held, so nobody writes.
        let value = self.value.with(|value| unsafe { *value });
        assert!(value.is_some(), "used after it was freed");
    }

    fn drop_handle(&self) {
        let spec = &self.spec;
        let before = if spec.drops_in_two_steps {
            let count = self.count.load(Relaxed);
            self.count.store(count - 1, spec.drop);
            count
        } else {
            self.count.fetch_sub(1, spec.drop)
        };
        let last = match before {
            0 => spec.frees_never,
            1 => !spec.frees_never,
            2 => spec.frees_one_early,
            _ => false,
        };
        if last {
            if !spec.forgets_the_fence {
                fence(spec.fence);
            }
            // SAFETY: this was the last handle.
            let value = self.value.with_mut(|value| unsafe { (*value).take() });
            assert!(value.is_some(), "freed twice");
            // SAFETY: as above.
            self.freed.with_mut(|freed| unsafe { *freed += 1 });
        }
        if spec.reads_late {
            self.read();
        }
    }

    /// Writes to the value if nobody else has a handle.
    fn set_if_unique(&self, new: u32) -> bool {
        let unique = self.count.load(self.spec.get_mut) == 1;
        if unique {
            // SAFETY: this is the only handle.
            self.value.with_mut(|value| unsafe { *value = Some(new) });
        }
        unique
    }
}

/// Two owners read and drop; the value is freed once.
fn two_owners(spec: Spec) {
    let shared = Shared::new(spec);
    if !spec.clones_late {
        shared.clone_handle();
    }
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            if spec.clones_late {
                shared.clone_handle();
            }
            shared.read();
            shared.drop_handle();
        }
    });
    shared.read();
    shared.drop_handle();
    other.join().unwrap();
    // SAFETY: the other thread has ended.
    shared.freed.with(|freed| assert_eq!(unsafe { *freed }, 1));
}

/// Both owners clone and drop a second handle: the count moves on both sides.
fn clones_meet(spec: Spec) {
    let shared = Shared::new(spec);
    shared.clone_handle();
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            shared.clone_handle();
            shared.drop_handle();
            shared.drop_handle();
        }
    });
    shared.clone_handle();
    shared.drop_handle();
    shared.read();
    shared.drop_handle();
    other.join().unwrap();
    // SAFETY: the other thread has ended.
    shared.freed.with(|freed| assert_eq!(unsafe { *freed }, 1));
}

/// One owner writes when it finds itself alone.
fn get_mut(spec: Spec) {
    let shared = Shared::new(spec);
    shared.clone_handle();
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            shared.read();
            shared.drop_handle();
        }
    });
    if shared.set_if_unique(8) {
        shared.read();
    }
    shared.drop_handle();
    other.join().unwrap();
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "Arc by hand",
        RIGHT,
        &[
            ("two owners", two_owners),
            ("clones meet", clones_meet),
            ("get_mut", get_mut),
        ],
        versions! {
            "drop is Relaxed" { drop: Relaxed } wrong [Race];
            "drop is Acquire" { drop: Acquire } wrong [Race];
            "no fence before freeing" { forgets_the_fence: true } wrong [Race];
            "the fence is Release" { fence: Release } wrong [Race];
            "get_mut reads the count Relaxed" { get_mut: Relaxed } wrong [Race];
            "clones in two steps" { clones_in_two_steps: true } wrong [Race, Assertion];
            "drops in two steps" { drops_in_two_steps: true } wrong [Race, Assertion];
            "frees one too early" { frees_one_early: true } wrong [Race, Assertion];
            "frees never" { frees_never: true } wrong [Assertion];
            "counts when the other thread runs"
                { clones_late: true } wrong [Race, Assertion];
            "reads after its drop" { reads_late: true } wrong [Race, Assertion];
            "drop is AcqRel, no fence" { drop: AcqRel, forgets_the_fence: true } right;
        },
    )
}
