//! Graders of 05.6 under the model checker: who sleeps, on what, and who is woken.

#![allow(unsafe_code, reason = "what a step has done is plain memory")]

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::time::Duration;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::Progress;

grading::graders![
    what_is_done_is_not_waited_for,
    who_waits_sleeps,
    one_waits_for_a_step,
    one_waits_for_the_second_step,
    one_waits_for_each_step,
    two_wait_for_the_same_step,
    two_wait_for_different_steps,
    nobody_waits_and_nobody_is_woken,
    who_has_waited_is_forgotten,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let sleeps = "on which number did it go to sleep: the one that was too small, or one \
                  that it read later? Did the last `advance` see that somebody sleeps, or an \
                  old count? And of those who slept, whom did it wake?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(
            Kind::DataRace,
            "what does `advance` publish, and does the look of `wait_for` that finds the \
             step done take it up?",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// A job of two steps.
struct Job {
    progress: Progress,
    first: UnsafeCell<u32>,
    second: UnsafeCell<u32>,
}

// SAFETY: a step's result is written before the step is done, and read by those who know
// that it is, if the progress is right. If it is not, the explorer says so before anything
// is read.
unsafe impl Sync for Job {}

impl Job {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            progress: Progress::new(),
            first: UnsafeCell::new(0).named("first result"),
            second: UnsafeCell::new(0).named("second result"),
        })
    }

    fn result(&self, step: u32) -> &UnsafeCell<u32> {
        [&self.first, &self.second][step as usize - 1]
    }

    fn work(&self, step: u32) {
        // SAFETY: the step is not done, so nobody reads.
        self.result(step)
            .with_mut(|result| unsafe { *result = 10 * step });
        self.progress.advance();
    }

    /// Waits for `step`, and uses what was done by then.
    fn wait_for(&self, step: u32) {
        self.progress.wait_for(step);
        for done in 1..=step {
            // SAFETY: the step is done, so nobody writes.
            let result = self.result(done).with(|result| unsafe { *result });
            assert!(
                result == 10 * done,
                "wait_for({step}) returned, and step {done} is not done"
            );
        }
    }
}

/// Starts a thread that waits for `step`.
fn wait_for(job: &Arc<Job>, step: u32) -> thread::JoinHandle<()> {
    let job = Arc::clone(job);
    thread::spawn(move || job.wait_for(step))
}

fn what_is_done_is_not_waited_for() {
    let model = Model::new("one thread does two steps, and then waits for them")
        .hint(
            Kind::LostWakeUp,
            "it waits for a step that is done: nobody is left who could wake it",
        );
    check(&model, || {
        let progress = Progress::new();
        progress.wait_for(0);
        progress.advance();
        progress.wait_for(1);
        progress.advance();
        progress.wait_for(1);
        progress.wait_for(2);
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a thread in wait_for(1), with 0 steps done,", || {
        Progress::new().wait_for(1);
    });
    sleeps::must_sleep("a thread in wait_for(2), with 1 step done,", || {
        let progress = Progress::new();
        progress.advance();
        progress.wait_for(2);
    });
}

fn one_waits_for_a_step() {
    check(&model("one waits for step 1 while it is done"), || {
        let job = Job::new();
        let waits = wait_for(&job, 1);
        job.work(1);
        waits.join().unwrap();
    });
}

/// Whoever is woken by the first must sleep again.
fn one_waits_for_the_second_step() {
    check(&model("one waits for step 2 while two are done"), || {
        let job = Job::new();
        let waits = wait_for(&job, 2);
        job.work(1);
        job.work(2);
        waits.join().unwrap();
    });
}

fn one_waits_for_each_step() {
    check(&model("one waits for step 1, and then for step 2"), || {
        let job = Job::new();
        let waits = {
            let job = Arc::clone(&job);
            thread::spawn(move || {
                job.wait_for(1);
                job.wait_for(2);
            })
        };
        job.work(1);
        job.work(2);
        waits.join().unwrap();
    });
}

fn two_wait_for_the_same_step() {
    check(&model("two wait for step 1").spurious(false), || {
        let job = Job::new();
        let waits = [1, 1].map(|step| wait_for(&job, step));
        job.work(1);
        for waits in waits {
            waits.join().unwrap();
        }
    });
}

/// The one whose step is done must be woken, though the other one sleeps, too.
fn two_wait_for_different_steps() {
    let model = model("one waits for step 1, another one for step 2");
    check(&model.spurious(false), || {
        let job = Job::new();
        let [first, second] = [1, 2].map(|step| wait_for(&job, step));
        job.work(1);
        first.join().unwrap();
        job.work(2);
        second.join().unwrap();
    });
}

fn nobody_waits_and_nobody_is_woken() {
    calls::must_not_call("nobody has ever waited", || {
        let progress = Progress::new();
        calls::from_here_on(|| {
            progress.advance();
            progress.wait_for(1);
            progress.advance();
        });
    });
}

fn who_has_waited_is_forgotten() {
    calls::must_not_call_whenever("nobody waits any more", || {
        let job = Job::new();
        let waits = [1, 2, 1].map(|step| {
            let job = Arc::clone(&job);
            thread::spawn(move || job.progress.wait_for(step))
        });
        thread::sleep(Duration::from_millis(1));
        job.progress.advance();
        thread::sleep(Duration::from_millis(1));
        job.progress.advance();
        for waits in waits {
            waits.join().unwrap();
        }
        // The last wake-up may have left a mark that the next one takes away.
        job.progress.advance();
        calls::from_here_on(|| job.progress.advance());
    });
}
