//! Where the explorer ends: its limits and what they are called, threads that panic, models
//! in models, and its types outside a model.

#![allow(unsafe_code, reason = "a cell is shared outside a model")]

use std::panic;
use std::sync::Barrier as RealBarrier;

use explorer::ground::atomic::{AtomicPtr, AtomicU32, Ordering::*, fence};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::{
    Arc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock, Weak, mpsc,
};
use explorer::ground::time::{Duration, Instant};
use explorer::ground::{Named, futex, hint, thread};
use explorer::memory::{LOCATIONS_MAX, MESSAGES_MAX, THREADS_MAX};
use explorer::{Failure, Kind, Model};

fn refused(program: fn()) -> Box<Failure> {
    let failure = Model::new("past a limit").explore(program).unwrap_err();
    assert_eq!(failure.kind, Kind::Limit, "{failure}");
    failure
}

#[test]
fn as_many_threads_as_there_may_be_and_one_more() {
    fn spawn(threads: usize) {
        let handles: Vec<_> = (0..threads).map(|_| thread::spawn(|| ())).collect();
        for handle in handles {
            handle.join().unwrap();
        }
    }
    Model::new("the root is one")
        .explore(|| spawn(THREADS_MAX - 1))
        .unwrap();
    let failure = refused(|| spawn(THREADS_MAX));
    assert!(
        failure.sentence.contains("8 threads"),
        "{}",
        failure.sentence
    );
}

#[test]
fn as_many_atomics_as_there_may_be_and_one_more() {
    fn make(atomics: usize) {
        let made: Vec<_> = (0..atomics).map(|_| AtomicU32::new(0)).collect();
        for atomic in &made {
            atomic.store(1, Relaxed);
        }
    }
    Model::new("up to the limit")
        .explore(|| make(LOCATIONS_MAX))
        .unwrap();
    let failure = refused(|| make(LOCATIONS_MAX + 1));
    assert!(
        failure.sentence.contains("64 atomics"),
        "{}",
        failure.sentence
    );
}

#[test]
fn more_writes_than_somebody_may_still_read() {
    fn write(times: usize, while_somebody_may_read: bool) {
        let counter = Arc::new(AtomicU32::new(0).named("counter"));
        let reader = while_somebody_may_read.then(|| {
            let counter = Arc::clone(&counter);
            thread::spawn(move || counter.load(Relaxed))
        });
        for _ in 0..times {
            counter.store(1, Relaxed);
        }
        if let Some(reader) = reader {
            reader.join().unwrap();
        }
    }
    // What nobody can read any more is forgotten.
    Model::new("a long life")
        .explore(|| write(2 * MESSAGES_MAX, false))
        .unwrap();
    let failure = refused(|| write(MESSAGES_MAX + 1, true));
    assert!(
        failure.sentence.contains("250 times"),
        "{}",
        failure.sentence
    );
    assert!(failure.sentence.contains("counter"), "{}", failure.sentence);
}

#[test]
fn more_steps_than_a_run_may_take() {
    let count = |steps: u32| {
        move || {
            let counter = AtomicU32::new(0);
            for step in 0..steps {
                counter.store(step, Relaxed);
            }
        }
    };
    let model = Model::new("many steps").steps(100);
    assert!(model.explore(count(90)).unwrap().complete);
    let failure = model.explore(count(110)).unwrap_err();
    assert_eq!(failure.kind, Kind::Livelock, "{failure}");
    assert!(
        failure.sentence.contains("100 steps"),
        "{}",
        failure.sentence
    );
}

#[test]
fn too_large() {
    fn many() {
        let count = Arc::new(AtomicU32::new(0));
        let others = [(); 3].map(|()| {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                count.fetch_add(1, Relaxed);
                count.fetch_add(1, Relaxed);
            })
        });
        for other in others {
            other.join().unwrap();
        }
    }
    let small = Model::new("a small budget").states(20);
    let stats = small.explore(many).unwrap();
    assert!(!stats.complete);
    assert!(stats.states >= 20 && stats.executions > 0);
    let failure = small.outcomes(many).unwrap_err();
    assert_eq!(failure.kind, Kind::TooLarge);
    assert!(
        failure.sentence.contains(&stats.states.to_string()),
        "{failure}"
    );
    // It passes for a reader, with a note.
    assert!(!small.check(many).complete);
    assert!(Model::new("a right budget").explore(many).unwrap().complete);
}

#[test]
fn bad_schedule() {
    let model = Model::new("a schedule");
    let program = || {
        let flag = AtomicU32::new(0);
        flag.store(1, Relaxed);
        flag.store(2, Relaxed);
    };
    for (schedule, says) in
        [("0 1", "step 2"), ("0 x", "x"), ("-1", "-1"), ("0*", "0*")]
    {
        let failure = model.replay(schedule, program).unwrap_err();
        assert_eq!(failure.kind, Kind::BadSchedule, "{schedule:?}: {failure}");
        assert!(
            failure.sentence.contains(says),
            "{schedule:?} is refused with: {}",
            failure.sentence
        );
    }
    // Whatever is left out is done by default.
    for schedule in ["", "0", "0 0", "0*2"] {
        assert!(model.replay(schedule, program).is_ok(), "{schedule:?}");
    }
}

#[test]
fn a_panic_reaches_join() {
    let stats = Model::new("a panic of text").explore(|| {
        let text = thread::spawn(|| panic!("number {}", hint::black_box(7)))
            .join()
            .unwrap_err();
        assert_eq!(*text.downcast::<String>().unwrap(), "number 7");
        let value = thread::spawn(|| panic::panic_any(7_u32))
            .join()
            .unwrap_err();
        assert_eq!(*value.downcast::<u32>().unwrap(), 7);
    });
    assert!(stats.unwrap().complete);
}

#[test]
fn a_panic_of_the_root_is_the_failure() {
    let failure = Model::new("the root panics").explore(|| {
        let other = thread::spawn(|| panic!("first")).join();
        other.unwrap_or_else(|_| panic!("and then the root"));
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.kind, Kind::Assertion);
    assert!(
        failure.sentence.contains("and then the root"),
        "{}",
        failure.sentence
    );
}

#[test]
fn a_panic_drops_what_the_thread_held_and_poisons_its_lock() {
    let poisoned = Model::new("a panic under a lock").outcomes(|| {
        let lock = Arc::new(Mutex::new(0));
        let other = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                let _guard = lock.lock().unwrap();
                panic!("while it is held");
            }
        });
        let early = lock.lock().is_err();
        assert!(other.join().is_err());
        assert!(lock.is_poisoned());
        assert_eq!(Arc::strong_count(&lock), 1);
        early
    });
    let (poisoned, _) = poisoned.unwrap();
    assert!(poisoned.contains(&false) && poisoned.contains(&true));
}

/// What a thread returns is part of what the one that joins it knows.
#[test]
fn what_join_returns_counts() {
    let (ends, _) = Model::new("joined half-way")
        .outcomes(|| {
            let words = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
            let writer = thread::spawn({
                let words = Arc::clone(&words);
                move || words.iter().for_each(|word| word.store(1, SeqCst))
            });
            let reader = thread::spawn({
                let words = Arc::clone(&words);
                move || (words[0].load(SeqCst), words[0].load(SeqCst))
            });
            let read = reader.join().unwrap();
            let then = words[1].load(SeqCst);
            writer.join().unwrap();
            (read, then)
        })
        .unwrap();
    for end in [((0, 1), 0), ((0, 1), 1), ((1, 1), 0), ((1, 1), 1)] {
        assert!(ends.contains(&end), "{end:?} is not in {ends:?}");
    }
}

#[test]
fn recursion() {
    fn depth(counter: &AtomicU32, levels: u32) -> u32 {
        counter.fetch_add(1, Relaxed);
        if levels == 0 {
            0
        } else {
            1 + depth(counter, levels - 1)
        }
    }
    let stats = Model::new("recursion").explore(|| {
        let counter = Arc::new(AtomicU32::new(0));
        let other = thread::spawn({
            let counter = Arc::clone(&counter);
            move || {
                // A thread that spawns a thread, too.
                thread::spawn(move || depth(&counter, 2)).join().unwrap()
            }
        });
        assert_eq!(depth(&counter, 2), 2);
        assert_eq!(other.join().unwrap(), 2);
        assert_eq!(counter.load(Relaxed), 6);
    });
    assert!(stats.unwrap().complete);
    let deep = Model::new("deep, on one thread").explore(|| {
        assert_eq!(depth(&AtomicU32::new(0), 1_000), 1_000);
    });
    assert!(deep.unwrap().complete);
}

#[test]
fn a_model_in_a_model_is_refused() {
    let failure = Model::new("outer").explore(|| {
        let _ = Model::new("inner").explore(|| ());
    });
    let failure = failure.unwrap_err();
    assert_eq!(failure.kind, Kind::Assertion);
    assert!(
        failure.sentence.contains("inside another model"),
        "{failure}"
    );
    assert!(failure.sentence.contains("inner"), "{failure}");
    // And the next one is none the worse for it.
    assert!(Model::new("next").explore(|| ()).unwrap().complete);
}

#[test]
fn models_on_two_threads_at_once() {
    let meet = RealBarrier::new(2);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                meet.wait();
                let (outcomes, stats) = Model::new("at the same time")
                    .outcomes(|| {
                        let flags = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
                        let other = thread::spawn({
                            let flags = Arc::clone(&flags);
                            move || {
                                flags[0].store(1, Relaxed);
                                flags[1].load(Relaxed)
                            }
                        });
                        flags[1].store(1, Relaxed);
                        (flags[0].load(Relaxed), other.join().unwrap())
                    })
                    .unwrap();
                assert!(stats.complete);
                assert_eq!(outcomes.len(), 4);
            });
        }
    });
}

#[test]
fn a_failure_leaves_nothing_behind() {
    for _ in 0..20 {
        let failure = Model::new("fails with a sleeper").explore(|| {
            let flag = Arc::new(AtomicU32::new(0));
            let sleeper = thread::spawn({
                let flag = Arc::clone(&flag);
                move || futex::wait(&flag, 0)
            });
            assert_eq!(flag.load(Relaxed), 1, "at once");
            sleeper.join().unwrap();
        });
        assert_eq!(failure.unwrap_err().kind, Kind::Assertion);
        assert!(Model::new("passes").explore(|| ()).unwrap().complete);
    }
}

#[test]
fn atomics_outside_a_model_are_stds() {
    let counter = Arc::new(AtomicU32::new(0));
    let others: Vec<_> = (0..4)
        .map(|_| {
            let counter = Arc::clone(&counter);
            thread::spawn(move || {
                for _ in 0..1_000 {
                    counter.fetch_add(1, Relaxed);
                    hint::spin_loop();
                }
            })
        })
        .collect();
    for other in others {
        other.join().unwrap();
    }
    fence(SeqCst);
    assert_eq!(counter.load(Relaxed), 4_000);
    assert_eq!(
        counter.compare_exchange(4_000, 1, AcqRel, Acquire),
        Ok(4_000)
    );
    assert_eq!(counter.swap(2, SeqCst), 1);

    let mut value = 7;
    let pointer = AtomicPtr::new(&raw mut value);
    assert_eq!(pointer.load(Relaxed), &raw mut value);
}

#[test]
fn cells_and_the_futex_outside_a_model_are_real() {
    struct Shared {
        ready: AtomicU32,
        value: UnsafeCell<u32>,
    }
    // SAFETY: `value` is written before `ready` is set and read afterwards.
    unsafe impl Sync for Shared {}

    let shared = Arc::new(Shared {
        ready: AtomicU32::new(0),
        value: UnsafeCell::new(0),
    });
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            // SAFETY: not ready yet.
            shared.value.with_mut(|value| unsafe { *value = 7 });
            shared.ready.store(1, Release);
            futex::wake_all(&shared.ready);
        }
    });
    while shared.ready.load(Acquire) == 0 {
        futex::wait(&shared.ready, 0);
    }
    // SAFETY: ready.
    assert_eq!(shared.value.with(|value| unsafe { *value }), 7);
    other.join().unwrap();
    let started = Instant::now();
    futex::wait_timeout(&shared.ready, 1, Duration::from_millis(20));
    assert!(started.elapsed() >= Duration::from_millis(20));
}

#[test]
fn locks_and_channels_outside_a_model_are_real() {
    let shared = Arc::new((Mutex::new(0), Condvar::new(), Barrier::new(2)));
    let (sender, receiver) = mpsc::channel();
    let other = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            shared.2.wait();
            *shared.0.lock().unwrap() += 1;
            shared.1.notify_one();
            sender.send(7).unwrap();
        }
    });
    shared.2.wait();
    let mut count = shared.0.lock().unwrap();
    while *count == 0 {
        count = shared.1.wait(count).unwrap();
    }
    drop(count);
    assert_eq!(receiver.recv(), Ok(7));
    assert!(receiver.recv().is_err(), "the sender is gone");
    other.join().unwrap();

    let lock = RwLock::new(1);
    assert_eq!(*lock.read().unwrap() + *lock.read().unwrap(), 2);
    *lock.write().unwrap() = 2;
    assert_eq!(lock.into_inner().unwrap(), 2);
    let once = Once::new();
    once.call_once(|| ());
    assert!(once.is_completed());
    let cell = OnceLock::new();
    assert_eq!(*cell.get_or_init(|| 7), 7);
    let strong = Arc::new(7);
    let weak: Weak<u32> = Arc::downgrade(&strong);
    assert_eq!(weak.upgrade().as_deref(), Some(&7));
    drop(strong);
    assert!(weak.upgrade().is_none());
}
