//! A cell whose contents are reached through a closure, so that each access has a beginning
//! and an end that another ground can watch.

/// [`std::cell::UnsafeCell`] with [`with`](UnsafeCell::with) and
/// [`with_mut`](UnsafeCell::with_mut) in place of a bare `get`.
///
/// ```
/// use threadbare::ground::cell::UnsafeCell;
///
/// let cell = UnsafeCell::new(1);
/// // SAFETY: no other thread and no other closure has the pointer.
/// cell.with_mut(|value| unsafe { *value += 1 });
/// assert_eq!(cell.into_inner(), 2);
/// ```
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct UnsafeCell<T: ?Sized>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Calls `read` with a pointer that is good for reading while the call lasts.
    ///
    /// Dereferencing it is sound if no other thread writes the value meanwhile.
    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    /// Calls `write` with a pointer that is good for reading and writing while the call
    /// lasts.
    ///
    /// Dereferencing it is sound if nobody else reads or writes the value meanwhile.
    pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }

    /// The value, borrowed through the exclusive borrow of the cell.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}
