//! What differs between the grounds when a value is made: its name, and whether it can be
//! made at compile time.

use std::ops::Deref;
use std::sync::LazyLock;

/// Gives an atomic, a cell or a lock a name, under which the model checker's reports show
/// it. On the real ground it does nothing.
///
/// ```
/// use threadbare::ground::{Named as _, atomic::AtomicU32};
///
/// let state = AtomicU32::new(0).named("state");
/// assert_eq!(state.into_inner(), 0);
/// ```
pub trait Named: Sized {
    /// Returns `self`, called `name`.
    #[must_use]
    fn named(self, name: &'static str) -> Self {
        let _ = name;
        self
    }
}

impl<T> Named for T {}

/// A static that is built when it is first used.
///
/// The real atomics could stand in a plain `static`; those of the model checker are made
/// anew for each run of a model, so a static that both grounds can have is this one.
///
/// ```
/// use threadbare::ground::{Static, atomic::{AtomicU32, Ordering::Relaxed}};
///
/// static CALLS: Static<AtomicU32> = Static::new(|| AtomicU32::new(0));
///
/// // ORDERING: Relaxed. Only the count matters.
/// assert_eq!(CALLS.fetch_add(1, Relaxed), 0);
/// ```
#[derive(Debug)]
pub struct Static<T>(LazyLock<T>);

impl<T> Static<T> {
    /// A static that `build` builds.
    pub const fn new(build: fn() -> T) -> Self {
        Self(LazyLock::new(build))
    }
}

impl<T> Deref for Static<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Makes a function a `const fn` on the real ground, and a plain one under the model
/// checker, whose types cannot be made at compile time.
///
/// ```
/// use threadbare::ground::{atomic::AtomicU32, const_new};
///
/// pub struct Lock {
///     state: AtomicU32,
/// }
///
/// impl Lock {
///     const_new! {
///         /// A lock that is free.
///         pub fn new() -> Self {
///             Self { state: AtomicU32::new(0) }
///         }
///     }
/// }
///
/// static LOCK: Lock = Lock::new();
/// assert!(!LOCK.state.as_ptr().is_null());
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! const_new {
    ($(#[$attribute:meta])* $visibility:vis fn $($rest:tt)*) => {
        $(#[$attribute])* $visibility const fn $($rest)*
    };
}
