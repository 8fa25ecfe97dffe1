//! What is done once, however many threads ask for it.

#![allow(
    unsafe_code,
    reason = "gives out references into a cell that is set once"
)]

use std::cell::UnsafeCell;
use std::fmt;
use std::ops::Deref;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

use super::Monitor;
use crate::execution::Site;
use crate::ground::Named;

/// [`std::sync::Once`].
#[derive(Debug)]
pub struct Once(Monitor<State>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    New,
    Running,
    Poisoned,
    Done,
}

/// [`std::sync::OnceState`].
#[derive(Debug)]
pub struct OnceState {
    poisoned: bool,
}

impl OnceState {
    /// Whether an earlier call panicked.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

/// Says what became of a call, also if it panics.
struct Running<'a> {
    once: &'a Once,
    site: Site,
    end: State,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let end = |state: &mut State| *state = self.end;
        self.once.0.change("has run", self.site, end);
    }
}

impl Once {
    /// As [`std::sync::Once::new`].
    #[track_caller]
    #[allow(clippy::new_without_default, reason = "std's has none either")]
    pub fn new() -> Self {
        Self(Monitor::new(State::New))
    }

    /// As [`std::sync::Once::call_once`].
    ///
    /// # Panics
    /// If an earlier call panicked.
    #[track_caller]
    pub fn call_once(&self, f: impl FnOnce()) {
        self.run(false, Location::caller(), |_| f());
    }

    /// As [`std::sync::Once::call_once_force`].
    #[track_caller]
    pub fn call_once_force(&self, f: impl FnOnce(&OnceState)) {
        self.run(true, Location::caller(), f);
    }

    /// As [`std::sync::Once::is_completed`].
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        let done = |state: &mut State| (*state == State::Done, false);
        self.0.look("is_completed", Location::caller(), done)
    }

    /// As [`std::sync::Once::wait`].
    ///
    /// # Panics
    /// If the call that it waits for panicked.
    #[track_caller]
    pub fn wait(&self) {
        let end = self.0.wait("wait", Location::caller(), None, |state| {
            matches!(state, State::Done | State::Poisoned).then_some(*state)
        });
        if end == Some(State::Poisoned) {
            Self::refuse();
        }
    }

    #[track_caller]
    fn run(&self, force: bool, site: Site, f: impl FnOnce(&OnceState)) {
        let before = self.0.wait("call_once", site, None, |state| match *state {
            State::Running => None,
            State::Poisoned if !force => Some(State::Poisoned),
            State::Done => Some(State::Done),
            State::New | State::Poisoned => {
                Some(std::mem::replace(state, State::Running))
            }
        });
        let poisoned = match before {
            Some(State::New) => false,
            Some(State::Poisoned) if force => true,
            Some(State::Poisoned) => Self::refuse(),
            _ => return,
        };
        let mut running = Running {
            once: self,
            site,
            end: State::Poisoned,
        };
        f(&OnceState { poisoned });
        running.end = State::Done;
    }

    #[track_caller]
    fn refuse() -> ! {
        panic!("Once instance has previously been poisoned")
    }

    /// Gives the right to set it to one caller. `None` if it was set before.
    fn begin(&self, site: Site) -> Option<Running<'_>> {
        let before = self.0.wait("call_once", site, None, |state| match *state {
            State::Running => None,
            State::Done => Some(State::Done),
            State::New | State::Poisoned => {
                Some(std::mem::replace(state, State::Running))
            }
        });
        // After a panic the next caller tries again.
        (before != Some(State::Done)).then(|| Running {
            once: self,
            site,
            end: State::New,
        })
    }

    /// Whether it was set, without a step: for exclusive borrows and for messages.
    fn is_done_mut(&mut self) -> bool {
        *self.0.get_mut() == State::Done
    }
}

/// [`std::sync::OnceLock`].
pub struct OnceLock<T> {
    once: Once,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the value is written once, by whoever has the right to, and only read from then
// on; reading on several threads needs `T: Sync`, and moving it out `T: Send`.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}
// SAFETY: it owns its value.
unsafe impl<T: Send> Send for OnceLock<T> {}
impl<T: RefUnwindSafe + UnwindSafe> RefUnwindSafe for OnceLock<T> {}
impl<T: UnwindSafe> UnwindSafe for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// As [`std::sync::OnceLock::new`].
    #[track_caller]
    pub fn new() -> Self {
        Self {
            once: Once::new(),
            value: UnsafeCell::new(None),
        }
    }

    /// As [`std::sync::OnceLock::get`].
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        if !self.once.is_completed() {
            return None;
        }
        // SAFETY: it is set, so nobody writes any more.
        unsafe { &*self.value.get() }.as_ref()
    }

    /// As [`std::sync::OnceLock::set`].
    ///
    /// # Errors
    /// With the value, if it was set before.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init(|| value.take().expect("called at most once"));
        value.map_or(Ok(()), Err)
    }

    /// As [`std::sync::OnceLock::get_or_init`].
    #[track_caller]
    pub fn get_or_init(&self, init: impl FnOnce() -> T) -> &T {
        if let Some(mut running) = self.once.begin(Location::caller()) {
            let value = init();
            // SAFETY: only the caller that `begin` let through comes here, and nobody reads
            // before it is done.
            unsafe { *self.value.get() = Some(value) };
            running.end = State::Done;
        }
        // SAFETY: it is set, so nobody writes any more.
        unsafe { &*self.value.get() }.as_ref().expect("it is set")
    }

    /// As [`std::sync::OnceLock::get_mut`].
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().as_mut()
    }

    /// As [`std::sync::OnceLock::into_inner`].
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// As [`std::sync::OnceLock::take`].
    #[track_caller]
    pub fn take(&mut self) -> Option<T> {
        if self.once.is_done_mut() {
            *self.once.0.get_mut() = State::New;
        }
        self.value.get_mut().take()
    }
}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        let mut cell = Self::new();
        *cell.value.get_mut() = Some(value);
        *cell.once.0.get_mut() = State::Done;
        cell
    }
}

impl<T> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceLock").finish_non_exhaustive()
    }
}

impl<T> Named for OnceLock<T> {
    fn named(self, name: &'static str) -> Self {
        self.once.0.set_name(name);
        self
    }
}

/// [`std::sync::LazyLock`].
pub struct LazyLock<T, F = fn() -> T> {
    once: Once,
    cell: UnsafeCell<Lazy<T, F>>,
}

enum Lazy<T, F> {
    Unbuilt(F),
    Built(T),
    /// Its function panicked.
    Broken,
}

// SAFETY: as with `OnceLock`; the function is called by one thread.
unsafe impl<T: Send + Sync, F: Send> Sync for LazyLock<T, F> {}
// SAFETY: it owns both.
unsafe impl<T: Send, F: Send> Send for LazyLock<T, F> {}
impl<T: RefUnwindSafe + UnwindSafe, F: UnwindSafe> RefUnwindSafe for LazyLock<T, F> {}
impl<T: UnwindSafe, F: UnwindSafe> UnwindSafe for LazyLock<T, F> {}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// As [`std::sync::LazyLock::new`].
    #[track_caller]
    pub fn new(build: F) -> Self {
        Self {
            once: Once::new(),
            cell: UnsafeCell::new(Lazy::Unbuilt(build)),
        }
    }

    /// As [`std::sync::LazyLock::force`].
    ///
    /// # Panics
    /// If its function panicked before.
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        if let Some(mut running) = this.once.begin(Location::caller()) {
            // SAFETY: only the caller that `begin` let through comes here, and nobody reads
            // before it is done.
            let cell = unsafe { &mut *this.cell.get() };
            match std::mem::replace(cell, Lazy::Broken) {
                Lazy::Unbuilt(build) => *cell = Lazy::Built(build()),
                built => *cell = built,
            }
            running.end = State::Done;
        }
        // SAFETY: it is done, so nobody writes any more.
        match unsafe { &*this.cell.get() } {
            Lazy::Built(value) => value,
            _ => panic!("LazyLock instance has previously been poisoned"),
        }
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyLock").finish_non_exhaustive()
    }
}
