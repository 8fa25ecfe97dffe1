//! Stress for the read-write locks: 64 threads, and plain memory that only the lock orders.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/sync/rwlock/models.rs` try them all, with fewer threads.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use threadbare::sync::rwlock::{v1_readers_first as v1, v2_writers_first as v2};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const THREADS: u64 = 64;
const OPERATIONS: u64 = 500;

/// A page whose two numbers are the same whenever nobody writes.
#[derive(Default)]
struct Page {
    first: u64,
    // On another cache line.
    between: [u64; 16],
    last: u64,
}

impl Page {
    fn look(&self) -> u64 {
        let (first, last) = (self.first, self.last);
        assert_eq!(first, last, "somebody is writing");
        first
    }

    fn add(&mut self, more: u64, gives_way: bool) {
        self.look();
        self.first += more;
        if gives_way {
            // Whoever gets in now finds the page half written.
            thread::yield_now();
        }
        self.between.fill(self.first);
        self.last += more;
    }
}

/// What one thread does, one after the other.
enum Operation {
    Read,
    TryRead,
    Write,
    TryWrite,
    WriteAndStay,
}

/// Many threads on one page. Each is handed a function that does an operation on it, and
/// says how much it has added.
fn many_on_one_page(
    name: &str,
    work: impl Fn(Operation, u64, bool) -> u64 + Sync,
) -> u64 {
    let seed = seed(name);
    let meet = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let mut random = Random::new(seed ^ number);
                let (work, meet) = (&work, &meet);
                scope.spawn(move || {
                    meet.wait();
                    let mut added = 0;
                    for n in 0..OPERATIONS {
                        step(format!("{number} at {n} of {OPERATIONS}"));
                        let operation = match random.below(16) {
                            0 => Operation::Write,
                            1 => Operation::TryWrite,
                            2 => Operation::WriteAndStay,
                            3 => Operation::TryRead,
                            _ => Operation::Read,
                        };
                        let gives_way = random.below(16) == 0;
                        added += work(operation, 1 + random.below(9), gives_way);
                    }
                    added
                })
            })
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).sum()
    })
}

#[test]
fn v1_readers_first() {
    within(LIMIT, || {
        let page = v1::RwLock::new(Page::default());
        let added = many_on_one_page("rwlock::v1", |operation, more, gives_way| {
            match operation {
                Operation::Read => {
                    page.read().look();
                }
                Operation::TryRead => {
                    page.try_read().map(|page| page.look());
                }
                Operation::Write | Operation::WriteAndStay => {
                    page.write().add(more, gives_way);
                    return more;
                }
                Operation::TryWrite => {
                    if let Some(mut page) = page.try_write() {
                        page.add(more, gives_way);
                        return more;
                    }
                }
            }
            0
        });
        assert_eq!(page.into_inner().look(), added);
    });
}

#[test]
fn v2_writers_first() {
    within(LIMIT, || {
        let page = v2::RwLock::new(Page::default());
        let added = many_on_one_page("rwlock::v2", |operation, more, gives_way| {
            match operation {
                Operation::Read => {
                    page.read().unwrap().look();
                }
                Operation::TryRead => {
                    let _ = page.try_read().map(|page| page.look());
                }
                Operation::Write => {
                    page.write().unwrap().add(more, gives_way);
                    return more;
                }
                Operation::WriteAndStay => {
                    let mut page = page.write().unwrap();
                    page.add(more, gives_way);
                    let now = page.first;
                    let page = v2::RwLockWriteGuard::downgrade(page);
                    if gives_way {
                        thread::yield_now();
                    }
                    assert_eq!(page.look(), now, "another writer was in");
                    return more;
                }
                Operation::TryWrite => {
                    if let Ok(mut page) = page.try_write() {
                        page.add(more, gives_way);
                        return more;
                    }
                }
            }
            0
        });
        assert_eq!(page.into_inner().unwrap().look(), added);
    });
}
