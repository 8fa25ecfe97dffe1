//! Values that each thread, or each run, has one of: thread-locals and statics.
//!
//! The threads of a model share one real thread, and its runs one program. So what looks
//! like one variable is a table here: for each key, the values by thread of the model. It
//! is emptied when the run is over.

#![allow(unsafe_code, reason = "gives out references into the table")]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::ptr;
use std::thread::{self as real, AccessError};

use crate::execution::{self, is_active};

/// A value of the current run.
struct Slot {
    /// The address of its key, which is a static.
    key: usize,
    /// `None`: of the whole run.
    thread: Option<usize>,
    value: Box<dyn Any>,
}

thread_local! {
    static SLOTS: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
}

fn find(key: usize, thread: Option<usize>) -> Option<*const dyn Any> {
    SLOTS.with_borrow(|slots| {
        let mut slots = slots.iter();
        let slot = slots.find(|slot| slot.key == key && slot.thread == thread)?;
        Some(ptr::from_ref(&*slot.value))
    })
}

/// The value of `key` for `thread`, made by `make` at its first use.
fn value_of<T: 'static>(
    key: usize,
    thread: Option<usize>,
    make: impl FnOnce() -> T,
) -> *const T {
    let value = find(key, thread).unwrap_or_else(|| {
        let value: Box<dyn Any> = Box::new(make());
        let address = ptr::from_ref(&*value);
        SLOTS.with_borrow_mut(|slots| slots.push(Slot { key, thread, value }));
        address
    });
    // SAFETY: the box lives until its thread or the run ends, and its key always holds a
    // value of this type.
    let value = unsafe { &*value };
    ptr::from_ref(value.downcast_ref::<T>().expect("a key has one type"))
}

/// The value of a static, made by `make` at its first use in a run. It is as old as the
/// run, whoever comes first.
pub(crate) fn of_run<T: 'static>(key: usize, make: impl FnOnce() -> T) -> *const T {
    value_of(key, None, || {
        execution::with(|execution| execution.enter_static(true));
        let value = make();
        execution::with(|execution| execution.enter_static(false));
        value
    })
}

/// Drops the thread-locals of the thread that ends, the newest first.
pub(super) fn end_of_thread() {
    let me = execution::with(|execution| execution.me());
    // One may use another while it is dropped, or make a new one.
    while let Some(slot) = SLOTS.with_borrow_mut(|slots| {
        let newest = slots.iter().rposition(|slot| slot.thread == Some(me))?;
        Some(slots.remove(newest))
    }) {
        drop(slot);
    }
}

/// Empties the table, when a run is over and its threads are gone.
pub(crate) fn forget_run() {
    while let Some(slot) = SLOTS.with_borrow_mut(Vec::pop) {
        drop(slot);
    }
}

/// [`std::thread::LocalKey`]; made by [`thread_local!`](crate::ground::thread_local).
pub struct LocalKey<T: 'static> {
    real: &'static real::LocalKey<T>,
    make: fn() -> T,
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn new(real: &'static real::LocalKey<T>, make: fn() -> T) -> Self {
        Self { real, make }
    }

    /// As [`std::thread::LocalKey::with`].
    pub fn with<R>(&'static self, look: impl FnOnce(&T) -> R) -> R {
        if !is_active() {
            return self.real.with(look);
        }
        let me = execution::with(|execution| execution.me());
        let key = ptr::from_ref(self).addr();
        // The root has no end of its own: its values last as long as the run.
        let value = if me == 0 {
            value_of(key, Some(0), || {
                execution::with(|execution| execution.enter_static(true));
                let value = (self.make)();
                execution::with(|execution| execution.enter_static(false));
                value
            })
        } else {
            value_of(key, Some(me), self.make)
        };
        // SAFETY: it lives until the thread ends, and that is the caller.
        look(unsafe { &*value })
    }

    /// As [`std::thread::LocalKey::try_with`].
    ///
    /// # Errors
    /// If the value has been dropped, as the thread ends.
    pub fn try_with<R>(
        &'static self,
        look: impl FnOnce(&T) -> R,
    ) -> Result<R, AccessError> {
        if is_active() {
            Ok(self.with(look))
        } else {
            self.real.try_with(look)
        }
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// As [`std::thread::LocalKey::set`].
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }

    /// As [`std::thread::LocalKey::get`].
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// As [`std::thread::LocalKey::take`].
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// As [`std::thread::LocalKey::replace`].
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// As [`std::thread::LocalKey::with_borrow`].
    pub fn with_borrow<R>(&'static self, look: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| look(&cell.borrow()))
    }

    /// As [`std::thread::LocalKey::with_borrow_mut`].
    pub fn with_borrow_mut<R>(&'static self, look: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| look(&mut cell.borrow_mut()))
    }

    /// As [`std::thread::LocalKey::set`].
    pub fn set(&'static self, value: T) {
        self.with(|cell| drop(cell.replace(value)));
    }

    /// As [`std::thread::LocalKey::take`].
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// As [`std::thread::LocalKey::replace`].
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

/// As [`std::thread_local!`]: in a model, one value for each of its threads.
#[doc(hidden)]
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = const $make:block $(; $($rest:tt)*)?) => {
        $crate::thread_local! {
            $(#[$attribute])* $visibility static $name: $type = $make
        }
        $($crate::thread_local! { $($rest)* })?
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $make:expr $(; $($rest:tt)*)?) => {
        $(#[$attribute])*
        $visibility static $name: $crate::ground::thread::LocalKey<$type> = {
            fn make() -> $type {
                $make
            }
            ::std::thread_local! {
                static REAL: $type = make();
            }
            $crate::ground::thread::LocalKey::new(&REAL, make)
        };
        $($crate::thread_local! { $($rest)* })?
    };
}
