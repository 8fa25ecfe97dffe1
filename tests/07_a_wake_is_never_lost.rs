//! Property: whoever wakes a loop wakes it, before a wait or during one, alone or together
//! with others; many wakes are one; and while the loop is awake the kernel is not asked.
#![cfg(any(target_os = "linux", target_vendor = "apple", target_os = "freebsd"))]

#[path = "07_common/mod.rs"]
mod common;

use common::{NOW, Watch, of_both};
use std::io::{Write, pipe};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Barrier, mpsc};
use std::thread;
use threadbare::event::{Events, Loop, Waker};
use threadbare::testkit::{self, step};

of_both! {
    before_a_wait
    during_a_wait
    many_wakes_are_one
    together_with_events
    while_more_is_ready_than_there_is_room_for
    from_many_threads
    what_was_done_before_is_seen_after
    a_waker_may_outlive_its_loop
}

/// Waits until the thread of this name sleeps in the kernel, where the system says so.
/// Elsewhere a wake comes before the wait as often as during it, which is as good.
fn until_asleep(name: &str) {
    let mut times = 0;
    while times < 2 {
        let states = testkit::threads();
        let kernel = |state: &&testkit::ThreadState| state.name == name;
        match states.iter().find(kernel).map(|state| &state.kernel) {
            Some(kernel) if kernel == "unknown" => return,
            Some(kernel) if kernel.starts_with("asleep") => times += 1,
            _ => times = 0,
        }
        thread::yield_now();
    }
}

fn before_a_wait<W: Watch>(mut watch: W) {
    let (mut events, waker) = (Events::with_capacity(4), watch.waker());
    for timeout in [None, NOW, None, NOW] {
        watch.wait(&mut events, NOW).unwrap();
        assert!(!events.woken(), "nobody has");
        W::wake(&waker).unwrap();
        watch.wait(&mut events, timeout).unwrap();
        assert!(events.woken() && events.is_empty());
    }
}

fn during_a_wait<W: Watch + Send>(mut watch: W) {
    const ROUNDS: usize = 50;
    let waker = watch.waker();
    let (sends, receives) = mpsc::channel();
    thread::scope(|scope| {
        let run = move || {
            let mut events = Events::with_capacity(4);
            for round in 0..ROUNDS {
                step(format!("waits for wake {round}"));
                watch.wait(&mut events, None).unwrap();
                assert!(events.woken() && events.is_empty());
                sends.send(round).unwrap();
            }
        };
        let name = format!("sleeps {}", size_of::<W>());
        let sleeper = thread::Builder::new().name(name.clone());
        sleeper.spawn_scoped(scope, run).unwrap();
        for round in 0..ROUNDS {
            until_asleep(&name);
            W::wake(&waker).unwrap();
            assert_eq!(receives.recv().unwrap(), round, "once for each wake");
        }
    });
}

fn many_wakes_are_one<W: Watch>(mut watch: W) {
    let mut events = Events::with_capacity(4);
    // More than fit into a pipe.
    for wakes in [2, 1_000, 100_000] {
        let (one, other) = (watch.waker(), watch.waker().clone());
        for _ in 0..wakes / 2 {
            W::wake(&one).unwrap();
            W::wake(&other).unwrap();
        }
        watch.wait(&mut events, None).unwrap();
        assert!(events.woken() && events.is_empty());
        watch.wait(&mut events, NOW).unwrap();
        assert!(!events.woken(), "all of them were one");
    }
}

fn together_with_events<W: Watch>(mut watch: W) {
    // Room for a single event: a wake takes none of it.
    let (mut events, waker) = (Events::with_capacity(1), watch.waker());
    let (reads, mut writes) = pipe().unwrap();
    watch.add_read(reads.as_fd(), 1).unwrap();
    writes.write_all(b"x").unwrap();
    let (mut woken, mut told) = (0, 0);
    for _ in 0..10 {
        W::wake(&waker).unwrap();
        // Both are there. One wait may bring the one, and the next the other.
        for _ in 0..2 {
            watch.wait(&mut events, None).unwrap();
            woken += usize::from(events.woken());
            told += events.len();
        }
    }
    assert_eq!(woken, 10, "once for each wake");
    assert!(told >= 10, "{told}");
    watch.del_read(reads.as_fd()).unwrap();
    watch.wait(&mut events, NOW).unwrap();
    assert!(events.is_empty() && !events.woken());
}

/// Whose turn it is among the events is nothing to a wake: the next wait tells it.
fn while_more_is_ready_than_there_is_room_for<W: Watch>(mut watch: W) {
    let (mut events, waker) = (Events::with_capacity(1), watch.waker());
    let pipes = [0; 8].map(|_| pipe().unwrap());
    for (user, (reads, writes)) in (0..).zip(&pipes) {
        (&*writes).write_all(b"x").unwrap();
        watch.add_read(reads.as_fd(), user).unwrap();
    }
    for _ in 0..2 * pipes.len() + 1 {
        W::wake(&waker).unwrap();
        watch.wait(&mut events, None).unwrap();
        assert!(events.woken(), "{events:?}");
        watch.wait(&mut events, None).unwrap();
        assert!(!events.woken() && events.len() == 1, "{events:?}");
    }
}

/// Each thread puts down what it has, then wakes. The loop sleeps unless it is woken, and
/// still finds all of it.
fn from_many_threads<W: Watch>(mut watch: W) {
    const THREADS: u64 = 8;
    const EACH: u64 = 500;
    let (sends, receives) = mpsc::channel();
    let begin = Barrier::new(THREADS as usize + 1);
    let begin = &begin;
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (waker, sends) = (watch.waker(), sends.clone());
            scope.spawn(move || {
                begin.wait();
                for n in 0..EACH {
                    step(format!("{number} sends {n}"));
                    sends.send(number * EACH + n).unwrap();
                    W::wake(&waker).unwrap();
                }
            });
        }
        begin.wait();
        let (mut events, mut sum) = (Events::with_capacity(4), 0);
        let mut left = THREADS * EACH;
        while left > 0 {
            step(format!("waits for {left}"));
            watch.wait(&mut events, None).unwrap();
            assert!(events.woken(), "for no other reason");
            for n in receives.try_iter() {
                (sum, left) = (sum + n, left - 1);
            }
        }
        let all = THREADS * EACH;
        assert_eq!(sum, all * (all - 1) / 2);
    });
}

/// A number that is stored and read without an order of its own: the wake is the order.
fn what_was_done_before_is_seen_after<W: Watch + Send>(mut watch: W) {
    const ROUNDS: u64 = 2_000;
    let (there, back) = (AtomicU64::new(0), AtomicU64::new(0));
    let (there, back) = (&there, &back);
    let (mut other, waker) = (W::new().unwrap(), watch.waker());
    let back_waker = other.waker();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut events = Events::with_capacity(1);
            for round in 1..=ROUNDS {
                // ORDERING: Relaxed, here and below. What orders it is what is tested.
                there.store(round, Relaxed);
                W::wake(&waker).unwrap();
                other.wait(&mut events, None).unwrap();
                // ORDERING: Relaxed, as above.
                assert!(events.woken() && back.load(Relaxed) == round);
            }
        });
        let mut events = Events::with_capacity(1);
        for round in 1..=ROUNDS {
            watch.wait(&mut events, None).unwrap();
            // ORDERING: Relaxed, as above.
            assert!(events.woken() && there.load(Relaxed) == round);
            // ORDERING: Relaxed, as above.
            back.store(round, Relaxed);
            W::wake(&back_waker).unwrap();
        }
    });
}

fn a_waker_may_outlive_its_loop<W: Watch>(watch: W) {
    let wakers = [watch.waker(), watch.waker()];
    drop(watch);
    for waker in wakers {
        // Nobody is woken, and whether that is an error is not said.
        drop((W::wake(&waker), W::wake(&waker)));
    }
}

#[test]
fn wakers_go_to_other_threads_and_a_loop_to_one() {
    fn send_and_sync<T: Send + Sync + Clone>() {}
    fn send<T: Send>() {}
    send_and_sync::<Waker>();
    send::<Loop>();
}

/// How many system calls wakes have made, from the kernel: what is in the eventfd, which
/// nobody reads.
#[cfg(all(target_os = "linux", not(threadbare_kqueue)))]
mod system_calls {
    use super::common::{LIMIT, alone};
    use super::*;
    use std::fs;
    use threadbare::testkit::within;

    /// The sum of all eventfds that this process has.
    fn written() -> u64 {
        let count = |info: String| {
            let line = info
                .lines()
                .find(|line| line.starts_with("eventfd-count"))?;
            u64::from_str_radix(line.split_whitespace().last()?, 16).ok()
        };
        let all = fs::read_dir("/proc/self/fdinfo").unwrap().flatten();
        all.filter_map(|entry| count(fs::read_to_string(entry.path()).ok()?))
            .sum()
    }

    /// In a process of its own, where no other test wakes anything.
    #[test]
    fn none_while_the_loop_is_awake_and_one_while_it_sleeps() {
        const NAME: &str =
            "system_calls::none_while_the_loop_is_awake_and_one_while_it_sleeps";
        if !alone(NAME) {
            return;
        }
        within(LIMIT, || {
            let (mut the_loop, mut events) =
                (Loop::new().unwrap(), Events::with_capacity(4));
            let waker = the_loop.waker();
            for _ in 0..1_000 {
                waker.wake().unwrap();
            }
            assert_eq!(written(), 0, "it was awake");
            the_loop.wait(&mut events, None).unwrap();
            assert!(events.woken());
            assert_eq!(written(), 0, "it did not need to sleep");

            let sleeper = thread::Builder::new().name("sleeps".to_owned());
            let sleeper = sleeper.spawn(move || {
                the_loop.wait(&mut events, None).unwrap();
                (the_loop, events.woken())
            });
            until_asleep("sleeps");
            waker.wake().unwrap();
            let (_the_loop, woken) = sleeper.unwrap().join().unwrap();
            for _ in 0..1_000 {
                waker.wake().unwrap();
            }
            assert_eq!((written(), woken), (1, true), "it slept once");
        });
    }
}
