//! The counters under the model checker, and versions that are wrong by a line.

use explorer::Kind;

use super::{v1_shared, v2_padded, v3_sharded};
use crate::ground::atomic::{AtomicU64, Ordering::Relaxed};
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// A counter, or what somebody took for one.
trait Count: Default + Send + Sync + 'static {
    fn add(&self, n: u64);
    fn sum(&self) -> u64;
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Count for $version::Counter {
            fn add(&self, n: u64) {
                self.add(n);
            }

            fn sum(&self) -> u64 {
                self.sum()
            }
        }
    )* };
}
right!(v1_shared v2_padded v3_sharded);

/// Reads, and writes one more in a second step.
#[derive(Default)]
struct TwoSteps(AtomicU64);

impl Count for TwoSteps {
    fn add(&self, n: u64) {
        // ORDERING: Relaxed, both. No ordering makes one step of two.
        let value = self.0.load(Relaxed);
        // ORDERING: as above.
        self.0.store(value + n, Relaxed);
    }

    fn sum(&self) -> u64 {
        // ORDERING: Relaxed, as in the right ones.
        self.0.load(Relaxed)
    }
}

/// Has two shards, and trusts that no two threads share one.
#[derive(Default)]
struct AThreadAShard([TwoSteps; 2], AtomicU64);

impl Count for AThreadAShard {
    fn add(&self, n: u64) {
        // ORDERING: Relaxed. Only hands out different numbers.
        let mine = self.1.fetch_add(1, Relaxed) % 2;
        self.0[mine as usize].add(n);
    }

    fn sum(&self) -> u64 {
        self.0.iter().map(Count::sum).sum()
    }
}

/// Moves what its shards hold into a total while others add. Who reads in between misses
/// it.
#[derive(Default)]
struct Collects {
    shard: AtomicU64,
    total: AtomicU64,
}

impl Count for Collects {
    fn add(&self, n: u64) {
        // ORDERING: Relaxed, here and below, as in the right ones.
        self.shard.fetch_add(n, Relaxed);
    }

    fn sum(&self) -> u64 {
        // ORDERING: as above.
        let more = self.shard.swap(0, Relaxed);
        // ORDERING: as above.
        self.total.fetch_add(more, Relaxed) + more
    }
}

/// Three threads add, and nothing is lost.
fn adds_up<C: Count>() {
    let counter = Arc::new(C::default());
    let others = [1, 2].map(|n| start(&counter, move |counter| counter.add(n)));
    counter.add(4);
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(counter.sum(), 7, "an addition is lost");
}

/// One thread adds while another reads: the sum does not go back, and who adds sees it at
/// once.
fn never_goes_back<C: Count>() {
    let counter = Arc::new(C::default());
    let adder = start(&counter, |counter| {
        counter.add(1);
        counter.add(1);
        assert_eq!(counter.sum(), 2, "who added does not see it");
    });
    let [first, second] = [counter.sum(), counter.sum()];
    assert!(first <= second && second <= 2, "{first}, then {second}");
    adder.join().unwrap();
}

#[test]
fn nothing_is_lost_and_nothing_goes_back() {
    holds("v1 adds up", adds_up::<v1_shared::Counter>);
    holds("v2 adds up", adds_up::<v2_padded::Counter>);
    holds("v3 adds up", adds_up::<v3_sharded::Counter>);
    holds("v1 grows", never_goes_back::<v1_shared::Counter>);
    holds("v2 grows", never_goes_back::<v2_padded::Counter>);
    holds("v3 grows", never_goes_back::<v3_sharded::Counter>);
}

#[test]
fn wrong_versions_are_caught() {
    caught(
        "counter",
        &[
            ("two steps", adds_up::<TwoSteps>, Kind::Assertion),
            (
                "a thread a shard",
                adds_up::<AThreadAShard>,
                Kind::Assertion,
            ),
            ("collects", never_goes_back::<Collects>, Kind::Assertion),
        ],
    );
}

/// All orderings are `Relaxed` already; that is a statement, too.
#[test]
fn no_ordering_is_used() {
    let models: [(_, fn()); 2] = [
        ("v3 adds up", adds_up::<v3_sharded::Counter>),
        ("v1 grows", never_goes_back::<v1_shared::Counter>),
    ];
    needs_its_orderings("counter", &models, &[]);
}

/// The first sixteen threads have shards of their own.
#[test]
fn two_threads_add_to_two_shards() {
    holds("two threads, two shards", || {
        let counter = Arc::new(v3_sharded::Counter::new());
        let theirs = Arc::clone(&counter);
        thread::spawn(move || theirs.add(1)).join().unwrap();
        counter.add(1);
        let used = counter.used();
        assert_eq!(used, 2, "they met on one of {} shards", v3_sharded::SHARDS);
    });
}
