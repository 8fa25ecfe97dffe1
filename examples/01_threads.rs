//! How do several threads share one job, and what gets lost when they do it carelessly?
//!
//! Run: `cargo run --example 01_threads`
//!
//! You will see (a test compares this with what the program prints):
//!
//! ```text
//! 1. Two threads count to 1000 each: load, add one, store.
//!    LOST: 2000 updates were made, the counter says 1000.
//! 2. The same with fetch_add, which reads and writes in one step.
//!    kept: 2000 updates were made, the counter says 2000.
//! 3. Four scoped threads add up 1..=4000000 without copying it.
//!    sum-0 says  500000500000
//!    sum-1 says 1500000500000
//!    sum-2 says 2500000500000
//!    sum-3 says 3500000500000
//!    kept: together 8000002000000, as one thread says.
//! 4. One of three workers panics; all are joined, nothing is lost.
//!    read-0: 40 lines
//!    error: thread 'read-1' panicked: page 1 is torn
//!    read-2: 42 lines
//! ```
//!
//! (The panic itself also writes a line to standard error.)
//!
//! Change first: take the two `wait` calls out of `careless`. Is anything still lost? And
//! with `ROUNDS` at a million? Then put them back, and run it with `-- --forget`.
//!
//! Needs: nothing. Next: `02_locks`.

use std::error::Error;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};
use threadbare::thread::{Workers, join_all};

/// How often each of the two counting threads adds one.
const ROUNDS: u32 = 1_000;
/// How many updates the two make together.
const MADE: u32 = 2 * ROUNDS;
/// The sum is over 1, 2, ... up to this.
const NUMBERS: u32 = 4_000_000;
/// How many threads share the sum.
const THREADS: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().any(|arg| arg == "--forget") {
        return forget();
    }
    println!("1. Two threads count to {ROUNDS} each: load, add one, store.");
    let total = count(careless);
    println!("   LOST: {MADE} updates were made, the counter says {total}.");
    assert_eq!(total, MADE / 2, "each round loses one of its two updates");

    println!("2. The same with fetch_add, which reads and writes in one step.");
    let total = count(careful);
    println!("   kept: {MADE} updates were made, the counter says {total}.");
    assert_eq!(total, MADE);

    println!("3. Four scoped threads add up 1..={NUMBERS} without copying it.");
    sum()?;

    println!("4. One of three workers panics; all are joined, nothing is lost.");
    harvest()
}

/// Lets two threads make `ROUNDS` updates each, and returns where the counter ends.
fn count(update: fn(&AtomicU32, &Barrier)) -> u32 {
    let counter = AtomicU32::new(0);
    let meeting = Barrier::new(2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..ROUNDS).for_each(|_| update(&counter, &meeting)));
        }
    });
    counter.into_inner()
}

// ANCHOR: careless
/// Loads, then stores: between the two, the other thread does the same.
///
/// On its own that happens now and then. The first `wait` makes it happen every
/// time: nobody stores before both have loaded. The second keeps the rounds apart.
fn careless(counter: &AtomicU32, meeting: &Barrier) {
    // ORDERING: Relaxed. The fault is not the ordering: SeqCst loses just as many.
    let seen = counter.load(Relaxed);
    meeting.wait();
    // ORDERING: Relaxed, see the load above.
    counter.store(seen + 1, Relaxed);
    meeting.wait();
}
// ANCHOR_END: careless

// ANCHOR: careful
/// Reads, adds and writes in one step that nothing can get into.
fn careful(counter: &AtomicU32, meeting: &Barrier) {
    meeting.wait();
    // ORDERING: Relaxed. Only the count matters, and it is read after the scope.
    counter.fetch_add(1, Relaxed);
    meeting.wait();
}
// ANCHOR_END: careful

/// Splits the numbers among threads that borrow them.
fn sum() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u32> = (1..=NUMBERS).collect();
    let add_up = |part: &[u32]| part.iter().copied().map(u64::from).sum::<u64>();

    let mut workers = Workers::named("sum");
    let total = thread::scope(|scope| {
        let mut running = Vec::new();
        for part in numbers.chunks(numbers.len().div_ceil(THREADS)) {
            running.push(workers.spawn_scoped(scope, move || add_up(part))?);
        }
        let mut total = 0;
        for (number, worker) in running.into_iter().enumerate() {
            let part = worker.join()?;
            println!("   sum-{number} says {part:>13}");
            total += part;
        }
        Ok::<_, Box<dyn Error>>(total)
    })?;
    assert_eq!(total, add_up(&numbers));
    println!("   kept: together {total}, as one thread says.");
    Ok(())
}

/// Joins everyone, those who panicked too, and only then looks at what they brought.
fn harvest() -> Result<(), Box<dyn Error>> {
    let mut workers = Workers::named("read").stack_size(64 * 1024);
    let mut running = Vec::new();
    for page in 0..3 {
        running.push(workers.spawn(move || {
            assert!(page != 1, "page {page} is torn");
            40 + page
        })?);
    }
    for (page, outcome) in join_all(running).into_iter().enumerate() {
        match &outcome {
            Ok(lines) => println!("   read-{page}: {lines} lines"),
            Err(panicked) => println!("   error: {panicked}"),
        }
        assert_eq!(outcome.is_err(), page == 1);
    }
    Ok(())
}

// ANCHOR: forget
/// Lets go of a thread that is not finished: the end of `main` cuts it off.
fn forget() -> Result<(), Box<dyn Error>> {
    let (started, has_started) = mpsc::channel();
    thread::spawn(move || {
        println!("saving part 1 of 3");
        started.send(()).ok();
        for part in 2..=3 {
            thread::sleep(Duration::from_secs(5));
            println!("saving part {part} of 3");
        }
    });
    has_started.recv()?;
    println!("main: all is on its way, goodbye");
    Ok(()) // nobody kept the handle, so nobody waits
}
// ANCHOR_END: forget
