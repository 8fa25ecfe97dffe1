//! Property: dropping a `Worker` waits for its thread; only `detach` lets go.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use std::{io, thread};
use threadbare::testkit::{step, within};
use threadbare::thread::{Worker, Workers};

/// Starts a worker that sets the flag after having given the other thread every chance to
/// overtake it.
fn slow(workers: &mut Workers, flag: &Arc<AtomicBool>) -> io::Result<Worker<()>> {
    let flag = Arc::clone(flag);
    workers.spawn(move || {
        for _ in 0..1_000 {
            thread::yield_now();
        }
        // ORDERING: Relaxed. The drop of the worker orders it before the `load`.
        flag.store(true, Relaxed);
    })
}

#[test]
fn a_drop_waits() {
    within(Duration::from_secs(30), || {
        let finished = Arc::new(AtomicBool::new(false));
        drop(slow(&mut Workers::named("slow"), &finished).unwrap());
        // ORDERING: Relaxed. The `store` happens-before it, by the join in the drop.
        assert!(
            finished.load(Relaxed),
            "the drop did not wait for the thread"
        );
    });
}

/// The way out through `?` when the second thread cannot be made.
#[test]
fn an_early_return_waits_for_those_that_already_run() {
    fn two(flag: &Arc<AtomicBool>) -> io::Result<Vec<Worker<()>>> {
        let mut workers = Workers::named("two");
        let first = slow(&mut workers, flag)?;
        let mut greedy = workers.stack_size(usize::MAX / 2);
        let second = greedy.spawn(|| ())?;
        Ok(vec![first, second])
    }
    within(Duration::from_secs(30), || {
        let finished = Arc::new(AtomicBool::new(false));
        two(&finished).expect_err("nobody has such a stack");
        // ORDERING: Relaxed. The `store` happens-before it, by the join in the drop.
        assert!(finished.load(Relaxed), "the first thread was left running");
    });
}

/// A detached worker does not hold anybody up: the one below ends only when told, after the
/// call has returned.
#[test]
fn detach_does_not_wait() {
    within(Duration::from_secs(30), || {
        let (go, may_go) = mpsc::channel::<()>();
        let (gone, is_gone) = mpsc::channel();
        let job = move || {
            step("waiting to be told to end");
            may_go.recv().ok();
            gone.send(()).ok();
        };
        Workers::named("free").spawn(job).unwrap().detach();
        go.send(()).unwrap();
        is_gone.recv().unwrap();
    });
}
