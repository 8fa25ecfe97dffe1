//! Stress for the spin locks: plain memory that only the lock orders.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/atomic/spin_lock/models.rs` try them all, with fewer operations.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use threadbare::atomic::spin_lock::{v1_swap, v2_look_first, v3_backoff};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 3;
const OPERATIONS: u64 = 5_000;

/// A page whose two numbers are the same whenever nobody writes.
#[derive(Default)]
struct Page {
    first: u64,
    // On another cache line.
    between: [u64; 16],
    last: u64,
}

macro_rules! stress {
    ($($version:ident)*) => { $(
        #[test]
        fn $version() {
            let seed = seed(concat!("spin_lock::", stringify!($version)));
            within(LIMIT, || {
                let lock = $version::SpinLock::new(Page::default());
                let meet = Barrier::new(THREADS as usize);
                let added: u64 = thread::scope(|scope| {
                    let threads = [0, 1, 2].map(|number| {
                        let mut random = Random::new(seed ^ number);
                        let (lock, meet) = (&lock, &meet);
                        scope.spawn(move || work(&mut random, meet, |tries, change| {
                            if tries {
                                lock.try_lock().map(|mut page| change(&mut page)).is_some()
                            } else {
                                change(&mut lock.lock());
                                true
                            }
                        }))
                    });
                    threads.into_iter().map(|thread| thread.join().unwrap()).sum()
                });
                assert_eq!(lock.into_inner().first, added);
            });
        }
    )* };
}
stress!(v1_swap v2_look_first v3_backoff);

/// Adds to the page, through a lock that is waited for or tried. Returns the sum.
fn work(
    random: &mut Random,
    meet: &Barrier,
    mut with: impl FnMut(bool, &mut dyn FnMut(&mut Page)) -> bool,
) -> u64 {
    let mut added = 0;
    meet.wait();
    for n in 0..OPERATIONS {
        step(format!("operation {n} of {OPERATIONS}, {THREADS} threads"));
        let more = random.below(10);
        let tries = random.below(4) == 0;
        let gives_way = random.below(64) == 0;
        let got = with(tries, &mut |page| {
            assert_eq!(page.first, page.last, "somebody else is writing");
            page.first += more;
            if gives_way {
                // Whoever gets in now finds the page half written.
                thread::yield_now();
            }
            page.between.fill(page.first);
            page.last += more;
        });
        if got {
            added += more;
        }
    }
    added
}
