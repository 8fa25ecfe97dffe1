//! Graders of 05.5 on real threads: sleepers that the kernel knows, and clocks that the
//! model has not got.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use super::on_real::answer::Event;

grading::graders![
    who_waits_is_asleep,
    a_limit_that_is_over,
    a_limit_without_end,
    a_crowd_waits,
];

/// Starts a thread that does `what`, and waits until it sleeps.
fn asleep<R: Send + 'static>(
    name: &'static str,
    event: &Arc<Event>,
    what: fn(&Event) -> R,
) -> thread::JoinHandle<R> {
    let event = Arc::clone(event);
    let thread = thread::Builder::new().name(name.to_owned());
    let run = move || {
        grading::step("waiting until the event is set");
        what(&event)
    };
    let handle = thread.spawn(run).expect("a grader may start a thread");
    grading::step("waiting until a thread that waits for the event sleeps");
    grading::until_asleep(&[name]);
    handle
}

fn who_waits_is_asleep() {
    let event = Arc::new(Event::new());
    let waits = asleep("waits", &event, Event::wait);
    let too = asleep("waits too", &event, Event::wait);
    event.set();
    grading::step("waiting for two threads that slept; the event is set by now");
    waits.join().expect("a panic would have ended the grader");
    too.join().expect("a panic would have ended the grader");
}

fn a_limit_that_is_over() {
    let event = Event::new();
    let limit = Duration::from_millis(5);
    grading::step("waiting 5 ms for an event that nobody sets");
    let start = Instant::now();
    let said = event.wait_timeout(limit);
    let waited = start.elapsed();
    assert!(!said, "nobody has set it, and wait_timeout(5 ms) gave true");
    assert!(
        waited >= limit,
        "nobody has set it, and wait_timeout(5 ms) gave false after {waited:?}"
    );
}

/// There is no such point in time.
fn a_limit_without_end() {
    let event = Arc::new(Event::new());
    let waits = {
        let event = Arc::clone(&event);
        let thread = thread::Builder::new().name("patient".to_owned());
        let run = move || {
            grading::step("waiting with the limit Duration::MAX");
            event.wait_timeout(Duration::MAX)
        };
        thread.spawn(run).expect("a grader may start a thread")
    };
    thread::yield_now();
    event.set();
    grading::step("waiting for wait_timeout(Duration::MAX): the event is set");
    let said = waits.join().expect("a panic would have ended the grader");
    assert!(
        said,
        "the event was set, and wait_timeout(Duration::MAX) gave false"
    );
}

/// Some sleep by then, some are about to, and some come too late.
fn a_crowd_waits() {
    const THREADS: usize = 8;
    for round in 1..=100 {
        let event = Arc::new(Event::new());
        let news = Arc::new(AtomicU32::new(0));
        let ready = Arc::new(Barrier::new(THREADS + 1));
        let crowd: Vec<_> = (1..=THREADS)
            .map(|number| {
                let (event, news) = (Arc::clone(&event), Arc::clone(&news));
                let ready = Arc::clone(&ready);
                let thread =
                    thread::Builder::new().name(format!("thread {number}"));
                let run = move || {
                    ready.wait();
                    grading::step("waiting in a crowd: was a wake-up lost?");
                    event.wait();
                    // ORDERING: Relaxed. The event orders it, and that is the question.
                    let news = news.load(Relaxed);
                    assert!(
                        news == round,
                        "wait() returned, and what was done before set() is not there"
                    );
                };
                thread.spawn(run).expect("a grader may start a thread")
            })
            .collect();
        ready.wait();
        // ORDERING: Relaxed, as above.
        news.store(round, Relaxed);
        event.set();
        grading::step("waiting for 8 threads; the event is set by now");
        for thread in crowd {
            thread.join().expect("a panic would have ended the grader");
        }
    }
}
