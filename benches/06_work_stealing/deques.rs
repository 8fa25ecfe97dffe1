//! The deque alone, beside crossbeam's, and beside a `VecDeque` behind a lock.

use std::collections::VecDeque;
use std::hint::black_box;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use criterion::{BenchmarkId, Criterion, Throughput};
use crossbeam_deque::{Steal as Stolen, Stealer, Worker};
use threadbare::pool::deque::{Deque, Steal};

/// How many items go in before they come out again.
const ITEMS: usize = 128;

/// An item, which nobody looks at.
static ITEM: u64 = 0;

/// Somebody's deque. Push and pop are called by one thread only.
trait Ends: Sync {
    fn push(&self);
    fn pop(&self) -> bool;
    fn steal(&self) -> bool;
}

impl Ends for Deque<u64> {
    fn push(&self) {
        self.push(NonNull::from(&ITEM))
            .expect("it has room for 256");
    }

    fn pop(&self) -> bool {
        self.pop().is_some()
    }

    fn steal(&self) -> bool {
        matches!(self.steal(), Steal::Job(_))
    }
}

/// Crossbeam gives the two ends to different types, of which one stays on its thread.
struct Crossbeam(OwnersEnd, Stealer<&'static u64>);

/// The owner's end, which the compiler keeps on one thread.
struct OwnersEnd(Worker<&'static u64>);

#[allow(
    unsafe_code,
    reason = "crossbeam's Worker stays on its thread; here it does"
)]
// SAFETY: `Ends` says that one thread calls `push` and `pop`: the one that measures.
unsafe impl Sync for OwnersEnd {}

impl Crossbeam {
    fn new() -> Self {
        let worker = Worker::new_lifo();
        let stealer = worker.stealer();
        Self(OwnersEnd(worker), stealer)
    }
}

impl Ends for Crossbeam {
    fn push(&self) {
        self.0.0.push(&ITEM);
    }

    fn pop(&self) -> bool {
        self.0.0.pop().is_some()
    }

    fn steal(&self) -> bool {
        matches!(self.1.steal(), Stolen::Success(_))
    }
}

impl Ends for Mutex<VecDeque<&'static u64>> {
    fn push(&self) {
        self.lock().unwrap().push_back(&ITEM);
    }

    fn pop(&self) -> bool {
        self.lock().unwrap().pop_back().is_some()
    }

    fn steal(&self) -> bool {
        self.lock().unwrap().pop_front().is_some()
    }
}

/// What an item costs that is pushed and taken: by its owner, by a thief (here the same
/// thread, so that nobody is in its way), and by its owner while a thief tries all the time.
pub(crate) fn deque(c: &mut Criterion) {
    let mut group = c.benchmark_group("deque");
    group.throughput(Throughput::Elements(1));
    type Make = fn() -> Box<dyn Ends>;
    let rows: [(&str, Make); 3] = [
        ("crossbeam_deque", || Box::new(Crossbeam::new())),
        ("mutex_vecdeque", || Box::new(Mutex::new(VecDeque::new()))),
        ("pool", || Box::new(Deque::<u64>::new())),
    ];
    for (name, make) in rows {
        let deque = make();
        group.bench_function(BenchmarkId::new(name, "push, pop"), |b| {
            b.iter(|| {
                let deque = black_box(&*deque);
                deque.push();
                assert!(deque.pop());
            });
        });
    }
    for (name, make) in rows {
        let deque = make();
        group.bench_function(BenchmarkId::new(name, "push, steal"), |b| {
            b.iter(|| {
                let deque = black_box(&*deque);
                deque.push();
                assert!(deque.steal());
            });
        });
    }
    for (name, make) in rows {
        let deque = make();
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                // ORDERING: Relaxed. Nothing but the end of this loop depends on the store
                // below.
                while !is_over.load(Relaxed) {
                    if !deque.steal() {
                        std::hint::spin_loop();
                    }
                }
            });
            group.bench_function(BenchmarkId::new(name, "beside a thief"), |b| {
                b.iter_custom(|iterations| {
                    let start = std::time::Instant::now();
                    for _ in 0..iterations.div_ceil(ITEMS as u64) {
                        for _ in 0..ITEMS {
                            deque.push();
                        }
                        while deque.pop() {}
                    }
                    start.elapsed()
                });
            });
            // ORDERING: Relaxed, as the load above.
            is_over.store(true, Relaxed);
        });
    }
    group.finish();
}
