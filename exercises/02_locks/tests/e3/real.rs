//! Graders of 02.3 on real threads: a crowd, and clocks that the model has not got.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use threadbare::testkit::{self, ThreadState};

use super::on_real::answer::Semaphore;

grading::graders![
    as_many_as_there_are_permits,
    a_limit_without_end,
    a_limit_that_is_over,
];

/// Eight threads, three permits: three meet inside, and never a fourth.
fn as_many_as_there_are_permits() {
    const PERMITS: usize = 3;
    const ROUNDS: usize = 2_000;
    let semaphore = Arc::new(Semaphore::new(PERMITS));
    let meeting = Arc::new(Barrier::new(PERMITS));
    let first: Vec<_> = (0..PERMITS)
        .map(|_| {
            let (semaphore, meeting) =
                (Arc::clone(&semaphore), Arc::clone(&meeting));
            thread::spawn(move || {
                grading::step("waiting inside for two others who hold a permit");
                let _permit = semaphore.acquire(1);
                meeting.wait();
            })
        })
        .collect();
    grading::step("waiting for 3 threads to meet, each with one of 3 permits");
    for thread in first {
        thread.join().expect("a panic would have ended the grader");
    }
    let inside = Arc::new(AtomicUsize::new(0));
    let crowd: Vec<_> = (1..=8)
        .map(|number| {
            let (semaphore, inside) = (Arc::clone(&semaphore), Arc::clone(&inside));
            let thread = thread::Builder::new().name(format!("thread {number}"));
            let run = move || {
                for round in 0..ROUNDS {
                    grading::step("taking permits in a crowd: was a wake-up lost?");
                    // One or two, so that some sleepers need more than others.
                    let count = 1 + (number + round) % 2;
                    let permits = semaphore.acquire(count);
                    let now = inside.fetch_add(count, SeqCst) + count;
                    assert!(
                        now <= PERMITS,
                        "{now} permits were held at the same time, of {PERMITS}"
                    );
                    if round % 8 == 0 {
                        thread::yield_now();
                    }
                    inside.fetch_sub(count, SeqCst);
                    drop(permits);
                }
            };
            thread.spawn(run).expect("a grader may start a thread")
        })
        .collect();
    grading::step("waiting for 8 threads that take and give back permits");
    for thread in crowd {
        thread.join().expect("a panic would have ended the grader");
    }
    let free = semaphore.available();
    assert!(
        free == PERMITS,
        "all {PERMITS} permits have been given back, and available() is {free}"
    );
}

/// There is no such point in time.
fn a_limit_without_end() {
    let semaphore = Arc::new(Semaphore::new(1));
    let permit = semaphore.acquire(1);
    let waits = {
        let semaphore = Arc::clone(&semaphore);
        thread::Builder::new()
            .name("patient".to_owned())
            .spawn(move || {
                grading::step("taking a permit with the limit Duration::MAX");
                semaphore.acquire_timeout(1, Duration::MAX).is_some()
            })
            .expect("a grader may start a thread")
    };
    // Until it waits, or nobody can say whether it does.
    let waits_by_now = |state: &ThreadState| {
        state.name == "patient"
            && (state.kernel.starts_with("asleep") || state.kernel == "unknown")
    };
    while !waits.is_finished() && !testkit::threads().iter().any(waits_by_now) {
        thread::yield_now();
    }
    drop(permit);
    grading::step(
        "waiting for acquire_timeout(1, Duration::MAX): a permit has come",
    );
    let got = waits.join().expect("a panic would have ended the grader");
    assert!(
        got,
        "a permit came back, but acquire_timeout(1, Duration::MAX) gave None"
    );
}

fn a_limit_that_is_over() {
    let semaphore = Semaphore::new(1);
    grading::step("waiting 5 ms for 2 permits, and there is only 1");
    let permits = semaphore.acquire_timeout(2, Duration::from_millis(5));
    assert!(
        permits.is_none(),
        "there is only 1 permit, but acquire_timeout(2, 5 ms) gave two"
    );
}
