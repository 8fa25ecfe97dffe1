//! What does a lock do while it waits, and how often must it ask the kernel?
//!
//! Run: `cargo run --release --example 05_futex_locks`
//!
//! You will see (a test compares all but the figures):
//!
//! ```text
//! 1. One thread keeps the lock for 300ms, another waits for it.
//!                    user time    sleeps
//!    v1_spin              300 ms         0
//!    v2_two_state           0 ms         1
//!    v3_three_state         0 ms         1
//!    v4_adaptive            0 ms         1
//! 2. One thread takes it 50000 times. Nobody else is there.
//!                     wake-ups
//!    v1_spin                   0
//!    v2_two_state          50000
//!    v3_three_state            0
//!    v4_adaptive               0
//! 3. 4 threads take it 50000 times each, and keep it for a moment.
//!                         time    sleeps  wake-ups  in vain  calls per lock
//!    v1_spin             16 ms         0         0        0          0.000
//!    v2_two_state        30 ms      4264    200000   195736          1.021
//!    v3_three_state      18 ms     21079     38997    17918          0.300
//!    v4_adaptive          9 ms        98       193       95          0.001
//! ```
//!
//! The system calls are counted by the program itself: [`threadbare::futex::calls`].
//!
//! Change first: `TURNS = 100_000`, so that the lock is kept for longer than the last one
//! is ready to look. Then `THREADS = 1`: what does each lock cost nobody?
//!
//! Needs: `03_atomics`. Next: 06 (the work-stealing pool).

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use threadbare::futex;
use threadbare::sync::mutex::{v1_spin, v2_two_state, v3_three_state, v4_adaptive};

/// How long the lock is held in part 1.
const HELD: Duration = Duration::from_millis(300);
/// How often it is taken in part 2, and by each thread of part 3.
const LOCKS: u64 = 50_000;
/// How many threads take it in part 3.
const THREADS: usize = 4;
/// For how many turns they keep it: these are some 40 nanoseconds in a release build.
const TURNS: u32 = 100;

/// A version of the lock, and a function that takes it, adds one to what it guards, runs a
/// section, and returns the sum.
type Version = (&'static str, fn(&dyn Fn()) -> u64);

const LADDER: [Version; 4] = [
    ("v1_spin       ", |section| {
        static LOCK: v1_spin::Mutex<u64> = v1_spin::Mutex::new(0);
        let mut sum = LOCK.lock();
        *sum += 1;
        section();
        *sum
    }),
    ("v2_two_state  ", |section| {
        static LOCK: v2_two_state::Mutex<u64> = v2_two_state::Mutex::new(0);
        let mut sum = LOCK.lock();
        *sum += 1;
        section();
        *sum
    }),
    ("v3_three_state", |section| {
        static LOCK: v3_three_state::Mutex<u64> = v3_three_state::Mutex::new(0);
        let mut sum = LOCK.lock();
        *sum += 1;
        section();
        *sum
    }),
    ("v4_adaptive   ", |section| {
        static LOCK: v4_adaptive::Mutex<u64> = v4_adaptive::Mutex::new(0);
        let mut sum = LOCK.lock().unwrap();
        *sum += 1;
        section();
        *sum
    }),
];

fn main() {
    println!("1. One thread keeps the lock for {HELD:?}, another waits for it.");
    println!("                   user time    sleeps");
    LADDER.iter().for_each(held);
    println!("2. One thread takes it {LOCKS} times. Nobody else is there.");
    println!("                    wake-ups");
    LADDER.iter().for_each(alone);
    println!(
        "3. {THREADS} threads take it {LOCKS} times each, and keep it for a moment."
    );
    println!(
        "                        time    sleeps  wake-ups  in vain  calls per lock"
    );
    LADDER.iter().for_each(fight);
}

fn held((name, take): &Version) {
    let line = Barrier::new(2);
    let (burnt, calls) = thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            line.wait();
            take(&|| ());
            (user_time(), futex::calls())
        });
        take(&|| {
            line.wait();
            thread::sleep(HELD);
        });
        waiter.join().unwrap()
    });
    println!("   {name} {burnt:9} ms {:9}", calls.waits);
    assert!(*name != LADDER[0].0 || calls.waits == 0, "it can only look");
}

fn alone((name, take): &Version) {
    let before = futex::calls().wakes;
    for _ in 0..LOCKS {
        take(&|| ());
    }
    let wakes = futex::calls().wakes - before;
    println!("   {name} {wakes:12}");
    let is_blind = *name == LADDER[1].0;
    assert_eq!(wakes, if is_blind { LOCKS } else { 0 }, "nobody slept");
}

fn fight((name, take): &Version) {
    let before = take(&|| ());
    let line = Barrier::new(THREADS);
    let start = Instant::now();
    let [sleeps, wakes] = thread::scope(|scope| {
        let threads = [(); THREADS].map(|()| {
            scope.spawn(|| {
                line.wait();
                for _ in 0..LOCKS {
                    take(&|| (0..TURNS).for_each(|turn| _ = black_box(turn)));
                }
                let calls = futex::calls();
                [calls.waits, calls.wakes]
            })
        });
        let all = threads.map(|thread| thread.join().unwrap());
        [0, 1].map(|column| all.iter().map(|row| row[column]).sum::<u64>())
    });
    let time = start.elapsed().as_millis();
    let locks = THREADS as u64 * LOCKS;
    let for_each = (sleeps + wakes) as f64 / locks as f64;
    let in_vain = wakes.saturating_sub(sleeps);
    println!(
        "   {name} {time:7} ms {sleeps:9} {wakes:9} {in_vain:8} {for_each:14.3}"
    );
    assert_eq!(take(&|| ()), before + locks + 1, "one at a time");
    match *name {
        "v1_spin       " => assert_eq!(sleeps + wakes, 0, "it can only look"),
        "v2_two_state  " => assert_eq!(wakes, locks, "it wakes in any case"),
        _ => assert!(wakes <= locks, "it wakes once for each unlock at most"),
    }
}

/// For how many milliseconds this thread has computed so far, outside the kernel. Linux
/// counts them in tens; elsewhere they are not known here.
fn user_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    // The thread's name is in brackets, and may have anything in it but the last bracket.
    let numbers = stat.rsplit(')').next().unwrap_or_default();
    let ticks = numbers.split_whitespace().nth(11);
    10 * ticks.and_then(|ticks| ticks.parse().ok()).unwrap_or(0_u64)
}
