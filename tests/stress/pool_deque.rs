//! Stress for the deque: an owner pushes and pops, thieves steal one or half, in rings of
//! several sizes. Each item is taken once.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make, and
//! x86-64 reorders little. The models in `src/pool/deque/models.rs` try all of both, with three
//! items.

use std::num::NonZeroUsize;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::pool::deque::{Deque, Steal};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const ITEMS: usize = 300_000;
const THIEVES: u64 = 3;

/// Item `n` is a pointer that nobody follows, with the address `n + 1`.
fn item(n: usize) -> NonNull<u8> {
    NonNull::without_provenance(NonZeroUsize::MIN.saturating_add(n))
}

/// How often each item was taken.
struct Taken(Box<[AtomicU8]>);

impl Taken {
    fn take(&self, item: NonNull<u8>) {
        // ORDERING: Relaxed. Only the count matters.
        let before = self.0[item.addr().get() - 1].fetch_add(1, Relaxed);
        assert_eq!(before, 0, "taken twice");
    }
}

fn stress<const SLOTS: usize>(seed: u64) {
    let taken = Taken((0..ITEMS).map(|_| AtomicU8::new(0)).collect());
    let deque = Deque::<u8, SLOTS>::with_slots();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for number in 1..=THIEVES {
            let (taken, deque, is_over) = (&taken, &deque, &is_over);
            let mut random = Random::new(seed ^ number);
            scope.spawn(move || {
                step(format!("thief {number}, {SLOTS} slots"));
                let own = Deque::<u8, 8>::with_slots();
                loop {
                    // ORDERING: Relaxed. What is left then, the owner pops.
                    let last_time = is_over.load(Relaxed);
                    let stolen = match random.below(2) {
                        0 => deque.steal(),
                        _ => deque.steal_half_into(&own),
                    };
                    match stolen {
                        Steal::Job(item) => taken.take(item),
                        Steal::Retry => std::hint::spin_loop(),
                        Steal::Empty if last_time => break,
                        Steal::Empty => thread::yield_now(),
                    }
                    while let Some(item) = own.pop() {
                        taken.take(item);
                    }
                }
            });
        }
        let mut random = Random::new(seed);
        let mut next = 0;
        while next < ITEMS {
            step(format!("owner at {next}, {SLOTS} slots"));
            for _ in 0..random.below(2 * SLOTS as u64) {
                if next < ITEMS && deque.push(item(next)).is_ok() {
                    next += 1;
                }
            }
            if random.below(4) == 0 {
                let more = 1 + random.below(SLOTS as u64) as usize;
                let mut items = (next..ITEMS.min(next + more)).map(item);
                next += deque.push_some(&mut items);
            }
            for _ in 0..random.below(2 * SLOTS as u64) {
                match deque.pop() {
                    Some(item) => taken.take(item),
                    None => break,
                }
            }
        }
        while let Some(item) = deque.pop() {
            taken.take(item);
        }
        // ORDERING: Relaxed. It says when, and nothing else.
        is_over.store(true, Relaxed);
    });
    // ORDERING: Relaxed. The thieves have been joined.
    let lost = taken.0.iter().filter(|it| it.load(Relaxed) == 0).count();
    assert_eq!(lost, 0, "lost, with {SLOTS} slots");
}

#[test]
fn each_item_is_taken_once() {
    let seed = seed("pool_deque::each_item_is_taken_once");
    within(LIMIT, || {
        stress::<1>(seed);
        stress::<2>(seed);
        stress::<8>(seed);
        stress::<256>(seed);
    });
}
