//! One shortest program for each way to fail, and its right twin.
//!
//! For each: the kind; a sentence that says where; the printed schedule, replayed, fails in
//! the same way; and the twin passes in every run.

#![allow(unsafe_code, reason = "cells and freed memory are what this is about")]

use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe};
use std::ptr;
use std::sync::Mutex as RealMutex;
use std::sync::atomic::AtomicU32 as RealAtomicU32;

use explorer::ground::atomic::{
    AtomicBool, AtomicPtr, AtomicU32,
    Ordering::{self, *},
};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::{Arc, Barrier, Condvar, Mutex, RwLock, Weak, mpsc};
use explorer::ground::{Named, futex, hint, thread};
use explorer::{Failure, Kind, Model};

/// Explores a wrong program, checks its failure, and returns it.
fn fails(kind: Kind, program: fn()) -> Box<Failure> {
    let failure = Model::new("a wrong program").explore(program).unwrap_err();
    assert_eq!(failure.kind, kind, "{failure}");
    let at = failure.at.as_deref().unwrap_or_default();
    assert!(
        at.contains("kinds.rs:"),
        "it names a line of this file: {at:?}"
    );
    assert!(
        failure.sentence.contains("kinds.rs:") || failure.sentence.contains('`'),
        "the sentence says where: {}",
        failure.sentence
    );
    let report = failure.to_string();
    assert!(report.contains(&kind.to_string()), "{report}");
    assert!(report.contains(&failure.schedule), "{report}");

    let again = Model::new("a wrong program").replay(&failure.schedule, program);
    let again = again.expect_err("the schedule shows the failure again");
    assert_eq!(again.kind, kind);
    assert_eq!(again.sentence, failure.sentence);
    assert_eq!(again.at, failure.at);
    assert_eq!(again.schedule, failure.schedule);
    failure
}

/// Explores a right program, to the end.
fn passes(program: fn()) {
    let stats = Model::new("a right program").explore(program).unwrap();
    assert!(stats.complete);
}

struct Shared {
    flag: AtomicU32,
    value: UnsafeCell<u32>,
}

// SAFETY: not always: that is for the explorer to find out.
unsafe impl Sync for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Shared {
            flag: AtomicU32::new(0).named("flag"),
            value: UnsafeCell::new(0),
        })
    }

    fn write(&self) {
        // SAFETY: as above.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }
}

#[test]
fn data_race() {
    fn publish(store: Ordering, load: Ordering) {
        let shared = Shared::new();
        let writer = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.write();
                shared.flag.store(1, store);
            }
        });
        if shared.flag.load(load) == 1 {
            shared.write();
        }
        writer.join().unwrap();
    }
    let failure = fails(Kind::DataRace, || publish(Relaxed, Acquire));
    assert_eq!(
        failure.sentence.matches("kinds.rs:").count(),
        2,
        "both accesses"
    );
    fails(Kind::DataRace, || publish(Release, Relaxed));
    passes(|| publish(Release, Acquire));
}

#[test]
fn a_write_races_with_a_read_and_reads_do_not_race() {
    fn access(write: bool) {
        let shared = Shared::new();
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            // SAFETY: as above.
            move || shared.value.with(|value| unsafe { *value })
        });
        if write {
            shared.write();
        } else {
            // SAFETY: as above.
            shared.value.with(|value| unsafe { *value });
        }
        other.join().unwrap();
    }
    fails(Kind::DataRace, || access(true));
    passes(|| access(false));
}

#[test]
fn a_use_races_with_the_making() {
    fn publish(store: Ordering) {
        let shared = Arc::new(AtomicPtr::new(ptr::null_mut()));
        let maker = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let made = Box::new(AtomicU32::new(7).named("made"));
                shared.store(Box::into_raw(made), store);
            }
        });
        let made = shared.load(Acquire);
        if !made.is_null() {
            // SAFETY: it is freed at the end, by this thread.
            assert_eq!(unsafe { (*made).load(Relaxed) }, 7);
        }
        maker.join().unwrap();
        // SAFETY: it came from a box, and no other thread is left.
        drop(unsafe { Box::from_raw(shared.load(Relaxed)) });
    }
    let failure = fails(Kind::DataRace, || publish(Relaxed));
    assert!(failure.sentence.contains("made"), "{}", failure.sentence);
    passes(|| publish(Release));
}

#[test]
fn deadlock_of_two_locks() {
    fn lock_both(swapped: bool) {
        let locks = Arc::new([Mutex::new(()), Mutex::new(())]);
        let other = thread::spawn({
            let locks = Arc::clone(&locks);
            move || {
                let _first = locks[usize::from(swapped)].lock().unwrap();
                let _second = locks[usize::from(!swapped)].lock().unwrap();
            }
        });
        let first = locks[0].lock().unwrap();
        let second = locks[1].lock().unwrap();
        drop((first, second));
        other.join().unwrap();
    }
    fails(Kind::Deadlock, || lock_both(true));
    passes(|| lock_both(false));
}

#[test]
fn deadlock_with_oneself() {
    fails(Kind::Deadlock, || {
        let lock = Mutex::new(());
        let first = lock.lock().unwrap();
        let second = lock.lock().unwrap();
        drop((first, second));
    });
    fails(Kind::Deadlock, || {
        let lock = RwLock::new(());
        let read = lock.read().unwrap();
        let write = lock.write().unwrap();
        drop((read, write));
    });
    passes(|| {
        let lock = RwLock::new(());
        let reads = (lock.read().unwrap(), lock.read().unwrap());
        drop(reads);
        drop(lock.write().unwrap());
    });
}

#[test]
fn deadlock_of_a_barrier_that_one_misses() {
    fn meet(threads: usize) {
        let barrier = Arc::new(Barrier::new(threads));
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || barrier.wait().is_leader()
        });
        let leads = barrier.wait().is_leader();
        assert_ne!(leads, other.join().unwrap(), "one of them leads");
    }
    let failure = Model::new("three are expected")
        .explore(|| meet(3))
        .unwrap_err();
    assert!(
        matches!(failure.kind, Kind::Deadlock | Kind::LostWakeUp),
        "{failure}"
    );
    passes(|| meet(2));
}

#[test]
fn lost_wake_up_of_a_futex() {
    fn hand_over(wakes: bool) {
        let shared = Shared::new();
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.flag.store(1, Release);
                if wakes {
                    futex::wake_one(&shared.flag);
                }
            }
        });
        while shared.flag.load(Acquire) == 0 {
            futex::wait(&shared.flag, 0);
        }
        other.join().unwrap();
    }
    let failure = fails(Kind::LostWakeUp, || hand_over(false));
    assert!(failure.sentence.contains("flag"), "{}", failure.sentence);
    passes(|| hand_over(true));
}

#[test]
fn lost_wake_up_of_a_condvar() {
    fn hand_over(checks: bool) {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                *shared.0.lock().unwrap() = true;
                shared.1.notify_one();
            }
        });
        let mut ready = shared.0.lock().unwrap();
        if !checks {
            ready = shared.1.wait(ready).unwrap();
        }
        while !*ready {
            ready = shared.1.wait(ready).unwrap();
        }
        drop(ready);
        other.join().unwrap();
    }
    fails(Kind::LostWakeUp, || hand_over(false));
    passes(|| hand_over(true));
}

#[test]
fn lost_wake_up_of_a_parked_thread() {
    fn park(unparks: bool) {
        let shared = Shared::new();
        let main = thread::current();
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                shared.flag.store(1, Release);
                if unparks {
                    main.unpark();
                }
            }
        });
        while shared.flag.load(Acquire) == 0 {
            thread::park();
        }
        other.join().unwrap();
    }
    fails(Kind::LostWakeUp, || park(false));
    passes(|| park(true));
}

#[test]
fn a_channel_ends_when_its_last_sender_does() {
    fn receive(keeps_a_sender: bool) {
        let (sender, receiver) = mpsc::channel();
        let kept = keeps_a_sender.then(|| sender.clone());
        let other = thread::spawn(move || sender.send(7).unwrap());
        assert_eq!(receiver.iter().sum::<u32>(), 7);
        other.join().unwrap();
        drop(kept);
    }
    let failure = Model::new("a kept sender")
        .explore(|| receive(true))
        .unwrap_err();
    assert!(
        matches!(failure.kind, Kind::Deadlock | Kind::LostWakeUp),
        "{failure}"
    );
    passes(|| receive(false));
}

#[test]
fn livelock() {
    fn spin(stores: bool) {
        let shared = Shared::new();
        let other = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                if stores {
                    shared.flag.store(1, Release);
                }
            }
        });
        while shared.flag.load(Acquire) == 0 {
            hint::spin_loop();
        }
        other.join().unwrap();
    }
    fails(Kind::Livelock, || spin(false));
    passes(|| spin(true));
}

#[test]
fn livelock_of_two_that_wait_for_each_other() {
    fn cross(store_first: bool) {
        let flags = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let run = move |flags: Arc<[AtomicBool; 2]>, me: usize| {
            if store_first {
                flags[me].store(true, Relaxed);
            }
            while !flags[1 - me].load(Relaxed) {
                thread::yield_now();
            }
            flags[me].store(true, Relaxed);
        };
        let other = thread::spawn({
            let flags = Arc::clone(&flags);
            move || run(flags, 1)
        });
        run(flags, 0);
        other.join().unwrap();
    }
    fails(Kind::Livelock, || cross(false));
    passes(|| cross(true));
}

#[test]
fn assertion() {
    fn count(in_one_step: bool) {
        let count = Arc::new(AtomicU32::new(0));
        let run = move |count: Arc<AtomicU32>| {
            if in_one_step {
                count.fetch_add(1, Relaxed);
            } else {
                count.store(count.load(Relaxed) + 1, Relaxed);
            }
        };
        let other = thread::spawn({
            let count = Arc::clone(&count);
            move || run(count)
        });
        run(Arc::clone(&count));
        other.join().unwrap();
        assert_eq!(count.load(Relaxed), 2, "an update is lost");
    }
    let failure = fails(Kind::Assertion, || count(false));
    assert!(failure.sentence.contains("an update is lost"), "{failure}");
    passes(|| count(true));
}

#[test]
fn use_after_free() {
    /// A counter whose value is dropped by hand; its memory stays, so that an access after
    /// that is wrong and not undefined.
    struct Slot(*mut ManuallyDrop<AtomicU32>);
    // SAFETY: the pointer is only used for what is said above.
    unsafe impl Send for Slot {}

    fn free(joins_first: bool) {
        let counter = AtomicU32::new(0).named("counter");
        let slot = Box::into_raw(Box::new(ManuallyDrop::new(counter)));
        let shared = Slot(slot);
        let other = thread::spawn(move || {
            let shared = shared;
            // SAFETY: the memory is there until the end of `free`, or for ever if this run
            // fails.
            unsafe { (*shared.0).fetch_add(1, Relaxed) }
        });
        // SAFETY: dropped once.
        let drop_it = || unsafe { ManuallyDrop::drop(&mut *slot) };
        if joins_first {
            other.join().unwrap();
            drop_it();
        } else {
            drop_it();
            other.join().unwrap();
        }
        // SAFETY: it came from a box, and no other thread is left.
        drop(unsafe { Box::from_raw(slot) });
    }
    let failure = fails(Kind::UseAfterFree, || free(false));
    assert!(failure.sentence.contains("counter"), "{}", failure.sentence);
    passes(|| free(true));
}

#[test]
fn leak() {
    struct Node {
        parent: Mutex<Option<Arc<Node>>>,
        back: Mutex<Weak<Node>>,
    }

    fn family(owns_its_parent: bool) {
        let node = || Node {
            parent: Mutex::new(None),
            back: Mutex::new(Weak::new()),
        };
        let (parent, child) = (Arc::new(node()), Arc::new(node()));
        *parent.parent.lock().unwrap() = Some(Arc::clone(&child));
        if owns_its_parent {
            *child.parent.lock().unwrap() = Some(Arc::clone(&parent));
        } else {
            *child.back.lock().unwrap() = Arc::downgrade(&parent);
        }
    }
    fails(Kind::Leak, || family(true));
    passes(|| family(false));
    let stats = Model::new("leaks do not count")
        .leaks(false)
        .explore(|| family(true));
    assert!(stats.unwrap().complete);
}

#[test]
fn not_deterministic() {
    fn decide(by_something_of_its_own: bool) {
        static RUNS: RealAtomicU32 = RealAtomicU32::new(0);
        let run = RUNS.fetch_add(1, Relaxed);
        let count = AtomicU32::new(0);
        if by_something_of_its_own && run % 2 == 1 {
            count.fetch_add(1, Relaxed);
        }
        count.fetch_add(1, Relaxed);
    }
    let failure = Model::new("decides by a static").explore(|| decide(true));
    let failure = failure.unwrap_err();
    assert_eq!(failure.kind, Kind::NotDeterministic, "{failure}");
    assert!(failure.sentence.contains("the same choices"), "{failure}");
    passes(|| decide(false));
}

#[test]
fn check_ends_with_the_failure_as_payload() {
    static TOLD: RealMutex<Vec<String>> = RealMutex::new(Vec::new());
    explorer::set_reporter(|failure| TOLD.lock().unwrap().push(failure.to_string()));
    let model = Model::new("told once")
        .hint(Kind::Livelock, "who stores to it?")
        .hint(Kind::Deadlock, "not this one")
        .section("04_explorer.md#kinds");
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        model.check(|| {
            let flag = AtomicU32::new(0);
            while flag.load(Relaxed) == 0 {
                hint::spin_loop();
            }
        });
    }));
    let payload = ended.unwrap_err();
    let failure = payload.downcast::<Failure>().expect("the failure itself");
    assert_eq!(failure.kind, Kind::Livelock);
    assert_eq!(failure.hint.as_deref(), Some("who stores to it?"));
    let mut told = TOLD.lock().unwrap();
    told.retain(|report| report.contains("told once"));
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("who stores to it?"));
    assert!(told[0].contains("04_explorer.md#kinds"));
    assert!(!told[0].contains("not this one"));
}
