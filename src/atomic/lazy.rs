//! A value that is made when it is first asked for, without a lock: whoever finds none
//! makes one, and the first to say so wins.
//!
//! If two threads ask at once, both make a value, and one of them is thrown away. Nobody
//! waits for anybody. That is right for values that are cheap to make and hurt nobody when
//! made twice (a table, a parsed constant), and wrong for a connection or a temporary file:
//! those want [`std::sync::OnceLock`], in which the second caller waits for the first.
#![allow(unsafe_code, reason = "the value is reached through an atomic pointer")]

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr;

use crate::ground::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Release},
};
use crate::ground::const_new;

/// Makes its value at the first use; perhaps more than once, but keeps one.
///
/// `init` is `Fn` and not `FnOnce`: two threads may call it at the same time.
///
/// ```
/// use threadbare::atomic::RacyLazy;
///
/// static SQUARES: RacyLazy<Vec<u32>> = RacyLazy::new(|| (0..100).map(|n| n * n).collect());
/// assert_eq!(SQUARES[7], 49);
/// ```
pub struct RacyLazy<T, F = fn() -> T> {
    /// Null, or from `Box::into_raw`. INVARIANT: once it is not null, it never changes, and
    /// the value lives until the lazy is dropped.
    value: AtomicPtr<T>,
    init: F,
    /// It owns a `T`, which `AtomicPtr` does not say.
    owns: PhantomData<Box<T>>,
}

impl<T, F> RacyLazy<T, F> {
    const_new! {
        /// Makes a lazy that will call `init`.
        pub fn new(init: F) -> Self {
            Self {
                value: AtomicPtr::new(ptr::null_mut()),
                init,
                owns: PhantomData,
            }
        }
    }

    /// The value, if it has been made.
    ///
    /// # Memory ordering
    /// If it is there, all that its making did happens-before this call's return.
    pub fn get(this: &Self) -> Option<&T> {
        // ORDERING: Acquire pairs with the Release in `force`: the value is complete.
        let value = this.value.load(Acquire);
        // SAFETY: it is null, or what `force` has put there: a value that is complete (the
        // two orderings), that nobody changes, and that lives as long as `this` does.
        unsafe { value.as_ref() }
    }
}

impl<T, F: Fn() -> T> RacyLazy<T, F> {
    /// The value, which is made if there is none. All callers get the same one.
    ///
    /// # Panics
    /// If `init` does. Nothing is kept then, and the next caller tries again.
    /// # Memory ordering
    /// As for [`get`](Self::get).
    /// # Cost
    /// One load; the first time one allocation and a compare-exchange. Never blocks.
    // ANCHOR: force
    pub fn force(this: &Self) -> &T {
        if let Some(value) = Self::get(this) {
            return value;
        }
        let mine = Box::into_raw(Box::new((this.init)()));
        // ORDERING: Release publishes the value behind `mine`; pairs with the Acquire load
        // in `get`. On failure Acquire: another thread's value is read, which it released
        // in this same place, in `force`.
        let kept =
            this.value
                .compare_exchange(ptr::null_mut(), mine, Release, Acquire);
        match kept {
            // SAFETY: it was made above, and nobody drops it before `this`.
            Ok(_) => unsafe { &*mine },
            Err(theirs) => {
                // SAFETY: it was made above, and nobody else has seen it.
                drop(unsafe { Box::from_raw(mine) });
                // SAFETY: not null, or the exchange would have succeeded; so as in `get`.
                unsafe { &*theirs }
            }
        }
    }
    // ANCHOR_END: force
}

impl<T, F: Fn() -> T> Deref for RacyLazy<T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T, F> Drop for RacyLazy<T, F> {
    fn drop(&mut self) {
        let value = *self.value.get_mut();
        if !value.is_null() {
            // SAFETY: it came from `Box::into_raw`, and with the lazy borrowed exclusively
            // nobody has a reference to it.
            drop(unsafe { Box::from_raw(value) });
        }
    }
}

// SAFETY: a shared lazy gives out `&T` on every thread, so `T: Sync`; and a value that one
// thread has made may be dropped by another, so `T: Send`. `init` is called through a shared
// reference, so `F: Sync`. (Left alone, the compiler would not ask for `T: Send`.)
unsafe impl<T: Send + Sync, F: Sync> Sync for RacyLazy<T, F> {}

impl<T: fmt::Debug, F> fmt::Debug for RacyLazy<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("RacyLazy");
        match Self::get(self) {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<not made yet>")),
        };
        debug.finish()
    }
}

#[cfg(test)]
mod models;
