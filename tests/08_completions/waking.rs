//! Property: a wake from any thread reaches the loop, however many there are and whenever they
//! come.

use crate::rig::{Rig, answered, done};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;
use threadbare::completion::{Answer, Async, Config};

of_both! {
    a_wake_may_come_first
    a_wake_may_come_later
    many_may_become_one
    who_waits_is_not_woken_for_nothing
    a_loop_that_sleeps_is_woken
    each_async_has_a_waiter_of_its_own
    those_who_wait_for_one_are_all_told
    a_wake_in_a_callback
    none_is_lost_among_many_threads
    after_the_last_wake_there_is_a_call
    a_wait_can_be_cancelled
    a_wake_after_the_loop_has_gone
    the_last_handle_may_go_first
    a_number_that_is_given_again
    a_number_that_somebody_is_about_to_wait_for
    a_number_that_is_waited_for_is_not_given_again
}

fn assert_shared<T: Clone + Send + Sync + 'static>(_: &T) {}

fn a_wake_may_come_first(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    assert_shared(&wake);
    wake.notify().unwrap();
    rig.look();
    rig.look();
    let waits = rig.the_loop.wait_for(&wake, 3, done);
    let told = rig.end_of(waits);
    assert_eq!((told.count(), told.user), (0, 3));
}

fn a_wake_may_come_later(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    for _ in 0..5 {
        let waits = rig.the_loop.wait_for(&wake, 3, done);
        rig.hand_over();
        rig.hand_over();
        wake.clone().notify().unwrap();
        rig.end_of(waits);
    }
}

fn many_may_become_one(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    rig.the_loop.wait_for(&wake, 3, done);
    rig.world.again.insert(3, u32::MAX);
    for _ in 0..1_000 {
        wake.notify().unwrap();
    }
    rig.once();
    for _ in 0..5 {
        rig.look();
    }
    assert!(
        (1..=2).contains(&rig.world.told.len()),
        "{}",
        rig.world.told.len()
    );
}

fn who_waits_is_not_woken_for_nothing(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    let other = rig.the_loop.notifier().unwrap();
    rig.the_loop.wait_for(&wake, 3, done);
    rig.the_loop.wait_for(&other, 4, done);
    other.notify().unwrap();
    rig.until(|world| !world.told.is_empty());
    for _ in 0..5 {
        rig.look();
    }
    assert_eq!(rig.world.users(), [4]);
}

fn a_loop_that_sleeps_is_woken(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    let other = {
        let (wake, told) = (wake.clone(), Arc::clone(&told));
        thread::spawn(move || {
            for round in 0..300 {
                wake.notify().unwrap();
                // ORDERING: Relaxed. Only that it comes matters; pairs with the store below.
                while told.load(Relaxed) <= round {
                    thread::yield_now();
                }
            }
        })
    };
    for round in 1..=300 {
        let waits = rig.the_loop.wait_for(&wake, 3, done);
        rig.end_of(waits);
        // ORDERING: Relaxed, as above.
        told.store(round, Relaxed);
    }
    other.join().unwrap();
}

fn each_async_has_a_waiter_of_its_own(config: Config) {
    let mut rig = Rig::new(config);
    let wakes: Vec<Async> =
        (0..100).map(|_| rig.the_loop.notifier().unwrap()).collect();
    for (user, wake) in (0..).zip(&wakes) {
        rig.the_loop.wait_for(wake, user, done);
    }
    for wake in wakes.iter().step_by(3) {
        wake.notify().unwrap();
    }
    rig.until(|world| world.told.len() == 34);
    rig.hand_over();
    let mut users = rig.world.users();
    users.sort_unstable();
    assert!(users.into_iter().eq((0..100).step_by(3)));
    assert_eq!(rig.the_loop.active(), 66);
}

fn those_who_wait_for_one_are_all_told(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    for looks in 0..3 {
        for user in 0..3 {
            rig.the_loop.wait_for(&wake, user, done);
        }
        for _ in 0..looks {
            rig.hand_over();
        }
        // Handed over before it, or after it as far as the first of them: then the others
        // have missed it.
        wake.notify().unwrap();
        rig.until(|world| !world.told.is_empty());
        if looks > 0 {
            assert_eq!(rig.world.users(), [0, 1, 2]);
        }
        while rig.the_loop.active() > 0 {
            wake.notify().unwrap();
            rig.once();
        }
        assert_eq!(rig.world.users(), [0, 1, 2]);
        rig.world.told.clear();
    }
}

fn a_wake_in_a_callback(config: Config) {
    thread_local! {
        static WAKE: std::cell::RefCell<Option<Async>> =
            const { std::cell::RefCell::new(None) };
    }
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    WAKE.set(Some(wake.clone()));
    rig.the_loop.wait_for(&wake, 5, |the_loop, world, it| {
        if world.told.len() < 10 {
            WAKE.with_borrow(|wake| wake.as_ref().unwrap().notify().unwrap());
        }
        done(the_loop, world, it)
    });
    rig.world.again.insert(5, 10);
    wake.notify().unwrap();
    rig.finish();
    WAKE.set(None);
    assert_eq!(rig.world.told.len(), 11);
}

/// Each thread wakes for work that it has counted before: whoever is called sees the count.
fn none_is_lost_among_many_threads(config: Config) {
    const THREADS: usize = 4;
    const EACH: usize = 2_000;
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    let work = Arc::new(AtomicUsize::new(0));
    let threads = [(); THREADS].map(|()| {
        let (wake, work) = (wake.clone(), Arc::clone(&work));
        thread::spawn(move || {
            for _ in 0..EACH {
                // ORDERING: Relaxed, and so below: that the wake comes after it is what is
                // tested. Pairs with the swap below.
                work.fetch_add(1, Relaxed);
                wake.notify().unwrap();
            }
        })
    });
    rig.the_loop.wait_for(&wake, 5, done);
    rig.world.again.insert(5, u32::MAX);
    let mut seen = 0;
    while seen < THREADS * EACH {
        rig.until(|world| !world.told.is_empty());
        rig.world.told.clear();
        // ORDERING: Relaxed, as above.
        seen += work.swap(0, Relaxed);
    }
    for thread in threads {
        thread.join().unwrap();
    }
}

/// The one that matters: nothing comes after it that could help.
fn after_the_last_wake_there_is_a_call(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    let flag = Arc::new(AtomicBool::new(false));
    let barrier = Arc::new(Barrier::new(2));
    let other = {
        let (wake, flag) = (wake.clone(), Arc::clone(&flag));
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || {
            for _ in 0..500 {
                barrier.wait();
                // ORDERING: Relaxed, as in the test above.
                flag.store(true, Relaxed);
                wake.notify().unwrap();
            }
        })
    };
    rig.the_loop.wait_for(&wake, 5, done);
    rig.world.again.insert(5, u32::MAX);
    for round in 0..500 {
        barrier.wait();
        rig.looks(round % 5);
        // ORDERING: Relaxed, as above.
        while !flag.swap(false, Relaxed) {
            rig.once();
        }
    }
    other.join().unwrap();
}

fn a_wait_can_be_cancelled(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    for looks in 0..3 {
        let waits = rig.the_loop.wait_for(&wake, 3, done);
        (0..looks).for_each(|_| rig.hand_over());
        let cancel = rig.the_loop.cancel(waits, 4, answered);
        assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
        assert!(rig.end_of(waits).is_cancelled());
        // The wake that comes after is for the next one.
        wake.notify().unwrap();
        rig.looks(looks);
        let waits = rig.the_loop.wait_for(&wake, 3, done);
        assert_eq!(rig.end_of(waits).count(), 0);
    }
    assert_eq!(rig.the_loop.active(), 0);
}

/// It wakes nobody, harms nobody, and says so at most.
fn a_wake_after_the_loop_has_gone(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    rig.the_loop.wait_for(&wake, 3, done);
    let barrier = Arc::new(Barrier::new(2));
    let other = {
        let (wake, barrier) = (wake.clone(), Arc::clone(&barrier));
        thread::spawn(move || {
            barrier.wait();
            for _ in 0..10_000 {
                let _ = wake.notify();
            }
        })
    };
    barrier.wait();
    drop(rig);
    // Whoever has its descriptor now hears nothing of it.
    let (mut reads, writes) = std::io::pipe().unwrap();
    for _ in 0..100 {
        let _ = wake.notify();
    }
    other.join().unwrap();
    drop(writes);
    assert_eq!(std::io::Read::read(&mut reads, &mut [0; 8]).unwrap(), 0);
}

fn the_last_handle_may_go_first(config: Config) {
    let mut rig = Rig::new(config);
    let wake = rig.the_loop.notifier().unwrap();
    let waits = rig.the_loop.wait_for(&wake, 3, done);
    rig.hand_over();
    wake.notify().unwrap();
    drop(wake);
    rig.end_of(waits);
    // And one that nobody can wake any more can be cancelled.
    let wake = rig.the_loop.notifier().unwrap();
    let waits = rig.the_loop.wait_for(&wake, 3, done);
    drop(wake);
    rig.hand_over();
    let cancel = rig.the_loop.cancel(waits, 4, answered);
    assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
    assert_eq!(
        rig.the_loop.active(),
        1 - usize::from(rig.end_of(waits).is_cancelled())
    );
}

/// What was said to the one before is not said to the next.
fn a_number_that_is_given_again(config: Config) {
    let mut rig = Rig::new(config);
    for looks in 0..3 {
        // As many as it takes until the first are given again: before the loop has looked
        // at what was said to them, or after it.
        for _ in 0..200 {
            let before = rig.the_loop.notifier().unwrap();
            before.notify().unwrap();
            if looks > 0 {
                rig.the_loop.timer(Duration::ZERO, 9, done);
                rig.looks(looks);
            }
        }
        rig.finish();
        rig.world.told.clear();
        if looks == 0 {
            for _ in 0..200 {
                rig.the_loop.notifier().unwrap().notify().unwrap();
            }
        }
        let after = rig.the_loop.notifier().unwrap();
        let waits = rig.the_loop.wait_for(&after, 1, done);
        for _ in 0..3 {
            rig.hand_over();
        }
        after.notify().unwrap();
        assert_eq!(rig.end_of(waits).count(), 0);
    }
}

fn a_number_that_is_waited_for_is_not_given_again(config: Config) {
    let mut rig = Rig::new(config);
    let before = rig.the_loop.notifier().unwrap();
    let waits = rig.the_loop.wait_for(&before, 1, done);
    rig.hand_over();
    drop(before);
    let others: Vec<_> =
        (0..100).map(|_| rig.the_loop.notifier().unwrap()).collect();
    for other in &others {
        other.notify().unwrap();
    }
    for _ in 0..3 {
        rig.hand_over();
    }
    let cancel = rig.the_loop.cancel(waits, 2, answered);
    assert_eq!(rig.end_of(cancel).answer, Some(Answer::Cancelled));
}

/// The handle has gone while who wants to wait is queued still: its number is not free.
fn a_number_that_somebody_is_about_to_wait_for(config: Config) {
    let mut rig = Rig::new(config);
    let mut bells: Vec<_> =
        (0..64).map(|_| rig.the_loop.notifier().unwrap()).collect();
    let bell = bells.remove(0);
    let waits = rig.the_loop.wait_for(&bell, 1, done);
    drop(bell);
    let another = rig.the_loop.notifier().unwrap();
    another.notify().unwrap();
    rig.looks(3);
    assert!(rig.world.told.is_empty(), "its own was never notified");
    rig.the_loop.cancel(waits, 2, answered);
    rig.finish();
    assert!(rig.world.told[0].is_cancelled());
    // Now it is.
    let third = rig.the_loop.notifier().unwrap();
    third.notify().unwrap();
    rig.the_loop.wait_for(&third, 3, done);
    assert_eq!(rig.finish(), 1);
}
