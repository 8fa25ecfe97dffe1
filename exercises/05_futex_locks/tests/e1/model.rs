//! Graders of 05.1 under the model checker: who is inside, who sleeps, and who is told.

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;

use std::time::Duration;

use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use ::explorer::{Kind, Model};

use super::on_model::answer::{Mutex, MutexGuard};

grading::graders![
    one_thread_locks_again,
    a_failed_try_leaves_the_lock_alone,
    who_waits_sleeps,
    two_threads_count,
    one_thread_tries,
    a_try_does_not_wait,
    a_try_leaves_the_sleeper_alone,
    a_panic_gives_the_lock_back,
    two_threads_wait,
    nobody_waits_and_nobody_is_woken,
    nobody_waits_and_one_has_tried,
    who_has_waited_is_forgotten,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(12);

fn model(name: &str) -> Model {
    let sleeps = "how does whoever gives the lock back know that somebody sleeps? By a mark \
                  in the word: who sets it before it sleeps, who could have taken it away \
                  since, and is there still one while a second one sleeps? Or does \
                  `try_lock` wait?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(
            Kind::DataRace,
            "had the second of the two really taken the lock, in one step? If so: what \
             does giving it back publish, and does taking it take that up, on each of the \
             ways into the lock?",
        )
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(
            Kind::Livelock,
            "who should have given the lock back, and when? A panic drops guards, too. And \
             does `try_lock` ever go round?",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// Starts a thread that does `what`.
fn start<R: 'static + Send>(
    mutex: &Arc<Mutex<u32>>,
    what: impl FnOnce(&Mutex<u32>) -> R + 'static + Send,
) -> thread::JoinHandle<R> {
    let mutex = Arc::clone(mutex);
    thread::spawn(move || what(&mutex))
}

fn count(mutex: &Mutex<u32>) {
    *mutex.lock() += 1;
}

#[track_caller]
fn expect_count(mutex: &Mutex<u32>, right: u32) {
    let count = *mutex.lock();
    assert!(
        count == right,
        "1 was added under the lock {right} times, and the value is {count}"
    );
}

#[track_caller]
fn expect_free<'a>(mutex: &'a Mutex<u32>, when: &str) -> MutexGuard<'a, u32> {
    let Some(guard) = mutex.try_lock() else {
        panic!("{when}, and try_lock gave None: the lock is free");
    };
    guard
}

fn one_thread_locks_again() {
    check(
        &model("one thread locks and tries, again and again"),
        || {
            let mutex = Mutex::new(0);
            for _ in 0..2 {
                *expect_free(&mutex, "nobody else is about") += 1;
                count(&mutex);
            }
            expect_count(&mutex, 4);
        },
    );
}

fn a_failed_try_leaves_the_lock_alone() {
    check(&model("try_lock beside a guard"), || {
        let mutex = Mutex::new(0);
        let mut guard = mutex.lock();
        for time in 1..=2 {
            let tried = mutex.try_lock();
            assert!(
                tried.is_none(),
                "there is a guard already, and attempt {time} of try_lock gave another"
            );
        }
        *guard += 1;
        drop(guard);
        drop(expect_free(&mutex, "the guard was dropped"));
        expect_count(&mutex, 1);
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a thread that waits for the lock", || {
        let mutex = Arc::new(Mutex::new(0));
        let guard = mutex.lock();
        start(&mutex, count).join().unwrap();
        drop(guard);
    });
}

fn two_threads_count() {
    check(&model("two threads count under the lock"), || {
        let mutex = Arc::new(Mutex::new(0));
        let other = start(&mutex, count);
        count(&mutex);
        count(&mutex);
        other.join().unwrap();
        drop(expect_free(&mutex, "all guards were dropped"));
        expect_count(&mutex, 3);
    });
}

fn one_thread_tries() {
    check(&model("one thread locks, and another tries twice"), || {
        let mutex = Arc::new(Mutex::new(0));
        let other = start(&mutex, |mutex| {
            let add = |mut guard: MutexGuard<'_, u32>| {
                *guard += 1;
                1
            };
            let first = mutex.try_lock().map_or(0, add);
            first + mutex.try_lock().map_or(0, add)
        });
        count(&mutex);
        let times = other.join().unwrap();
        expect_count(&mutex, 1 + times);
    });
}

/// Whoever has the lock waits for the other one: the try must end by itself.
fn a_try_does_not_wait() {
    let name = "one has the lock until the try_lock of another has ended";
    check(&model(name), || {
        let mutex = Arc::new(Mutex::new(0));
        let other = start(&mutex, |mutex| {
            mutex.try_lock().map_or(0, |mut guard| {
                *guard += 1;
                1
            })
        });
        let guard = mutex.lock();
        let times = other.join().unwrap();
        drop(guard);
        expect_count(&mutex, times);
    });
}

/// A try that fails may come when somebody sleeps already.
fn a_try_leaves_the_sleeper_alone() {
    check(
        &model("one thread waits, and another tries and fails"),
        || {
            let mutex = Arc::new(Mutex::new(0));
            let mut guard = mutex.lock();
            let waits = start(&mutex, count);
            let tried = mutex.try_lock();
            assert!(
                tried.is_none(),
                "there is a guard already, and try_lock gave another"
            );
            *guard += 1;
            drop(guard);
            waits.join().unwrap();
            expect_count(&mutex, 2);
        },
    );
}

fn a_panic_gives_the_lock_back() {
    check(&model("a thread panics while it has the lock"), || {
        let mutex = Arc::new(Mutex::new(0));
        let other = start(&mutex, |mutex| {
            let mut guard = mutex.lock();
            *guard += 1;
            grading::planned_panic("disk full");
        });
        count(&mutex);
        let ended: Result<(), _> = other.join();
        assert!(ended.is_err(), "the panic reaches the thread's handle");
        expect_count(&mutex, 2);
    });
}

/// The one that is woken gives the lock back: does the other one learn of it?
fn two_threads_wait() {
    // Without waits that return for no reason, they are in the other models; and nobody is
    // interrupted more than three times: this one is large.
    let model = model("two threads wait for the lock")
        .spurious(false)
        .preemptions(3);
    check(&model, || {
        let mutex = Arc::new(Mutex::new(0));
        let mut guard = mutex.lock();
        let others = [(); 2].map(|()| start(&mutex, count));
        *guard += 1;
        drop(guard);
        for other in others {
            other.join().unwrap();
        }
        expect_count(&mutex, 3);
    });
}

/// What nobody who is alone needs the kernel for.
fn lock_and_try(mutex: &Mutex<u32>) {
    count(mutex);
    let guard = expect_free(mutex, "nobody else is about");
    drop(guard);
}

fn nobody_waits_and_nobody_is_woken() {
    calls::must_not_call("nobody has ever waited for the lock", || {
        let mutex = Mutex::new(0);
        calls::from_here_on(|| lock_and_try(&mutex));
    });
}

/// A try that fails neither sleeps nor leaves a mark for somebody who does.
fn nobody_waits_and_one_has_tried() {
    calls::must_not_call("one has tried in vain, and nobody waits", || {
        let mutex = Mutex::new(0);
        let guard = mutex.lock();
        calls::from_here_on(|| {
            let tried = mutex.try_lock();
            assert!(
                tried.is_none(),
                "there is a guard already, and try_lock gave another"
            );
            drop(guard);
        });
    });
}

/// One thread waits; but not any more when it comes to the point.
fn who_has_waited_is_forgotten() {
    let what =
        "nobody waits for the lock any more, it was taken and given back since";
    calls::must_not_call_whenever(what, || {
        let mutex = Arc::new(Mutex::new(0));
        let guard = mutex.lock();
        let waits = start(&mutex, count);
        thread::sleep(Duration::from_millis(1));
        drop(guard);
        waits.join().unwrap();
        count(&mutex);
        calls::from_here_on(|| lock_and_try(&mutex));
    });
}
