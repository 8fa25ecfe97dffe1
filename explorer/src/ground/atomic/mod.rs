//! Atomic types and memory orderings, as in [`std::sync::atomic`]. In a model each
//! operation is a step, and reads any value that its ordering allows.

mod access;
mod update;

use std::fmt;
use std::panic::Location;

pub use std::sync::atomic::{Ordering, compiler_fence};

use self::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::execution::{
    Site, Tag, Used, What, abandon, is_active, name_it, point, register, retire,
    with,
};
use crate::weaken;
use access::{Access, Update};
use update::updates;

/// A fence, as [`std::sync::atomic::fence`].
///
/// # Panics
/// If `order` is `Relaxed`.
#[track_caller]
pub fn fence(order: Ordering) {
    assert!(
        order != Relaxed,
        "there is no such thing as a relaxed fence"
    );
    if !is_active() {
        // ORDERING: the caller's.
        return std::sync::atomic::fence(order);
    }
    let site = Location::caller();
    let [in_force] = weaken::in_force(site, "fence", [order]);
    point(site);
    with(|execution| {
        if in_force == Relaxed {
            execution.tell(site, |_| "no fence".to_owned());
        } else {
            execution.memory.fence(execution.me(), in_force);
            execution.tell(site, |_| format!("fence({in_force:?})"));
        }
        execution.used(|_| Used {
            location: String::new(),
            site,
            operation: "fence",
            orderings: [Some(order), None],
        });
    });
}

/// A value that fits into a message.
trait Word: Copy {
    const IS_POINTER: bool = false;
    fn pack(self) -> u64;
    fn unpack(word: u64) -> Self;
    fn show(word: u64) -> String;
}

impl Word for bool {
    fn pack(self) -> u64 {
        u64::from(self)
    }

    fn unpack(word: u64) -> Self {
        word != 0
    }

    fn show(word: u64) -> String {
        (word != 0).to_string()
    }
}

impl<T> Word for *mut T {
    const IS_POINTER: bool = true;

    fn pack(self) -> u64 {
        self.expose_provenance() as u64
    }

    fn unpack(word: u64) -> Self {
        std::ptr::with_exposed_provenance_mut(word as usize)
    }

    fn show(word: u64) -> String {
        if word == 0 {
            "null".to_owned()
        } else {
            format!("{word:#x}")
        }
    }
}

/// What all atomic types have.
macro_rules! atomic {
    ($(#[$about:meta])* $Name:ident $(<$T:ident>)?, $Value:ty) => {
        $(#[$about])*
        pub struct $Name $(<$T>)? {
            tag: Tag,
            /// The value, outside a model; the first value, inside.
            real: std::sync::atomic::$Name $(<$T>)?,
        }

        impl $(<$T>)? $Name $(<$T>)? {
            /// Makes an atomic that holds `value`.
            #[track_caller]
            pub fn new(value: $Value) -> Self {
                let tag = Tag::new();
                let it = Self { tag, real: std::sync::atomic::$Name::new(value) };
                register(&it.tag, it.what());
                it
            }

            /// Reads the value.
            ///
            /// # Panics
            /// If `order` is `Release` or `AcqRel`.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $Value {
                if !is_active() {
                    // ORDERING: the caller's.
                    return self.real.load(order);
                }
                assert!(
                    order != Release && order != AcqRel,
                    "there is no such thing as a release load"
                );
                <$Value>::unpack(self.access(Location::caller()).load(order))
            }

            /// Replaces the value.
            ///
            /// # Panics
            /// If `order` is `Acquire` or `AcqRel`.
            #[track_caller]
            pub fn store(&self, value: $Value, order: Ordering) {
                if !is_active() {
                    // ORDERING: the caller's.
                    return self.real.store(value, order);
                }
                assert!(
                    order != Acquire && order != AcqRel,
                    "there is no such thing as an acquire store"
                );
                self.access(Location::caller()).store(value.pack(), order);
            }

            /// Replaces the value, and returns what it was.
            #[track_caller]
            pub fn swap(&self, value: $Value, order: Ordering) -> $Value {
                if !is_active() {
                    // ORDERING: the caller's.
                    return self.real.swap(value, order);
                }
                self.rmw(Location::caller(), "swap", value, order, |_| value)
            }

            /// Replaces the value if it is `current`.
            ///
            /// # Errors
            /// With the value, if it is another.
            ///
            /// # Panics
            /// If `failure` is `Release` or `AcqRel`.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                if !is_active() {
                    // ORDERING: the caller's.
                    return self.real.compare_exchange(current, new, success, failure);
                }
                let name = "compare_exchange";
                self.exchange(Location::caller(), name, current, new, [success, failure])
            }

            /// As [`compare_exchange`](Self::compare_exchange), but may fail for no reason.
            ///
            /// # Errors
            /// With the value, which may be `current` all the same.
            ///
            /// # Panics
            /// If `failure` is `Release` or `AcqRel`.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $Value,
                new: $Value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$Value, $Value> {
                if !is_active() {
                    // ORDERING: the caller's.
                    return self.real.compare_exchange_weak(current, new, success, failure);
                }
                let name = "compare_exchange_weak";
                self.exchange(Location::caller(), name, current, new, [success, failure])
            }

            /// The value, borrowed through the exclusive borrow of the atomic.
            #[track_caller]
            pub fn get_mut(&mut self) -> &mut $Value {
                if is_active() {
                    *self.real.get_mut() = self.last_value();
                    with(|execution| execution.let_loose(&self.tag, Location::caller()));
                }
                self.real.get_mut()
            }

            /// Takes the value out.
            pub fn into_inner(self) -> $Value {
                if is_active() {
                    // The drop checks that all others are done with it.
                    self.last_value()
                } else {
                    // ORDERING: Relaxed. Nobody else has the atomic.
                    self.real.load(Relaxed)
                }
            }

            /// Calls the atomic by a name in reports.
            pub(crate) fn set_name(&self, name: &'static str) {
                name_it(&self.tag, self.what(), name);
            }

            /// What it is registered as: with its first value.
            fn what(&self) -> What {
                // ORDERING: Relaxed. In a model nobody stores to it.
                What::Atomic(self.real.load(Relaxed).pack(), <$Value>::IS_POINTER)
            }

            fn access(&self, site: Site) -> Access<'_> {
                let loose = with(|execution| execution.is_loose(&self.tag));
                let what = self.what();
                if loose {
                    with(|execution| execution.tie_up(&self.tag, what));
                }
                Access { tag: &self.tag, what, site, show: <$Value>::show }
            }

            fn last_value(&self) -> $Value {
                let site = Location::caller();
                let access = self.access(site);
                let value = with(|execution| {
                    let object = execution.object(&self.tag, access.what, site)?;
                    let location = execution.index(object);
                    let newest = execution.memory.newest(location);
                    Some(execution.memory.value(location, newest))
                });
                <$Value>::unpack(value.unwrap_or_else(|| abandon()))
            }

            fn rmw(
                &self,
                site: Site,
                name: &'static str,
                argument: $Value,
                order: Ordering,
                next: impl Fn($Value) -> $Value,
            ) -> $Value {
                let old = self.access(site).update(&Update {
                    name,
                    arguments: &|| <$Value>::show(argument.pack()),
                    success: order,
                    failure: None,
                    weak: false,
                    next: &|old| Some(next(<$Value>::unpack(old)).pack()),
                });
                <$Value>::unpack(old.unwrap_or_else(|old| old))
            }

            fn exchange(
                &self,
                site: Site,
                name: &'static str,
                current: $Value,
                new: $Value,
                [success, failure]: [Ordering; 2],
            ) -> Result<$Value, $Value> {
                assert!(
                    failure != Release && failure != AcqRel,
                    "there is no such thing as a release failure ordering"
                );
                let (current, new) = (current.pack(), new.pack());
                let show = <$Value>::show;
                self.access(site)
                    .update(&Update {
                        name,
                        arguments: &|| format!("{}, {}", show(current), show(new)),
                        success,
                        failure: Some(failure),
                        weak: name == "compare_exchange_weak",
                        next: &|old| (old == current).then_some(new),
                    })
                    .map(<$Value>::unpack)
                    .map_err(<$Value>::unpack)
            }
        }

        updates!($Name $(<$T>)?, $Value);

        impl $(<$T>)? Drop for $Name $(<$T>)? {
            fn drop(&mut self) {
                if is_active() {
                    retire(&self.tag, self.what());
                }
            }
        }

        impl $(<$T>)? From<$Value> for $Name $(<$T>)? {
            #[track_caller]
            fn from(value: $Value) -> Self {
                Self::new(value)
            }
        }

        /// Shows the newest value; that is no step.
        impl $(<$T>)? fmt::Debug for $Name $(<$T>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if is_active() {
                    fmt::Debug::fmt(&self.last_value(), f)
                } else {
                    fmt::Debug::fmt(&self.real, f)
                }
            }
        }
    };
}

macro_rules! fetch {
    ($Value:ty: $($(#[$about:meta])* $name:ident $next:expr;)*) => { $(
        $(#[$about])*
        #[track_caller]
        pub fn $name(&self, value: $Value, order: Ordering) -> $Value {
            if !is_active() {
                // ORDERING: the caller's.
                return self.real.$name(value, order);
            }
            let next: fn($Value, $Value) -> $Value = $next;
            let name = stringify!($name);
            self.rmw(Location::caller(), name, value, order, |old| next(old, value))
        }
    )* };
}

macro_rules! integers {
    ($($Name:ident $Value:ident)*) => { $(
        impl Word for $Value {
            fn pack(self) -> u64 {
                self as u64
            }

            fn unpack(word: u64) -> Self {
                word as Self
            }

            fn show(word: u64) -> String {
                Self::unpack(word).to_string()
            }
        }

        atomic! {
            #[doc = concat!("As [`std::sync::atomic::", stringify!($Name), "`].")]
            $Name, $Value
        }

        impl $Name {
            fetch! { $Value:
                /// Adds, wrapping around, and returns what it was.
                fetch_add |old, value| old.wrapping_add(value);
                /// Subtracts, wrapping around, and returns what it was.
                fetch_sub |old, value| old.wrapping_sub(value);
                /// Keeps the bits that both have, and returns what it was.
                fetch_and |old, value| old & value;
                /// Keeps the bits that not both have, and returns what it was.
                fetch_nand |old, value| !(old & value);
                /// Keeps the bits that either has, and returns what it was.
                fetch_or |old, value| old | value;
                /// Keeps the bits that one of them has, and returns what it was.
                fetch_xor |old, value| old ^ value;
                /// Keeps the greater, and returns what it was.
                fetch_max |old, value| old.max(value);
                /// Keeps the smaller, and returns what it was.
                fetch_min |old, value| old.min(value);
            }
        }

        impl Default for $Name {
            #[track_caller]
            fn default() -> Self {
                Self::new(0)
            }
        }
    )* };
}

integers! {
    AtomicU8 u8
    AtomicU16 u16
    AtomicU32 u32
    AtomicU64 u64
    AtomicUsize usize
    AtomicI8 i8
    AtomicI16 i16
    AtomicI32 i32
    AtomicI64 i64
    AtomicIsize isize
}

atomic! {
    /// As [`std::sync::atomic::AtomicBool`].
    AtomicBool, bool
}

impl AtomicBool {
    fetch! { bool:
        /// Whether both are true; returns what it was.
        fetch_and |old, value| old & value;
        /// Whether not both are true; returns what it was.
        fetch_nand |old, value| !(old & value);
        /// Whether either is true; returns what it was.
        fetch_or |old, value| old | value;
        /// Whether they differ; returns what it was.
        fetch_xor |old, value| old ^ value;
    }

    /// Turns it over, and returns what it was.
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

impl Default for AtomicBool {
    #[track_caller]
    fn default() -> Self {
        Self::new(false)
    }
}

atomic! {
    /// As [`std::sync::atomic::AtomicPtr`]. In a model a pointer counts as the same in two
    /// runs if the same thread stored it at the same point: its address may differ.
    AtomicPtr<T>, *mut T
}

impl<T> Default for AtomicPtr<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new(std::ptr::null_mut())
    }
}

impl AtomicU32 {
    /// For the futex: the atomic, once it is the caller's turn; `None` outside a model.
    pub(super) fn begin(&self, site: Site) -> Option<usize> {
        if !is_active() {
            return None;
        }
        let access = self.access(site);
        point(site);
        let object = with(|execution| access.object(execution));
        Some(object.unwrap_or_else(|| abandon()))
    }

    /// The real word under it.
    pub(super) fn real(&self) -> &std::sync::atomic::AtomicU32 {
        &self.real
    }
}
