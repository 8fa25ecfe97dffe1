//! Graders of 05.6 on real threads: sleepers that the kernel knows, and many steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use super::on_real::answer::Progress;

grading::graders![who_waits_is_asleep, a_crowd_waits];

/// Starts a thread that waits for `step`, and waits until it sleeps.
fn asleep(
    name: &'static str,
    progress: &Arc<Progress>,
    step: u32,
) -> thread::JoinHandle<()> {
    let progress = Arc::clone(progress);
    let thread = thread::Builder::new().name(name.to_owned());
    let run = move || {
        grading::step(format!("waiting for step {step}"));
        progress.wait_for(step);
    };
    let handle = thread.spawn(run).expect("a grader may start a thread");
    grading::step(format!("waiting until thread {name} sleeps"));
    grading::until_asleep(&[name]);
    handle
}

fn who_waits_is_asleep() {
    let progress = Arc::new(Progress::new());
    // Whoever is woken first by a single wake-up can do nothing with it.
    let second = asleep("needs step 2", &progress, 2);
    let first = asleep("needs step 1", &progress, 1);
    progress.advance();
    grading::step("waiting for a thread that slept until step 1, which is done");
    first.join().expect("a panic would have ended the grader");
    progress.advance();
    grading::step("waiting for a thread that slept until step 2, which is done");
    second.join().expect("a panic would have ended the grader");
}

/// Some sleep when their step is done, some are about to, and some come too late.
fn a_crowd_waits() {
    const THREADS: u32 = 6;
    const STEPS: u32 = 400;
    let progress = Arc::new(Progress::new());
    let written = Arc::new(AtomicU32::new(0));
    let crowd: Vec<_> = (1..=THREADS)
        .map(|number| {
            let (progress, written) = (Arc::clone(&progress), Arc::clone(&written));
            let thread = thread::Builder::new().name(format!("thread {number}"));
            let run = move || {
                // Each waits for others of the steps.
                for step in (number..=STEPS).step_by(number as usize) {
                    grading::step("waiting in a crowd: was a wake-up lost?");
                    progress.wait_for(step);
                    // ORDERING: Relaxed. The progress orders it: that is the question.
                    let written = written.load(Relaxed);
                    assert!(
                        written >= step,
                        "wait_for({step}) returned, and step {written} was the last \
                         that is done"
                    );
                }
            };
            thread.spawn(run).expect("a grader may start a thread")
        })
        .collect();
    for step in 1..=STEPS {
        // ORDERING: Relaxed, as above.
        written.store(step, Relaxed);
        progress.advance();
        if step % 4 == 0 {
            thread::yield_now();
        }
    }
    grading::step("waiting for 6 threads; all steps are done by now");
    for thread in crowd {
        thread.join().expect("a panic would have ended the grader");
    }
}
