//! The flag under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "plain memory, so that only the flag orders it")]

use explorer::Kind;

use super::StopFlag;
use crate::ground::atomic::{
    AtomicBool,
    Ordering::{AcqRel, Acquire, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::hint;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// A flag, or what somebody took for one.
trait Flag: Default + Send + Sync + 'static {
    fn stop(&self);
    fn is_stopped(&self) -> bool;
}

impl Flag for StopFlag {
    fn stop(&self) {
        self.stop();
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped()
    }
}

/// Turns the flag over: who stops a second time starts again.
#[derive(Default)]
struct TurnsItOver(AtomicBool);

impl Flag for TurnsItOver {
    fn stop(&self) {
        // ORDERING: AcqRel pairs with the load in `is_stopped`, and with itself in `stop`.
        self.0.fetch_not(AcqRel);
    }

    fn is_stopped(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `stop`.
        self.0.load(Acquire)
    }
}

/// Lowers the flag for whoever looks next.
#[derive(Default)]
struct TakesItAway(AtomicBool);

impl Flag for TakesItAway {
    fn stop(&self) {
        // ORDERING: Release pairs with the swap in `is_stopped`.
        self.0.store(true, Release);
    }

    fn is_stopped(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `stop`.
        self.0.swap(false, Acquire)
    }
}

/// The flag, and the reason that the stopper leaves.
struct Stopped<F> {
    flag: F,
    reason: UnsafeCell<u32>,
}

// SAFETY: `reason` is written before the flag is raised, and read afterwards. (That this
// holds is what the explorer is to find out.)
unsafe impl<F: Sync> Sync for Stopped<F> {}

/// Two threads loop until the flag is raised, and read the reason.
fn the_reason_is_seen<F: Flag>() {
    let shared = Arc::new(Stopped {
        flag: F::default(),
        reason: UnsafeCell::new(0),
    });
    let looper = start(&shared, |shared: &Stopped<F>| {
        while !shared.flag.is_stopped() {
            hint::spin_loop();
        }
        // SAFETY: it was written before the flag was raised.
        shared.reason.with(|reason| unsafe { *reason })
    });
    let other = start(&shared, |shared: &Stopped<F>| {
        while !shared.flag.is_stopped() {
            hint::spin_loop();
        }
    });
    // SAFETY: nobody reads it before the flag is raised.
    shared.reason.with_mut(|reason| unsafe { *reason = 7 });
    shared.flag.stop();
    assert_eq!(looper.join().unwrap(), 7);
    other.join().unwrap();
}

/// Two threads stop, and it stays stopped.
fn twice_is_as_good_as_once<F: Flag>() {
    let flag = Arc::new(F::default());
    let other = start(&flag, F::stop);
    flag.stop();
    other.join().unwrap();
    assert!(flag.is_stopped(), "it goes on");
}

#[test]
fn all_see_the_flag_and_what_was_before_it() {
    holds("two loop, one stops", the_reason_is_seen::<StopFlag>);
    holds("two stop", twice_is_as_good_as_once::<StopFlag>);
}

#[test]
fn wrong_versions_are_caught() {
    caught(
        "stop flag",
        &[
            (
                "turns it over",
                twice_is_as_good_as_once::<TurnsItOver>,
                Kind::Assertion,
            ),
            (
                "takes it away",
                the_reason_is_seen::<TakesItAway>,
                Kind::Livelock,
            ),
        ],
    );
}

#[test]
fn both_orderings_are_needed() {
    let models: [(_, fn()); 1] = [("two loop", the_reason_is_seen::<StopFlag>)];
    needs_its_orderings("stop flag", &models, &[]);
}
