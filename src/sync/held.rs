//! Which locks a thread holds, in debug builds: who waits for a lock that it holds itself
//! waits for ever, and is told so instead.
//!
//! Each thread keeps a list of its own: the lock's address, how it was taken, and where.
//! [`taken`] adds to it, [`given_back`] removes, and [`about_to_wait`] looks, on the slow
//! path only: a thread that is about to wait for itself is in a deadlock for certain, in
//! whichever way it holds the lock and wants it.
//!
//! The list has a fixed size, so that a lock never allocates and needs no destructor: it
//! works in an allocator, and while a thread ends. Who holds more than `MOST` locks at
//! once is not watched for the rest. Release builds have neither list nor calls.
//!
//! A guard that is forgotten ([`std::mem::forget`]) stays in the list, as its lock stays
//! locked. If another lock then takes the place of that one in memory, and this thread
//! waits for it, it is told of a deadlock that is none.

/// How a lock is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "release builds make none, and keep none")]
pub(super) enum How {
    /// A lock that knows one way only.
    Locked,
    /// With other readers.
    Read,
    /// Alone.
    Write,
}

#[cfg(not(debug_assertions))]
pub(super) use off::{about_to_wait, given_back, taken};
#[cfg(debug_assertions)]
pub(super) use on::{about_to_wait, given_back, has, is_of, taken, with_classes};

// ANCHOR: held
#[cfg(debug_assertions)]
mod on {
    use std::cell::Cell;
    use std::panic::Location;
    use std::ptr;

    use super::How;
    use crate::ground::thread_local;
    use crate::sync::ordered::Class;

    /// How many locks of a thread are watched at once. Two or three are common, and ten
    /// are a design to think about again. (In a model nobody holds more than three, and the
    /// list is gone through millions of times, by code that is not optimised.)
    const MOST: usize = if cfg!(test) { 4 } else { 32 };

    // ANCHOR: list
    /// A lock that this thread holds.
    #[derive(Clone, Copy)]
    struct Held {
        lock: usize,
        how: How,
        at: &'static Location<'static>,
        /// Whether its order is watched.
        class: Option<Class>,
    }

    thread_local! {
        static HELD: [Cell<Option<Held>>; MOST] =
            const { [const { Cell::new(None) }; MOST] };
    }
    // ANCHOR_END: list

    /// The caller has taken `lock`.
    #[track_caller]
    pub(in crate::sync) fn taken<L: ?Sized>(lock: &L, how: How) {
        let (lock, at) = (address(lock), Location::caller());
        // Who has a lock alone has it once: the entry is of one that was here before.
        let is_stale =
            |it: Held| it.lock == lock && (how, it.how) != (How::Read, How::Read);
        let place = find(is_stale).or_else(|| HELD.with(free));
        let class = None;
        put(
            place,
            Some(Held {
                lock,
                how,
                at,
                class,
            }),
        );
    }

    /// `lock`, which the caller has just taken, is of `class`.
    pub(in crate::sync) fn is_of<L: ?Sized>(class: Class, lock: &L) {
        let lock = address(lock);
        if let Some(place) = find(|it| it.lock == lock) {
            let class = Some(class);
            HELD.with(|held| {
                let now = held[place].get().map(|it| Held { class, ..it });
                held[place].set(now);
            });
        }
    }

    /// Whether this thread holds `lock`.
    pub(in crate::sync) fn has<L: ?Sized>(lock: &L) -> bool {
        let lock = address(lock);
        find(|it| it.lock == lock).is_some()
    }

    /// What this thread holds that has a class, and since where.
    pub(in crate::sync) fn with_classes() -> Vec<(Class, &'static Location<'static>)>
    {
        let of = |it: &Cell<Option<Held>>| {
            it.get().and_then(|it| Some((it.class?, it.at)))
        };
        HELD.with(|held| held.iter().filter_map(of).collect())
    }

    /// The caller gives `lock` back, or its share in it.
    pub(in crate::sync) fn given_back<L: ?Sized>(lock: &L, how: How) {
        let lock = address(lock);
        put(find(|it| (it.lock, it.how) == (lock, how)), None);
    }

    // ANCHOR: ask
    /// The caller is about to wait for `lock`.
    ///
    /// # Panics
    /// If this thread holds it: nobody could ever give it back.
    #[track_caller]
    pub(in crate::sync) fn about_to_wait<L: ?Sized>(lock: &L, wanted: How) {
        let lock = address(lock);
        let Some(place) = find(|it| it.lock == lock) else {
            return;
        };
        let Some(Held { how, at, .. }) = HELD.with(|held| held[place].get()) else {
            return;
        };
        let here = Location::caller();
        let between = match (how, wanted) {
            (How::Read, How::Read) => ", and a writer waits for that to end",
            _ => "",
        };
        panic!(
            "deadlock: the lock that is wanted{} at {here} was taken{} at {at} by this \
             same thread{between}",
            told(wanted),
            told(how),
        );
    }
    // ANCHOR_END: ask

    fn address<L: ?Sized>(lock: &L) -> usize {
        ptr::from_ref(lock).addr()
    }

    fn told(how: How) -> &'static str {
        match how {
            How::Locked => "",
            How::Read => " for reading",
            How::Write => " for writing",
        }
    }

    /// The last such, which of several shares in one lock mostly is the newest.
    fn find(is_it: impl Fn(Held) -> bool) -> Option<usize> {
        HELD.with(|held| held.iter().rposition(|it| it.get().is_some_and(&is_it)))
    }

    /// A place for one more.
    fn free(held: &[Cell<Option<Held>>; MOST]) -> Option<usize> {
        held.iter().position(|it| it.get().is_none())
    }

    fn put(place: Option<usize>, entry: Option<Held>) {
        if let Some(place) = place {
            HELD.with(|held| held[place].set(entry));
        }
    }
}
// ANCHOR_END: held

/// Release builds: nothing.
#[cfg(not(debug_assertions))]
mod off {
    use super::How;

    #[inline(always)]
    pub(in crate::sync) fn taken<L: ?Sized>(_lock: &L, _how: How) {}

    #[inline(always)]
    pub(in crate::sync) fn given_back<L: ?Sized>(_lock: &L, _how: How) {}

    #[inline(always)]
    pub(in crate::sync) fn about_to_wait<L: ?Sized>(_lock: &L, _wanted: How) {}
}
