//! Stress for the mutexes: 64 threads, and plain memory that only the lock orders.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/mutex/models.rs` try them all, with fewer operations.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Barrier, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;
use threadbare::sync::mutex::{v1_spin, v2_two_state, v3_three_state};
use threadbare::sync::{Mutex, MutexGuard};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: usize = 64;

/// A page whose two numbers are the same whenever nobody writes.
#[derive(Default)]
struct Page {
    first: u64,
    // On another cache line.
    between: [u64; 16],
    last: u64,
}

impl Page {
    fn add(&mut self, more: u64, gives_way: bool) {
        assert_eq!(self.first, self.last, "somebody else is writing");
        self.first += more;
        if gives_way {
            // Whoever gets in now finds the page half written.
            thread::yield_now();
        }
        self.between.fill(self.first);
        self.last += more;
    }
}

/// Runs `work` in all threads at once, each with its own choices, and sums up what they
/// return.
fn all(name: &str, work: impl Fn(&mut Random) -> u64 + Sync) -> u64 {
    let (seed, meet) = (seed(name), Barrier::new(THREADS));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let (meet, work) = (&meet, &work);
                scope.spawn(move || {
                    let mut random = Random::new(seed ^ number as u64);
                    meet.wait();
                    work(&mut random)
                })
            })
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).sum()
    })
}

macro_rules! stress {
    ($($version:ident: $operations:literal, $gives_way:literal;)*) => { $(
        #[test]
        fn $version() {
            within(LIMIT, || {
                let lock = $version::Mutex::new(Page::default());
                let added = all(concat!("mutex::", stringify!($version)), |random| {
                    let mut added = 0;
                    for n in 0..$operations {
                        step(format!("operation {n} of {}", $operations));
                        let more = random.below(10);
                        let gives_way = $gives_way && random.below(64) == 0;
                        if random.below(4) == 0 {
                            let Some(mut page) = lock.try_lock() else { continue };
                            page.add(more, gives_way);
                        } else {
                            lock.lock().add(more, gives_way);
                        }
                        added += more;
                    }
                    added
                });
                assert_eq!(lock.into_inner().first, added);
            });
        }
    )* };
}
// Who spins while 63 others do, with two cores for them all, waits for a while.
stress!(v1_spin: 100, false; v2_two_state: 5_000, true; v3_three_state: 5_000, true;);

/// The last version: waited for, tried, held by a part, and let go by a panic.
#[test]
fn v4_adaptive() {
    const OPERATIONS: u64 = 5_000;
    within(LIMIT, || {
        let lock = Mutex::new(Page::default());
        let whole = PoisonError::into_inner;
        let added = all("mutex::v4_adaptive", |random| {
            let mut added = 0;
            for n in 0..OPERATIONS {
                step(format!("operation {n} of {OPERATIONS}"));
                let more = random.below(10);
                let gives_way = random.below(64) == 0;
                let choice = random.below(256);
                let tried = match choice % 4 {
                    0 => lock.try_lock(),
                    _ => lock.lock().map_err(TryLockError::from),
                };
                let mut page = match tried {
                    Ok(page) => page,
                    Err(TryLockError::Poisoned(page)) => whole(page),
                    Err(TryLockError::WouldBlock) => continue,
                };
                match choice {
                    // It unwinds with everything in order: nobody need be told.
                    5 => {
                        let result = catch_unwind(AssertUnwindSafe(|| {
                            page.add(more, gives_way);
                            let _page = page;
                            resume_unwind(Box::new("planned"));
                        }));
                        assert!(result.is_err());
                    }
                    6 | 7 => {
                        let mut page = MutexGuard::map(page, |page| page);
                        page.add(more, gives_way);
                        lock.clear_poison();
                    }
                    _ => page.add(more, gives_way),
                }
                added += more;
            }
            added
        });
        let page = lock.into_inner().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(page.first, added);
    });
}
