//! Property: threads that have nothing to do sleep, and use no processor time. (Alone in its
//! file, for it asks for the time of the whole process.)
#![cfg(unix)]

#[path = "common/processor_time.rs"]
mod processor_time;

use processor_time::used;
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;
use threadbare::pool::{Batch, ThreadPool};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const THREADS: usize = 8;
/// How long the pool is watched. There is nothing to wait for: that nothing happens is
/// what is to be seen.
const WATCHED: Duration = Duration::from_secs(2);
/// Eight threads that looked once a millisecond would use ten times as much.
const MOST: Duration = Duration::from_millis(5);
/// How often, at most. A virtual machine that is stopped by its host for a while is charged
/// for it, and so is whoever runs at that moment: noise adds time, and never takes any away.
/// Threads that don't sleep use it each time.
const TIMES: usize = 5;

/// How much processor time this process uses in a while in which nobody asks anything of it.
fn watch() -> Duration {
    let before = used();
    let (_never, nothing) = mpsc::channel::<()>();
    let waited = nothing.recv_timeout(WATCHED);
    assert_eq!(waited, Err(mpsc::RecvTimeoutError::Timeout));
    used() - before
}

#[test]
fn eight_threads_sleep() {
    within(LIMIT, || {
        let pool = ThreadPool::new(THREADS);
        for _ in 0..20 {
            let barrier = Arc::new(Barrier::new(THREADS));
            let mut batch = Batch::new();
            let meet = || {
                let barrier = Arc::clone(&barrier);
                move || _ = barrier.wait()
            };
            let all: Vec<_> = (0..THREADS).map(|_| batch.push(meet())).collect();
            pool.spawn_batch(batch).unwrap();
            all.into_iter().for_each(|it| it.wait().unwrap());
        }
        step("waiting until all sleep");
        while pool.idle() < THREADS || pool.waiting() > 0 {
            std::thread::yield_now();
        }
        let mut used = Vec::new();
        while !used.iter().any(|&used| used < MOST) {
            assert!(used.len() < TIMES, "{used:?} of processor time for nothing");
            used.push(watch());
        }
        println!("{THREADS} idle threads used {used:?} in {WATCHED:?}");
        assert_eq!((pool.started(), pool.idle()), (THREADS, THREADS));
    });
}
