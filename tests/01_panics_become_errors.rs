//! Property: a panic on a worker is an error with the thread's name and the message, and the
//! outcomes of all others are there as well.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::testkit::within;
use threadbare::thread::{Panicked, Workers, join_all};

#[test]
fn every_outcome_has_its_place() {
    within(Duration::from_secs(30), || {
        let mut workers = Workers::named("job");
        let running: Vec<_> = (0..6_usize)
            .map(|n| {
                let job = move || {
                    if n.is_multiple_of(2) {
                        std::panic::resume_unwind(Box::new(format!("{n} is even")));
                    }
                    n
                };
                workers.spawn(job).unwrap()
            })
            .collect();
        for (n, outcome) in join_all(running).into_iter().enumerate() {
            match outcome {
                Ok(value) => assert_eq!((value, n % 2), (n, 1)),
                Err(error) => {
                    assert_eq!(error.thread(), format!("job-{n}"));
                    assert_eq!(error.message(), format!("{n} is even"));
                }
            }
        }
    });
}

/// The worker that panics is not the last to be joined, and the others still finish.
#[test]
fn the_others_finish_although_one_panicked() {
    static FINISHED: AtomicUsize = AtomicUsize::new(0);
    let mut workers = Workers::named("job");
    let mut running = vec![
        workers
            .spawn(|| std::panic::resume_unwind(Box::new("first")))
            .unwrap(),
    ];
    for _ in 0..4 {
        // ORDERING: Relaxed. `join_all` orders the additions before `load` below.
        let job = || {
            FINISHED.fetch_add(1, Relaxed);
        };
        running.push(workers.spawn(job).unwrap());
    }
    let all: Result<Vec<()>, Panicked> = join_all(running).into_iter().collect();
    assert_eq!(
        all.unwrap_err().to_string(),
        "thread 'job-0' panicked: first"
    );
    // ORDERING: Relaxed. Every `fetch_add` happens-before it, by `join_all`.
    assert_eq!(FINISHED.load(Relaxed), 4);
}
