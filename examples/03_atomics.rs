//! What may a load return, and what does it return on this machine?
//!
//! Run: `cargo run --example 03_atomics`
//!
//! You will see (a test compares this with what the program prints; the counts are those
//! of one machine, and yours differ):
//!
//! ```text
//! 1. Two threads add 1 to a counter: load, add, store.
//! model: a counter
//! ASSERTION: 2 were added, the counter says 1
//!   at examples/03_atomics.rs:139
//!
//!   03_atomics.rs
//!   step  line  main                        thread 1
//!      1  144   counter.load(Relaxed) -> 0
//!      2  144                               counter.load(Relaxed) -> 0
//!      3  146                               counter.store(1, Relaxed)
//!      4  146   counter.store(1, Relaxed)
//!      5  138   counter.load(Relaxed) -> 1
//!
//! replay: Model::replay("0 1*2 0*2")
//! 2. The same with fetch_add, which nothing can get into.
//!    holds: 2 executions, nothing found.
//! 3. Write a page, raise a flag, all Relaxed.
//! model: a page and a flag
//! ASSERTION: the flag is up, the page says 0
//!   at examples/03_atomics.rs:173
//!
//!   03_atomics.rs
//!   threads: main, writer
//!   step  thread  line
//!      1  writer  163   page.store(42, Relaxed)
//!      2  writer  165   flag.store(1, Relaxed)
//!      3  main    170   flag.load(Relaxed) -> 1
//!      4  main    172   page.load(Relaxed) -> 0
//!                       OLD
//!
//! OLD: the value had been overwritten, and
//! nothing that the thread has seen so far
//! forbids to read it.
//!
//! replay: Model::replay("1*2 0 0.1")
//! 4. The same with Release and Acquire.
//!    holds: 4 executions, nothing found.
//! 5. What may happen, and what does: 100000 rounds each, cores: 2.
//!    adding: r0 = x; x = r0 + 1 | r1 = x; x = r1 + 1: r0=0 r1=0?
//!      load, store        allowed    19622 times
//!      fetch_add          forbidden  never
//!    coherence: x = 1 | r0 = x; r1 = x: r0=1 r1=0?
//!      Relaxed            forbidden  never
//!    store buffering: x = 1; r0 = y | y = 1; r1 = x: r0=0 r1=0?
//!      Relaxed            allowed    8694 times
//!      Release, Acquire   allowed    10304 times
//!      SeqCst             forbidden  never
//!      SeqCst fences      forbidden  never
//!    message passing: x = 1; y = 1 | r0 = y; r1 = x: r0=1 r1=0?
//!      Relaxed            allowed    not observed on this CPU
//!      Release, Acquire   forbidden  never
//!    load buffering: r0 = x; y = 1 | r1 = y; x = 1: r0=1 r1=1?
//!      Relaxed            allowed*   not observed on this CPU
//!    2+2W: x = 1; y = 2 | y = 1; x = 2: x=1 y=1?
//!      Relaxed            allowed    not observed on this CPU
//!    IRIW: x = 1 | y = 1 | r0 = x; r1 = y | r2 = y; r3 = x: r0=1 r1=0 r2=1 r3=0?
//!      Relaxed            allowed    not observed on this CPU
//!      Release, Acquire   allowed    not observed on this CPU
//!      SeqCst             forbidden  never
//!    *allowed by the language, not by our model
//!    Of IRIW's four threads, 2 at a time were running.
//! ```
//!
//! Change first: let part 3 call `publish(Release, Relaxed)`. Is half a pair enough? Then set
//! `ROUNDS` to a million.
//!
//! Needs: `02_locks`. Next: `04_explorer`, which shows how the reports come about.

use std::collections::BTreeSet;
use std::error::Error;
use std::thread::available_parallelism;

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{self, Acquire, Relaxed, Release},
};
use explorer::ground::{Named as _, sync::Arc, thread};
use explorer::{Failure, Kind, Model, ground};
use threadbare::atomic::litmus::{TESTS, run};
use threadbare::testkit;

/// How often each litmus test is run on this machine.
const ROUNDS: usize = 100_000;
/// How wide a report is: with a column for each thread, and as narrow as a telephone, on
/// which the chapter shows it.
const WIDE: usize = 81;
const NARROW: usize = 45;

/// The library's litmus tests once more, over the explorer's ground.
#[path = "../src/atomic/litmus/programs.rs"]
#[allow(dead_code, unreachable_pub, reason = "a module of the library")]
mod programs;

fn main() -> Result<(), Box<dyn Error>> {
    println!("1. Two threads add 1 to a counter: load, add, store.");
    lose("a counter", WIDE, || count(two_steps))?;
    println!("2. The same with fetch_add, which nothing can get into.");
    hold("a counter", || count(one_step))?;

    println!("3. Write a page, raise a flag, all Relaxed.");
    lose("a page and a flag", NARROW, || publish(Relaxed, Relaxed))?;
    println!("4. The same with Release and Acquire.");
    hold("a page and a flag", || publish(Release, Acquire))?;

    let cores = available_parallelism()?.get();
    println!(
        "5. What may happen, and what does: {ROUNDS} rounds each, cores: {cores}."
    );
    litmus()?;
    println!("   *allowed by the language, not by our model");
    match cores {
        1 => println!("   No two threads ran at once: these counts say nothing."),
        2 | 3 => {
            println!("   Of IRIW's four threads, {cores} at a time were running.")
        }
        _ => {}
    }
    Ok(())
}

// ANCHOR: counter
/// Two threads add 1 each; both must be there at the end.
fn count(add: fn(&AtomicU32)) {
    let counter = Arc::new(AtomicU32::new(0).named("counter"));
    let theirs = Arc::clone(&counter);
    let other = thread::spawn(move || add(&theirs));
    add(&counter);
    other.join().unwrap();
    // ORDERING: Relaxed. The other thread has been joined.
    let count = counter.load(Relaxed);
    assert!(count == 2, "2 were added, the counter says {count}");
}

fn two_steps(counter: &AtomicU32) {
    // ORDERING: Relaxed. The fault is not the ordering: SeqCst loses just as many.
    let seen = counter.load(Relaxed);
    // ORDERING: Relaxed, see the load above.
    counter.store(seen + 1, Relaxed);
}

fn one_step(counter: &AtomicU32) {
    // ORDERING: Relaxed. Only the count matters, and it is read after the join.
    counter.fetch_add(1, Relaxed);
}
// ANCHOR_END: counter

// ANCHOR: publish
/// Who sees the flag must see the page that was written before it.
fn publish(store: Ordering, load: Ordering) {
    let page = Arc::new(AtomicU32::new(0).named("page"));
    let flag = Arc::new(AtomicU32::new(0).named("flag"));
    let (their_page, their_flag) = (Arc::clone(&page), Arc::clone(&flag));
    let write = move || {
        // ORDERING: Relaxed. The store to `flag` is to publish it.
        their_page.store(42, Relaxed);
        // ORDERING: the question; if Release, it pairs with the load in `publish`.
        their_flag.store(1, store);
    };
    let named = thread::Builder::new().name("writer".to_owned());
    let writer = named.spawn(write).unwrap();
    // ORDERING: the question; if Acquire, it pairs with the store in `publish`.
    if flag.load(load) == 1 {
        // ORDERING: Relaxed. The load of `flag` is to order it.
        let read = page.load(Relaxed);
        assert!(read == 42, "the flag is up, the page says {read}");
    }
    writer.join().unwrap();
}
// ANCHOR_END: publish

/// Explores a model that has a bug, and prints how it happens.
fn lose(name: &str, width: usize, model: fn()) -> Result<(), Box<dyn Error>> {
    let found = Model::new(name).explore(model);
    let failure = found
        .err()
        .ok_or("the model passed, and a bug was expected")?;
    assert_eq!(failure.kind, Kind::Assertion);
    print!("{}", failure.report(width, false));
    Ok(())
}

/// Explores a model that has none.
fn hold(name: &str, model: fn()) -> Result<(), Box<dyn Error>> {
    let stats = Model::new(name).explore(model)?;
    assert!(stats.complete, "so small a model is explored to its end");
    println!("   holds: {} executions, nothing found.", stats.executions);
    Ok(())
}

// ANCHOR: table
/// Runs each litmus test on this machine, and says beside the count what is allowed.
fn litmus() -> Result<(), Box<dyn Error>> {
    let seed = testkit::seed("03_atomics");
    let mut program = None;
    for (test, modelled) in TESTS.iter().zip(programs::TESTS) {
        let weak = test.program.weak;
        if program.replace(test.program) != Some(test.program) {
            let (text, weak) = (test.program.threads.join(" | "), test.show(weak));
            println!("   {}: {text}: {weak}?", test.program.name);
        }
        let verdict = match (test.allowed, outcomes(modelled)?.contains(weak)) {
            (true, true) => "allowed",
            (true, false) => "allowed*",
            (false, false) => "forbidden",
            (false, true) => return Err("the model shows what is forbidden".into()),
        };
        let seen = match (test.allowed, run(test, ROUNDS, seed).of(weak)) {
            (true, 0) => "not observed on this CPU".to_owned(),
            (true, count) => format!("{count} times"),
            (false, 0) => "never".to_owned(),
            (false, _) => return Err("this CPU does what is forbidden".into()),
        };
        println!("     {:<18} {verdict:<10} {seen}", test.orderings);
    }
    Ok(())
}
// ANCHOR_END: table

/// All ways in which a test can end, says the explorer.
fn outcomes(
    test: &'static programs::Test,
) -> Result<BTreeSet<Vec<u32>>, Box<Failure>> {
    let model = move || {
        let x = Arc::new(AtomicU32::new(0).named("x"));
        let y = Arc::new(AtomicU32::new(0).named("y"));
        let start = |&run: &programs::Thread| {
            let (x, y) = (Arc::clone(&x), Arc::clone(&y));
            thread::spawn(move || run(&x, &y))
        };
        let running: Vec<_> = test.threads.iter().map(start).collect();
        let joined = running.into_iter().map(|thread| thread.join().unwrap());
        let returned: Vec<_> = joined.collect();
        // ORDERING: Relaxed. All threads have been joined.
        let last = [&x, &y].map(|location| location.load(Relaxed));
        test.outcome(returned, last)
    };
    Ok(Model::new(test.name()).outcomes(model)?.0)
}
