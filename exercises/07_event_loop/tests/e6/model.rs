//! Graders of 07.6: the handshake as it is, and with each of its orderings weaker.

#![allow(unsafe_code, reason = "what is handed over is plain memory")]

#[path = "../common/called.rs"]
mod called;
#[path = "../../../06_work_stealing/tests/common/sleeps.rs"]
mod sleeps;

use super::on_model::answer::Handshake;
use super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model, Weakened};

grading::graders![
    one_thread_alone,
    who_waits_sleeps,
    one_calls,
    one_calls_twice,
    two_call,
    who_is_not_called_sleeps,
    who_is_awake_is_not_called,
    nothing_is_stronger_than_it_has_to_be,
];

/// A handshake, and what is handed over beside it.
struct Shared {
    handshake: Handshake,
    /// Written before the only call, and read behind it.
    memory: UnsafeCell<u32>,
    /// One for each of several calls: set before it.
    marks: [AtomicU32; 2],
}

// SAFETY: the memory is written before the only call, and read when that was heard, if the
// answer is right. If it is not, the explorer says so before anything is read.
unsafe impl Sync for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            handshake: Handshake::new(),
            memory: UnsafeCell::new(0).named("memory"),
            marks: [
                AtomicU32::new(0).named("mark 1"),
                AtomicU32::new(0).named("mark 2"),
            ],
        })
    }

    /// Sets a mark, and calls. The mark itself orders nothing.
    fn call(&self, mark: usize) {
        self.marks[mark].store(1, Relaxed);
        self.handshake.wake();
    }

    /// Until both marks were seen: sleeps, and looks at them each time it was called. Now and
    /// then it asks first.
    fn both(&self) {
        while self.marks.iter().any(|mark| mark.load(Relaxed) == 0) {
            if !self.handshake.heard() {
                self.handshake.wait();
            }
        }
    }
}

fn start(shared: &Arc<Shared>, run: fn(&Shared)) -> thread::JoinHandle<()> {
    let shared = Arc::clone(shared);
    thread::spawn(move || run(&shared))
}

fn plain_memory() {
    let shared = Shared::new();
    let caller = start(&shared, |shared| {
        // SAFETY: the other thread has not heard of it.
        shared.memory.with_mut(|memory| unsafe { *memory = 7 });
        shared.handshake.wake();
    });
    if !shared.handshake.heard() {
        shared.handshake.wait();
    }
    // SAFETY: it was called, and there is only that call.
    let memory = shared.memory.with(|memory| unsafe { *memory });
    assert!(memory == 7, "the loop was called, and reads {memory}");
    caller.join().unwrap();
}

fn twice() {
    let shared = Shared::new();
    let caller = start(&shared, |shared| {
        shared.call(0);
        shared.call(1);
    });
    shared.both();
    caller.join().unwrap();
}

fn from_two_threads() {
    let shared = Shared::new();
    let callers = [
        start(&shared, |shared| shared.call(0)),
        start(&shared, |shared| shared.call(1)),
    ];
    shared.both();
    for caller in callers {
        caller.join().unwrap();
    }
}

fn named(name: &str) -> Model {
    let sleeps = "the loop has taken notice of a call, and not seen what was written before \
                  it; nobody calls again. Which exchange of the loop read what which \
                  exchange of the caller had put there, and do the two order anything?";
    Model::new(name)
        .spurious(false)
        .hint(Kind::Deadlock, sleeps)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(
            Kind::DataRace,
            "this was written before `wake`, and is read after the loop has heard of it: \
             which exchange publishes it, and which one takes it up?",
        )
}

/// All that say which ordering is needed, the small ones first.
fn models() -> [(Model, fn()); 3] {
    [
        (named("one thread calls"), plain_memory),
        (named("one thread calls twice"), twice),
        (named("two threads call"), from_two_threads),
    ]
}

fn check(number: usize) {
    grading::step("exploring a model");
    let (model, root) = models()[number].clone();
    model.check(root);
}

fn one_calls() {
    check(0);
}

fn one_calls_twice() {
    check(1);
}

fn two_call() {
    check(2);
}

/// A weak exchange may fail for no reason: only here it does.
fn who_is_not_called_sleeps() {
    grading::step("exploring a model");
    Model::new("one thread calls, and exchanges that may fail do")
        .spurious(true)
        .check(|| {
            let shared = Shared::new();
            let caller = start(&shared, |shared| shared.call(0));
            shared.handshake.wait();
            // An exchange sees the newest: this is about when, and not about what is seen.
            let called = shared.marks[0].swap(2, Relaxed) == 1;
            assert!(called, "wait returned, and nobody had called");
            caller.join().unwrap();
        });
}

/// There is one thread, so whoever sleeps sleeps for ever.
fn one_thread_alone() {
    Model::new("one thread alone").check(|| {
        let handshake = Handshake::new();
        let expect = |what: &str, want: bool| {
            let got = handshake.heard();
            assert!(got == want, "{what}: heard() is {got}, and {want} is right");
        };
        expect("nobody has called", false);
        handshake.wake();
        expect("wake()", true);
        expect("wake(), and heard() once", false);
        handshake.wake();
        handshake.wake();
        handshake.wait();
        expect("wake() twice, and a wait() after that", false);
        handshake.wake();
        expect("and wake() once more", true);
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a loop in wait", || {
        let handshake = Handshake::new();
        handshake.wake();
        handshake.wait();
        handshake.wait();
    });
}

fn who_is_awake_is_not_called() {
    called::at_most(0, "the loop is awake", || {
        let handshake = Handshake::new();
        called::from_here_on();
        handshake.wake();
        handshake.wake();
        handshake.wait();
        handshake.wake();
        handshake.heard();
        called::the_end();
    });
}

fn nothing_is_stronger_than_it_has_to_be() {
    grading::step("exploring all models with each ordering weaker");
    let Ok(needless) = ::explorer::needlessly_strong(&models()) else {
        panic!(
            "these orderings are too weak as they are: see the graders before this one"
        );
    };
    if let Some(it) = needless {
        panic!("{}", sentence(&it));
    }
}

/// What is too strong, and where.
fn sentence(it: &Weakened) -> String {
    let line = it.used.site.rsplit(':').next().unwrap_or_default();
    let operation = it.used.operation;
    let what = match it.used.location.as_str() {
        "" => operation.to_owned(),
        location => format!("{location}.{operation}"),
    };
    let failed = if it.on_failure { " that fails" } else { "" };
    let instead = match (operation, format!("{:?}", it.to).as_str()) {
        ("fence", "Relaxed") => "no fence".to_owned(),
        (_, to) => to.to_owned(),
    };
    format!(
        "line {line}, {what}{failed}: {:?} is stronger than it has to be, {instead} would \
         do",
        it.from
    )
}
