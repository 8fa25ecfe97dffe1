//! Property: `WaitGroup::wait` returns after the last member has left, and not before.

use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use threadbare::testkit::{step, within};
use threadbare::thread::WaitGroup;

const LIMIT: Duration = Duration::from_secs(30);

/// The members write to plain memory behind a lock that is taken with `try_lock`: were one
/// of them still at work when `wait` returned, the lock could be held.
#[test]
fn everything_is_written_when_wait_returns() {
    within(LIMIT, || {
        for round in 0..200 {
            let group = WaitGroup::new();
            let pages = [const { Mutex::new(0) }; 4];
            thread::scope(|scope| {
                for page in &pages {
                    let member = group.add();
                    scope.spawn(move || {
                        *page.lock().unwrap() = round + 1;
                        member.done();
                    });
                }
                step(format!("waiting in round {round}"));
                group.wait();
                for page in &pages {
                    assert_eq!(*page.try_lock().unwrap(), round + 1);
                }
            });
        }
    });
}

/// The waiter may not come back while one member is held. Nothing is timed: the member
/// leaves only after all the others have, and what the waiter saw is checked in order.
#[test]
fn one_member_is_enough_to_keep_everybody_waiting() {
    within(LIMIT, || {
        let group = WaitGroup::new();
        let last = group.add();
        let (log, logged) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..3 {
                let log = log.clone();
                let group = &group;
                scope.spawn(move || {
                    step("waiting for the last member");
                    group.wait();
                    log.send("woke").unwrap();
                });
            }
            for _ in 0..100 {
                group.add().done();
                assert_eq!(group.count(), 1, "the last member is still there");
            }
            log.send("last member leaves").unwrap();
            last.done();
        });
        drop(log);
        let order: Vec<_> = logged.iter().collect();
        assert_eq!(order, ["last member leaves", "woke", "woke", "woke"]);
    });
}

/// A job that starts more jobs keeps the group waiting for those as well.
#[test]
fn jobs_started_by_jobs_are_waited_for() {
    within(LIMIT, || {
        fn split(
            depth: u32,
            leaves: &'static Mutex<u32>,
            member: threadbare::thread::Member,
        ) {
            if depth == 0 {
                *leaves.lock().unwrap() += 1;
                return;
            }
            for _ in 0..2 {
                let member = member.clone();
                thread::spawn(move || split(depth - 1, leaves, member));
            }
        }
        let leaves: &'static Mutex<u32> = Box::leak(Box::default());
        let group = WaitGroup::new();
        let root = group.add();
        thread::spawn(move || split(5, leaves, root));
        step("waiting for a tree of jobs");
        group.wait();
        assert_eq!(*leaves.lock().unwrap(), 32);
    });
}

#[test]
fn a_round_can_follow_a_round() {
    within(LIMIT, || {
        let group = WaitGroup::new();
        for _ in 0..3 {
            let member = group.add();
            let thread = thread::spawn(move || member.done());
            step("waiting for the one member of the round");
            group.wait();
            assert_eq!(group.count(), 0);
            thread.join().unwrap();
        }
    });
}
