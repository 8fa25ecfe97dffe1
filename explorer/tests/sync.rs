//! Each type of `ground::sync` and `ground::thread` in a model: all that it can lead to, and
//! what a program fails by that uses it wrongly.

#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeSet;
use std::fmt::Debug;

use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
use explorer::ground::os::WakeCell;
use explorer::ground::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use explorer::ground::sync::{
    Arc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock, Weak,
};
use explorer::ground::time::{Duration, Instant};
use explorer::ground::{Static, thread};
use explorer::{Failure, Kind, Model};

const SECOND: Duration = Duration::from_secs(1);

/// All that `program` can return.
fn outcomes<T: Ord + 'static>(program: impl Fn() -> T + 'static) -> BTreeSet<T> {
    match Model::new("all outcomes").outcomes(program) {
        Ok((outcomes, _)) => outcomes,
        Err(failure) => panic!("{failure}"),
    }
}

fn fails(program: impl Fn() + 'static) -> Box<Failure> {
    Model::new("a fault")
        .explore(program)
        .expect_err("it is wrong")
}

#[track_caller]
fn equal<T: Ord + Debug, const N: usize>(outcomes: BTreeSet<T>, right: [T; N]) {
    assert_eq!(outcomes, BTreeSet::from(right));
}

fn two<T: 'static + Send>(
    one: impl FnOnce() -> T + Send + 'static,
    other: impl FnOnce() -> T + Send + 'static,
) -> (T, T) {
    let (one, other) = (thread::spawn(one), thread::spawn(other));
    (one.join().unwrap(), other.join().unwrap())
}

#[test]
fn a_mutex_lets_one_in_and_is_taken_in_any_order() {
    equal(
        outcomes(|| {
            let order = Arc::new(Mutex::new(Vec::new()));
            let push = |name| {
                let order = Arc::clone(&order);
                move || order.lock().unwrap().push(name)
            };
            two(push('a'), push('b'));
            let order = order.lock().unwrap();
            order.clone()
        }),
        [vec!['a', 'b'], vec!['b', 'a']],
    );
}

#[test]
fn two_locks_in_two_orders_deadlock() {
    let failure = fails(|| {
        let (one, other) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        let (mine, yours) = (Arc::clone(&one), Arc::clone(&other));
        let thread = thread::spawn(move || {
            let _first = yours.lock();
            let _second = mine.lock();
        });
        {
            let _first = one.lock();
            let _second = other.lock();
        }
        thread.join().unwrap();
    });
    assert_eq!(failure.kind, Kind::Deadlock, "{failure}");
    assert!(
        failure.sentence.contains("each waits for another"),
        "{failure}"
    );
}

#[test]
fn a_mutex_that_is_locked_twice_deadlocks() {
    let failure = fails(|| {
        let lock = Mutex::new(());
        let _one = lock.lock();
        let _other = lock.lock();
    });
    assert_eq!(failure.kind, Kind::Deadlock, "{failure}");
}

#[test]
fn any_sleeper_may_be_the_one_that_is_notified() {
    let woken = outcomes(|| {
        let shared = Arc::new((Mutex::new(0), Condvar::new()));
        let sleeper = |name| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let (turn, changed) = &*shared;
                let turn = turn.lock().unwrap();
                let mut turn = changed.wait_while(turn, |turn| *turn == 0).unwrap();
                *turn = name;
                changed.notify_one();
            })
        };
        let sleepers = [sleeper(1), sleeper(2)];
        let (turn, changed) = &*shared;
        *turn.lock().unwrap() = 9;
        changed.notify_one();
        for sleeper in sleepers {
            sleeper.join().unwrap();
        }
        *turn.lock().unwrap()
    });
    equal(woken, [1, 2]);
}

#[test]
fn a_notification_before_the_sleep_is_lost() {
    let failure = fails(|| {
        let shared = Arc::new((Mutex::new(()), Condvar::new()));
        let other = Arc::clone(&shared);
        let thread = thread::spawn(move || other.1.notify_all());
        let guard = shared.0.lock().unwrap();
        drop(shared.1.wait(guard).unwrap());
        thread.join().unwrap();
    });
    assert_eq!(failure.kind, Kind::LostWakeUp, "{failure}");
}

#[test]
fn readers_meet_and_writers_do_not() {
    let together = outcomes(|| {
        let lock = Arc::new(RwLock::new(()));
        let inside = Arc::new(AtomicU32::new(0));
        let read = || {
            let (lock, inside) = (Arc::clone(&lock), Arc::clone(&inside));
            move || {
                let _held = lock.read().unwrap();
                // ORDERING: Relaxed, both. How many, and nothing else.
                let most = inside.fetch_add(1, Relaxed) + 1;
                inside.fetch_sub(1, Relaxed);
                most
            }
        };
        let (one, other) = two(read(), read());
        one.max(other)
    });
    equal(together, [1, 2]);
    let together = outcomes(|| {
        let lock = Arc::new(RwLock::new(0));
        let write = || {
            let lock = Arc::clone(&lock);
            move || {
                let mut held = lock.write().unwrap();
                *held += 1;
                *held
            }
        };
        two(write(), write())
    });
    equal(together, [(1, 2), (2, 1)]);
}

#[test]
fn a_barrier_has_one_leader_whoever_it_is() {
    let leaders = outcomes(|| {
        let barrier = Arc::new(Barrier::new(2));
        let meet = || {
            let barrier = Arc::clone(&barrier);
            move || barrier.wait().is_leader()
        };
        two(meet(), meet())
    });
    equal(leaders, [(false, true), (true, false)]);
    let failure = fails(|| {
        let barrier = Barrier::new(2);
        barrier.wait();
    });
    assert_eq!(failure.kind, Kind::Deadlock, "{failure}");
}

#[test]
fn once_is_once() {
    let calls = outcomes(|| {
        let once = Arc::new((Once::new(), AtomicU32::new(0)));
        let call = || {
            let once = Arc::clone(&once);
            move || {
                // ORDERING: Relaxed, both. `call_once` orders them.
                once.0.call_once(|| {
                    once.1.fetch_add(1, Relaxed);
                });
                once.1.load(Relaxed)
            }
        };
        two(call(), call())
    });
    equal(calls, [(1, 1)]);
    let values = outcomes(|| {
        let cell = Arc::new(OnceLock::new());
        let first = |value| {
            let cell = Arc::clone(&cell);
            move || (cell.get().copied(), *cell.get_or_init(|| value))
        };
        two(first(1), first(2))
    });
    assert!(
        values.iter().all(|(one, other)| one.1 == other.1),
        "{values:?}"
    );
    assert_eq!(values.len(), 4, "{values:?}");
}

#[test]
fn once_within_itself_waits_for_ever() {
    let failure = fails(|| {
        let once = Once::new();
        once.call_once(|| once.call_once(|| ()));
    });
    assert_eq!(failure.kind, Kind::Deadlock, "{failure}");
}

#[test]
fn messages_of_one_sender_keep_their_order() {
    let received = outcomes(|| {
        let (sender, receiver) = mpsc::channel();
        let other = sender.clone();
        let one = thread::spawn(move || {
            sender.send('a').unwrap();
            sender.send('b').unwrap();
        });
        let two = thread::spawn(move || other.send('x').unwrap());
        let all: String = receiver.iter().collect();
        one.join().unwrap();
        two.join().unwrap();
        all
    });
    equal(received, ["abx", "axb", "xab"].map(str::to_owned));
}

#[test]
fn a_receiver_sees_a_channel_that_is_empty_full_or_closed() {
    let seen = outcomes(|| {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || sender.send(()).unwrap());
        let seen = receiver.try_recv();
        thread.join().unwrap();
        assert!(seen.is_ok() || receiver.recv().is_ok());
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
        seen.is_ok()
    });
    equal(seen, [false, true]);
    let seen = outcomes(|| {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || sender.send(()).is_ok());
        let seen = receiver.recv_timeout(SECOND);
        drop(receiver);
        (
            seen == Err(RecvTimeoutError::Timeout),
            thread.join().unwrap(),
        )
    });
    equal(seen, [(false, true), (true, false), (true, true)]);
}

#[test]
fn a_receiver_whose_sender_stays_waits_for_ever() {
    let failure = fails(|| {
        let (sender, receiver) = mpsc::channel::<()>();
        assert!(receiver.recv().is_err());
        drop(sender);
    });
    assert_eq!(failure.kind, Kind::Deadlock, "{failure}");
    assert!(
        failure.sentence.contains("main waits at sync.rs"),
        "{failure}"
    );
    assert!(failure.sentence.contains("in recv(receiver)"), "{failure}");
}

#[test]
fn a_loop_that_polls_ends_when_there_is_something() {
    for seen in outcomes(|| {
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || sender.send(7).unwrap());
        let mut rounds = 0_u32;
        let got = loop {
            match receiver.try_recv() {
                Ok(got) => break got,
                Err(_) => rounds += 1,
            }
            thread::yield_now();
        };
        thread.join().unwrap();
        (got, rounds.min(2))
    }) {
        assert_eq!(seen.0, 7);
    }
    let held = outcomes(|| {
        let lock = Arc::new(Mutex::new(0));
        let other = Arc::clone(&lock);
        let thread = thread::spawn(move || *other.lock().unwrap() += 1);
        loop {
            if let Ok(mut value) = lock.try_lock() {
                *value += 1;
                break;
            }
            explorer::ground::hint::spin_loop();
        }
        thread.join().unwrap();
        *lock.lock().unwrap()
    });
    equal(held, [2]);
}

#[test]
fn a_rendezvous_waits_for_its_receiver() {
    let order = outcomes(|| {
        let (sender, receiver) = mpsc::sync_channel(0);
        let log = Arc::new(Mutex::new(String::new()));
        let theirs = Arc::clone(&log);
        let thread = thread::spawn(move || {
            theirs.lock().unwrap().push('r');
            receiver.recv().unwrap();
        });
        sender.send(()).unwrap();
        log.lock().unwrap().push('s');
        thread.join().unwrap();
        log.lock().unwrap().clone()
    });
    equal(order, ["rs".to_owned()]);
}

#[test]
fn a_token_waits_for_its_park() {
    let stats = Model::new("unpark first").spurious(false).explore(|| {
        thread::current().unpark();
        thread::park();
    });
    assert!(stats.unwrap().complete);
    let failure = Model::new("park twice").spurious(false).explore(|| {
        thread::current().unpark();
        thread::current().unpark();
        thread::park();
        thread::park();
    });
    assert_eq!(failure.unwrap_err().kind, Kind::LostWakeUp);
}

#[test]
fn wake_ups_of_a_cell_add_up() {
    let counts = outcomes(|| {
        let cell = Arc::new(WakeCell::new());
        let other = Arc::clone(&cell);
        let thread = thread::spawn(move || {
            other.wake();
            other.wake();
        });
        let first = cell.wait();
        thread.join().unwrap();
        let rest = cell.wait_timeout(Duration::ZERO);
        (first, rest)
    });
    equal(counts, [(1, Some(1)), (2, None)]);
}

/// The last owner knows all that the others did, so it may look at plain memory.
#[test]
fn the_last_owner_knows_what_the_others_did() {
    struct Log(explorer::ground::cell::UnsafeCell<u32>, AtomicU32);
    // SAFETY: whoever writes the cell is alone with it: see below.
    #[allow(unsafe_code, reason = "a cell that is shared")]
    unsafe impl Sync for Log {}
    impl Drop for Log {
        fn drop(&mut self) {
            *self.0.get_mut() += 1;
        }
    }
    let stats = Model::new("two owners").explore(|| {
        let cell = explorer::ground::cell::UnsafeCell::new(0);
        let log = Arc::new(Log(cell, AtomicU32::new(0)));
        let use_it = |log: &Log| {
            // ORDERING: Relaxed. The first one writes, and nobody else looks.
            if log.1.fetch_add(1, Relaxed) == 0 {
                // SAFETY: only the thread that came first is here.
                #[allow(unsafe_code, reason = "the cell's own access")]
                log.0.with_mut(|value| unsafe { *value += 1 });
            }
        };
        let other = Arc::clone(&log);
        let thread = thread::spawn(move || use_it(&other));
        use_it(&log);
        drop(log);
        thread.join().unwrap();
    });
    match stats {
        Ok(stats) => assert!(stats.complete),
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn what_owns_itself_leaks() {
    struct Node(#[allow(dead_code, reason = "owned")] Mutex<Option<Arc<Node>>>);
    let failure = fails(|| {
        let node = Arc::new(Node(Mutex::new(None)));
        *node.0.lock().unwrap() = Some(Arc::clone(&node));
    });
    assert_eq!(failure.kind, Kind::Leak, "{failure}");
    let seen = outcomes(|| {
        let owner = Arc::new(1);
        let weak: Weak<i32> = Arc::downgrade(&owner);
        let thread = thread::spawn(move || drop(owner));
        let seen = weak.upgrade().is_some();
        thread.join().unwrap();
        assert!(weak.upgrade().is_none());
        seen
    });
    equal(seen, [false, true]);
}

/// A model's clock stands still until somebody waits for it.
#[test]
fn time_passes_when_nobody_can_do_anything_else() {
    let stats = Model::new("sleep").explore(|| {
        let start = Instant::now();
        assert_eq!(start.elapsed(), Duration::ZERO);
        thread::sleep(SECOND);
        assert!(start.elapsed() >= SECOND && start.elapsed() < 2 * SECOND);
        thread::park_timeout(SECOND);
    });
    assert!(stats.unwrap().complete);
}

static CALLS: Static<Mutex<u32>> = Static::new(|| Mutex::new(0));

/// Each run begins with a new one.
#[test]
fn a_static_is_new_in_each_run_and_older_than_its_threads() {
    let calls = outcomes(|| {
        let thread = thread::spawn(|| *CALLS.lock().unwrap() += 1);
        *CALLS.lock().unwrap() += 1;
        thread.join().unwrap();
        *CALLS.lock().unwrap()
    });
    equal(calls, [2]);
}

/// Thread 1 and main meet the poison that thread 2 left: thread 2 is the reason.
#[test]
fn the_first_panic_is_the_one_that_is_told() {
    for joins in [false, true] {
        let model = Model::new("one dies in there, and two find out");
        let failure = model.explore(move || {
            let shared = Arc::new(Mutex::new(0));
            let theirs = Arc::clone(&shared);
            let finds_out = thread::spawn(move || *theirs.lock().unwrap() += 1);
            let theirs = Arc::clone(&shared);
            let dies = thread::spawn(move || {
                let _held = theirs.lock();
                panic!("the line is down");
            });
            if joins {
                finds_out.join().unwrap();
            } else {
                *shared.lock().unwrap() += 1;
            }
            drop(dies);
        });
        let failure = failure.unwrap_err();
        assert_eq!(failure.sentence, "the line is down", "{failure}");
    }
}

/// Who waits for ever is woken, or nobody is left: no time passes that is not there.
#[test]
fn a_limit_beyond_all_clocks_never_ends_a_wait() {
    let waits = |notifies: bool| {
        let model = Model::new("one waits for ever");
        model.outcomes(move || {
            let shared = Arc::new((Mutex::new(false), Condvar::new()));
            let theirs = Arc::clone(&shared);
            let waiter = thread::spawn(move || {
                let (is_set, is_true) = &*theirs;
                let guard = is_set.lock().unwrap();
                let limit = Duration::MAX;
                let wait = is_true.wait_timeout_while(guard, limit, |it| !*it);
                wait.unwrap().1.timed_out()
            });
            if notifies {
                *shared.0.lock().unwrap() = true;
                shared.1.notify_one();
            }
            waiter.join().unwrap()
        })
    };
    let (outcomes, _) = waits(true).unwrap();
    assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), [false]);
    assert_eq!(waits(false).unwrap_err().kind, Kind::LostWakeUp);
    let too_far = Model::new("a moment").outcomes(|| {
        let now = Instant::now();
        now.checked_add(Duration::MAX).is_none()
            && now.checked_add(Duration::from_secs(3600)).is_some()
    });
    assert!(too_far.unwrap().0.contains(&true));
}

/// Most systems make a reader wait behind a writer that waits, so who reads twice may wait
/// for itself.
#[test]
fn who_reads_twice_may_wait_behind_a_writer() {
    let reads = |twice: bool| {
        let model = Model::new("a reader and a writer");
        model.explore(move || {
            let pages = Arc::new(RwLock::new(0));
            let theirs = Arc::clone(&pages);
            let writer = thread::spawn(move || *theirs.write().unwrap() += 1);
            let first = pages.read().unwrap();
            if twice {
                assert_eq!(*first, *pages.read().unwrap());
            }
            drop(first);
            writer.join().unwrap();
        })
    };
    assert!(reads(false).unwrap().complete);
    let failure = reads(true).unwrap_err();
    assert_eq!(failure.kind, Kind::Deadlock);
    assert!(
        failure.sentence.contains("behind a writer"),
        "{}",
        failure.sentence
    );
}
