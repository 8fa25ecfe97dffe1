//! Graders of 05.3 under the model checker: who is in, with whom, and who is passed.

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;

use std::panic;
use std::time::Duration;

use super::on_model::ground::Named as _;
use super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::on_model::ground::sync::{Arc, Barrier};
use super::on_model::ground::thread;
use ::explorer::{Failure, Kind, Model};

use super::on_model::answer::RwLock;

grading::graders![
    one_thread_comes_again,
    who_waits_sleeps,
    two_writers_count,
    a_reader_and_a_writer,
    a_writer_panics,
    readers_are_together,
    two_readers_and_a_writer,
    two_readers_wait_for_a_writer,
    two_writers_wait_for_a_writer,
    a_reader_and_a_writer_wait_for_a_writer,
    a_writer_waits_for_two_readers,
    a_sleeping_writer_is_not_passed,
    a_waiting_writer_is_not_passed,
    a_writer_that_is_called_is_not_passed,
];

/// The right ones take a second or two.
const SEARCH_LIMIT: Duration = Duration::from_secs(12);

const MS: Duration = Duration::from_millis(1);

fn model(name: &str) -> Model {
    let sleeps = "on what does it sleep, and who is the last to change that? Whoever \
                  leaves has to know who sleeps where: a writer, several readers, or both. \
                  And who takes the mark of a writer away while another writer sleeps?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(
            Kind::DataRace,
            "was the second of the two allowed to be in? If so: what does the first one \
             publish as it leaves, and does the second one take that up, on each of the \
             ways in?",
        )
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

type Shared = Arc<RwLock<u32>>;

fn new() -> Shared {
    Arc::new(RwLock::new(0))
}

/// Starts a thread that does `what`.
fn start<R: 'static + Send>(
    lock: &Shared,
    what: impl FnOnce(&RwLock<u32>) -> R + 'static + Send,
) -> thread::JoinHandle<R> {
    let lock = Arc::clone(lock);
    thread::spawn(move || what(&lock))
}

fn count(lock: &RwLock<u32>) {
    *lock.write() += 1;
}

fn look(lock: &RwLock<u32>) -> u32 {
    *lock.read()
}

/// All have left: is anything of them left?
#[track_caller]
fn expect_count(lock: &RwLock<u32>, right: u32) {
    let (one, other) = (lock.read(), lock.read());
    let (count, again) = (*one, *other);
    drop((one, other));
    assert!(
        count == right && again == right,
        "1 was added {right} times, each time by a writer, and a reader got {count}"
    );
    let count = *lock.write();
    assert!(
        count == right,
        "1 was added {right} times, each time by a writer, and a writer got {count}"
    );
}

fn one_thread_comes_again() {
    calls::must_be_own("one thread reads and writes", || {
        let lock = RwLock::new(0);
        calls::from_here_on(|| {
            count(&lock);
            count(&lock);
            expect_count(&lock, 2);
        });
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a writer that waits for a reader", || {
        let lock = new();
        let guard = lock.read();
        start(&lock, count).join().unwrap();
        drop(guard);
    });
    sleeps::must_sleep("a reader that waits for a writer", || {
        let lock = new();
        let guard = lock.write();
        start(&lock, look).join().unwrap();
        drop(guard);
    });
    sleeps::must_sleep("a writer that waits for a writer", || {
        let lock = new();
        let guard = lock.write();
        start(&lock, count).join().unwrap();
        drop(guard);
    });
}

fn two_writers_count() {
    check(&model("two writers count"), || {
        let lock = new();
        let other = start(&lock, count);
        count(&lock);
        other.join().unwrap();
        expect_count(&lock, 2);
    });
}

fn a_reader_and_a_writer() {
    check(&model("one reads twice, and one writes"), || {
        let lock = new();
        let writes = start(&lock, count);
        let (first, second) = (look(&lock), look(&lock));
        assert!(
            first <= second && second <= 1,
            "0 became 1, and a reader got {first}, and then {second}"
        );
        writes.join().unwrap();
        expect_count(&lock, 1);
    });
}

fn a_writer_panics() {
    check(&model("a writer panics, and a reader does"), || {
        let lock = new();
        let writes = start(&lock, |lock| {
            let mut guard = lock.write();
            *guard += 1;
            grading::planned_panic("disk full");
        });
        let ended: Result<(), _> = writes.join();
        assert!(ended.is_err(), "the panic reaches the thread's handle");
        let reads = start(&lock, |lock| {
            let _guard = lock.read();
            grading::planned_panic("disk full");
        });
        count(&lock);
        let ended: Result<(), _> = reads.join();
        assert!(ended.is_err(), "the panic reaches the thread's handle");
        expect_count(&lock, 2);
    });
}

fn readers_are_together() {
    check(&model("two readers meet inside"), || {
        let lock = new();
        let both = Arc::new(Barrier::new(2).named("both are in"));
        let other = start(&lock, {
            let both = Arc::clone(&both);
            move |lock| {
                let guard = lock.read();
                both.wait();
                *guard
            }
        });
        let guard = lock.read();
        both.wait();
        drop(guard);
        other.join().unwrap();
        expect_count(&lock, 0);
    });
}

// The models of three threads are large. In all of them nothing happens for no reason, that
// is in the others; and where two have to write, nobody is interrupted more than once
// or twice.

fn two_readers_and_a_writer() {
    let model = model("two read, and one writes")
        .spurious(false)
        .preemptions(2);
    check(&model, || {
        let lock = new();
        let others = [(); 2].map(|()| start(&lock, look));
        count(&lock);
        for other in others {
            other.join().unwrap();
        }
        expect_count(&lock, 1);
    });
}

fn two_readers_wait_for_a_writer() {
    let model = model("two readers wait for a writer, and meet").spurious(false);
    check(&model, || {
        let lock = new();
        let both = Arc::new(Barrier::new(2).named("both are in"));
        let mut guard = lock.write();
        let others = [(); 2].map(|()| {
            let both = Arc::clone(&both);
            start(&lock, move |lock| {
                let guard = lock.read();
                both.wait();
                drop(guard);
            })
        });
        *guard += 1;
        drop(guard);
        for other in others {
            other.join().unwrap();
        }
        expect_count(&lock, 1);
    });
}

fn two_writers_wait_for_a_writer() {
    let model = model("two writers wait for a writer")
        .spurious(false)
        .preemptions(1);
    check(&model, || {
        let lock = new();
        let mut guard = lock.write();
        let others = [(); 2].map(|()| start(&lock, count));
        *guard += 1;
        drop(guard);
        for other in others {
            other.join().unwrap();
        }
        expect_count(&lock, 3);
    });
}

fn a_reader_and_a_writer_wait_for_a_writer() {
    let model = model("a reader and a writer wait for a writer")
        .spurious(false)
        .preemptions(2);
    check(&model, || {
        let lock = new();
        let mut guard = lock.write();
        let reads = start(&lock, look);
        let writes = start(&lock, count);
        *guard += 1;
        drop(guard);
        let got = reads.join().unwrap();
        assert!(
            got == 1 || got == 2,
            "0 became 1 before a reader got in, then 2; and the reader got {got}"
        );
        writes.join().unwrap();
        expect_count(&lock, 2);
    });
}

fn a_writer_waits_for_two_readers() {
    let model = model("a writer waits for two readers").spurious(false);
    check(&model, || {
        let lock = new();
        let guard = lock.read();
        let reads = start(&lock, look);
        let writes = start(&lock, count);
        drop(guard);
        reads.join().unwrap();
        writes.join().unwrap();
        expect_count(&lock, 1);
    });
}

/// What a program says that ends because a reader got in.
const PASSED: &str = "a reader got in";

fn passed(failure: Failure) -> ! {
    let sentence = "a reader has the lock, a writer waits for it, and another reader that \
                    comes after the writer gets in: with readers enough, the writer waits \
                    for ever";
    grading::reject(failure, sentence)
}

/// The root reads, and goes on reading; thread 1 comes to write, then thread 2 to read.
fn a_reader_comes_last() {
    let lock = new();
    let first = lock.read();
    let writes = start(&lock, count);
    thread::sleep(MS);
    let is_in = Arc::new(AtomicU32::new(0).named("a reader is in"));
    let reads = start(&lock, {
        let is_in = Arc::clone(&is_in);
        move |lock| {
            let guard = lock.read();
            is_in.store(1, Relaxed);
            drop(guard);
        }
    });
    thread::sleep(MS);
    assert!(is_in.load(Relaxed) == 0, "{PASSED}");
    drop(first);
    writes.join().unwrap();
    reads.join().unwrap();
}

/// In one order: the writer is asleep when the reader comes.
fn a_sleeping_writer_is_not_passed() {
    let ended = Model::new("a writer sleeps, and a reader comes")
        .spurious(false)
        .replay("", a_reader_comes_last);
    let Err(failure) = ended else {
        return;
    };
    if !failure.sentence.contains(PASSED) {
        // Something else went wrong on the way.
        panic::resume_unwind(failure);
    }
    let last = failure.events.iter().rfind(|event| event.thread == 1);
    // A writer that looks a few times before may not have come to its sleep.
    if last.is_some_and(|event| event.text.ends_with("sleeps")) {
        passed(*failure);
    }
}

/// The first reader leaves when the last one has been in. If the writer can hold that one
/// up, this is a deadlock, and meant to be one.
fn a_waiting_writer_is_not_passed() {
    let ended = model("a writer waits, and a reader comes").explore(|| {
        let lock = new();
        let first = lock.read();
        let writes = start(&lock, count);
        let reads = start(&lock, look);
        reads.join().unwrap();
        drop(first);
        writes.join().unwrap();
    });
    match ended {
        Err(failure)
            if matches!(failure.kind, Kind::Deadlock | Kind::LostWakeUp) => {}
        Err(failure) => panic::resume_unwind(failure),
        Ok(stats) if !stats.complete => {}
        Ok(_) => {
            let shown = Model::new("a writer waits, and a reader comes")
                .spurious(false)
                .replay("", a_reader_comes_last);
            match shown {
                Err(failure) => passed(*failure),
                Ok(_) => panic!(
                    "a reader has the lock, a writer waits for it, and in whatever order \
                     they come, another reader gets in"
                ),
            }
        }
    }
}

/// What a program says that ends because a reader that left came in again.
const BACK: &str = "a reader came back";

/// Thread 1 comes to write while the root reads, and sleeps. The root leaves, and at once
/// comes again: before the writer has woken.
fn the_last_one_comes_again() {
    let lock = new();
    let first = lock.read();
    let writes = start(&lock, count);
    thread::sleep(MS);
    drop(first);
    assert!(look(&lock) == 1, "{BACK}");
    writes.join().unwrap();
}

/// In one order: the writer is asleep when the root leaves, and has not woken when it comes
/// again.
fn a_writer_that_is_called_is_not_passed() {
    let ended = Model::new("a writer is called, and a reader comes")
        .spurious(false)
        .replay("", the_last_one_comes_again);
    let Err(failure) = ended else {
        return;
    };
    if !failure.sentence.contains(BACK) {
        // Something else went wrong on the way.
        panic::resume_unwind(failure);
    }
    let last = failure.events.iter().rfind(|event| event.thread == 1);
    // As above: it may still be looking.
    if last.is_some_and(|event| event.text.ends_with("sleeps")) {
        let sentence = "a writer waits, the last reader leaves and calls it, and before it \
                        has woken, a reader that comes after it gets in: with readers \
                        enough, it finds one inside each time that it wakes, and waits \
                        for ever";
        grading::reject(*failure, sentence);
    }
}
