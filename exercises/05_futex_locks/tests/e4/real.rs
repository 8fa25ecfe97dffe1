//! Graders of 05.4 on real threads: sleepers that the kernel knows, and a crowd.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{self, JoinHandle};

use super::on_real::answer::Semaphore;

grading::graders![who_waits_is_asleep, as_many_as_there_are_permits];

fn start(name: String, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = thread::Builder::new().name(name);
    thread.spawn(run).expect("a grader may start a thread")
}

/// Three sleep, and three permits come at once.
fn who_waits_is_asleep() {
    let semaphore = Arc::new(Semaphore::new(0));
    let names = ["waits 1", "waits 2", "waits 3"];
    let waiters = names.map(|name| {
        let semaphore = Arc::clone(&semaphore);
        start(name.to_owned(), move || {
            grading::step("waiting for a permit");
            let permit = semaphore.acquire();
            let _kept = std::mem::ManuallyDrop::new(permit);
        })
    });
    grading::step("waiting until three threads that want a permit sleep");
    grading::until_asleep(&names);
    semaphore.release(3);
    grading::step("waiting for three threads that slept; there are three permits");
    for waiter in waiters {
        waiter.join().expect("a panic would have ended the grader");
    }
    let free = semaphore.available();
    assert!(
        free == 0,
        "3 permits came, 3 were taken, and available() is {free}"
    );
}

/// Eight threads, three permits: never a fourth is inside.
fn as_many_as_there_are_permits() {
    const PERMITS: usize = 3;
    const ROUNDS: usize = 2_000;
    let semaphore = Arc::new(Semaphore::new(PERMITS));
    let inside = Arc::new(AtomicUsize::new(0));
    let crowd: Vec<_> = (1..=8)
        .map(|number| {
            let (semaphore, inside) = (Arc::clone(&semaphore), Arc::clone(&inside));
            start(format!("thread {number}"), move || {
                for round in 0..ROUNDS {
                    grading::step("taking permits in a crowd: was a wake-up lost?");
                    let permit = semaphore.acquire();
                    let now = inside.fetch_add(1, SeqCst) + 1;
                    assert!(
                        now <= PERMITS,
                        "{now} permits were held at the same time, of {PERMITS}"
                    );
                    if round % 64 == 0 {
                        thread::yield_now();
                    }
                    inside.fetch_sub(1, SeqCst);
                    drop(permit);
                }
            })
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
