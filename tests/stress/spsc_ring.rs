//! Stress for the rings: boxed items in bursts of random length, through rings of random
//! capacity, and sides that go early.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/atomic/spsc_ring/models.rs` try them all, with fewer items.

use std::sync::Arc;
use std::thread;
use std::time::Duration;
use threadbare::atomic::Full;
use threadbare::atomic::spsc_ring::{v1_shared_indices, v2_padded, v3_cached};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const ROUNDS: u64 = 40;
const ITEMS_MAX: u64 = 2_000;

macro_rules! stress {
    ($($version:ident)*) => { $(
        #[test]
        fn $version() {
            let seed = seed(concat!("spsc_ring::", stringify!($version)));
            let mut random = Random::new(seed);
            within(LIMIT, || {
                for round in 0..ROUNDS {
                    let capacity = 1 + random.below(9) as usize;
                    let items = random.below(ITEMS_MAX);
                    // In every fourth round the consumer goes early.
                    let wanted = if round % 4 == 3 { items / 2 } else { items };
                    let here = Arc::new(());
                    let (mut producer, mut consumer) = $version::channel(capacity);
                    thread::scope(|scope| {
                        let here = Arc::clone(&here);
                        let mut bursts = Random::new(seed ^ round);
                        scope.spawn(move || {
                            let push = |mut item| {
                                while let Err(Full(back)) = producer.push(item) {
                                    item = back;
                                    if producer.is_abandoned() {
                                        return;
                                    }
                                    thread::yield_now();
                                }
                            };
                            push_all(items, &here, &mut bursts, push);
                        });
                        let mut bursts = Random::new(!seed ^ round);
                        pop_all(wanted, &mut bursts, || {
                            let was_all = consumer.is_abandoned();
                            (consumer.pop(), was_all)
                        });
                        drop(consumer);
                    });
                    assert_eq!(Arc::strong_count(&here), 1, "an item was not dropped");
                }
            });
        }
    )* };
}
stress!(v1_shared_indices v2_padded v3_cached);

/// An item: its number on the heap, and a handle by which drops are counted.
type Item = (Box<u64>, Arc<()>);

fn push_all(
    items: u64,
    here: &Arc<()>,
    random: &mut Random,
    mut push: impl FnMut(Item),
) {
    for number in 0..items {
        step(format!("push {number} of {items}"));
        push((Box::new(number), Arc::clone(here)));
        if random.below(20) == 0 {
            thread::yield_now();
        }
    }
}

/// Pops as many as are wanted, in order; if the producer goes, what it left is all.
fn pop_all(
    wanted: u64,
    random: &mut Random,
    mut pop: impl FnMut() -> (Option<Item>, bool),
) {
    let mut next = 0;
    while next < wanted {
        step(format!("pop {next} of {wanted}"));
        match pop() {
            (Some((number, _)), _) => {
                assert_eq!(*number, next);
                next += 1;
            }
            (None, true) => panic!("{next} of {wanted} arrived"),
            (None, false) => thread::yield_now(),
        }
        if random.below(20) == 0 {
            thread::yield_now();
        }
    }
}
