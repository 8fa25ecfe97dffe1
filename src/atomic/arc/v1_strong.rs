//! One count: how many handles there are.
#![allow(
    unsafe_code,
    reason = "the value is shared through a pointer, and freed"
)]

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::process;
use std::ptr::{self, NonNull};

use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use crate::ground::cell::UnsafeCell;

/// More handles than this, and the process ends. It takes leaking them (`mem::forget`) to
/// get there; without the limit the count would wrap around to zero, and the value be freed
/// while there are handles. The other half of the numbers is room for threads that are past
/// the addition and not yet at the check.
const HANDLES_MAX: usize = isize::MAX as usize;

/// A value with several owners. The last one to go drops it.
///
/// ```
/// use threadbare::atomic::arc::v1_strong::Arc;
///
/// let mut mine = Arc::new(String::from("shared"));
/// let theirs = Arc::clone(&mine);
/// assert!(Arc::ptr_eq(&mine, &theirs) && Arc::get_mut(&mut mine).is_none());
/// std::thread::spawn(move || assert_eq!(*theirs, "shared")).join().unwrap();
/// Arc::get_mut(&mut mine).expect("the only owner again").push('!');
/// assert_eq!(*mine, "shared!");
/// ```
pub struct Arc<T> {
    /// From `Box::into_raw`. INVARIANT: good as long as one handle exists.
    shared: NonNull<Shared<T>>,
    /// Dropping a handle may drop a `T`.
    owns: PhantomData<Shared<T>>,
}

struct Shared<T> {
    /// How many handles there are.
    count: AtomicUsize,
    /// Read by all owners; written by one that is alone.
    value: UnsafeCell<T>,
}

// SAFETY: handles on several threads share the value, so `T: Sync`; and whichever goes last
// drops it, or gets it mutably, so `T: Send`.
unsafe impl<T: Send + Sync> Send for Arc<T> {}
// SAFETY: through a shared handle another thread can clone one of its own; so as for `Send`.
unsafe impl<T: Send + Sync> Sync for Arc<T> {}

impl<T> Arc<T> {
    /// Moves `value` to where owners can share it.
    pub fn new(value: T) -> Self {
        let shared = Box::into_raw(Box::new(Shared {
            count: AtomicUsize::new(1),
            value: UnsafeCell::new(value),
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

    /// The value, to be changed, if this is its only handle.
    ///
    /// # Memory ordering
    /// With a value, everything that the others did with it happens-before this call's
    /// return.
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        // ORDERING: Acquire. The others are done with the value; pairs with the Release in
        // `drop`. One is a stable answer: only a handle can make another, and this one is
        // borrowed exclusively.
        if this.shared().count.load(Acquire) != 1 {
            return None;
        }
        // SAFETY: there is no other handle, nor can there be one while this is borrowed.
        let value = this.shared().value.with_mut(|value| unsafe { &mut *value });
        Some(value)
    }

    /// Whether the two share one value.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        ptr::eq(this.shared.as_ptr(), other.shared.as_ptr())
    }

    /// How many handles there are; out of date when you read it.
    pub fn strong_count(this: &Self) -> usize {
        // ORDERING: Relaxed. Nothing is read on the strength of it.
        this.shared().count.load(Relaxed)
    }
}

// ANCHOR: clone
impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        // ORDERING: Relaxed. This handle keeps the value alive, and whoever gets the new one
        // gets it from this thread, in a way that orders the two.
        if self.shared().count.fetch_add(1, Relaxed) > HANDLES_MAX {
            process::abort();
        }
        Self {
            shared: self.shared,
            owns: PhantomData,
        }
    }
}
// ANCHOR_END: clone

// ANCHOR: drop
impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        // ORDERING: Release. This owner is done with the value; pairs with the fence below,
        // in the `drop` of the last one.
        if self.shared().count.fetch_sub(1, Release) != 1 {
            return;
        }
        // ORDERING: Acquire. All others are done with it; pairs with their Release in
        // `drop`. Forbidden: one thread reads the value and drops its handle; another drops
        // the last one and frees the value before that read.
        fence(Acquire);
        // SAFETY: it came from a box, and this was the last handle.
        drop(unsafe { Box::from_raw(self.shared.as_ptr()) });
    }
}
// ANCHOR_END: drop

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is a handle, so the value is there; and only a handle that is alone
        // can change it.
        self.shared().value.with(|value| unsafe { &*value })
    }
}

impl<T: fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
impl<T> Arc<T> {
    /// Clones with as many handles as there may be, and two more.
    pub(super) fn overflow(self) {
        use std::mem::ManuallyDrop;
        // ORDERING: Relaxed. One thread.
        self.shared().count.store(HANDLES_MAX, Relaxed);
        for _ in 0..2 {
            let _ = ManuallyDrop::new(self.clone());
        }
    }
}
