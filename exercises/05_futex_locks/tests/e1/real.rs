//! Graders of 05.1 on real threads: a crowd, and a sleeper that the kernel knows.

use std::sync::{Arc, Barrier};
use std::thread;

use super::on_real::answer::Mutex;

grading::graders![who_waits_is_asleep, a_crowd_counts];

/// A thread that waits takes no time of any processor, and is woken.
fn who_waits_is_asleep() {
    let mutex = Arc::new(Mutex::new(0));
    let guard = mutex.lock();
    let waits = {
        let mutex = Arc::clone(&mutex);
        thread::Builder::new()
            .name("waits".to_owned())
            .spawn(move || {
                grading::step("waiting for the lock");
                *mutex.lock() += 1;
            })
            .expect("a grader may start a thread")
    };
    grading::step("waiting until a thread that wants the lock sleeps");
    grading::until_asleep(&["waits"]);
    drop(guard);
    grading::step("waiting for a thread that slept; the lock is free by now");
    waits.join().expect("a panic would have ended the grader");
    let count = *mutex.lock();
    assert!(count == 1, "1 was added under the lock once, to {count}");
}

/// More threads than processors, so that they are interrupted inside, too.
fn a_crowd_counts() {
    const THREADS: u64 = 8;
    const ROUNDS: u64 = 2_000;
    let mutex = Arc::new(Mutex::new(0_u64));
    let ready = Arc::new(Barrier::new(THREADS as usize));
    let crowd: Vec<_> = (1..=THREADS)
        .map(|number| {
            let (mutex, ready) = (Arc::clone(&mutex), Arc::clone(&ready));
            let thread = thread::Builder::new().name(format!("thread {number}"));
            let run = move || {
                ready.wait();
                for round in 0..ROUNDS {
                    grading::step("locking in a crowd: was a wake-up lost?");
                    let mut guard = mutex.lock();
                    if round % 64 == 0 {
                        thread::yield_now();
                    }
                    *guard += 1;
                }
            };
            thread.spawn(run).expect("a grader may start a thread")
        })
        .collect();
    grading::step("waiting for 8 threads that count under the lock");
    for thread in crowd {
        thread.join().expect("a panic would have ended the grader");
    }
    let (count, right) = (*mutex.lock(), THREADS * ROUNDS);
    assert!(
        count == right,
        "1 was added under the lock {right} times, and the value is {count}"
    );
}
