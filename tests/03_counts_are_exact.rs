//! Property: no addition to a counter is lost, in any of its versions; and how large they
//! are.

use std::thread;
use threadbare::atomic::counter::{v1_shared, v2_padded, v3_sharded};

const THREADS: u64 = 20;
const ADDITIONS: u64 = 10_000;

/// More threads than shards, so that some share one.
macro_rules! exact {
    ($version:ident) => {{
        static COUNTER: $version::Counter = $version::Counter::new();
        thread::scope(|scope| {
            for n in 1..=THREADS {
                scope.spawn(move || (0..ADDITIONS).for_each(|_| COUNTER.add(n)));
            }
            let mut last = 0;
            while last < THREADS {
                let sum = COUNTER.sum();
                assert!(sum >= last, "{last}, then {sum}");
                last = sum;
                thread::yield_now();
            }
        });
        assert_eq!(COUNTER.sum(), ADDITIONS * THREADS * (THREADS + 1) / 2);
    }};
}

#[test]
fn nothing_is_lost() {
    exact!(v1_shared);
    exact!(v2_padded);
    exact!(v3_sharded);
}

#[test]
fn counts_wrap_around() {
    let counter = v3_sharded::Counter::new();
    counter.add(u64::MAX);
    counter.add(3);
    assert_eq!(counter.sum(), 2);
}

/// What the documentation says.
#[test]
fn sizes() {
    assert_eq!(size_of::<v1_shared::Counter>(), 8);
    assert!(align_of::<v2_padded::Counter>() >= 32);
    assert_eq!(
        size_of::<v3_sharded::Counter>(),
        v3_sharded::SHARDS * size_of::<v2_padded::Counter>()
    );
}
