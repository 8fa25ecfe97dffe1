//! A function returns early, and the lock that it has taken stays taken.

use std::mem;
use std::num::ParseIntError;

use explorer::Kind;
use explorer::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::{hint, thread};

use crate::Pitfall;

pub(crate) const PITFALL: Pitfall = Pitfall {
    name: "missed_unlock",
    story: "two payments are read from text; one of them is no number",
    wrong,
    kind: Kind::Livelock,
    fixed,
    cure: "a guard unlocks when it goes out of scope, by whichever way",
    told: Some(told),
};

// ANCHOR: lock
/// A lock as other languages have it: whoever calls `lock` must not forget `unlock`.
struct Lock {
    locked: AtomicBool,
}

impl Lock {
    fn lock(&self) {
        // ORDERING: Acquire; pairs with the Release store in `unlock`.
        while self.locked.swap(true, Acquire) {
            hint::spin_loop();
        }
    }

    fn unlock(&self) {
        // ORDERING: Release; pairs with the Acquire swap in `lock`.
        self.locked.store(false, Release);
    }
}
// ANCHOR_END: lock

struct Till {
    lock: Lock,
    /// Only touched under the lock.
    sum: AtomicU32,
}

impl Till {
    fn add(&self, amount: u32) {
        // ORDERING: Relaxed, here and below: the lock orders it, by `unlock` and `lock`.
        let sum = self.sum.load(Relaxed);
        self.sum.store(sum + amount, Relaxed); // ORDERING: Relaxed, as above.
    }
}

// ANCHOR: wrong
fn pay(till: &Till, text: &str) -> Result<(), ParseIntError> {
    till.lock.lock();
    let amount: u32 = text.parse()?; // returns, and the lock stays taken
    till.add(amount);
    till.lock.unlock();
    Ok(())
}
// ANCHOR_END: wrong

// ANCHOR: fixed
/// The lock is taken as long as this lives.
struct Guard<'a>(&'a Lock);

impl Lock {
    fn guard(&self) -> Guard<'_> {
        self.lock();
        Guard(self)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.unlock();
    }
}

fn pay_with_guard(till: &Till, text: &str) -> Result<(), ParseIntError> {
    let _guard = till.lock.guard();
    let amount: u32 = text.parse()?; // returns, and drops the guard
    till.add(amount);
    Ok(())
}
// ANCHOR_END: fixed

// ANCHOR: told
#[expect(clippy::mem_forget, reason = "that is the mistake")]
fn told() {
    let till = threadbare::sync::Mutex::new(0);
    mem::forget(till.lock()); // a guard, and still nobody gives it back
    *till.lock().unwrap() += 10;
}
// ANCHOR_END: told

fn wrong() {
    two_payments(pay);
}

fn fixed() {
    two_payments(pay_with_guard);
}

fn two_payments(pay: fn(&Till, &str) -> Result<(), ParseIntError>) {
    let locked = AtomicBool::new(false);
    let sum = AtomicU32::new(0);
    let lock = Lock { locked };
    let till = Till { lock, sum };
    thread::scope(|threads| {
        let bad = threads.spawn(|| pay(&till, "ten"));
        let good = threads.spawn(|| pay(&till, "10"));
        assert!(bad.join().unwrap().is_err());
        assert!(good.join().unwrap().is_ok());
    });
    assert_eq!(till.sum.into_inner(), 10);
}
