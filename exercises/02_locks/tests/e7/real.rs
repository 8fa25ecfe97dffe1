//! Graders of 02.7 on real threads: many who use it, and some who close it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use super::on_real::answer::Locker;

grading::graders![three_use_it_at_the_same_time, everybody_at_once];

fn spawn<T: Send + 'static>(
    name: String,
    run: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = thread::Builder::new().name(name);
    thread.spawn(run).expect("a grader may start a thread")
}

fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("a panic would have ended the grader")
}

fn three_use_it_at_the_same_time() {
    let locker = Locker::new(Barrier::new(3));
    let users: Vec<_> = (1..=3)
        .map(|number| {
            let locker = locker.clone();
            spawn(format!("user {number}"), move || {
                grading::step(
                    "beginning to use the client: does it wait for others?",
                );
                let used = locker.with(|meeting| {
                    grading::step("using the client until all three do");
                    meeting.wait();
                });
                assert!(
                    used.is_ok(),
                    "nobody has closed the client, but with gave Err"
                );
            })
        })
        .collect();
    grading::step("waiting for three threads that use the client at the same time");
    users.into_iter().for_each(join);
}

/// What a client knows.
struct Client {
    inside: AtomicUsize,
    is_down: AtomicBool,
}

/// Three that use it as long as they can, and two that close it: again and again.
fn everybody_at_once() {
    const ROUNDS: usize = 300;
    for round in 1..=ROUNDS {
        let locker = Locker::new(Arc::new(Client {
            inside: AtomicUsize::new(0),
            is_down: AtomicBool::new(false),
        }));
        let users: Vec<_> = (1..=3)
            .map(|number| {
                let locker = locker.clone();
                spawn(format!("user {number}"), move || {
                    grading::step("using the client until it is closed");
                    let query = |client: &Arc<Client>| {
                        client.inside.fetch_add(1, SeqCst);
                        assert!(
                            !client.is_down.load(SeqCst),
                            "a client is used that was handed out by close"
                        );
                        client.inside.fetch_sub(1, SeqCst);
                    };
                    while locker.with(query).is_ok() {
                        // So that somebody who wants to close it gets a chance.
                        thread::yield_now();
                    }
                })
            })
            .collect();
        let closers: Vec<_> = (1..=2)
            .map(|number| {
                let locker = locker.clone();
                spawn(format!("closer {number}"), move || {
                    grading::step("closing the client while three others use it");
                    let Ok(client) = locker.close() else {
                        return false;
                    };
                    client.is_down.store(true, SeqCst);
                    let inside = client.inside.load(SeqCst);
                    assert!(
                        inside == 0,
                        "close handed out the client while {inside} were using it"
                    );
                    true
                })
            })
            .collect();
        grading::step(format!(
            "waiting for two threads that close the client, in round {round} of {ROUNDS}"
        ));
        let got_it = closers.into_iter().map(join).filter(|it| *it).count();
        assert!(
            got_it == 1,
            "of 2 calls of close one gets the client, but it was handed out {got_it} \
             times"
        );
        grading::step("waiting for three threads that are told that it is closed");
        users.into_iter().for_each(join);
    }
}
