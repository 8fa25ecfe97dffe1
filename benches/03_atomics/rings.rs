//! Rings and queues between two threads, one that pushes and one that pops.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, SamplingMode, Throughput};
use crossbeam_queue::ArrayQueue;
use crossbeam_utils::Backoff;
use threadbare::atomic::spsc_ring as ring;

use super::ROOM;

/// Moves numbers from one thread to another, as they come, and returns how long it took.
/// `push` returns false if there is no room.
fn stream(
    items: u64,
    mut push: impl FnMut(u64) -> bool + Send,
    mut pop: impl FnMut() -> Option<u64>,
) -> Duration {
    let line = &Barrier::new(2);
    thread::scope(|scope| {
        // `push` moves to the thread that uses it. Beside `pop`, on this stack, the two
        // would share a cache line, and all rings would be equally slow.
        scope.spawn(move || {
            line.wait();
            for item in 0..items {
                let backoff = Backoff::new();
                while !push(item) {
                    backoff.snooze();
                }
            }
        });
        line.wait();
        let start = Instant::now();
        for item in 0..items {
            assert_eq!(take(&mut pop), item);
        }
        start.elapsed()
    })
}

/// Looks until there is something.
fn take(pop: &mut impl FnMut() -> Option<u64>) -> u64 {
    let backoff = Backoff::new();
    loop {
        match pop() {
            Some(item) => break item,
            None => backoff.snooze(),
        }
    }
}

/// A row for each kind of ring: `$run` is given a function that makes one, as a `push` that
/// says whether there was room, and a `pop`.
macro_rules! each_ring {
    ($group:expr, $run:expr) => {{
        each_ring!($group, $run, "naive", {
            let queue = Arc::new(Mutex::new(VecDeque::with_capacity(ROOM)));
            let pushed = Arc::clone(&queue);
            let push = move |item| {
                let mut queue = pushed.lock().unwrap();
                let has_room = queue.len() < ROOM;
                if has_room {
                    queue.push_back(item);
                }
                has_room
            };
            (push, move || queue.lock().unwrap().pop_front())
        });
        each_ring!($group, $run, "std", {
            let (sender, receiver) = mpsc::sync_channel(ROOM);
            let push = move |item| sender.try_send(item).is_ok();
            (push, move || receiver.try_recv().ok())
        });
        each_ring!($group, $run, "v1_shared_indices", {
            let (mut push, mut pop) = ring::v1_shared_indices::channel(ROOM);
            (move |item| push.push(item).is_ok(), move || pop.pop())
        });
        each_ring!($group, $run, "v2_padded", {
            let (mut push, mut pop) = ring::v2_padded::channel(ROOM);
            (move |item| push.push(item).is_ok(), move || pop.pop())
        });
        each_ring!($group, $run, "v3_cached", {
            let (mut push, mut pop) = ring::v3_cached::channel(ROOM);
            (move |item| push.push(item).is_ok(), move || pop.pop())
        });
        each_ring!($group, $run, "rtrb", {
            let (mut push, mut pop) = rtrb::RingBuffer::new(ROOM);
            (move |item| push.push(item).is_ok(), move || pop.pop().ok())
        });
        each_ring!($group, $run, "crossbeam-queue", {
            let queue = Arc::new(ArrayQueue::new(ROOM));
            let pushed = Arc::clone(&queue);
            (move |item| pushed.push(item).is_ok(), move || queue.pop())
        });
    }};
    ($group:expr, $run:expr, $name:literal, $ends:expr) => {
        $group.bench_function($name, |b| $run(b, || $ends));
    };
}

/// Items from one thread to another, through a ring with room for many.
pub(super) fn spsc(c: &mut Criterion) {
    let mut group = c.benchmark_group("spsc");
    // The rings are near each other, and two threads on a busy machine are far from even.
    group.sample_size(50);
    group.measurement_time(Duration::from_secs(3));
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(1));
    fn run<Push: FnMut(u64) -> bool + Send, Pop: FnMut() -> Option<u64>>(
        b: &mut Bencher<'_>,
        ends: impl Fn() -> (Push, Pop),
    ) {
        b.iter_custom(|items| {
            let (push, pop) = ends();
            stream(items, push, pop)
        });
    }
    each_ring!(group, run);
}

/// An item in and out again, both on one thread.
pub(super) fn spsc_alone(c: &mut Criterion) {
    let mut group = c.benchmark_group("spsc_alone");
    fn run<Push: FnMut(u64) -> bool, Pop: FnMut() -> Option<u64>>(
        b: &mut Bencher<'_>,
        ends: impl Fn() -> (Push, Pop),
    ) {
        let (mut push, mut pop) = ends();
        b.iter(|| {
            assert!(push(black_box(7)));
            pop().unwrap()
        });
    }
    each_ring!(group, run);
}

/// An item to another thread, and one back: each waits for the other, looking.
pub(super) fn spsc_round_trip(c: &mut Criterion) {
    let mut group = c.benchmark_group("spsc_round_trip");
    group.sampling_mode(SamplingMode::Flat);
    fn run<Push: FnMut(u64) -> bool + Send, Pop: FnMut() -> Option<u64> + Send>(
        b: &mut Bencher<'_>,
        ends: impl Fn() -> (Push, Pop),
    ) {
        b.iter_custom(|rounds| {
            let (mut there, mut arrives) = ends();
            let (mut back, mut returns) = ends();
            thread::scope(|scope| {
                scope.spawn(move || {
                    (0..=rounds).for_each(|_| assert!(back(take(&mut arrives))));
                });
                // The first round waits for the other thread to be there.
                let mut start = Instant::now();
                for round in 0..=rounds {
                    assert!(there(round));
                    assert_eq!(take(&mut returns), round);
                    if round == 0 {
                        start = Instant::now();
                    }
                }
                start.elapsed()
            })
        });
    }
    each_ring!(group, run);
}
