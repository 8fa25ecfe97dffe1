//! Graders of 11.3 on real threads: a loop that sleeps, and a crowd that pushes.

use std::sync::Arc;
use std::thread;

use super::on_real::answer::{Bell, Inbox};

grading::graders![who_sleeps_wakes_up, a_crowd];

fn start<T: Send + 'static>(
    name: impl Into<String>,
    run: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let thread = thread::Builder::new().name(name.into());
    thread.spawn(run).expect("a grader may start a thread")
}

fn who_sleeps_wakes_up() {
    let bell = Arc::new(Bell::new());
    let inbox = Arc::new(Inbox::new(Arc::clone(&bell)));
    for message in 1..=3 {
        let theirs = Arc::clone(&inbox);
        let takes = start("the-loop", move || {
            grading::step("sleeping in take(), until a message comes");
            let mut got = Vec::new();
            theirs.take(&mut got);
            got
        });
        grading::step("waiting until the loop sleeps");
        grading::until_asleep(&["the-loop"]);
        inbox.push(message);
        grading::step("waiting for the loop: a message was pushed while it slept");
        let got = takes.join().expect("it did not panic");
        assert!(
            got == [message],
            "message {message} was pushed, and take() got {got:?}"
        );
    }
}

fn a_crowd() {
    const THREADS: usize = 4;
    const EACH: usize = 3_000;
    let bell = Arc::new(Bell::new());
    let inbox = Arc::new(Inbox::new(Arc::clone(&bell)));
    let threads = Vec::from_iter((0..THREADS).map(|number| {
        let inbox = Arc::clone(&inbox);
        start(format!("handler {number}"), move || {
            grading::step("pushing");
            for message in 0..EACH {
                inbox.push(number * EACH + message);
                if message % 16 == 0 {
                    thread::yield_now();
                }
            }
        })
    }));
    let mut got = Vec::new();
    while got.len() < THREADS * EACH {
        grading::step(
            "in take(), and not all messages have come: was a wake-up lost?",
        );
        inbox.take(&mut got);
    }
    for thread in threads {
        thread.join().expect("a panic would have ended the grader");
    }
    let mut next = [0; THREADS];
    for message in got {
        let (number, place) = (message / EACH, message % EACH);
        assert!(
            next[number] == place,
            "handler {number} has pushed its messages in order, and number {place} came where \
             it has to be number {}",
            next[number]
        );
        next[number] += 1;
    }
}
