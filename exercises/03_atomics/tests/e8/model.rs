//! Graders of 03.8: the run that is shown, and the program with each of the changes.

use ::explorer::{Failure, Model, Stats};

use super::on_model::answer;
use answer::given::{Change, three_hands};

grading::graders![
    who_stored_what_is_read,
    what_happens_before_what,
    what_mends_it,
];

/// The run that is shown.
const SHOWN: &str = "1 2*2 0";

fn shown() -> Failure {
    let ended = Model::new("a parcel goes through three hands")
        .replay(SHOWN, || three_hands(Change::None));
    let Err(failure) = ended else {
        panic!(
            "parcel.rs was changed: the run that is shown does not fail any more"
        );
    };
    *failure
}

fn explore(change: Change) -> Result<Stats, Box<Failure>> {
    Model::new(format!("a parcel goes through three hands, {change:?}"))
        .explore(move || three_hands(change))
}

#[track_caller]
fn asked<T>(name: &str, question: &str, answer: Option<T>) -> T {
    match answer {
        Some(answer) => answer,
        None => panic!("{name} is still None: {question}"),
    }
}

/// The text of a step, behind the name of the location.
fn text(run: &Failure, step: usize) -> String {
    let mut steps = run.events.iter().filter(|event| event.step == step);
    let atomic = steps.find(|event| event.text.starts_with("stage."));
    let Some(event) = atomic else {
        panic!("there is no step {step} in the trace that uses stage");
    };
    event.text.clone()
}

fn who_stored_what_is_read() {
    let run = shown();
    let asked_for = [
        ("STEP_2_READS_FROM", 2, answer::STEP_2_READS_FROM),
        ("STEP_4_READS_FROM", 4, answer::STEP_4_READS_FROM),
    ];
    for (name, load, step) in asked_for {
        let question = "which store put the value there that this load returns?";
        let step = asked(name, question, step);
        let (loads, stores) = (text(&run, load), text(&run, step));
        assert!(
            stores.contains("store"),
            "{name} is {step}, and step {step} is {stores}: that stores nothing"
        );
        let read = loads.rsplit("-> ").next().unwrap_or_default();
        assert!(
            stores.contains(&format!("({read},")),
            "{name} is {step}, and step {step} is {stores}; but step {load} is {loads}: \
             who stored {read}?"
        );
    }
}

fn what_happens_before_what() {
    let run = shown();
    let pairs = [
        ("STEP_1_BEFORE_2", 1, 2, answer::STEP_1_BEFORE_2, true),
        ("STEP_2_BEFORE_3", 2, 3, answer::STEP_2_BEFORE_3, true),
        ("STEP_3_BEFORE_4", 3, 4, answer::STEP_3_BEFORE_4, false),
        ("STEP_1_BEFORE_4", 1, 4, answer::STEP_1_BEFORE_4, false),
    ];
    for (name, first, second, said, right) in pairs {
        let question = format!(
            "are both done by one thread, or does an acquire read what a release has \
             stored, or is there a chain of such steps from {first} to {second}?"
        );
        let said = asked(name, &question, said);
        if said == right {
            continue;
        }
        let (one, other) = (text(&run, first), text(&run, second));
        let why = match (first, second) {
            (1, 2) => "the one releases, the other acquires what it has stored",
            (2, 3) => "thread 2 does both, one after the other",
            (3, 4) => {
                "the load acquires, but from a store that releases nothing; that it comes \
                 later and reads the value is not enough"
            }
            _ => {
                "nobody who acquires in step 4 reads what was released in step 1, and the \
                 chain over steps 2 and 3 has a gap"
            }
        };
        panic!(
            "{name} is {said}: step {first} is {one}, step {second} is {other}; {why}"
        );
    }
}

fn what_mends_it() {
    let changes = [
        ("A_MENDS_IT", Change::A, answer::A_MENDS_IT),
        ("B_MENDS_IT", Change::B, answer::B_MENDS_IT),
        ("C_MENDS_IT", Change::C, answer::C_MENDS_IT),
        ("D_MENDS_IT", Change::D, answer::D_MENDS_IT),
        ("E_MENDS_IT", Change::E, answer::E_MENDS_IT),
        ("F_MENDS_IT", Change::F, answer::F_MENDS_IT),
    ];
    for (name, change, said) in changes {
        let question = "does the receiver, with this change, acquire what the sender \
                        knew when it had wrapped the parcel?";
        let said = asked(name, question, said);
        match explore(change) {
            Ok(stats) => {
                assert!(
                    stats.complete,
                    "the program is small, and was not finished"
                );
                assert!(
                    said,
                    "{name} is false, and with change {change:?} none of {} runs fails: \
                     what is attached to what the receiver reads?",
                    stats.executions
                );
            }
            Err(failure) if said => {
                let sentence = format!(
                    "{name} is true, and with change {change:?} there still is a run \
                     that fails: {}: {}",
                    failure.kind, failure.sentence
                );
                grading::reject(*failure, sentence);
            }
            Err(_) => (),
        }
    }
}
