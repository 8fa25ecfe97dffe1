//! Two counts: one of those that own the value, one of those that know where it was.
//!
//! A parent owns its children, and a child knows its parent: if both owned each other,
//! neither would ever be dropped. A [`Weak`] handle owns nothing. It keeps the *memory* in
//! which the value was, so that it can look whether the value is there still.
//!
//! | count | of what | at zero |
//! |---|---|---|
//! | `strong` | [`Arc`] handles | the value is dropped |
//! | `weak` | [`Weak`] handles, and one for all of the [`Arc`] handles together | the memory is freed |
//!
//! # `get_mut` against `downgrade`
//! To be alone means *no other strong handle and no weak one*, and that is two words. To
//! look at one after the other is wrong in either order, because a handle can change from
//! one kind to the other in between:
//!
//! ```text
//! thread 1 (get_mut)            thread 2 (has the second handle)
//! strong is 2 ... not alone     drops it           right: not alone at that moment
//!
//! weak is 1: no weak handles
//!                               downgrade: weak is 2; drops its handle: strong is 1
//! strong is 1: alone!           upgrade: reads the value, while thread 1 writes it
//! ```
//!
//! So `get_mut` locks the weak count while it looks at the strong one, by exchanging 1 for
//! `LOCKED`, and `downgrade` waits while it is locked: for two instructions.
#![allow(
    unsafe_code,
    reason = "the value is shared through a pointer, and freed"
)]

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::process;
use std::ptr::{self, NonNull};

use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use crate::ground::cell::UnsafeCell;
use crate::ground::hint;

/// More handles than this, and the process ends: see
/// [`v1_strong`](super::v1_strong).
const HANDLES_MAX: usize = isize::MAX as usize;

/// In place of the weak count, while `get_mut` looks at the strong one.
const LOCKED: usize = usize::MAX;

/// A value with several owners. The last one to go drops it.
///
/// ```
/// use threadbare::atomic::Arc;
///
/// let mine = Arc::new(String::from("shared"));
/// let seen = Arc::downgrade(&mine);
/// let theirs = Arc::clone(&mine);
/// std::thread::spawn(move || assert_eq!(*theirs, "shared")).join().unwrap();
/// assert_eq!(seen.upgrade().as_deref().map(String::as_str), Some("shared"));
/// drop(mine);
/// assert!(seen.upgrade().is_none(), "a weak handle owns nothing");
/// ```
///
/// It makes nothing thread-safe that is not:
///
/// ```compile_fail,E0277
/// # use {std::cell::Cell, threadbare::atomic::Arc};
/// let count = Arc::new(Cell::new(0)); // not `Sync`
/// std::thread::spawn(move || count.set(1));
/// ```
pub struct Arc<T> {
    /// From `Box::into_raw`. INVARIANT: good as long as one handle of either kind exists;
    /// the value in it, as long as an [`Arc`] does.
    shared: NonNull<Shared<T>>,
    /// Dropping a handle may drop a `T`.
    owns: PhantomData<Shared<T>>,
}

/// Knows where a value is, or was.
pub struct Weak<T> {
    /// As in [`Arc`].
    shared: NonNull<Shared<T>>,
}

struct Shared<T> {
    /// How many [`Arc`] handles there are.
    strong: AtomicUsize,
    /// How many [`Weak`] handles there are, and one more while there are [`Arc`] handles; or
    /// `LOCKED`.
    weak: AtomicUsize,
    /// Read by all owners; written by one that is alone; dropped by the last.
    value: UnsafeCell<ManuallyDrop<T>>,
}

// SAFETY: handles on several threads share the value, so `T: Sync`; and whichever goes last
// drops it, or gets it mutably, so `T: Send`.
unsafe impl<T: Send + Sync> Send for Arc<T> {}
// SAFETY: through a shared handle another thread can clone one of its own; so as for `Send`.
unsafe impl<T: Send + Sync> Sync for Arc<T> {}
// SAFETY: it can become an `Arc`.
unsafe impl<T: Send + Sync> Send for Weak<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Weak<T> {}

impl<T> Arc<T> {
    /// Moves `value` to where owners can share it.
    pub fn new(value: T) -> Self {
        let shared = Box::into_raw(Box::new(Shared {
            strong: AtomicUsize::new(1),
            weak: AtomicUsize::new(1),
            value: UnsafeCell::new(ManuallyDrop::new(value)),
        }));
        Self {
            // SAFETY: a box is never null.
            shared: unsafe { NonNull::new_unchecked(shared) },
            owns: PhantomData,
        }
    }

    fn shared(&self) -> &Shared<T> {
        // SAFETY: the invariant of `shared`: this handle exists.
        unsafe { self.shared.as_ref() }
    }

    /// The value, to be changed, if this is its only handle of either kind.
    ///
    /// # Memory ordering
    /// With a value, everything that the others did with it happens-before this call's
    /// return.
    // ANCHOR: get_mut
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        let shared = this.shared();
        // ORDERING: Acquire. If the last weak handle became a strong one before it went, the
        // load below sees that; pairs with the Release in `Weak::drop`. On failure Relaxed:
        // nothing is looked at.
        shared
            .weak
            .compare_exchange(1, LOCKED, Acquire, Relaxed)
            .ok()?;
        // ORDERING: Acquire. The others are done with the value; pairs with the Release in
        // `Arc::drop`.
        let alone = shared.strong.load(Acquire) == 1;
        // ORDERING: Relaxed. No `downgrade` that comes after this can be followed by the
        // drop that the load above has seen: that drop is before the load, by its Acquire.
        // (std has Release here and Acquire there.)
        shared.weak.store(1, Relaxed);
        // SAFETY: at that moment there was no other handle, and only this one can make
        // more, which is borrowed exclusively.
        alone.then(|| shared.value.with_mut(|value| unsafe { &mut **value }))
    }
    // ANCHOR_END: get_mut

    /// Makes a handle that does not own the value.
    // ANCHOR: downgrade
    pub fn downgrade(this: &Self) -> Weak<T> {
        let weak = &this.shared().weak;
        // ORDERING: Relaxed. A guess: the exchange below decides.
        let mut count = weak.load(Relaxed);
        loop {
            if count == LOCKED {
                hint::spin_loop();
                // ORDERING: Relaxed, as above.
                count = weak.load(Relaxed);
                continue;
            }
            if count > HANDLES_MAX {
                process::abort();
            }
            // ORDERING: Relaxed, both. This handle keeps the memory; why `get_mut` needs no
            // more is told there, at its store.
            match weak.compare_exchange_weak(count, count + 1, Relaxed, Relaxed) {
                Ok(_) => {
                    return Weak {
                        shared: this.shared,
                    };
                }
                Err(now) => count = now,
            }
        }
    }
    // ANCHOR_END: downgrade

    /// Whether the two share one value.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        ptr::eq(this.shared.as_ptr(), other.shared.as_ptr())
    }

    /// How many owners there are; out of date when you read it.
    pub fn strong_count(this: &Self) -> usize {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        this.shared().strong.load(Relaxed)
    }

    /// How many weak handles there are; out of date when you read it.
    pub fn weak_count(this: &Self) -> usize {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        match this.shared().weak.load(Relaxed) {
            LOCKED => 0,
            count => count - 1,
        }
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        // ORDERING: Relaxed. This handle keeps the value alive, and whoever gets the new one
        // gets it from this thread, in a way that orders the two.
        if self.shared().strong.fetch_add(1, Relaxed) > HANDLES_MAX {
            process::abort();
        }
        Self {
            shared: self.shared,
            owns: PhantomData,
        }
    }
}

impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        // ORDERING: Release. This owner is done with the value; pairs with the fence below,
        // in the `drop` of the last one, and with the Acquire load in `get_mut`.
        if self.shared().strong.fetch_sub(1, Release) != 1 {
            return;
        }
        // ORDERING: Acquire. All others are done with it; pairs with their Release in
        // `drop`. Forbidden: one thread reads the value and drops its handle; another drops
        // the last one, and the value before that read.
        fence(Acquire);
        // SAFETY: this was the last owner, and none can come back: `upgrade` does not start
        // from zero. So the value is dropped once, and nobody looks at it again.
        self.shared()
            .value
            .with_mut(|value| unsafe { ManuallyDrop::drop(&mut *value) });
        // The one weak handle that all owners had together.
        drop(Weak {
            shared: self.shared,
        });
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is an owner, so the value is there; and only one that is alone can
        // change it.
        self.shared().value.with(|value| unsafe { &**value })
    }
}

impl<T: fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T> Weak<T> {
    fn shared(&self) -> &Shared<T> {
        // SAFETY: the invariant of `Arc::shared`: this handle exists.
        unsafe { self.shared.as_ref() }
    }

    /// The value, if it is there: with an owner more.
    ///
    /// A loop, because the count must not grow from zero: somebody is dropping the value
    /// then.
    // ANCHOR: upgrade
    pub fn upgrade(&self) -> Option<Arc<T>> {
        let strong = &self.shared().strong;
        // ORDERING: Relaxed. A guess: the exchange below decides.
        let mut count = strong.load(Relaxed);
        while count != 0 {
            if count > HANDLES_MAX {
                process::abort();
            }
            // ORDERING: Relaxed, both. The value was made before the first weak handle, and
            // is not changed while there is one. That nobody is dropping it is in the count.
            match strong.compare_exchange_weak(count, count + 1, Relaxed, Relaxed) {
                Ok(_) => {
                    return Some(Arc {
                        shared: self.shared,
                        owns: PhantomData,
                    });
                }
                Err(now) => count = now,
            }
        }
        None
    }
    // ANCHOR_END: upgrade

    /// How many owners there are; out of date when you read it.
    pub fn strong_count(&self) -> usize {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        self.shared().strong.load(Relaxed)
    }
}

impl<T> Clone for Weak<T> {
    fn clone(&self) -> Self {
        // ORDERING: Relaxed. This handle keeps the memory. The count is not locked: that
        // needs there to be no weak handle.
        if self.shared().weak.fetch_add(1, Relaxed) > HANDLES_MAX {
            process::abort();
        }
        Self {
            shared: self.shared,
        }
    }
}

impl<T> Drop for Weak<T> {
    fn drop(&mut self) {
        // ORDERING: Release. This handle's use of the memory is over; pairs with the fence
        // below, in the `drop` of the last one, and with the Acquire in `get_mut`.
        if self.shared().weak.fetch_sub(1, Release) != 1 {
            return;
        }
        // ORDERING: Acquire. All others are done with the memory; pairs with their Release
        // in `drop`. Forbidden: one thread drops the value and then its weak handle; another
        // drops the last one, and frees the memory before that.
        fence(Acquire);
        // SAFETY: it came from a box, and this was the last handle of either kind.
        drop(unsafe { Box::from_raw(self.shared.as_ptr()) });
    }
}

impl<T> fmt::Debug for Weak<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}

#[cfg(test)]
impl<T> Arc<T> {
    /// Clones with as many handles as there may be, and two more: strong or weak ones.
    pub(super) fn overflow(self, strong: bool) {
        let weak = Self::downgrade(&self);
        let Shared {
            strong: first,
            weak: second,
            ..
        } = self.shared();
        let count = if strong { first } else { second };
        // ORDERING: Relaxed. One thread.
        count.store(HANDLES_MAX, Relaxed);
        for _ in 0..2 {
            if strong {
                let _ = ManuallyDrop::new(self.clone());
            } else {
                let _ = ManuallyDrop::new(weak.clone());
            }
        }
    }

    /// The same by `upgrade`.
    pub(super) fn overflow_by_upgrade(self) {
        let weak = Self::downgrade(&self);
        // ORDERING: Relaxed. One thread.
        self.shared().strong.store(HANDLES_MAX, Relaxed);
        for _ in 0..2 {
            let _ = ManuallyDrop::new(weak.upgrade());
        }
    }
}
