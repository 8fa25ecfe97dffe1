//! Graders of 01.2: jobs that wait for each other, that panic, and that take their
//! time to end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use super::on_real::answer::{Job, NOT_TEXT, Panicked, harvest};

grading::graders![
    results_are_in_the_order_of_the_jobs,
    jobs_run_at_the_same_time,
    no_jobs_no_results,
    a_panic_becomes_an_error_with_its_words,
    nothing_after_a_panic_is_lost,
    every_job_may_panic,
    a_panic_does_not_cut_other_jobs_short,
    every_thread_has_ended,
];

fn job<T>(run: impl FnOnce() -> T + Send + 'static) -> Job<T> {
    Box::new(run)
}

fn say<T: std::fmt::Debug>(result: &Result<T, Panicked>) -> String {
    match result {
        Ok(value) => format!("Ok({value:?})"),
        Err(Panicked { message }) => format!("Err with the message {message:?}"),
    }
}

/// Job 1 ends last, and the last one first.
fn results_are_in_the_order_of_the_jobs() {
    const JOBS: usize = 5;
    let mut jobs = Vec::new();
    // Each job waits for the one after it.
    let (mut next_ended, mut after) = mpsc::channel::<()>();
    next_ended.send(()).expect("the receiver is here");
    for number in (1..=JOBS).rev() {
        let wait_for = after;
        let (ended, heard) = mpsc::channel();
        (next_ended, after) = (ended, heard);
        let ended = next_ended.clone();
        jobs.push(job(move || {
            grading::step(format!(
                "job {number} waits until job {} has ended",
                number + 1
            ));
            // An error means that the sender is gone with its job: go on and be
            // judged.
            let _ = wait_for.recv();
            let _ = ended.send(());
            number * 10
        }));
    }
    jobs.reverse();
    grading::step(format!(
        "running {JOBS} jobs, of which each waits for the one after it: have all \
         been started before the first is waited for?"
    ));
    let results = harvest(jobs);
    for (index, result) in results.iter().enumerate() {
        let number = index + 1;
        assert!(
            *result == Ok(number * 10),
            "job {number} returned {}, but result {number} is {}: jobs ended in \
             reverse order here, and results belong in the order of the jobs",
            number * 10,
            say(result)
        );
    }
    expect_count(results.len(), JOBS, "none of them panicked");
}

fn expect_count(got: usize, jobs: usize, what: &str) {
    assert!(
        got == jobs,
        "{jobs} jobs have {jobs} results, but the answer returned {got}; {what}"
    );
}

/// All of them meet at a barrier.
fn jobs_run_at_the_same_time() {
    const JOBS: usize = 6;
    let barrier = Arc::new(Barrier::new(JOBS));
    let jobs = (0..JOBS).map(|number| {
        let barrier = Arc::clone(&barrier);
        job(move || {
            grading::step(format!("job {} waits for all others", number + 1));
            barrier.wait();
            number
        })
    });
    let jobs = jobs.collect();
    grading::step(format!(
        "running {JOBS} jobs that all wait for each other: does each have a thread \
         of its own, and are all started before the first is waited for?"
    ));
    expect_count(harvest(jobs).len(), JOBS, "none of them panicked");
}

/// Nothing to do.
fn no_jobs_no_results() {
    grading::step("running no jobs at all");
    let got = harvest::<u32>(Vec::new()).len();
    assert!(
        got == 0,
        "no jobs have no results, but the answer returned {got}"
    );
}

/// The payload of a panic is a `&str`, a `String`, or anything.
fn a_panic_becomes_an_error_with_its_words() {
    let jobs = vec![
        job(|| grading::planned_panic("disk full")),
        job(|| grading::planned_panic(format!("row {} is damaged:\n  no end ", 17))),
        job(|| grading::planned_panic(404_u16)),
        job(|| 5),
        job(|| grading::planned_panic(String::new())),
    ];
    let expected = [
        (
            Err("disk full"),
            "a &'static str, as from panic!(\"disk full\")",
        ),
        (
            Err("row 17 is damaged:\n  no end "),
            "a String of two lines and a blank at the end, as from panic!(\"row \
             {row} is damaged:\\n  no end \")",
        ),
        (Err(NOT_TEXT), "a number, as from panic_any(404)"),
        (Ok(5), "no panic"),
        (Err(""), "an empty String"),
    ];
    grading::step(
        "running 5 jobs, of which 4 panic with different kinds of payload",
    );
    let results = harvest(jobs);
    for (index, (right, what)) in expected.iter().enumerate() {
        let number = index + 1;
        let right = right.map_err(|message| Panicked {
            message: message.to_owned(),
        });
        let Some(result) = results.get(index) else {
            panic!(
                "job {number} of 5 ended with {what}, but there are only {} results",
                results.len()
            );
        };
        assert!(
            *result == right,
            "job {number} of 5 ended with {what}, so its result is {}, but the \
             answer returned {}",
            say(&right),
            say(result)
        );
    }
    expect_count(results.len(), 5, "4 of them panicked");
}

/// One job of eight.
fn nothing_after_a_panic_is_lost() {
    for broken in [3, 1, 8] {
        let jobs = (1..=8).map(|number| {
            job(move || {
                if number == broken {
                    grading::planned_panic("disk full");
                }
                number * 10
            })
        });
        grading::step(format!("running 8 jobs, of which number {broken} panics"));
        let results = harvest(jobs.collect());
        let got = results.len();
        if got < 8 && got == broken {
            panic!(
                "job {broken} of 8 panicked with \"disk full\", but the answer \
                 returned only {got} results: the ones after the panic are lost"
            );
        }
        expect_count(got, 8, &format!("job {broken} panicked with \"disk full\""));
        for (index, result) in results.iter().enumerate() {
            let number = index + 1;
            let right = if number == broken {
                Err(Panicked {
                    message: "disk full".to_owned(),
                })
            } else {
                Ok(number * 10)
            };
            assert!(
                *result == right,
                "job {broken} of 8 panicked, and job {number} ended with {}, but \
                 result {number} is {}",
                say(&right),
                say(result)
            );
        }
    }
}

/// Nobody survives.
fn every_job_may_panic() {
    let jobs = (1..=4).map(|number| {
        job(move || -> u32 { grading::planned_panic(format!("job {number} fails")) })
    });
    grading::step("running 4 jobs that all panic");
    let results = harvest(jobs.collect());
    expect_count(results.len(), 4, "all of them panicked");
    for (index, result) in results.iter().enumerate() {
        let message = format!("job {} fails", index + 1);
        let right = Err(Panicked { message });
        assert!(
            *result == right,
            "all 4 jobs panicked, job {} with {}, but its result is {}",
            index + 1,
            say(&right),
            say(result)
        );
    }
}

/// How long a thread that should be waited for waits in turn for `harvest` to forget
/// it. It decides nothing: a right answer is only this much slower, and is never
/// wrong.
const PATIENCE: Duration = Duration::from_millis(300);

/// Waits until `harvest` has returned without waiting, or until patience ends.
fn linger(returned: &AtomicBool) {
    for _ in 0..PATIENCE.as_millis() {
        if returned.load(SeqCst) {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Job 1 panics at once, while the others have work left.
fn a_panic_does_not_cut_other_jobs_short() {
    let returned = Arc::new(AtomicBool::new(false));
    let finished = Arc::new(AtomicUsize::new(0));
    let mut jobs = vec![job(|| grading::planned_panic("disk full"))];
    for _ in 2..=4 {
        let (returned, finished) = (Arc::clone(&returned), Arc::clone(&finished));
        jobs.push(job(move || {
            linger(&returned);
            finished.fetch_add(1, SeqCst);
        }));
    }
    grading::step(
        "running 4 jobs: the first panics at once, the others take a while",
    );
    let results = harvest(jobs);
    let finished = finished.load(SeqCst);
    returned.store(true, SeqCst);
    assert!(
        finished == 3,
        "job 1 of 4 panicked at once and the other 3 were still at work, but the \
         answer returned when {finished} of those had finished: a panic of one is \
         no reason to leave the others behind"
    );
    expect_count(
        results.len(),
        4,
        "the first panicked, the others took longer",
    );
}

static RETURNED: AtomicBool = AtomicBool::new(false);
static ENDED: AtomicUsize = AtomicUsize::new(0);

/// Dropped after a thread's job, when the thread itself is about to end.
struct LastWords;

impl Drop for LastWords {
    fn drop(&mut self) {
        linger(&RETURNED);
        ENDED.fetch_add(1, SeqCst);
    }
}

thread_local! {
    static LAST_WORDS: LastWords = const { LastWords };
}

/// Joined threads are gone, with their thread-locals; others may be cut off at any
/// time.
fn every_thread_has_ended() {
    const JOBS: usize = 3;
    let jobs = (1..=JOBS).map(|number| {
        job(move || {
            LAST_WORDS.with(|_| ());
            if number == 2 {
                grading::planned_panic("disk full");
            }
            number
        })
    });
    grading::step("running 3 jobs whose threads take a while to end after the job");
    let results = harvest(jobs.collect());
    let ended = ENDED.load(SeqCst);
    RETURNED.store(true, SeqCst);
    assert!(
        ended == JOBS,
        "{JOBS} jobs ran on threads of their own, but when the answer returned, \
         only {ended} of the threads had ended: the others were dropping their \
         thread-locals, and would be cut off if the program ended now. Was each of \
         them joined by its handle?"
    );
    expect_count(results.len(), JOBS, "job 2 panicked");
}
