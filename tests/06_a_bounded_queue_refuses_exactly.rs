//! Property: of the jobs that `try_spawn` has accepted, at most `queue_cap` wait; the next
//! is refused at once, and comes back as it was. One that starts makes room for one more.

use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use threadbare::pool::{Reason, ThreadPool};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

/// Jobs that say that they have started, and end when they are told to.
struct Gate {
    started: mpsc::Receiver<()>,
    start: Sender<()>,
}

impl Gate {
    fn new() -> Self {
        let (start, started) = mpsc::channel();
        Self { started, start }
    }

    /// A job, and what ends it.
    fn job(&self) -> (impl FnOnce() + Send + 'static, Sender<()>) {
        let (end, ended) = mpsc::channel();
        let start = self.start.clone();
        let job = move || {
            start.send(()).unwrap();
            let _ = ended.recv();
        };
        (job, end)
    }
}

#[test]
fn there_is_room_for_exactly_so_many() {
    within(LIMIT, || {
        for threads in [1, 2, 4] {
            for cap in [1, 2, 3, 300] {
                step(format!("{threads} threads, room for {cap}"));
                let pool = ThreadPool::builder()
                    .threads(threads)
                    .queue_cap(cap)
                    .build();
                let gate = Gate::new();
                let mut ends = Vec::new();
                // All threads are busy, with jobs that count no more.
                for _ in 0..threads {
                    let (job, end) = gate.job();
                    drop(pool.try_spawn(job).unwrap());
                    ends.push(end);
                    gate.started.recv().unwrap();
                }
                for _ in 0..3 {
                    // As many as there is room for, and no more.
                    while ends.len() < threads + cap {
                        let (job, end) = gate.job();
                        drop(pool.try_spawn(job).unwrap());
                        ends.push(end);
                    }
                    let text = String::from("mine");
                    let refused = pool.try_spawn(move || text).unwrap_err();
                    assert_eq!(refused.reason(), Reason::Full);
                    assert_eq!(refused.into_job()(), "mine");
                    // One ends, so one starts, wherever it was waiting.
                    ends.remove(0);
                    gate.started.recv().unwrap();
                }
                // What is not bounded is taken all the same.
                let free = pool.spawn(|| 7).unwrap();
                ends.clear();
                assert_eq!(free.wait().unwrap(), 7);
            }
        }
    });
}

/// No room at all: whoever wants to be refused when all are busy gives it a cap of one.
#[test]
fn no_room_is_no_room() {
    within(LIMIT, || {
        let pool = ThreadPool::builder().threads(1).queue_cap(0).build();
        assert_eq!(pool.try_spawn(|| ()).unwrap_err().reason(), Reason::Full);
        assert_eq!(pool.spawn(|| 1).unwrap().wait().unwrap(), 1);
    });
}

/// What is handed out at a shutdown, or cancelled, no longer counts; nothing is counted
/// twice.
#[test]
fn the_count_comes_back_to_nothing() {
    within(LIMIT, || {
        let pool = ThreadPool::builder().threads(2).queue_cap(8).build();
        for _ in 0..2_000 {
            let handles: Vec<_> = (0..8)
                .filter_map(|n| pool.try_spawn(move || n).ok())
                .collect();
            assert!(!handles.is_empty());
            handles
                .into_iter()
                .for_each(|it| assert!(it.wait().unwrap() < 8));
        }
        // All have started: there is room for eight.
        let gate = Gate::new();
        let (first, _end) = gate.job();
        let (second, _end_too) = gate.job();
        drop((pool.spawn(first), pool.spawn(second)));
        gate.started.recv().unwrap();
        gate.started.recv().unwrap();
        for n in 0..9 {
            assert_eq!(pool.try_spawn(|| ()).is_ok(), n < 8, "number {n}");
        }
        assert_eq!(pool.waiting(), 8);
        assert_eq!(pool.shutdown_now().len(), 8);
    });
}
