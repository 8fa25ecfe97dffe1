//! Graders of 05.8: the explorer follows the schedules, and the graders count who went past
//! the writer.

use ::explorer::{Event, Failure};

use super::on_model::answer;
use answer::given::READS;

grading::graders![the_lock_is_never_free, the_writer_is_woken_in_vain];

/// All reads of both readers.
const ALL: usize = 2 * READS as usize;

/// What a step means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    /// A reader gets in.
    Enters,
    /// A reader leaves, and others are inside.
    Leaves,
    /// A reader leaves, and nobody is inside.
    LeavesFree,
    /// The writer asks, and somebody is inside.
    AsksInVain,
    GoesToSleep,
    WakesUp,
    /// The writer gets in.
    Writes,
}

struct Done {
    step: usize,
    thread: usize,
    what: What,
}

/// What was done that matters here, in order.
fn story(run: &Failure) -> Vec<Done> {
    let done = |event: &Event| {
        let text = event.text.as_str();
        let what = if event.thread == 1 {
            match text {
                _ if text.contains("compare_exchange") && text.ends_with("ok") => {
                    What::Writes
                }
                _ if text.contains("compare_exchange") => What::AsksInVain,
                _ if text.starts_with("wait(") && text.ends_with("sleeps") => {
                    What::GoesToSleep
                }
                "wakes up" => What::WakesUp,
                _ => return None,
            }
        } else {
            let before = text.rsplit(": ").next()?.split(" -> ").next()?;
            let before: u32 = before.parse().ok()?;
            match text {
                // While the writer is inside, a reader counts itself in and out again.
                _ if before >= 100 => return None,
                _ if text.starts_with("state.fetch_add") => What::Enters,
                _ if text.starts_with("state.fetch_sub") && before == 1 => {
                    What::LeavesFree
                }
                _ if text.starts_with("state.fetch_sub") => What::Leaves,
                _ => return None,
            }
        };
        let (step, thread) = (event.step, event.thread);
        Some(Done { step, thread, what })
    };
    run.events.iter().filter_map(done).collect()
}

/// Follows a schedule, and returns the run and its story.
#[track_caller]
fn follow(name: &str, schedule: &str) -> (Failure, Vec<Done>) {
    let program = answer::given::two_readers_and_a_writer;
    let (kind, run) = grading::follow(name, schedule, program);
    if kind.is_some() {
        let sentence = format!("{name}: {}: {}", run.kind, run.sentence);
        grading::reject(run, sentence);
    }
    let story = story(&run);
    (run, story)
}

fn count(story: &[Done], what: What) -> usize {
    story.iter().filter(|done| done.what == what).count()
}

/// "1 read is", "2 reads are".
fn reads(number: usize) -> String {
    match number {
        1 => "1 read is".to_owned(),
        _ => format!("{number} reads are"),
    }
}

/// Readers that overlap keep the writer out for as long as they like.
fn the_lock_is_never_free() {
    let (run, story) = follow("NEVER_FREE", answer::NEVER_FREE);
    let Some(asleep) = story.iter().position(|done| done.what == What::GoesToSleep)
    else {
        let sentence = never_slept(&story);
        grading::reject(run, format!("NEVER_FREE: {sentence}"));
    };
    let step = story[asleep].step;
    let before = count(&story[..asleep], What::Enters);
    if before > 1 {
        let sentence = format!(
            "NEVER_FREE: {before} of the {ALL} reads have begun when the writer goes to \
             sleep, in step {step}: let it ask, and sleep, when only one has"
        );
        grading::reject(run, sentence);
    }
    let mut entered = before;
    for done in &story[asleep..] {
        match done.what {
            What::Enters => entered += 1,
            What::LeavesFree if entered < ALL => {
                let sentence = format!(
                    "NEVER_FREE: in step {} thread {} leaves and nobody is inside: the \
                     lock is free, and {} still to come",
                    done.step,
                    done.thread,
                    reads(ALL - entered)
                );
                grading::reject(run, sentence);
            }
            _ => {}
        }
    }
}

/// Why the writer did not go to sleep.
fn never_slept(story: &[Done]) -> String {
    let asked = story.iter().find(|done| done.what == What::AsksInVain);
    let wrote = story.iter().find(|done| done.what == What::Writes);
    match (asked, wrote) {
        (None, Some(wrote)) => format!(
            "the writer asks in step {}, nobody is inside, and it gets the lock at once: \
             it must ask while a reader is inside",
            wrote.step
        ),
        (Some(asked), _) => format!(
            "the writer asks in step {}, and does not go to sleep: by the step in which \
             it would, there are not as many inside as it has seen, so it asks again. Let \
             it take both steps one after the other",
            asked.step
        ),
        (None, None) => "the writer never asks: thread 1".to_owned(),
    }
}

/// A lock that is free belongs to whoever comes first.
fn the_writer_is_woken_in_vain() {
    let (run, story) = follow("WOKEN_IN_VAIN", answer::WOKEN_IN_VAIN);
    if count(&story, What::GoesToSleep) == 0 {
        let sentence = never_slept(&story);
        grading::reject(run, format!("WOKEN_IN_VAIN: {sentence}"));
    }
    let mut in_vain = 0;
    let mut last = None;
    for done in story.iter().filter(|done| done.thread == 1) {
        if done.what == What::AsksInVain && last == Some(What::WakesUp) {
            in_vain += 1;
        }
        if done.what == What::Writes && in_vain < 2 {
            let times = ["never", "only once"][in_vain];
            let sentence = format!(
                "WOKEN_IN_VAIN: the writer gets the lock in step {}, and was {times} woken \
                 in vain before: somebody has to wake it, and somebody to enter before it \
                 asks",
                done.step
            );
            grading::reject(run, sentence);
        }
        last = Some(done.what);
    }
}
