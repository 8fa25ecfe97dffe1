//! How many connections all loops of a server may have together, and who waits for a place.
//!
//! A loop asks for a place **before** it accepts. If there is none it shuts its door, and is
//! noted. Whoever gives a place back while somebody is noted wakes all of them, since only
//! they can see whether anybody still waits outside: to tell just one, which then has nobody
//! to let in, would leave the place empty and the others shut. Nobody has to look again by
//! itself, so a full server does not spin.
//!
//! A place is taken when a client comes and given back when it leaves, not with each request,
//! so one lock is good enough. What is noted under it cannot be missed by who gives back
//! under it.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;

use crate::event::Waker;
use crate::ground::sync::{Mutex, MutexGuard, PoisonError};

/// The most loops there can be: one bit each.
pub(crate) const LOOPS_MAX: usize = 64;

/// The places of a server, and the wakers of its loops.
pub(crate) struct Places {
    count: Count,
    wakers: Vec<Waker>,
}

impl Places {
    /// Room for `max` connections of the loops that these wake.
    ///
    /// # Panics
    /// If there are more than [`LOOPS_MAX`] of them.
    pub(crate) fn new(max: usize, wakers: Vec<Waker>) -> Self {
        assert!(wakers.len() <= LOOPS_MAX, "{} loops", wakers.len());
        Self {
            count: Count::new(max),
            wakers,
        }
    }

    /// Takes a place for loop `home`. If there is none that loop shuts its door, and is woken
    /// when it is worth another try: [`waits`](Self::waits) is `false` then.
    ///
    /// # Cost
    /// One lock.
    pub(crate) fn enter(&self, home: usize) -> bool {
        self.count.enter(home)
    }

    /// Gives a place back, whoever took it.
    ///
    /// # Cost
    /// One lock. A wake for each loop that waits for a place.
    pub(crate) fn leave(&self) {
        let mut waiting = self.count.leave();
        while waiting != 0 {
            // An error would mean that the loop is broken, and its next wait says so.
            let _ = self.wakers[waiting.trailing_zeros() as usize].wake();
            waiting &= waiting - 1;
        }
    }

    /// Whether loop `home` has found no place, and none was given back since.
    pub(crate) fn waits(&self, home: usize) -> bool {
        self.count.waits(home)
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inside = self.count.lock();
        f.debug_struct("Places")
            .field("taken", &inside.taken)
            .field("max", &self.count.max)
            .field("waiting", &format_args!("{:#b}", inside.waiting))
            .finish_non_exhaustive()
    }
}

// ANCHOR: count
/// The count, and who waits for it to go down.
struct Count {
    inside: Mutex<Inside>,
    max: usize,
}

struct Inside {
    taken: usize,
    /// The loops that have found no place: bit `home`.
    waiting: u64,
}

impl Count {
    fn new(max: usize) -> Self {
        Self {
            inside: Mutex::new(Inside {
                taken: 0,
                waiting: 0,
            }),
            max,
        }
    }

    fn enter(&self, home: usize) -> bool {
        let mut inside = self.lock();
        let there_is_one = inside.taken < self.max;
        if there_is_one {
            inside.taken += 1;
            // It may have tried again because one of its own has left.
            inside.waiting &= !(1 << home);
        } else {
            inside.waiting |= 1 << home;
        }
        there_is_one
    }

    /// Gives one back. Who must be woken: all who wait, and none of them twice.
    fn leave(&self) -> u64 {
        let mut inside = self.lock();
        inside.taken -= 1;
        std::mem::take(&mut inside.waiting)
    }

    fn waits(&self, home: usize) -> bool {
        self.lock().waiting & 1 << home != 0
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Nothing under this lock panics half way, but for a place given back twice.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: count

#[cfg(test)]
mod models;
