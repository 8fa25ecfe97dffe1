//! A guard of a part of the value.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::MutexGuard;
use super::word::Word;
use crate::sync::held::{self, How};
use crate::sync::poison::{Before, Flag};

/// A part of the value of a [`Mutex`](super::Mutex), which is free again when this is
/// dropped. Made by [`MutexGuard::map`]; std has the same, not yet stable.
///
/// A condition variable takes no mapped guard: whoever gets the lock meanwhile may remove
/// the part.
///
/// ```
/// use threadbare::sync::{MappedMutexGuard, Mutex, MutexGuard};
///
/// struct Scores(Mutex<Vec<u32>>);
///
/// impl Scores {
///     fn of(&self, player: usize) -> MappedMutexGuard<'_, u32> {
///         MutexGuard::map(self.0.lock().unwrap(), |scores| &mut scores[player])
///     }
/// }
///
/// let scores = Scores(Mutex::new(vec![0; 2]));
/// *scores.of(1) += 5;
/// assert_eq!(*scores.0.lock().unwrap(), [0, 5]);
/// ```
///
/// It stays on its thread, as the whole guard does:
///
/// ```compile_fail,E0277
/// # use threadbare::sync::{Mutex, MutexGuard};
/// static LOCK: Mutex<(u32, u32)> = Mutex::new((0, 0));
/// let guard = MutexGuard::map(LOCK.lock().unwrap(), |pair| &mut pair.1);
/// std::thread::spawn(move || drop(guard));
/// ```
#[must_use = "the lock is free again as soon as its guard is dropped"]
pub struct MappedMutexGuard<'a, T: ?Sized + 'a> {
    /// INVARIANT: good for reading and writing until the lock is given back, in `drop`.
    part: NonNull<T>,
    word: &'a Word,
    poison: &'a Flag,
    before: Before,
    /// As a reference that can be written through: no other lifetimes in `T`.
    part_of: PhantomData<&'a mut T>,
}

// SAFETY: a shared guard gives out `&T` only, so `T: Sync` is all it takes. (`NonNull`
// keeps it from being `Send`.)
unsafe impl<T: ?Sized + Sync> Sync for MappedMutexGuard<'_, T> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Narrows a guard to a part of the value. The lock stays taken until the new guard is
    /// dropped.
    ///
    /// It is called as `MutexGuard::map(guard, ...)`, so that it hides no method of the
    /// value.
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U> {
        let part = NonNull::from(part(&mut guard));
        guard.narrowed(part)
    }

    /// As [`map`](Self::map), where the part may be missing.
    ///
    /// # Errors
    /// The guard, as it was, if `part` returns `None`.
    ///
    /// ```
    /// use threadbare::sync::{Mutex, MutexGuard};
    ///
    /// let name = Mutex::new(Some("a".to_owned()));
    /// let part = MutexGuard::filter_map(name.lock().unwrap(), Option::as_mut);
    /// part.unwrap().push('b');
    /// let mut all = name.lock().unwrap();
    /// assert_eq!(all.take().as_deref(), Some("ab"));
    /// assert!(MutexGuard::filter_map(all, Option::as_mut).unwrap_err().is_none());
    /// ```
    pub fn filter_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        match part(&mut guard).map(NonNull::from) {
            Some(part) => Ok(guard.narrowed(part)),
            None => Err(guard),
        }
    }

    /// The same lock, and of its value what `part` points to.
    fn narrowed<U: ?Sized>(self, part: NonNull<U>) -> MappedMutexGuard<'a, U> {
        // The new guard gives the lock back.
        let this = ManuallyDrop::new(self);
        MappedMutexGuard {
            part,
            word: &this.lock.word,
            poison: &this.lock.poison,
            before: this.before,
            part_of: PhantomData,
        }
    }
}

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// The same lock, and of its value what `part` points to.
    fn narrowed<U: ?Sized>(self, part: NonNull<U>) -> MappedMutexGuard<'a, U> {
        let this = ManuallyDrop::new(self);
        MappedMutexGuard {
            part,
            word: this.word,
            poison: this.poison,
            before: this.before,
            part_of: PhantomData,
        }
    }

    /// Narrows a guard further, to a part of the part.
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedMutexGuard<'a, U> {
        let part = NonNull::from(part(&mut guard));
        guard.narrowed(part)
    }

    /// As [`map`](Self::map), where the part may be missing.
    ///
    /// # Errors
    /// The guard, as it was, if `part` returns `None`.
    pub fn filter_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        match part(&mut guard).map(NonNull::from) {
            Some(part) => Ok(guard.narrowed(part)),
            None => Err(guard),
        }
    }
}

impl<T: ?Sized> Deref for MappedMutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the part is in the value of a lock that this guard's thread has, so
        // nobody else reaches it, and through `&self` this thread does not write it.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for MappedMutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and `&mut self` is the only way to it meanwhile.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized> Drop for MappedMutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.poison.leave(self.before);
        held::given_back(self.word, How::Locked);
        self.word.unlock();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MappedMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
