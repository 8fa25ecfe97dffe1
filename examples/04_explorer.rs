//! How would you ever find this bug?
//!
//! Run: `cargo run --example 04_explorer`
//!
//! You will see (a test compares this with what the program prints):
//!
//! ```text
//! 1. Four threads, 100000 updates each, under a lock that is wrong.
//!    400000 updates were made, the counter says 400000.
//! 2. The same lock in the explorer: two threads, one update each.
//! model: two threads count
//! ASSERTION: 2 updates were made, the counter says 1
//!   at examples/04_explorer.rs:158
//!
//!   04_explorer.rs
//!   step  line  main                              thread 1
//!      1  141   locked.swap(true, Acquire):
//!               false -> true
//!      2  145   count.load(Relaxed) -> 0
//!      3  147   count.store(1, Relaxed)
//!      4  149   locked.store(false, Relaxed)
//!         121   joins thread 1
//!      5  141                                     locked.swap(true, Acquire): false
//!                                                 -> true
//!      6  145                                     count.load(Relaxed) -> 0  OLD
//!      7  147                                     count.store(1, Relaxed)
//!      8  149                                     locked.store(false, Relaxed)
//!      9  121   goes on: thread 1 has ended
//!     10  124   count.load(Relaxed) -> 1
//!
//! OLD: the value had been overwritten, and nothing that the thread has seen so far
//! forbids to read it.
//!
//! replay: Model::replay("0*4 1 1.1 1*2 0*2")
//!    mended: 18 executions, 9 states, nothing found.
//! 3. A thread sleeps until a flag is set. Who sets it wakes it first.
//! model: a flag and a sleeper
//! LOST WAKE-UP: main sleeps at 04_explorer.rs:171, in wait(flag == 0), but flag is
//! 1 now; nobody is left to wake anybody
//!   at examples/04_explorer.rs:171
//!
//!   04_explorer.rs
//!   step  line  main                     thread 1
//!      1  170   flag.load(Acquire) -> 0
//!      2  171   wait(flag == 0) sleeps
//!      3  177                            wake(flag) wakes main
//!      4  171   wakes up
//!      5  170   flag.load(Acquire) -> 0
//!      6  171   wait(flag == 0) sleeps
//!      7  179                            flag.store(1, Release)
//!
//! replay: Model::replay("0*2 1 0*3 1")
//!    mended: 16 executions, 10 states, nothing found.
//! ```
//!
//! Change first: in `demo`, let part 2 look for the bug with `two_count(Release)`. There is
//! none then, so the program ends there and says so. Put it back, and run one execution
//! alone, in a debugger if you like:
//! `cargo run --example 04_explorer -- --replay "0*4 1 1.1"`
//!
//! Needs: `01_threads`. Next: `05_futex_locks`, whose locks are graded by this.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use explorer::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{self, Acquire, Relaxed, Release},
};
use explorer::ground::{Named as _, futex, sync::Arc, thread};
use explorer::{Kind, Model};

/// How often each of four threads adds one in the stress test.
const ROUNDS: u32 = 100_000;
/// How wide the reports are.
const WIDTH: usize = 81;
const USAGE: &str = "usage: 04_explorer [--replay SCHEDULE]";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => demo()?,
        ["--replay", schedule] => return Ok(replay(schedule)),
        ["--help" | "-h"] => println!("{USAGE}"),
        _ => return Ok(refuse("these arguments are not understood")),
    }
    Ok(ExitCode::SUCCESS)
}

fn demo() -> Result<(), Box<dyn Error>> {
    println!("1. Four threads, {ROUNDS} updates each, under a lock that is wrong.");
    let (made, count) = (4 * ROUNDS, count(ROUNDS, 4, Relaxed));
    println!("   {made} updates were made, the counter says {count}.");

    println!("2. The same lock in the explorer: two threads, one update each.");
    let models = [|| two_count(Relaxed), || two_count(Release)];
    explore("two threads count", models, Kind::Assertion)?;

    println!("3. A thread sleeps until a flag is set. Who sets it wakes it first.");
    let models = [|| sleeper(wake_then_set), || sleeper(set_then_wake)];
    explore("a flag and a sleeper", models, Kind::LostWakeUp)
}

// ANCHOR: stress
/// Lets `threads` threads add 1 `each` times, under a lock, and returns the sum.
fn count(each: u32, threads: usize, unlock: Ordering) -> u32 {
    let counter = Arc::new(Counter {
        locked: AtomicBool::new(false).named("locked"),
        count: AtomicU32::new(0).named("count"),
        unlock,
    });
    let add = move |counter: Arc<Counter>| (0..each).for_each(|_| counter.add_one());
    let others: Vec<_> = (1..threads)
        .map(|_| Arc::clone(&counter))
        .map(|counter| thread::spawn(move || add(counter)))
        .collect();
    add(Arc::clone(&counter)); // this thread is one of them
    for other in others {
        other.join().unwrap();
    }
    // ORDERING: Relaxed. All threads have been joined.
    counter.count.load(Relaxed)
}
// ANCHOR_END: stress

// ANCHOR: lock
/// A number under a spin lock. It is atomic only so that the program stays well defined
/// when the lock fails; still it is read and written in two steps.
struct Counter {
    locked: AtomicBool,
    count: AtomicU32,
    unlock: Ordering,
}

impl Counter {
    fn add_one(&self) {
        // ORDERING: Acquire; pairs with the store at the end of `add_one`, if that is
        // Release.
        while self.locked.swap(true, Acquire) {
            thread::yield_now();
        }
        // ORDERING: Relaxed. The lock orders it.
        let seen = self.count.load(Relaxed);
        // ORDERING: Relaxed, as above.
        self.count.store(seen + 1, Relaxed);
        // ORDERING: the question.
        self.locked.store(false, self.unlock);
    }
}
// ANCHOR_END: lock

// ANCHOR: model
/// The model: as small as it can be, and what must be true at the end.
fn two_count(unlock: Ordering) {
    let count = count(1, 2, unlock);
    assert!(count == 2, "2 updates were made, the counter says {count}");
}
// ANCHOR_END: model

// ANCHOR: wake_up
/// Waits for a flag in the kernel, while another thread sets it.
fn sleeper(set: fn(&AtomicU32)) {
    let flag = Arc::new(AtomicU32::new(0).named("flag"));
    let theirs = Arc::clone(&flag);
    let setter = thread::spawn(move || set(&theirs));
    // ORDERING: Acquire; pairs with the Release stores in `wake_then_set` and
    // `set_then_wake`.
    while flag.load(Acquire) == 0 {
        futex::wait(&flag, 0); // sleeps only if the flag is 0
    }
    setter.join().unwrap();
}

fn wake_then_set(flag: &AtomicU32) {
    futex::wake_one(flag);
    // ORDERING: Release; pairs with the Acquire load in `sleeper`.
    flag.store(1, Release);
}

fn set_then_wake(flag: &AtomicU32) {
    // ORDERING: Release; pairs with the Acquire load in `sleeper`.
    flag.store(1, Release);
    futex::wake_one(flag);
}
// ANCHOR_END: wake_up

// ANCHOR: find
/// Explores a model with a bug in it, prints the report, and explores the one without.
fn explore(
    name: &str,
    [wrong, right]: [fn(); 2],
    kind: Kind,
) -> Result<(), Box<dyn Error>> {
    let found = Model::new(name).explore(wrong);
    let failure = found
        .err()
        .ok_or("the model passed, and a bug was expected")?;
    print!("{}", failure.report(WIDTH, false));
    assert_eq!(failure.kind, kind);

    let stats = Model::new(name).explore(right)?;
    assert!(stats.complete, "so small a model is explored to its end");
    let (executions, states) = (stats.executions, stats.states);
    println!("   mended: {executions} executions, {states} states, nothing found.");
    Ok(())
}
// ANCHOR_END: find

/// Runs the model of part 2 once, on one real thread: a debugger steps through it.
fn replay(schedule: &str) -> ExitCode {
    let model = Model::new("two threads count");
    match model.replay(schedule, || two_count(Relaxed)) {
        Ok(_) => println!("nothing goes wrong"),
        Err(failure) if failure.kind == Kind::BadSchedule => {
            return refuse(&failure.sentence);
        }
        // What was asked for.
        Err(failure) => print!("{}", failure.report(WIDTH, false)),
    }
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}\n{USAGE}");
    ExitCode::from(2)
}
