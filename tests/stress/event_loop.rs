//! Stress for `event::Loop`: wakes from many threads, while registrations come and go.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models in `src/event/` try them all, with fewer threads.

use std::collections::VecDeque;
use std::io::{Read, Write, pipe};
use std::os::fd::AsFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::event::{Events, Key, Loop, Slab, Waker};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);

/// Threads put numbers into a queue and wake; the loop sleeps as long as nobody wakes it. If
/// a wake were lost, it would sleep for ever, with something in the queue.
#[test]
fn no_wake_is_lost_among_many() {
    const THREADS: u64 = 32;
    const EACH: u64 = 2_000;
    let seed = seed("no_wake_is_lost_among_many");
    within(LIMIT, || {
        let mut the_loop = Loop::new().unwrap();
        let queue = Mutex::new(VecDeque::new());
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (queue, waker) = (&queue, the_loop.waker());
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    for n in 0..EACH {
                        step(format!("{number} has sent {n}"));
                        queue.lock().unwrap().push_back(number * EACH + n);
                        waker.wake().unwrap();
                        if random.below(4) == 0 {
                            thread::yield_now();
                        }
                    }
                });
            }
            let mut events = Events::with_capacity(4);
            let (mut sum, mut left) = (0, THREADS * EACH);
            while left > 0 {
                step(format!("{left} to come"));
                the_loop.wait(&mut events, None).unwrap();
                assert!(events.woken(), "it came back for nothing");
                let came = std::mem::take(&mut *queue.lock().unwrap());
                left -= came.len() as u64;
                sum += came.iter().sum::<u64>();
            }
            assert_eq!(sum, THREADS * EACH * (THREADS * EACH - 1) / 2);
        });
    });
}

/// Loops in a ring, each on its own thread: each wake is answered by one wake. So each is
/// either asleep or about to sleep when it is woken, all the time.
#[test]
fn a_wake_goes_round() {
    const LOOPS: usize = 8;
    const ROUNDS: u64 = 2_000;
    within(LIMIT, || {
        let loops: Vec<_> = (0..LOOPS).map(|_| Loop::new().unwrap()).collect();
        let mut wakers: Vec<Waker> = loops.iter().map(Loop::waker).collect();
        wakers.rotate_left(1);
        let first = wakers[LOOPS - 1].clone();
        let turn = AtomicU64::new(0);
        thread::scope(|scope| {
            for (number, (mut the_loop, next)) in
                loops.into_iter().zip(wakers).enumerate()
            {
                let turn = &turn;
                scope.spawn(move || {
                    let mut events = Events::with_capacity(1);
                    for round in 0..ROUNDS {
                        step(format!("{number} waits in round {round}"));
                        the_loop.wait(&mut events, None).unwrap();
                        let mine = round * LOOPS as u64 + number as u64;
                        assert!(events.woken());
                        // ORDERING: Relaxed. The wakes are the order, and are what is tested.
                        assert_eq!(turn.load(Relaxed), mine);
                        // ORDERING: Relaxed, as above.
                        turn.store(mine + 1, Relaxed);
                        next.wake().unwrap();
                    }
                });
            }
            first.wake().unwrap();
        });
    });
}

/// Pipes are written to by other threads, closed and made anew by the loop, which is woken
/// all the while. What is read is what was written, and no event goes to another.
#[test]
fn connections_come_and_go_while_it_is_woken() {
    const THREADS: u64 = 4;
    const PIPES: u64 = 500;
    let seed = seed("connections_come_and_go_while_it_is_woken");
    within(LIMIT, || {
        let mut the_loop = Loop::new().unwrap();
        let queue = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (queue, waker) = (&queue, the_loop.waker());
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    for n in 0..PIPES {
                        step(format!("{number} hands over pipe {n}"));
                        let (reads, mut writes) = pipe().unwrap();
                        let text =
                            vec![number as u8; 1 + random.below(200) as usize];
                        queue.lock().unwrap().push((reads, text.clone()));
                        waker.wake().unwrap();
                        for part in text.chunks(64) {
                            writes.write_all(part).unwrap();
                        }
                    }
                });
            }
            let mut events = Events::with_capacity(8);
            let (mut pipes, mut left) = (Slab::new(), THREADS * PIPES);
            while left > 0 {
                step(format!("{left} to come, {} are open", pipes.len()));
                the_loop.wait(&mut events, None).unwrap();
                if events.woken() {
                    for (reads, text) in std::mem::take(&mut *queue.lock().unwrap())
                    {
                        let key = pipes.insert((reads, text, 0));
                        let reads = pipes.get(key).unwrap().0.as_fd();
                        the_loop.add_read(reads, key.to_user()).unwrap();
                    }
                }
                for event in &events {
                    let key = Key::from_user(event.user);
                    let (reads, text, got) = pipes.get_mut(key).expect("it is open");
                    let mut bytes = [0; 32];
                    let read = reads.read(&mut bytes).unwrap();
                    assert_eq!(bytes[..read], text[*got..][..read]);
                    *got += read;
                    if read == 0 {
                        assert_eq!(*got, text.len(), "the end came too early");
                        the_loop.del_read(reads.as_fd()).unwrap();
                        drop(pipes.remove(key));
                        left -= 1;
                    }
                }
                pipes.retire();
            }
            assert_eq!((the_loop.registered(), the_loop.stale()), (0, 0));
        });
    });
}
