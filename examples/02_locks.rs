//! How can a program be wrong when every access in it is under a lock?
//!
//! Run: `cargo run --example 02_locks`
//!
//! You will see (a test compares this with what the program prints):
//!
//! ```text
//! 1. One seat is left. Two threads look, then buy, all under the lock.
//!    OVERSOLD: 2 tickets for 1 seat.
//!    mended: look and buy under one lock. 1 ticket.
//! 2. Two workers, two jobs, and `if` in the place of `while`.
//! model: two workers, two jobs
//! ASSERTION: a worker was woken and found no job
//!   at examples/02_locks.rs:192
//!
//!   02_locks.rs
//!   step  line  main                          thread 1      thread 2
//!      1  187   locks jobs
//!      2  187   unlocks jobs
//!      3  161                                 locks jobs
//!      4  161                                 unlocks jobs
//!      5  161                                               locks jobs
//!      6  163                                               unlocks jobs
//!         163                                               sleeps in wait(added)
//!      7  188   notify(added) wakes thread 2
//!      8  163                                               wakes up
//!      9  163                                               locks jobs
//!     10  163                                               unlocks jobs
//!     11  187   locks jobs
//!     12  187   unlocks jobs
//!     13  188   notify(added): nobody sleeps
//!
//! replay: Model::replay("0*2 1*2 2*2 0 2*3 0*3")
//!    mended: 2765 executions, nothing found.
//! 3. Three producers and two consumers, a queue with room for 2.
//!    kept: 3000 jobs went in, and came out once each.
//! 4. 4 readers meet inside a read-write lock.
//!    kept: all were inside at the same time.
//!    The store refuses an edit: based on version 1, but 2 is current.
//! 5. Two transfers at the same time, in opposite directions.
//!    STUCK: after 300ms neither is done. The explorer says why:
//! model: two transfers
//! DEADLOCK: thread 1 waits at 02_locks.rs:249 for b, which thread 2 holds; main
//! waits at 02_locks.rs:273 for the end of thread 1; thread 2 waits at
//! 02_locks.rs:249 for a, which thread 1 holds; each waits for another
//!   at examples/02_locks.rs:249
//!
//!   02_locks.rs
//!   step  line  main            thread 1                  thread 2
//!         273   joins thread 1
//!      1  247                   locks a
//!      2  247                                             locks b
//!      3  249                                             waits for a, held by
//!                                                         thread 1
//!      4  249                   waits for b, held by
//!                               thread 2
//!
//! replay: Model::replay("1 2*2 1")
//!    mended: 13 executions, nothing found.
//! 6. The same two orders on one thread, one after the other, watched.
//! a -> b -> a
//! thread main took b at examples/02_locks.rs:304:12
//!   while it held a since examples/02_locks.rs:303:28
//! thread main took a at examples/02_locks.rs:310:12
//!   while it held b since examples/02_locks.rs:309:28
//! ```
//!
//! Change first: take the `meeting.wait()` out of `look_then_buy`, and run it a few times.
//! How often is the seat still sold twice? Put it back, and call `in_order` in the place of
//! `as_written` in `is_done_in_time`. (Where all went well, the program ends and says so.)
//!
//! Needs: `01_threads`. Next: `03_atomics`.

use std::error::Error;
use std::time::Duration;

// std's locks under std's names, which the explorer can watch as well.
use explorer::ground::sync::{Arc, Barrier, Condvar, Mutex, RwLock, mpsc};
use explorer::ground::{Named as _, thread};
use explorer::{Kind, Model};
use threadbare::locks::{DocumentStore, LockGraph, bounded_queue};

/// How wide the reports are.
const WIDTH: usize = 81;
/// How many jobs the queue of part 3 has room for.
const ROOM: usize = 2;
/// How many jobs go through it.
const JOBS: u32 = 3_000;
/// How many readers meet in part 4.
const READERS: usize = 4;
/// After how long two threads that are not done are called stuck.
const PATIENCE: Duration = Duration::from_millis(300);

fn main() -> Result<(), Box<dyn Error>> {
    println!("1. One seat is left. Two threads look, then buy, all under the lock.");
    let tickets = sell(look_then_buy);
    assert_eq!(tickets, 2, "this time nobody was oversold");
    println!("   OVERSOLD: {tickets} tickets for 1 seat.");
    println!(
        "   mended: look and buy under one lock. {} ticket.",
        sell(look_and_buy)
    );

    println!("2. Two workers, two jobs, and `if` in the place of `while`.");
    let models = [|| work(take_if), || work(take_while)];
    explore("two workers, two jobs", models, Kind::Assertion)?;

    println!("3. Three producers and two consumers, a queue with room for {ROOM}.");
    queue();
    println!("4. {READERS} readers meet inside a read-write lock.");
    readers()?;

    println!("5. Two transfers at the same time, in opposite directions.");
    assert!(!is_done_in_time(), "this time both came through");
    println!("   STUCK: after {PATIENCE:?} neither is done. The explorer says why:");
    let models = [|| transfers(as_written), || transfers(in_order)];
    explore("two transfers", models, Kind::Deadlock)?;

    println!("6. The same two orders on one thread, one after the other, watched.");
    watch();
    Ok(())
}

/// Two threads try to buy the one seat that is left; returns how many tickets there are.
fn sell(buy: fn(&Mutex<u32>, &Barrier) -> u32) -> u32 {
    let (seats, meeting) = (Mutex::new(1), Barrier::new(2));
    thread::scope(|scope| {
        let other = scope.spawn(|| buy(&seats, &meeting));
        buy(&seats, &meeting) + other.join().unwrap()
    })
}

// ANCHOR: look_then_buy
fn look_then_buy(seats: &Mutex<u32>, meeting: &Barrier) -> u32 {
    let seen = *seats.lock().unwrap(); // unlocked again at the end of this line
    meeting.wait();
    if seen == 0 {
        return 0;
    }
    *seats.lock().unwrap() = seen - 1;
    1
}
// ANCHOR_END: look_then_buy

// ANCHOR: look_and_buy
fn look_and_buy(seats: &Mutex<u32>, meeting: &Barrier) -> u32 {
    meeting.wait();
    let mut seats = seats.lock().unwrap();
    if *seats == 0 {
        return 0; // unlocks on this way out as well
    }
    *seats -= 1;
    1
}
// ANCHOR_END: look_and_buy

type Jobs = (Mutex<Vec<u32>>, Condvar);

// ANCHOR: take_if
fn take_if((jobs, added): &Jobs) -> Option<u32> {
    let mut jobs = jobs.lock().unwrap();
    if jobs.is_empty() {
        jobs = added.wait(jobs).unwrap();
    }
    jobs.pop()
}
// ANCHOR_END: take_if

fn take_while((jobs, added): &Jobs) -> Option<u32> {
    let mut jobs = jobs.lock().unwrap();
    while jobs.is_empty() {
        jobs = added.wait(jobs).unwrap();
    }
    jobs.pop()
}

// ANCHOR: work
/// A model: two jobs are added, and each of two workers takes one.
fn work(take: fn(&Jobs) -> Option<u32>) {
    let jobs: Jobs = (
        Mutex::new(vec![]).named("jobs"),
        Condvar::new().named("added"),
    );
    thread::scope(|scope| {
        let workers = [(); 2].map(|()| scope.spawn(|| take(&jobs)));
        for job in [1, 2] {
            jobs.0.lock().unwrap().push(job);
            jobs.1.notify_one();
        }
        for worker in workers {
            let job = worker.join().unwrap();
            assert!(job.is_some(), "a worker was woken and found no job");
        }
    });
}
// ANCHOR_END: work

/// What goes into the library's queue comes out of it, once.
fn queue() {
    let jobs = bounded_queue::v1_on_std::BoundedQueue::new(ROOM);
    let put = |first| {
        (first..=JOBS)
            .step_by(3)
            .for_each(|job| jobs.push(job).unwrap())
    };
    let take = || std::iter::from_fn(|| jobs.pop()).sum::<u32>();
    let sum: u32 = thread::scope(|scope| {
        let consumers = [take; 2].map(|take| scope.spawn(take));
        for producer in [1, 2, 3].map(|first| scope.spawn(move || put(first))) {
            producer.join().unwrap();
        }
        jobs.close(); // nothing more will come; what is in it is still taken
        consumers
            .map(|consumer| consumer.join().unwrap())
            .iter()
            .sum()
    });
    assert_eq!(sum, (1..=JOBS).sum());
    println!("   kept: {JOBS} jobs went in, and came out once each.");
}

fn readers() -> Result<(), Box<dyn Error>> {
    let (text, meeting) = (RwLock::new("fn main() {}"), Barrier::new(READERS));
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                let text = text.read().unwrap();
                meeting.wait(); // under a mutex nobody would come this far
                assert_eq!(*text, "fn main() {}");
            });
        }
    });
    println!("   kept: all were inside at the same time.");

    let store = DocumentStore::new();
    let first = store.open("main.rs", "fn main() {}");
    store.edit("main.rs", first, "fn main() { run() }")?;
    let late = store.edit("main.rs", first, "fn main() { walk() }");
    println!("   The store refuses an edit: {}.", late.unwrap_err());
    Ok(())
}

type Accounts = [Mutex<u32>; 2];

// ANCHOR: transfer
fn as_written(accounts: &Accounts, from: usize, to: usize, meet: &dyn Fn()) {
    let mut source = accounts[from].lock().unwrap();
    meet();
    let mut target = accounts[to].lock().unwrap();
    *source -= 10;
    *target += 10;
}
// ANCHOR_END: transfer

// ANCHOR: in_order
fn in_order(accounts: &Accounts, from: usize, to: usize, _: &dyn Fn()) {
    assert_ne!(from, to, "one account can't be locked twice");
    let mut low = accounts[from.min(to)].lock().unwrap();
    let mut high = accounts[from.max(to)].lock().unwrap();
    let (source, target) = if from < to {
        (&mut low, &mut high)
    } else {
        (&mut high, &mut low)
    };
    **source -= 10;
    **target += 10;
}
// ANCHOR_END: in_order

/// A model: one transfer there, one back.
fn transfers(transfer: fn(&Accounts, usize, usize, &dyn Fn())) {
    let accounts = [Mutex::new(100).named("a"), Mutex::new(100).named("b")];
    thread::scope(|scope| {
        scope.spawn(|| transfer(&accounts, 0, 1, &|| ()));
        scope.spawn(|| transfer(&accounts, 1, 0, &|| ()));
    });
}

// ANCHOR: watchdog
/// The same on two real threads, which meet where each has its first lock.
fn is_done_in_time() -> bool {
    let shared = Arc::new(([100, 100].map(Mutex::new), Barrier::new(2)));
    let (done, is_done) = mpsc::channel();
    for (from, to) in [(0, 1), (1, 0)] {
        let (shared, done) = (Arc::clone(&shared), done.clone());
        thread::spawn(move || {
            let (accounts, meeting) = &*shared;
            as_written(accounts, from, to, &|| {
                meeting.wait();
            });
            done.send(()).ok();
        });
    }
    is_done.recv_timeout(PATIENCE).is_ok() // no join: that would wait for ever
}
// ANCHOR_END: watchdog

// ANCHOR: watch
fn watch() {
    let graph = LockGraph::new();
    let (a, b) = (graph.mutex("a", 100), graph.mutex("b", 100));
    {
        let mut source = a.lock();
        *b.lock() += 10;
        *source -= 10;
    }
    assert!(graph.cycle().is_none());
    {
        let mut source = b.lock();
        *a.lock() += 10;
        *source -= 10;
    }
    println!("{}", graph.cycle().expect("a before b, and b before a"));
}
// ANCHOR_END: watch

/// Explores a model with a bug in it, prints the report, and explores the mended one.
fn explore(
    name: &str,
    [wrong, right]: [fn(); 2],
    kind: Kind,
) -> Result<(), Box<dyn Error>> {
    let found = Model::new(name).explore(wrong).err();
    let failure = found.ok_or("the model passed, and a bug was expected")?;
    print!("{}", failure.report(WIDTH, false));
    assert_eq!(failure.kind, kind);
    let stats = Model::new(name).explore(right)?;
    assert!(stats.complete, "so small a model is explored to its end");
    println!("   mended: {} executions, nothing found.", stats.executions);
    Ok(())
}
