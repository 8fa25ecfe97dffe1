//! Graders of 05.2 under the model checker: who waits is told, in whatever order.

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;

use std::time::Duration;

use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use super::on_model::ground::time::Instant;
use ::explorer::{Kind, Model};

use super::on_model::answer::Condvar;
use super::on_model::answer::given::{Mutex, MutexGuard};

grading::graders![
    nobody_waits,
    nothing_comes_in_time,
    who_waits_sleeps,
    who_waits_is_told,
    who_waits_is_told_from_outside,
    who_waits_with_a_limit_is_told,
    told_in_turn,
    told_twice_at_once,
    told_twice_with_all,
    told_many_times_at_once,
    told_by_two_at_once,
    one_is_all,
    all_are_told,
    one_and_one_are_told,
    something_may_come_in_time,
];

const MS: Duration = Duration::from_millis(1);

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(12);

fn model(name: &str) -> Model {
    let told = "what does the sleeper know that tells it of a notification which came \
                before it slept? When has it read the number: as long as it held the mutex? \
                And does each notification make it another, before it wakes?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, told)
        .hint(
            Kind::Deadlock,
            "who holds the mutex while it sleeps? And is there anybody who has not been \
             told?",
        )
        .hint(
            Kind::Livelock,
            "a wait that returns at once, each time, is a loop that asks",
        )
}

/// Of three threads. Without waits that return for no reason, they are in the other models;
/// and nobody is interrupted more than twice.
fn large(name: &str) -> Model {
    model(name).spurious(false).preemptions(2)
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// A number that goes up, and where to wait for that.
struct Stage {
    number: Mutex<u32>,
    changed: Condvar,
}

impl Stage {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            number: Mutex::new(0),
            changed: Condvar::new(),
        })
    }

    fn wait_for(&self, number: u32) -> MutexGuard<'_, u32> {
        self.wait_from(self.number.lock(), number)
    }

    fn wait_from<'a>(
        &self,
        mut guard: MutexGuard<'a, u32>,
        number: u32,
    ) -> MutexGuard<'a, u32> {
        while *guard < number {
            guard = self.changed.wait(guard);
        }
        guard
    }

    /// Goes up, and notifies one while it still has the mutex.
    fn go_up(&self) {
        let mut guard = self.number.lock();
        *guard += 1;
        self.changed.notify_one();
    }

    /// Goes up, gives the mutex back, and notifies one then.
    fn go_up_and_tell(&self) {
        *self.number.lock() += 1;
        self.changed.notify_one();
    }
}

/// Starts a thread that does `what`.
fn start<R: 'static + Send>(
    stage: &Arc<Stage>,
    what: impl FnOnce(&Stage) -> R + 'static + Send,
) -> thread::JoinHandle<R> {
    let stage = Arc::clone(stage);
    thread::spawn(move || what(&stage))
}

fn nobody_waits() {
    calls::must_be_own("nobody waits, and two are notified", || {
        let stage = Stage::new();
        calls::from_here_on(|| {
            stage.changed.notify_one();
            stage.changed.notify_all();
        });
    });
}

fn nothing_comes_in_time() {
    check(&model("nothing comes within 10 ms"), || {
        let stage = Stage::new();
        let start = Instant::now();
        let guard = stage.number.lock();
        let (guard, over) = stage.changed.wait_timeout(guard, 10 * MS);
        let waited = start.elapsed();
        drop(guard);
        // Or else it was for no reason, which is allowed.
        if waited >= 10 * MS {
            assert!(
                over,
                "wait_timeout(10 ms) returned after 10 ms, nobody had notified anybody, \
                 and it said false: that the time was not up"
            );
            assert!(
                waited < 11 * MS,
                "wait_timeout(10 ms) returned after {} ms, and nothing had come",
                waited.as_millis()
            );
        } else {
            assert!(
                !over,
                "wait_timeout(10 ms) returned after {} ms, and said true: that the time \
                 was up",
                waited.as_millis()
            );
        }
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a thread that waits to be notified", || {
        let stage = Stage::new();
        drop(stage.wait_for(1));
    });
}

fn who_waits_is_told() {
    check(&model("one is notified under the mutex"), || {
        let stage = Stage::new();
        let waits = start(&stage, |stage| drop(stage.wait_for(1)));
        stage.go_up();
        waits.join().unwrap();
    });
}

fn who_waits_is_told_from_outside() {
    check(
        &model("one is notified when the mutex has been given back"),
        || {
            let stage = Stage::new();
            let waits = start(&stage, |stage| drop(stage.wait_for(1)));
            stage.go_up_and_tell();
            waits.join().unwrap();
        },
    );
}

/// With a limit that never comes: or else a time-out would cover up what is missed.
fn who_waits_with_a_limit_is_told() {
    check(
        &model("one waits with the limit Duration::MAX, and is notified"),
        || {
            let stage = Stage::new();
            let waits = start(&stage, |stage| {
                let mut guard = stage.number.lock();
                while *guard < 2 {
                    let (woken, over) =
                        stage.changed.wait_timeout(guard, Duration::MAX);
                    guard = woken;
                    assert!(
                        !over,
                        "wait_timeout(Duration::MAX) said true: that the time was up"
                    );
                }
            });
            stage.go_up();
            stage.go_up_and_tell();
            waits.join().unwrap();
        },
    );
}

/// One after the other: a wait begins with the number that the one before has left.
fn told_in_turn() {
    let model = model("two threads take turns").spurious(false);
    check(&model, || {
        let stage = Stage::new();
        let other = start(&stage, |stage| {
            drop(stage.wait_for(1));
            stage.go_up();
        });
        stage.go_up();
        drop(stage.wait_for(2));
        other.join().unwrap();
    });
}

/// Both may come between the giving back and the sleep.
fn told_twice_at_once() {
    check(
        &model("one waits for two changes, each with its notification"),
        || {
            let stage = Stage::new();
            let waits = start(&stage, |stage| drop(stage.wait_for(2)));
            stage.go_up();
            stage.go_up_and_tell();
            waits.join().unwrap();
        },
    );
}

/// As before, with the other kind of notification.
fn told_twice_with_all() {
    check(
        &model("one waits for two changes, and all are notified of each"),
        || {
            let stage = Stage::new();
            let waits = start(&stage, |stage| drop(stage.wait_for(2)));
            for _ in 0..2 {
                *stage.number.lock() += 1;
                stage.changed.notify_all();
            }
            waits.join().unwrap();
        },
    );
}

fn told_many_times_at_once() {
    let model = model("one waits for 16 changes, each with its notification")
        .preemptions(1)
        .spurious(false);
    check(&model, || {
        let stage = Stage::new();
        let waits = start(&stage, |stage| drop(stage.wait_for(16)));
        // Or else the waiter comes too late for all of them, unless it interrupts.
        thread::sleep(MS);
        for _ in 0..16 {
            stage.go_up();
        }
        waits.join().unwrap();
    });
}

/// Of the notifications, some change nothing but the number.
fn told_by_two_at_once() {
    let model = large("two threads notify one, one of them twice");
    check(&model, || {
        let stage = Stage::new();
        let guard = stage.number.lock();
        let others = [
            start(&stage, |stage| stage.changed.notify_one()),
            start(&stage, |stage| {
                stage.changed.notify_one();
                stage.go_up_and_tell();
            }),
        ];
        // They come as far as they can, and nobody has to be interrupted for it.
        thread::sleep(MS);
        drop(stage.wait_from(guard, 1));
        for other in others {
            other.join().unwrap();
        }
    });
}

fn one_is_all() {
    check(&model("one waits, and all are notified"), || {
        let stage = Stage::new();
        let waits = start(&stage, |stage| drop(stage.wait_for(1)));
        *stage.number.lock() += 1;
        stage.changed.notify_all();
        waits.join().unwrap();
    });
}

fn all_are_told() {
    let model = large("two wait, and all are notified");
    check(&model, || {
        let stage = Stage::new();
        let others =
            [(); 2].map(|()| start(&stage, |stage| drop(stage.wait_for(1))));
        *stage.number.lock() += 1;
        stage.changed.notify_all();
        for other in others {
            other.join().unwrap();
        }
    });
}

/// Each takes one away, so that a notification is for one of them.
fn one_and_one_are_told() {
    let model = large("two wait for one thing each, and two come");
    check(&model, || {
        let stage = Stage::new();
        let others =
            [(); 2].map(|()| start(&stage, |stage| *stage.wait_for(1) -= 1));
        for _ in 0..2 {
            stage.go_up_and_tell();
        }
        for other in others {
            other.join().unwrap();
        }
    });
}

/// It comes, or the time is up, or both; but a wait that is not over has been told.
fn something_may_come_in_time() {
    check(&model("a notification comes after 5 ms of 10"), || {
        let stage = Stage::new();
        let waits = start(&stage, |stage| {
            let start = Instant::now();
            let mut guard = stage.number.lock();
            while *guard < 1 {
                let (woken, over) = stage.changed.wait_timeout(guard, 10 * MS);
                guard = woken;
                let waited = start.elapsed();
                assert!(
                    !over || waited >= 10 * MS,
                    "wait_timeout(10 ms) returned after {} ms, and said true: that the \
                     time was up",
                    waited.as_millis()
                );
                if over {
                    break;
                }
            }
        });
        thread::sleep(5 * MS);
        stage.go_up();
        waits.join().unwrap();
    });
}
