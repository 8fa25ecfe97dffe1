//! Graders of 05.2 on real threads: sleepers that the kernel knows, and a crowd.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, JoinHandle};

use super::on_real::answer::Condvar;
use super::on_real::answer::given::Mutex;

grading::graders![one_of_two_is_woken, a_crowd_is_told];

/// A number, and where to wait until it changes.
struct Stage {
    number: Mutex<u64>,
    changed: Condvar,
}

impl Stage {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            number: Mutex::new(0),
            changed: Condvar::new(),
        })
    }
}

fn start(name: String, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = thread::Builder::new().name(name);
    thread.spawn(run).expect("a grader may start a thread")
}

/// Two sleep, and one notification comes. It ends one wait, not both.
fn one_of_two_is_woken() {
    let stage = Stage::new();
    let woken = Arc::new(AtomicUsize::new(0));
    let names = ["waits 1", "waits 2"];
    let waiters = names.map(|name| {
        let (stage, woken) = (Arc::clone(&stage), Arc::clone(&woken));
        start(name.to_owned(), move || {
            grading::step("waiting to be notified");
            let mut guard = stage.number.lock();
            let mut is_first = true;
            while *guard == 0 {
                guard = stage.changed.wait(guard);
                // Whoever comes back waits again, and is counted once.
                woken.fetch_add(usize::from(is_first), SeqCst);
                is_first = false;
            }
        })
    });
    grading::step("waiting until two threads that wait to be notified sleep");
    grading::until_asleep(&names);
    stage.changed.notify_one();
    grading::step("waiting until both sleep again, and one has been awake");
    // One that is woken may not have come back yet.
    while woken.load(SeqCst) == 0 {
        thread::yield_now();
    }
    grading::until_asleep(&names);
    let count = woken.load(SeqCst);
    // Where nobody knows who sleeps, both may have been on their way to bed.
    assert!(
        count == 1 || !cfg!(target_os = "linux"),
        "two threads slept, notify_one was called once, and {count} waits ended"
    );
    *stage.number.lock() = 1;
    stage.changed.notify_all();
    grading::step("waiting for two threads after notify_all");
    for waiter in waiters {
        waiter.join().expect("a panic would have ended the grader");
    }
}

/// Four threads take turns, and each change is told to all.
fn a_crowd_is_told() {
    const THREADS: u64 = 4;
    const TURNS: u64 = 1_000;
    let stage = Stage::new();
    let crowd: Vec<_> = (0..THREADS)
        .map(|number| {
            let stage = Arc::clone(&stage);
            start(format!("thread {number}"), move || {
                for _ in 0..TURNS {
                    grading::step("waiting for its turn: was a wake-up lost?");
                    let mut guard = stage.number.lock();
                    while *guard % THREADS != number {
                        guard = stage.changed.wait(guard);
                    }
                    *guard += 1;
                    drop(guard);
                    stage.changed.notify_all();
                }
            })
        })
        .collect();
    grading::step("waiting for 4 threads that take turns");
    for thread in crowd {
        thread.join().expect("a panic would have ended the grader");
    }
    let turns = *stage.number.lock();
    assert!(
        turns == THREADS * TURNS,
        "4 threads took {TURNS} turns each, and the number is {turns}"
    );
}
