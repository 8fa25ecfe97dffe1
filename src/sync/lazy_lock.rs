//! A value that is made when it is first needed.
#![allow(unsafe_code, reason = "the function that makes it lives in a cell")]

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::OnceLock;
use crate::ground::cell::UnsafeCell;
use crate::ground::const_new;

/// A [`OnceLock`] that knows how its value is made; the same as [`std::sync::LazyLock`].
///
/// # Poisoning
/// If that panics, the function is gone and there is no value: each later use panics.
///
/// # Example
/// ```
/// use threadbare::sync::LazyLock;
///
/// static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| "one two three".split(' ').collect());
///
/// assert_eq!(WORDS.len(), 3); // made here
/// assert_eq!(WORDS[1], "two");
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    value: OnceLock<T>,
    /// INVARIANT: reached only by the one that makes the value, or through `&mut`.
    make: UnsafeCell<Option<F>>,
}

// SAFETY: `&T` on every thread as in `OnceLock`; the function is called, and what it holds
// dropped, by whichever thread comes first: `F: Send`. No two have it, so not `F: Sync`.
unsafe impl<T: Send + Sync, F: Send> Sync for LazyLock<T, F> {}
// A panic leaves neither value nor function.
impl<T: RefUnwindSafe + UnwindSafe, F: UnwindSafe> RefUnwindSafe for LazyLock<T, F> {}
impl<T: UnwindSafe, F: UnwindSafe> UnwindSafe for LazyLock<T, F> {}

impl<T, F> LazyLock<T, F> {
    /// The value, if it has been made.
    #[inline]
    pub fn get(this: &Self) -> Option<&T> {
        this.value.get()
    }

    /// The value, if it has been made.
    #[inline]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.value.get_mut()
    }
}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    const_new! {
        /// A value that `f` makes when it is first needed.
        #[inline]
        pub fn new(f: F) -> Self {
            Self {
                value: OnceLock::new(),
                make: UnsafeCell::new(Some(f)),
            }
        }
    }

    /// The value, which is made if it has not been. The same as to dereference it.
    ///
    /// # Panics
    /// If the function does, or did.
    /// # Blocking
    /// Sleeps while another thread makes it.
    /// # Cost
    /// If it is there: one load.
    ///
    /// ```
    /// use threadbare::sync::LazyLock;
    ///
    /// let sum = LazyLock::new(|| (1..=10).sum::<u32>());
    /// assert_eq!(LazyLock::get(&sum), None);
    /// assert_eq!(LazyLock::force(&sum), &55);
    /// ```
    #[inline]
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        this.value.get_or_init(|| {
            // SAFETY: one thread at a time is in here, and has the function.
            let make = this.make.with_mut(|make| unsafe { (*make).take() });
            Self::make(make)
        })
    }

    /// The value, which is made if it has not been.
    ///
    /// # Panics
    /// As for [`force`](Self::force).
    #[inline]
    #[track_caller]
    pub fn force_mut(this: &mut Self) -> &mut T {
        if this.value.get_mut().is_none() {
            this.value = Self::make(this.make.get_mut().take()).into();
        }
        this.value.get_mut().expect("it has just been made")
    }

    #[track_caller]
    fn make(make: Option<F>) -> T {
        make.expect("LazyLock instance has previously been poisoned")()
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        Self::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> Self {
        Self::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("LazyLock");
        match Self::get(self) {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<uninit>")),
        };
        debug.finish()
    }
}

#[cfg(test)]
mod models;
