//! Shared ownership. Counting is no step: what matters of it is what the last owner knows,
//! which is all that every owner before it knew when it let go.
//!
//! What depends on the count ([`Arc::get_mut`], [`Arc::strong_count`], [`Weak::upgrade`]) is
//! a step, because it finds out what others have done.

#![allow(unsafe_code, reason = "into_raw and from_raw, as std's")]

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::{ManuallyDrop, offset_of};
use std::ops::Deref;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::ptr;
use std::sync;

use crate::execution::{self, Site, Tag, What, is_active};

/// [`std::sync::Arc`].
pub struct Arc<T: ?Sized>(ManuallyDrop<sync::Arc<Shared<T>>>);

/// [`std::sync::Weak`].
pub struct Weak<T: ?Sized>(sync::Weak<Shared<T>>);

struct Shared<T: ?Sized> {
    tag: Tag,
    value: T,
}

impl<T: ?Sized + RefUnwindSafe> UnwindSafe for Arc<T> {}
impl<T: ?Sized + RefUnwindSafe> RefUnwindSafe for Arc<T> {}

/// The thread is told `count`, which depends on what others have done.
fn learn(count: usize) -> usize {
    if is_active() {
        execution::with(|execution| {
            execution.looked_else();
            execution.note(count as u64);
        });
    }
    count
}

/// Lets the others go first, if they want to.
fn step(site: Site) {
    if is_active() {
        execution::glance(site);
    }
}

impl<T> Arc<T> {
    /// As [`std::sync::Arc::new`].
    #[track_caller]
    pub fn new(value: T) -> Self {
        let tag = Tag::new();
        execution::register(&tag, What::Owner);
        Self::wrap(sync::Arc::new(Shared { tag, value }))
    }

    /// As [`std::sync::Arc::new_cyclic`].
    #[track_caller]
    pub fn new_cyclic(build: impl FnOnce(&Weak<T>) -> T) -> Self {
        let tag = Tag::new();
        execution::register(&tag, What::Owner);
        Self::wrap(sync::Arc::new_cyclic(|weak| Shared {
            tag,
            value: build(&Weak(weak.clone())),
        }))
    }

    /// As [`std::sync::Arc::pin`].
    #[track_caller]
    pub fn pin(value: T) -> std::pin::Pin<Self> {
        // SAFETY: the value stays where it is until the last owner drops it.
        unsafe { std::pin::Pin::new_unchecked(Self::new(value)) }
    }

    /// As [`std::sync::Arc::try_unwrap`].
    ///
    /// # Errors
    /// With the `Arc`, if there are other owners.
    #[track_caller]
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        let site = Location::caller();
        step(site);
        if learn(sync::Arc::strong_count(&this.0)) != 1 {
            return Err(this);
        }
        Ok(this.take().expect("this is the only owner"))
    }

    /// As [`std::sync::Arc::into_inner`].
    #[track_caller]
    pub fn into_inner(this: Self) -> Option<T> {
        let site = Location::caller();
        step(site);
        learn(sync::Arc::strong_count(&this.0));
        this.take()
    }

    /// As [`std::sync::Arc::unwrap_or_clone`].
    #[track_caller]
    pub fn unwrap_or_clone(this: Self) -> T
    where
        T: Clone,
    {
        Self::try_unwrap(this).unwrap_or_else(|this| (*this).clone())
    }

    /// Lets go, and takes the value if this was the last owner.
    fn take(self) -> Option<T> {
        let mut this = ManuallyDrop::new(self);
        this.leave();
        // SAFETY: `this` is never used again, and not dropped.
        let inner = unsafe { ManuallyDrop::take(&mut this.0) };
        sync::Arc::into_inner(inner).map(|shared| shared.value)
    }

    /// As [`std::sync::Arc::into_raw`].
    #[must_use = "losing the pointer will leak memory"]
    pub fn into_raw(this: Self) -> *const T {
        let mut this = ManuallyDrop::new(this);
        // SAFETY: `this` is never used again, and not dropped: its ownership is in the
        // pointer.
        let shared = sync::Arc::into_raw(unsafe { ManuallyDrop::take(&mut this.0) });
        // SAFETY: the allocation holds a `Shared<T>`.
        unsafe { &raw const (*shared).value }
    }

    /// As [`std::sync::Arc::from_raw`].
    ///
    /// # Safety
    /// As of std's: the pointer comes from [`into_raw`](Self::into_raw), and each is used
    /// once.
    pub unsafe fn from_raw(value: *const T) -> Self {
        // SAFETY: the caller got it from `into_raw`, so it points into a `Shared<T>`.
        let shared = unsafe { value.byte_sub(offset_of!(Shared<T>, value)) };
        // SAFETY: as above, and the ownership that was in the pointer is ours.
        Self::wrap(unsafe { sync::Arc::from_raw(shared.cast::<Shared<T>>()) })
    }

    /// As [`std::sync::Arc::increment_strong_count`].
    ///
    /// # Safety
    /// As of std's: the pointer comes from [`into_raw`](Self::into_raw), and somebody still
    /// owns the value.
    pub unsafe fn increment_strong_count(value: *const T) {
        // SAFETY: as the caller says; the ownership that this takes is not given up.
        let this = ManuallyDrop::new(unsafe { Self::from_raw(value) });
        let _another = ManuallyDrop::new(Self::clone(&this));
    }

    /// As [`std::sync::Arc::decrement_strong_count`].
    ///
    /// # Safety
    /// As of std's: the pointer comes from [`into_raw`](Self::into_raw), and the ownership
    /// is the caller's to give up.
    pub unsafe fn decrement_strong_count(value: *const T) {
        // SAFETY: as the caller says.
        drop(unsafe { Self::from_raw(value) });
    }

    /// As [`std::sync::Arc::make_mut`].
    #[track_caller]
    pub fn make_mut(this: &mut Self) -> &mut T
    where
        T: Clone,
    {
        if Self::get_mut(this).is_none() {
            *this = Self::new((**this).clone());
        }
        let shared =
            sync::Arc::get_mut(&mut this.0).expect("this is the only owner");
        &mut shared.value
    }
}

impl<T: ?Sized> Arc<T> {
    fn wrap(inner: sync::Arc<Shared<T>>) -> Self {
        Self(ManuallyDrop::new(inner))
    }

    /// What this thread knows goes to whoever drops the value in the end.
    fn leave(&self) {
        if is_active() {
            let last = sync::Arc::strong_count(&self.0) == 1;
            execution::owner_leaves(&self.0.tag, last);
        }
    }

    /// As [`std::sync::Arc::downgrade`].
    pub fn downgrade(this: &Self) -> Weak<T> {
        Weak(sync::Arc::downgrade(&this.0))
    }

    /// As [`std::sync::Arc::strong_count`].
    #[track_caller]
    pub fn strong_count(this: &Self) -> usize {
        let site = Location::caller();
        step(site);
        learn(sync::Arc::strong_count(&this.0))
    }

    /// As [`std::sync::Arc::weak_count`].
    #[track_caller]
    pub fn weak_count(this: &Self) -> usize {
        let site = Location::caller();
        step(site);
        learn(sync::Arc::weak_count(&this.0))
    }

    /// As [`std::sync::Arc::get_mut`].
    #[track_caller]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        let site = Location::caller();
        step(site);
        let only = sync::Arc::get_mut(&mut this.0).is_some();
        learn(usize::from(only));
        if only && is_active() {
            // What the owners before knew, without giving this one up.
            execution::owner_learns(&this.0.tag);
        }
        sync::Arc::get_mut(&mut this.0).map(|shared| &mut shared.value)
    }

    /// As [`std::sync::Arc::ptr_eq`].
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        sync::Arc::ptr_eq(&this.0, &other.0)
    }

    /// As [`std::sync::Arc::as_ptr`].
    pub fn as_ptr(this: &Self) -> *const T {
        &raw const this.0.value
    }
}

impl<T: ?Sized> Weak<T> {
    /// As [`std::sync::Weak::upgrade`].
    #[track_caller]
    pub fn upgrade(&self) -> Option<Arc<T>> {
        let site = Location::caller();
        step(site);
        let strong = self.0.upgrade();
        learn(usize::from(strong.is_some()));
        strong.map(Arc::wrap)
    }

    /// As [`std::sync::Weak::strong_count`].
    #[track_caller]
    pub fn strong_count(&self) -> usize {
        let site = Location::caller();
        step(site);
        learn(self.0.strong_count())
    }

    /// As [`std::sync::Weak::ptr_eq`].
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

impl<T> Weak<T> {
    /// As [`std::sync::Weak::new`].
    pub const fn new() -> Self {
        Self(sync::Weak::new())
    }
}

impl<T> Default for Weak<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ?Sized> Clone for Weak<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: ?Sized> fmt::Debug for Weak<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self::wrap(sync::Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    fn drop(&mut self) {
        self.leave();
        // SAFETY: `self` is being dropped, and its field is not used again.
        unsafe { ManuallyDrop::drop(&mut self.0) };
    }
}

impl<T: ?Sized> AsRef<T> for Arc<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T: ?Sized> Borrow<T> for Arc<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T> From<T> for Arc<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for Arc<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized> fmt::Pointer for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&ptr::from_ref(&**self), f)
    }
}

impl<T: ?Sized + PartialEq> PartialEq for Arc<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq> Eq for Arc<T> {}

impl<T: ?Sized + PartialOrd> PartialOrd for Arc<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (**self).partial_cmp(&**other)
    }
}

impl<T: ?Sized + Ord> Ord for Arc<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: ?Sized + Hash> Hash for Arc<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}
