//! The condition variables under the model checker, and versions, and uses, that are wrong
//! by a line.

mod wrong;

use explorer::{Kind, Model};

use super::{v1_sequence, v2_counted};
use crate::ground::on_std::sync::Arc;
use crate::ground::thread;
use crate::ground::time::Duration;
use crate::modelled::{
    caught, holds, holds_for_reasons, needs_its_orderings, start,
};
use crate::sync::{Mutex, MutexGuard};

/// A condition variable, or what somebody took for one.
trait Notifies: Send + Sync + 'static {
    fn wait<'a>(&self, guard: MutexGuard<'a, u32>) -> MutexGuard<'a, u32>;
    fn notify_one(&self);
    fn notify_all(&self);
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Notifies for $version::Condvar {
            fn wait<'a>(&self, guard: MutexGuard<'a, u32>) -> MutexGuard<'a, u32> {
                self.wait(guard).unwrap()
            }

            fn notify_one(&self) {
                self.notify_one();
            }

            fn notify_all(&self) {
                self.notify_all();
            }
        }
    )* };
}
right!(v1_sequence v2_counted);

/// A number of items, and who waits for one.
struct Store<C> {
    items: Mutex<u32>,
    changed: C,
}

impl<C: Notifies> Store<C> {
    fn new(changed: C) -> Arc<Self> {
        let items = Mutex::new(0);
        Arc::new(Self { items, changed })
    }

    fn take(&self) {
        let mut items = self.items.lock().unwrap();
        while *items == 0 {
            items = self.changed.wait(items);
        }
        *items -= 1;
    }

    fn put(&self) {
        *self.items.lock().unwrap() += 1;
        self.changed.notify_one();
    }
}

/// One waits, one notifies after unlocking.
fn one_item(changed: impl Notifies) {
    let store = Store::new(changed);
    let other = start(&store, Store::put);
    store.take();
    other.join().unwrap();
}

/// One waits, one notifies under the lock: who wakes up has to wait for it.
fn one_item_under_the_lock<C: Notifies>(changed: C) {
    let store = Store::new(changed);
    let other = start(&store, |store: &Store<C>| {
        let mut items = store.items.lock().unwrap();
        *items += 1;
        store.changed.notify_one();
    });
    store.take();
    other.join().unwrap();
}

/// There and back: each waits and each notifies.
fn there_and_back<C: Notifies>(changed: C) {
    let store = Store::new(changed);
    let other = start(&store, |store: &Store<C>| {
        let mut items = store.items.lock().unwrap();
        while *items != 1 {
            items = store.changed.wait(items);
        }
        *items = 2;
        store.changed.notify_one();
    });
    let mut items = store.items.lock().unwrap();
    *items = 1;
    store.changed.notify_one();
    while *items != 2 {
        items = store.changed.wait(items);
    }
    drop(items);
    other.join().unwrap();
}

/// Two wait, one of them for sure, and are told with `tell`.
fn two_wait<C: Notifies>(changed: C, tell: fn(&C)) {
    let store = Store::new(changed);
    let mut items = store.items.lock().unwrap();
    let others = [
        start(&store, Store::take),
        start(&store, move |store| {
            *store.items.lock().unwrap() = 2;
            tell(&store.changed);
        }),
    ];
    while *items == 0 {
        items = store.changed.wait(items);
    }
    *items -= 1;
    drop(items);
    for other in others {
        other.join().unwrap();
    }
}

/// With one notification for both.
fn one_for_all(changed: impl Notifies) {
    two_wait(changed, Notifies::notify_all);
}

/// One by one.
fn one_for_each(changed: impl Notifies) {
    two_wait(changed, |changed| {
        changed.notify_one();
        changed.notify_one();
    });
}

/// A wait with a limit ends, in time or not, and says which.
fn in_time_or_not() {
    let store = Store::new(v2_counted::Condvar::new());
    let other = start(&store, |store| {
        thread::sleep(Duration::from_millis(2));
        store.put();
    });
    let limit = Duration::from_millis(1);
    let items = store.items.lock().unwrap();
    let (items, result) = store
        .changed
        .wait_timeout_while(items, limit, |items| *items == 0)
        .unwrap();
    assert_eq!(result.timed_out(), *items == 0);
    let items = store
        .changed
        .wait_while(items, |items| *items == 0)
        .unwrap();
    assert_eq!(*items, 1);
    drop(items);
    other.join().unwrap();
}

/// Two mutexes, of which the second comes after the first: allowed.
fn one_after_the_other() {
    let store = Store::new(v2_counted::Condvar::new());
    let second = Mutex::new(0);
    let other = start(&store, Store::put);
    store.take();
    let limit = Duration::from_millis(1);
    let guard = second.lock().unwrap();
    drop(store.changed.wait_timeout(guard, limit).unwrap());
    other.join().unwrap();
}

macro_rules! models {
    ($version:ident) => {
        [
            ("one item", || one_item($version::Condvar::new())),
            ("under the lock", || {
                one_item_under_the_lock($version::Condvar::new())
            }),
        ]
    };
}

type Models = [(&'static str, fn()); 2];

const V1: Models = models!(v1_sequence);
const V2: Models = models!(v2_counted);

#[test]
fn no_notification_is_missed() {
    for (version, models) in [("v1", V1), ("v2", V2)] {
        for (name, program) in models {
            holds(&format!("{version}, {name}"), program);
        }
    }
    holds_for_reasons("v1, back", || there_and_back(v1_sequence::Condvar::new()));
    holds_for_reasons("v2, back", || there_and_back(v2_counted::Condvar::new()));
    holds_for_reasons("v2, in time or not", in_time_or_not);
    holds_for_reasons("v2, one after the other", one_after_the_other);
}

/// Too large to be tried in full, so with two bounds: no wait ends for no reason, and at
/// most two threads are interrupted while they could go on.
#[test]
fn no_notification_is_missed_by_two() {
    let larger: [(_, fn()); 4] = [
        ("v1, all", || one_for_all(v1_sequence::Condvar::new())),
        ("v1, each", || one_for_each(v1_sequence::Condvar::new())),
        ("v2, all", || one_for_all(v2_counted::Condvar::new())),
        ("v2, each", || one_for_each(v2_counted::Condvar::new())),
    ];
    for (name, program) in larger {
        let model = Model::new(name).spurious(false).preemptions(2);
        if let Err(failure) = model.explore(program) {
            panic!("{failure}");
        }
    }
}

/// Of the condition variable's own operations each is Relaxed; what is listed here is the
/// lock's.
#[test]
fn each_ordering_is_needed() {
    let models: Vec<_> = V1.into_iter().chain(V2).collect();
    needs_its_orderings("condvar", &models, &[]);
}
