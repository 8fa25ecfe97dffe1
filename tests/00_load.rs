//! `Load` on real threads: as many requests under way as there are senders, never more.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use threadbare::measure::{Load, Manual, Monotonic, Schedule};
use threadbare::testkit;

const SENDERS: usize = 4;

fn load(schedule: Schedule, requests_max: usize) -> Load {
    let mut load = Load::new(schedule, Duration::MAX);
    (load.senders, load.requests_max) = (SENDERS, requests_max);
    load
}

/// Each request waits until `SENDERS` of them are under way: one sender less, and it hangs.
#[test]
fn all_senders_have_a_request_under_way_at_the_same_time() {
    for schedule in [Schedule::Closed, Schedule::per_second(1_000_000)] {
        let meeting = Barrier::new(SENDERS);
        let trace = testkit::within(Duration::from_secs(60), || {
            load(schedule, 10 * SENDERS).run(&Monotonic::new(), |number| {
                testkit::step(format!("request {number} waits for the others"));
                meeting.wait();
            })
        });
        assert_eq!(trace.requests.len(), 10 * SENDERS);
    }
}

/// A request that finds all senders busy waits: that is what `lateness` is about.
#[test]
fn never_more_requests_under_way_than_senders() {
    let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    testkit::within(Duration::from_secs(60), || {
        load(Schedule::per_second(1_000_000_000), 2_000).run(&Manual::new(), |_| {
            // ORDERING: Relaxed. Only the counts matter, here and in the two below; they
            // are read after `run` has joined its threads.
            let now = under_way.fetch_add(1, Relaxed) + 1;
            // ORDERING: Relaxed, as above.
            most.fetch_max(now, Relaxed);
            std::thread::yield_now();
            // ORDERING: Relaxed, as above.
            under_way.fetch_sub(1, Relaxed);
        })
    });
    let most = most.into_inner();
    assert!(
        (1..=SENDERS).contains(&most),
        "{most} at once from {SENDERS} senders"
    );
}
