//! A bucket under the model checker, and versions that are wrong by a line.

use std::sync::PoisonError;

use explorer::Kind;

use super::bucket::Bucket;
use crate::ground::atomic::{
    AtomicU32, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
    fence,
};
use crate::ground::on_std::sync::{Arc, Condvar, Mutex};
use crate::ground::time::Duration;
use crate::modelled::{
    caught, holds, holds_for_reasons, needs_its_orderings, start,
};

/// So long that the clock wakes nobody: who is not woken otherwise sleeps for ever.
const LIMIT: Duration = Duration::MAX;

/// A bucket, or what somebody took for one.
trait Waits: Send + Sync + 'static {
    fn wait_timeout(&self, is_other: &dyn Fn() -> bool) -> bool;
    fn wake(&self);
}

impl Waits for Bucket {
    fn wait_timeout(&self, is_other: &dyn Fn() -> bool) -> bool {
        self.wait_timeout(is_other, LIMIT)
    }

    fn wake(&self) {
        self.wake();
    }
}

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Looks at the word before it says that it waits.
    LooksFirst,
    /// Has no fence between the count and the look.
    WaitsWithoutAFence,
    /// Has no fence between the change and the look at the count.
    WakesWithoutAFence,
    /// Notifies without the lock.
    NotifiesBetween,
    /// Counts itself out before it sleeps.
    IsNotCounted,
    /// Wakes one for all.
    WakesOne,
}

struct Wrong {
    slip: Slip,
    waiting: AtomicUsize,
    lock: Mutex<()>,
    woken: Condvar,
}

impl Wrong {
    fn new(slip: Slip) -> Self {
        Self {
            slip,
            waiting: AtomicUsize::new(0),
            lock: Mutex::new(()),
            woken: Condvar::new(),
        }
    }

    fn count(&self) {
        // ORDERING: Relaxed. As in `Bucket::wait_timeout`.
        self.waiting.fetch_add(1, Relaxed);
        if self.slip != Slip::WaitsWithoutAFence {
            // ORDERING: SeqCst. Pairs with the fence in `wake`.
            fence(SeqCst);
        }
    }
}

impl Waits for Wrong {
    fn wait_timeout(&self, is_other: &dyn Fn() -> bool) -> bool {
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if self.slip == Slip::LooksFirst && is_other() {
            return true;
        }
        self.count();
        if self.slip == Slip::IsNotCounted {
            // ORDERING: Relaxed. What is wrong is that it comes too early.
            self.waiting.fetch_sub(1, Relaxed);
        }
        if self.slip != Slip::LooksFirst && is_other() {
            return true;
        }
        let slept = self.woken.wait_timeout(lock, LIMIT);
        !slept.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn wake(&self) {
        if self.slip != Slip::WakesWithoutAFence {
            // ORDERING: SeqCst. Pairs with the fence in `count`.
            fence(SeqCst);
        }
        // ORDERING: Relaxed. As in `Bucket::wake`.
        if self.waiting.load(Relaxed) == 0 {
            return;
        }
        if self.slip != Slip::NotifiesBetween {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        }
        match self.slip {
            Slip::WakesOne => self.woken.notify_one(),
            _ => self.woken.notify_all(),
        }
    }
}

/// The word is changed, and all who wait for that wake up.
fn waits<const WAITERS: usize>(bucket: impl Waits) {
    let shared = Arc::new((bucket, AtomicU32::new(0)));
    let waiters = [(); WAITERS].map(|()| {
        start(&shared, |(bucket, word)| {
            // ORDERING: Relaxed, here and below: the bucket is to order them.
            while word.load(Relaxed) == 0 {
                // ORDERING: as above.
                bucket.wait_timeout(&|| word.load(Relaxed) != 0);
            }
        })
    });
    let (bucket, word) = &*shared;
    // ORDERING: as above.
    word.store(1, Relaxed);
    bucket.wake();
    for waiter in waiters {
        waiter.join().unwrap();
    }
}

#[test]
fn every_wake_up_arrives() {
    holds("one", || waits::<1>(Bucket::new()));
    holds_for_reasons("two", || waits::<2>(Bucket::new()));
    holds("the copy", || waits::<1>(Wrong::new(Slip::None)));
    holds_for_reasons("the copy", || waits::<2>(Wrong::new(Slip::None)));
}

#[test]
fn wrong_versions_are_caught() {
    macro_rules! wrong {
        ($($story:literal, $waiters:literal, $slip:ident;)*) => {
            &[$((
                $story,
                || waits::<$waiters>(Wrong::new(Slip::$slip)),
                Kind::LostWakeUp,
            )),*]
        };
    }
    caught(
        "parking table",
        wrong![
            "looks first", 1, LooksFirst;
            "waits without a fence", 1, WaitsWithoutAFence;
            "wakes without a fence", 1, WakesWithoutAFence;
            "notifies between", 1, NotifiesBetween;
            "is not counted", 1, IsNotCounted;
            "wakes one", 2, WakesOne;
        ],
    );
}

#[test]
fn each_ordering_is_needed() {
    let models: [(_, fn()); 1] = [("one", || waits::<1>(Bucket::new()))];
    needs_its_orderings("parking table", &models, &[]);
}
