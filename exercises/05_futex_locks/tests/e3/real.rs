//! Graders of 05.3 on real threads: who sleeps behind whom, and a crowd.

use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, JoinHandle};

use super::on_real::answer::RwLock;

grading::graders![a_writer_goes_first, a_crowd_reads_and_writes];

fn start(name: String, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = thread::Builder::new().name(name);
    thread.spawn(run).expect("a grader may start a thread")
}

/// A reader is in; a writer sleeps; then another reader comes.
fn a_writer_goes_first() {
    let lock = Arc::new(RwLock::new(0));
    let order = Arc::new(Mutex::new(Vec::new()));
    let guard = lock.read();
    let note = |who: &'static str| {
        let order = Arc::clone(&order);
        move || order.lock().expect("nobody panics with it").push(who)
    };
    let writer = {
        let (lock, note) = (Arc::clone(&lock), note("the writer"));
        start("writer".to_owned(), move || {
            grading::step("waiting for the lock, to write");
            let mut guard = lock.write();
            note();
            *guard += 1;
        })
    };
    grading::step("waiting until a writer sleeps, since a reader is in");
    grading::until_asleep(&["writer"]);
    let gate = Arc::new(Barrier::new(2));
    let reader = {
        let (lock, note) = (Arc::clone(&lock), note("the second reader"));
        let gate = Arc::clone(&gate);
        start("reader".to_owned(), move || {
            grading::step("waiting for the lock, to read");
            let guard = lock.read();
            note();
            drop(guard);
            // If it got in at once, it sleeps here.
            gate.wait();
        })
    };
    grading::step("waiting until a reader sleeps, since a writer waits");
    grading::until_asleep(&["reader"]);
    drop(guard);
    grading::step("waiting for a writer and a reader; the lock is free");
    gate.wait();
    for thread in [writer, reader] {
        thread.join().expect("a panic would have ended the grader");
    }
    let order = order.lock().expect("nobody panics with it");
    // Where nobody knows who sleeps, both may have been on their way.
    assert!(
        *order == ["the writer", "the second reader"] || !cfg!(target_os = "linux"),
        "a reader was in and a writer slept when a second reader came; it was to get in \
         after the writer, and first came {}",
        order.first().unwrap_or(&"nobody")
    );
}

/// Six readers and two writers. Both halves of what they read are of one writer.
fn a_crowd_reads_and_writes() {
    const THREADS: u64 = 8;
    const ROUNDS: u64 = 1_000;
    let lock = Arc::new(RwLock::new((0_u64, 0_u64)));
    let crowd: Vec<_> = (0..THREADS)
        .map(|number| {
            let lock = Arc::clone(&lock);
            start(format!("thread {number}"), move || {
                for round in 0..ROUNDS {
                    grading::step("in a crowd: was a wake-up lost?");
                    if number < 2 {
                        let mut guard = lock.write();
                        guard.0 += 1;
                        if round % 64 == 0 {
                            thread::yield_now();
                        }
                        guard.1 += 1;
                    } else {
                        let guard = lock.read();
                        let (one, other) = *guard;
                        assert!(
                            one == other,
                            "a reader was in together with a writer, and got {one} and \
                             {other}, which a writer counts up together"
                        );
                    }
                }
            })
        })
        .collect();
    grading::step("waiting for 6 readers and 2 writers");
    for thread in crowd {
        thread.join().expect("a panic would have ended the grader");
    }
    let (one, _) = *lock.read();
    assert!(
        one == 2 * ROUNDS,
        "two writers counted to {} together, and it is {one}",
        2 * ROUNDS
    );
}
