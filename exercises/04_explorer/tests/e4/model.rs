//! Graders of 04.4: every model of the answer, on the right slot and on each wrong one.

use ::explorer::{Failure, Kind, Model, Stats};

use super::on_model::answer;
use answer::given::{Bug, Slot};

grading::graders![
    the_right_slot_passes,
    a_slot_that_fills_relaxed_is_caught,
    a_slot_that_empties_relaxed_is_caught,
    a_slot_that_puts_in_two_steps_is_caught,
    a_slot_that_takes_in_two_steps_is_caught,
    a_slot_that_stays_busy_is_caught,
];

/// Model number `index` on a slot with this bug.
fn explore(index: usize, bug: Bug) -> Result<Stats, Box<Failure>> {
    let model = answer::MODELS[index];
    let slot = match bug {
        Bug::None => "the slot that is right".to_owned(),
        bug => format!("the slot that {bug:?}"),
    };
    let name = format!("MODELS[{index}] on {slot}");
    Model::new(name).explore(move || model(Slot::with(bug)))
}

fn count() -> usize {
    let count = answer::MODELS.len();
    assert!(
        count > 0,
        "MODELS is empty: there is nothing to run the slots under"
    );
    count
}

/// No false alarm, and nothing too large to be tried.
fn the_right_slot_passes() {
    for index in 0..count() {
        match explore(index, Bug::None) {
            Ok(stats) => assert!(
                stats.complete,
                "MODELS[{index}] is too large: {} states, and no end; take fewer \
                 threads, or fewer calls",
                stats.states
            ),
            Err(failure) => {
                let sentence = format!(
                    "MODELS[{index}] rejects the slot that is right: {}: {}",
                    failure.kind, failure.sentence
                );
                grading::reject(*failure, sentence);
            }
        }
    }
}

#[track_caller]
fn is_caught(bug: Bug, how: &str) {
    let mut caught = false;
    for index in 0..count() {
        let Err(failure) = explore(index, bug) else {
            continue;
        };
        println!(
            "MODELS[{index}] says {}: {}",
            failure.kind, failure.sentence
        );
        assert!(
            failure.kind != Kind::TooLarge,
            "MODELS[{index}] is too large; take fewer threads, or fewer calls"
        );
        // A model that fails on every slot has told us nothing about this one.
        let on_the_right = explore(index, Bug::None).err();
        if on_the_right.is_some() {
            println!("  but it rejects the slot that is right, too: not counted");
        }
        caught |= on_the_right.is_none();
    }
    assert!(caught, "no model catches {bug:?}: {how}");
}

fn a_slot_that_fills_relaxed_is_caught() {
    is_caught(
        Bug::FillsRelaxed,
        "whoever takes a value reads what another thread has just written; which of \
         your models has one thread that puts and one that takes?",
    );
}

fn a_slot_that_empties_relaxed_is_caught() {
    is_caught(
        Bug::EmptiesRelaxed,
        "a value is taken out by one thread, and the next one is written over it by \
         another; which of your models puts a second value, after the first was taken?",
    );
}

fn a_slot_that_puts_in_two_steps_is_caught() {
    is_caught(
        Bug::PutsInTwoSteps,
        "two threads that both see an empty slot both put; which of your models has \
         two that put?",
    );
}

fn a_slot_that_takes_in_two_steps_is_caught() {
    is_caught(
        Bug::TakesInTwoSteps,
        "two threads that both see a full slot both take its value; which of your \
         models has two that take, and compares what they got?",
    );
}

fn a_slot_that_stays_busy_is_caught() {
    is_caught(
        Bug::StaysBusy,
        "after a value was taken, the next put must succeed if nobody else is about; \
         which of your models uses the slot for a second time, and asserts that?",
    );
}
