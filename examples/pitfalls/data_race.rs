//! Two threads write to the same plain number.
//!
//! Safe Rust refuses it: error E0499 for a number that two closures borrow, E0277 for a cell
//! that two threads share. It takes an `unsafe` promise to get as far as a wrong result.

#![allow(unsafe_code, reason = "safe Rust refuses this program")]

use explorer::Kind;
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::Mutex;
use explorer::ground::thread;

use crate::Pitfall;

pub(crate) const PITFALL: Pitfall = Pitfall {
    name: "data_race",
    story: "two threads count visits in a plain number",
    wrong,
    kind: Kind::DataRace,
    fixed,
    cure: "a mutex around the number",
    told: None,
};

// ANCHOR: wrong
struct Visits {
    count: UnsafeCell<u32>,
}

// SAFETY: there is none. This promise is the mistake; without it, the program is refused.
unsafe impl Sync for Visits {}

impl Visits {
    fn add_one(&self) {
        // SAFETY: none either. Another thread may be between these two braces.
        self.count.with_mut(|count| unsafe { *count += 1 });
    }
}
// ANCHOR_END: wrong

// ANCHOR: fixed
struct LockedVisits {
    count: Mutex<u32>,
}

impl LockedVisits {
    fn add_one(&self) {
        *self.count.lock().unwrap() += 1;
    }
}
// ANCHOR_END: fixed

fn wrong() {
    let count = UnsafeCell::new(0);
    let visits = Visits { count };
    thread::scope(|threads| {
        threads.spawn(|| visits.add_one());
        threads.spawn(|| visits.add_one());
    });
}

fn fixed() {
    let count = Mutex::new(0);
    let visits = LockedVisits { count };
    thread::scope(|threads| {
        threads.spawn(|| visits.add_one());
        threads.spawn(|| visits.add_one());
    });
    assert_eq!(visits.count.into_inner().unwrap(), 2);
}
