//! A place for a value that is put there once.
#![allow(
    unsafe_code,
    reason = "gives out references into a cell that is set once"
)]

use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::Once;
use crate::ground::cell::UnsafeCell;
use crate::ground::const_new;

/// A [`Once`] with the value that it makes; the same as [`std::sync::OnceLock`].
///
/// (But for one thing: std tells the compiler, by means that only std has, that dropping one
/// does not look into its value. So std's may be dropped after what the value borrows, and
/// this one may not.)
///
/// Compare: [`RacyLazy`](crate::atomic::RacyLazy) never waits, and may make the value more
/// than once.
///
/// # Example
/// ```
/// use std::thread;
/// use threadbare::sync::OnceLock;
///
/// static HOST: OnceLock<String> = OnceLock::new();
///
/// thread::scope(|scope| {
///     for _ in 0..3 {
///         scope.spawn(|| assert_eq!(HOST.get_or_init(|| "localhost".into()), "localhost"));
///     }
/// });
/// assert_eq!(HOST.set("example.org".into()), Err("example.org".into()));
/// ```
///
/// A value that must stay on its thread cannot be shared in one:
///
/// ```compile_fail,E0277
/// use std::rc::Rc;
/// static WRONG: threadbare::sync::OnceLock<Rc<u32>> = threadbare::sync::OnceLock::new();
/// ```
pub struct OnceLock<T> {
    once: Once,
    /// INVARIANT: there is a value if `once` has been done. Written by the one that does it,
    /// and only read from then on.
    value: UnsafeCell<MaybeUninit<T>>,
    /// It drops a `T`.
    owns: PhantomData<T>,
}

// SAFETY: a shared one gives out `&T` on every thread, so `T: Sync`; and a value that one
// thread has put there may be dropped by another, so `T: Send`.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}
// SAFETY: it owns its value. (The compiler would say the same of the cell that it is in.)
unsafe impl<T: Send> Send for OnceLock<T> {}
// A panic leaves no value, or a whole one.
impl<T: RefUnwindSafe + UnwindSafe> RefUnwindSafe for OnceLock<T> {}
impl<T: UnwindSafe> UnwindSafe for OnceLock<T> {}

impl<T> OnceLock<T> {
    const_new! {
        /// An empty one.
        #[must_use]
        #[inline]
        pub fn new() -> Self {
            Self {
                once: Once::new(),
                value: UnsafeCell::new(MaybeUninit::uninit()),
                owns: PhantomData,
            }
        }
    }

    /// The value, if it is there.
    ///
    /// # Memory ordering
    /// If so, all that was done to make it happens-before this call's return.
    /// # Cost
    /// One load.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        // SAFETY: `once` has been done.
        self.once
            .is_completed()
            .then(|| unsafe { self.get_unchecked() })
    }

    /// The value, through the exclusive borrow.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        if !self.once.is_completed_mut() {
            return None;
        }
        // SAFETY: it has been done, so the value is there.
        Some(unsafe { self.value.get_mut().assume_init_mut() })
    }

    /// The value; waits until somebody has put it there.
    ///
    /// # Blocking
    /// Sleeps until then. If nobody does, for ever.
    #[inline]
    pub fn wait(&self) -> &T {
        self.once.wait_force();
        // SAFETY: `once` has been done.
        unsafe { self.get_unchecked() }
    }

    /// Puts `value` there; waits while another thread makes one.
    ///
    /// # Errors
    /// With `value`, if there is one already.
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init(|| value.take().expect("runs once"));
        value.map_or(Ok(()), Err)
    }

    /// The value, which `f` makes if there is none. All callers get the same one, and `f` of
    /// one of them has run.
    ///
    /// # Panics
    /// If `f` does; the next caller tries again. If `f` itself comes back here, as for
    /// [`Once::call_once`].
    /// # Blocking
    /// Sleeps while another thread makes it.
    /// # Memory ordering
    /// As for [`get`](Self::get).
    /// # Cost
    /// If it is there: one load.
    // ANCHOR: get_or_init
    #[inline]
    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, f: F) -> &T {
        if !self.once.is_completed() {
            self.init(f);
        }
        // SAFETY: `once` has been done.
        unsafe { self.get_unchecked() }
    }

    #[cold]
    #[track_caller]
    fn init<F: FnOnce() -> T>(&self, f: F) {
        // Not `call_once`: after a panic there is no value, and nothing is half done.
        self.once.call_once_force(|_| {
            let value = f();
            // SAFETY: one thread at a time is in here, and nobody reads before it is done.
            self.value.with_mut(|place| unsafe {
                (*place).write(value);
            });
        });
    }
    // ANCHOR_END: get_or_init

    /// Takes the value out; it is empty then.
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        if !self.once.is_completed_mut() {
            return None;
        }
        self.once = Once::new();
        // SAFETY: it had been done, so there is a value; and now it has not, so nobody else
        // reads or drops it.
        Some(unsafe { self.value.get_mut().assume_init_read() })
    }

    /// Takes the value out.
    #[inline]
    pub fn into_inner(mut self) -> Option<T> {
        self.take()
    }

    /// # Safety
    /// `once` has been done, and the caller has seen that with Acquire.
    #[inline]
    unsafe fn get_unchecked(&self) -> &T {
        // SAFETY: so the value is there, and nobody writes it any more.
        self.value
            .with(|value| unsafe { (*value).assume_init_ref() })
    }
}

impl<T> Drop for OnceLock<T> {
    #[inline]
    fn drop(&mut self) {
        if self.once.is_completed_mut() {
            // SAFETY: there is a value, and nobody else has it.
            unsafe { self.value.get_mut().assume_init_drop() };
        }
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> Self {
        let cell = Self::new();
        match cell.set(value) {
            Ok(()) => cell,
            Err(_) => unreachable!("it is new"),
        }
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    fn clone(&self) -> Self {
        self.get().cloned().map_or_else(Self::new, Self::from)
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("OnceLock");
        match self.get() {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<uninit>")),
        };
        debug.finish()
    }
}

#[cfg(test)]
mod models;
