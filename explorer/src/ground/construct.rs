//! What differs between the grounds when a value is made: its name, and whether it can be
//! made at compile time.

#![allow(unsafe_code, reason = "gives out references into the table of the run")]

use std::fmt;
use std::ops::Deref;
use std::ptr;
use std::sync::LazyLock;

use super::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr,
    AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
};
use super::cell::UnsafeCell;
use super::thread::of_run;
use crate::execution::is_active;

/// Gives an atomic, a cell or a lock a name, under which reports show it.
///
/// ```
/// use explorer::ground::{Named as _, atomic::AtomicU32};
///
/// let state = AtomicU32::new(0).named("state");
/// assert_eq!(state.into_inner(), 0);
/// ```
pub trait Named: Sized {
    /// Returns `self`, called `name`.
    #[must_use]
    fn named(self, name: &'static str) -> Self;
}

macro_rules! named {
    ($($Type:ident $(<$T:ident>)?),*) => {
        $(impl $(<$T>)? Named for $Type $(<$T>)? {
            fn named(self, name: &'static str) -> Self {
                self.set_name(name);
                self
            }
        })*
    };
}

named!(
    UnsafeCell<T>,
    AtomicPtr<T>,
    AtomicBool,
    AtomicU8,
    AtomicU16,
    AtomicU32,
    AtomicU64,
    AtomicUsize,
    AtomicI8,
    AtomicI16,
    AtomicI32,
    AtomicI64,
    AtomicIsize
);

/// A static that is built when it is first used: in a model, anew in each run.
///
/// ```
/// use explorer::ground::{Static, atomic::{AtomicU32, Ordering::Relaxed}};
///
/// static CALLS: Static<AtomicU32> = Static::new(|| AtomicU32::new(0));
///
/// // ORDERING: Relaxed. Only the count matters.
/// assert_eq!(CALLS.fetch_add(1, Relaxed), 0);
/// ```
pub struct Static<T> {
    real: LazyLock<T>,
    build: fn() -> T,
}

impl<T> Static<T> {
    /// A static that `build` builds.
    pub const fn new(build: fn() -> T) -> Self {
        Self {
            real: LazyLock::new(build),
            build,
        }
    }
}

impl<T: 'static> Deref for Static<T> {
    type Target = T;

    fn deref(&self) -> &T {
        if !is_active() {
            return &self.real;
        }
        let value = of_run(ptr::from_ref(self).addr(), self.build);
        // SAFETY: it lives until the run ends, and so do all who can have the reference.
        unsafe { &*value }
    }
}

impl<T> fmt::Debug for Static<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Static").finish_non_exhaustive()
    }
}

/// Makes a function a `const fn` on the real ground, and a plain one here: the types of a
/// model cannot be made at compile time.
#[doc(hidden)]
#[macro_export]
macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis fn $($rest:tt)*) => {
        $(#[$attribute])*
        #[track_caller]
        $visibility fn $($rest)*
    };
}
