//! Graders of 03.3 under the model checker: who is inside, and what they see there.

use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use ::explorer::{Failure, Kind, Model};

use super::on_model::answer::SpinLock;

grading::graders![
    a_failed_try_leaves_the_lock_alone,
    two_threads_count,
    a_free_lock_can_be_had,
    one_thread_tries,
    unlock_gives_back_once,
    a_panic_gives_the_lock_back,
    who_waits_says_so,
    three_threads_count,
];

fn model(name: &str) -> Model {
    Model::new(name)
        .hint(
            Kind::DataRace,
            "had the second of the two really taken the lock, in one step? If so: what \
             does giving it back publish, and does taking it take that up? And does each \
             store of `false` come from the one who has the lock, once?",
        )
        .hint(
            Kind::Livelock,
            "who should have given the lock back, and when? A panic drops guards, too. And \
             does `try_lock` ever go round?",
        )
}

#[track_caller]
fn check(name: &str, root: fn()) {
    grading::step(format!("exploring a model: {name}"));
    let stats = model(name).check(root);
    assert!(stats.complete, "{name}: the model is small");
}

/// Starts a thread that does `what`.
fn start<R: 'static + Send>(
    lock: &Arc<SpinLock<u32>>,
    what: impl FnOnce(&SpinLock<u32>) -> R + 'static + Send,
) -> thread::JoinHandle<R> {
    let lock = Arc::clone(lock);
    thread::spawn(move || what(&lock))
}

fn count(lock: &SpinLock<u32>) {
    *lock.lock() += 1;
}

#[track_caller]
fn expect_count(lock: &SpinLock<u32>, right: u32) {
    let count = *lock.lock();
    assert!(
        count == right,
        "1 was added under the lock {right} times, and the value is {count}"
    );
}

fn two_threads_count() {
    check("two threads count under the lock", || {
        let lock = Arc::new(SpinLock::new(0));
        let other = start(&lock, count);
        count(&lock);
        other.join().unwrap();
        expect_count(&lock, 2);
    });
}

fn three_threads_count() {
    check("three threads count under the lock", || {
        let lock = Arc::new(SpinLock::new(0));
        let others = [(); 2].map(|()| start(&lock, count));
        count(&lock);
        for other in others {
            other.join().unwrap();
        }
        expect_count(&lock, 3);
    });
}

fn a_free_lock_can_be_had() {
    check("one thread tries, again and again", || {
        let lock = SpinLock::new(0);
        for time in 1..=3 {
            let Some(mut guard) = lock.try_lock() else {
                panic!(
                    "the lock is free, and nobody else is about; attempt {time} of \
                     try_lock gave None"
                );
            };
            *guard += 1;
        }
        expect_count(&lock, 3);
    });
}

fn a_failed_try_leaves_the_lock_alone() {
    check("try_lock beside a guard", || {
        let lock = SpinLock::new(0);
        let mut guard = lock.lock();
        for time in 1..=2 {
            let tried = lock.try_lock();
            assert!(
                tried.is_none(),
                "there is a guard already, and attempt {time} of try_lock gave another"
            );
        }
        *guard += 1;
        drop(guard);
        expect_count(&lock, 1);
    });
}

fn one_thread_tries() {
    check("one thread locks, and another tries twice", || {
        let lock = Arc::new(SpinLock::new(0));
        let other = start(&lock, |lock| {
            let add = |mut guard: super::on_model::answer::Guard<'_, u32>| {
                *guard += 1;
                1
            };
            let first = lock.try_lock().map_or(0, add);
            first + lock.try_lock().map_or(0, add)
        });
        count(&lock);
        let times = other.join().unwrap();
        expect_count(&lock, 1 + times);
    });
}

fn unlock_gives_back_once() {
    check("one thread unlocks, and locks again", || {
        let lock = Arc::new(SpinLock::new(0));
        // A guard that is dropped comes first, and fails first.
        count(&lock);
        let other = start(&lock, count);
        let mut guard = lock.lock();
        *guard += 1;
        guard.unlock();
        count(&lock);
        other.join().unwrap();
        expect_count(&lock, 4);
    });
}

fn a_panic_gives_the_lock_back() {
    check("a thread panics while it has the lock", || {
        let lock = Arc::new(SpinLock::new(0));
        let other = start(&lock, |lock| {
            let mut guard = lock.lock();
            *guard += 1;
            grading::planned_panic("disk full");
        });
        count(&lock);
        let ended: Result<(), _> = other.join();
        assert!(ended.is_err(), "the panic reaches the thread's handle");
        expect_count(&lock, 2);
    });
}

/// The lock is never given back: what does a thread do that wants it?
fn who_waits_says_so() {
    let ended = Model::new("a lock that is not given back").explore(|| {
        let lock = Arc::new(SpinLock::new(0));
        let guard = lock.lock();
        let waiter = start(&lock, count);
        waiter.join().unwrap();
        drop(guard);
    });
    let Err(failure) = ended else {
        panic!("there is a guard already, and lock gave another");
    };
    match failure.kind {
        Kind::Livelock => (),
        Kind::Deadlock | Kind::LostWakeUp => {
            let sentence = format!(
                "a thread that waits for the lock sleeps: {}; a spin lock goes round",
                failure.sentence
            );
            grading::reject(*failure, sentence)
        }
        // Something else went wrong on the way.
        _ => std::panic::resume_unwind(failure),
    }
    if !says_that_it_goes_round(&failure) {
        let at = failure.at.clone().unwrap_or_default();
        let sentence = format!(
            "lock goes round at {} and says nothing: with hint::spin_loop() in each \
             round the processor knows that this is a loop that waits",
            at.rsplit('/').next().unwrap_or_default()
        );
        grading::reject(*failure, sentence);
    }
}

/// Whether the loop of thread 1 has said in each round that it is one. If it has not, the
/// explorer finds out when the same operation comes for the third time, or that there is no
/// end.
fn says_that_it_goes_round(failure: &Failure) -> bool {
    let waiter = failure.events.iter().filter(|event| event.thread == 1);
    let waiter: Vec<_> = waiter.map(|event| (event.line, &event.text)).collect();
    let is_told = |event: &(u32, &String)| event.1.starts_with("spins");
    let says_so = |round: &[(u32, &String)]| {
        round
            .iter()
            .all(|event| round.iter().filter(|it| *it == event).count() < 3)
    };
    waiter.iter().any(is_told) && waiter.split(is_told).all(says_so)
}
