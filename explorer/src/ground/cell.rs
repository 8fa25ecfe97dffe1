//! Plain memory whose every access is checked against every other: two that nothing orders,
//! one of them a write, are a data race.

#![allow(unsafe_code, reason = "the cell is shared, as std's is")]

use std::mem::ManuallyDrop;
use std::panic::Location;

use crate::execution::{
    Site, Tag, What, abandon, is_active, register, retire, with,
};

/// [`std::cell::UnsafeCell`] with [`with`](UnsafeCell::with) and
/// [`with_mut`](UnsafeCell::with_mut) in place of a bare `get`.
///
/// An access is no scheduling point: whether two accesses are ordered does not depend on
/// which comes first in a run.
///
/// ```
/// use explorer::ground::cell::UnsafeCell;
///
/// let cell = UnsafeCell::new(1);
/// // SAFETY: no other thread and no other closure has the pointer.
/// cell.with_mut(|value| unsafe { *value += 1 });
/// assert_eq!(cell.into_inner(), 2);
/// ```
#[derive(Debug)]
pub struct UnsafeCell<T: ?Sized> {
    tag: Tag,
    value: std::cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// Wraps `value`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        let tag = Tag::new();
        register(&tag, What::Cell);
        Self {
            tag,
            value: std::cell::UnsafeCell::new(value),
        }
    }

    /// Takes the value out.
    #[track_caller]
    pub fn into_inner(self) -> T {
        self.access(true, Location::caller());
        retire(&self.tag, What::Cell);
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped and never used again, so the value is moved once.
        unsafe { this.value.get().read() }
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Calls `read` with a pointer that is good for reading while the call lasts.
    #[track_caller]
    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        self.access(false, Location::caller());
        read(self.value.get())
    }

    /// Calls `write` with a pointer that is good for reading and writing while the call
    /// lasts.
    #[track_caller]
    pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        self.access(true, Location::caller());
        write(self.value.get())
    }

    /// The value, borrowed through the exclusive borrow of the cell.
    #[track_caller]
    pub fn get_mut(&mut self) -> &mut T {
        self.access(true, Location::caller());
        self.value.get_mut()
    }

    /// Names the cell in reports.
    pub(crate) fn set_name(&self, name: &'static str) {
        crate::execution::name_it(&self.tag, What::Cell, name);
    }

    fn access(&self, write: bool, site: Site) {
        if !is_active() {
            return;
        }
        let allowed = with(|execution| {
            let cell = execution.object(&self.tag, What::Cell, site);
            cell.is_some_and(|cell| execution.access(cell, write, site))
        });
        if !allowed {
            abandon();
        }
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for UnsafeCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized> Drop for UnsafeCell<T> {
    fn drop(&mut self) {
        retire(&self.tag, What::Cell);
    }
}
