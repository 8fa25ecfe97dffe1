//! Condition variables that are wrong by a line, and right ones that are used wrongly.

use super::*;
use crate::ground::atomic::{AtomicU32, Ordering::Relaxed};
use crate::ground::futex;

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Reads the number after it has given the lock back.
    ReadsLate,
    /// The number is only ever 0 or 1.
    CountsToOne,
    /// Notifies without changing the number.
    ChangesNothing,
    /// Wakes, and changes the number afterwards.
    WakesFirst,
    /// Changes the number, and wakes nobody.
    NeverWakes,
    /// Sleeps with the lock.
    KeepsTheLock,
    /// Counts itself after it has given the lock back.
    CountsLate,
    /// Does not count itself.
    CountsNobody,
    /// Wakes one, and says that nobody waits any more.
    ForgetsTheOthers,
    /// Wakes one for all.
    WakesOneForAll,
}

struct Wrong {
    slip: Slip,
    sequence: AtomicU32,
    waiting: AtomicU32,
}

impl Wrong {
    fn new(slip: Slip) -> Self {
        Self {
            slip,
            sequence: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
        }
    }

    fn count(&self) {
        // ORDERING: Relaxed. The lock orders it before the load in `notify`.
        self.waiting.fetch_add(1, Relaxed);
    }

    fn read(&self) -> u32 {
        // ORDERING: Relaxed. As in `v2_counted::Condvar::sleep`.
        self.sequence.load(Relaxed)
    }

    fn notify(&self, wake: fn(&AtomicU32)) {
        let slip = self.slip;
        // ORDERING: Relaxed. The lock orders it after the addition in `count`.
        if self.waiting.load(Relaxed) == 0 {
            return;
        }
        if slip == Slip::ForgetsTheOthers {
            // ORDERING: Relaxed. What is wrong is that it is stored at all.
            self.waiting.store(0, Relaxed);
        }
        if slip == Slip::WakesFirst {
            wake(&self.sequence);
        }
        match slip {
            Slip::ChangesNothing => 0,
            // ORDERING: Relaxed. What is wrong is that two of these are none.
            Slip::CountsToOne => self.sequence.fetch_xor(1, Relaxed),
            // ORDERING: Relaxed. As in `v2_counted::Condvar::notify`.
            _ => self.sequence.fetch_add(1, Relaxed),
        };
        if !matches!(slip, Slip::NeverWakes | Slip::WakesFirst) {
            wake(&self.sequence);
        }
    }
}

impl Notifies for Wrong {
    fn wait<'a>(&self, mut guard: MutexGuard<'a, u32>) -> MutexGuard<'a, u32> {
        let slip = self.slip;
        if !matches!(slip, Slip::CountsLate | Slip::CountsNobody) {
            self.count();
        }
        let sequence = self.read();
        let sleep = || {
            if slip == Slip::CountsLate {
                self.count();
            }
            let sequence = match slip {
                Slip::ReadsLate => self.read(),
                _ => sequence,
            };
            futex::wait(&self.sequence, sequence);
            if !matches!(slip, Slip::ForgetsTheOthers | Slip::CountsNobody) {
                // ORDERING: Relaxed. As in `v2_counted::Condvar::sleep`.
                self.waiting.fetch_sub(1, Relaxed);
            }
        };
        match slip {
            Slip::KeepsTheLock => sleep(),
            _ => guard.unlocked(sleep),
        }
        guard
    }

    fn notify_one(&self) {
        self.notify(futex::wake_one);
    }

    fn notify_all(&self) {
        self.notify(match self.slip {
            Slip::WakesOneForAll => futex::wake_one,
            _ => futex::wake_all,
        });
    }
}

/// One waits for two items, of which each is told.
fn two_items(changed: impl Notifies) {
    let store = Store::new(changed);
    let other = start(&store, |store: &Store<_>| {
        store.put();
        store.put();
    });
    let mut items = store.items.lock().unwrap();
    while *items < 2 {
        items = store.changed.wait(items);
    }
    drop(items);
    other.join().unwrap();
}

macro_rules! wrong {
    ($($story:literal, $model:ident, $slip:ident, $kind:ident;)*) => {
        &[$(($story, || $model(Wrong::new(Slip::$slip)), Kind::$kind)),*]
    };
}

#[test]
fn wrong_versions_are_caught() {
    holds("the copy", || one_item(Wrong::new(Slip::None)));
    holds_for_reasons("the copy", || two_items(Wrong::new(Slip::None)));
    caught(
        "condition variable",
        // ANCHOR: caught
        wrong![
            "reads the number late", one_item, ReadsLate, LostWakeUp;
            "counts to one", two_items, CountsToOne, LostWakeUp;
            "changes nothing", one_item, ChangesNothing, LostWakeUp;
            "wakes first", one_item, WakesFirst, LostWakeUp;
            "never wakes", one_item, NeverWakes, LostWakeUp;
            "keeps the lock", one_item, KeepsTheLock, Deadlock;
            "counts itself late", one_item, CountsLate, LostWakeUp;
            "counts nobody", one_item, CountsNobody, LostWakeUp;
            "forgets the others", one_for_each, ForgetsTheOthers, LostWakeUp;
            "wakes one for all", one_for_all, WakesOneForAll, LostWakeUp;
        ],
        // ANCHOR_END: caught
    );
}

type Right = v2_counted::Condvar;

/// Two take, one puts: what one was told of, the other may have taken.
fn if_for_while() {
    let store = Store::new(Right::new());
    let take = |store: &Store<Right>| {
        let mut items = store.items.lock().unwrap();
        if *items == 0 {
            items = store.changed.wait(items).unwrap();
        }
        *items = items.checked_sub(1).expect("no item");
    };
    let other = start(&store, Store::put);
    take(&store);
    other.join().unwrap();
}

/// Says so first, and does it then.
fn notifies_before_the_change() {
    let store = Store::new(Right::new());
    let other = start(&store, |store| {
        store.changed.notify_one();
        *store.items.lock().unwrap() += 1;
    });
    store.take();
    other.join().unwrap();
}

/// Gives the lock back between the look and the wait.
fn looks_under_another_lock() {
    let store = Store::new(Right::new());
    let other = start(&store, Store::put);
    while *store.items.lock().unwrap() == 0 {
        drop(store.changed.wait(store.items.lock().unwrap()));
    }
    other.join().unwrap();
}

/// Changes what is waited for without the lock.
fn changes_it_without_the_lock() {
    let flag = AtomicU32::new(0);
    let store = Arc::new((Store::new(Right::new()), flag));
    let other = start(&store, |(store, flag)| {
        // ORDERING: Relaxed. No ordering helps.
        flag.store(1, Relaxed);
        store.changed.notify_one();
    });
    let (store, flag) = &*store;
    let mut guard = store.items.lock().unwrap();
    // ORDERING: as above.
    while flag.load(Relaxed) == 0 {
        guard = store.changed.wait(guard).unwrap();
    }
    drop(guard);
    other.join().unwrap();
}

/// Two wait for different things, and one is woken: perhaps the wrong one.
fn wakes_one_of_two_kinds() {
    let store = Store::new(Right::new());
    let mut items = store.items.lock().unwrap();
    let others = [
        start(&store, |store| {
            let mut items = store.items.lock().unwrap();
            while *items < 2 {
                items = store.changed.wait(items).unwrap();
            }
        }),
        start(&store, |store| {
            *store.items.lock().unwrap() = 1;
            store.changed.notify_one();
        }),
    ];
    while *items < 1 {
        items = store.changed.wait(items).unwrap();
    }
    *items = 2;
    drop(items);
    store.changed.notify_one();
    for other in others {
        other.join().unwrap();
    }
}

#[test]
fn wrong_uses_are_caught() {
    caught(
        "condition variable, used",
        &[
            ("if for while", if_for_while, Kind::Assertion),
            (
                "notifies before the change",
                notifies_before_the_change,
                Kind::LostWakeUp,
            ),
            (
                "looks under another lock",
                looks_under_another_lock,
                Kind::LostWakeUp,
            ),
            (
                "changes it without the lock",
                changes_it_without_the_lock,
                Kind::LostWakeUp,
            ),
            (
                "wakes one of two kinds",
                wakes_one_of_two_kinds,
                Kind::LostWakeUp,
            ),
        ],
    );
}
