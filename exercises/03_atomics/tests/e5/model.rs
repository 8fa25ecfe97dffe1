//! Graders of 03.5 under the model checker: one thread alone, and one at each end.

use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use ::explorer::{Kind, Model};

use super::on_model::answer::Ring;

grading::graders![
    as_many_as_there_are_slots,
    first_in_first_out,
    the_counts_begin_anew,
    one_slot_goes_back_and_forth,
    values_overtake_nobody,
    two_ends_while_the_counts_begin_anew,
    what_is_left_is_dropped_once,
];

fn model(name: &str) -> Model {
    Model::new(name)
        .hint(
            Kind::DataRace,
            "which count tells the one that the other is done with the slot? It must be \
             published behind the last use of the slot, and taken up before the next.",
        )
        .hint(
            Kind::Livelock,
            "if the ring is full, or empty, say so: whoever calls decides what to do",
        )
}

fn check(name: &str, root: impl Fn() + 'static) {
    let stats = model(name).check(root);
    assert!(stats.complete, "{name}: the model is small");
}

/// Fills the ring with values that are numbered from 0.
fn fill(ring: &Ring<u32>, slots: u32) {
    for number in 0..slots {
        let pushed = ring.push(number);
        assert!(
            pushed.is_ok(),
            "an empty ring of {slots} slots gave back value number {number}"
        );
    }
    let more = ring.push(slots);
    assert!(
        more.is_err(),
        "a ring of {slots} slots that was full took value number {slots}"
    );
    assert!(
        more == Err(slots),
        "a full ring was to give back {slots}, and gave {more:?}"
    );
}

fn drain(ring: &Ring<u32>, slots: u32) {
    for number in 0..slots {
        let popped = ring.pop();
        assert!(
            popped == Some(number),
            "value number {number} was put in, and {popped:?} came out as number {number}"
        );
    }
    let more = ring.pop();
    assert!(more.is_none(), "the ring was empty, and {more:?} came out");
}

fn as_many_as_there_are_slots() {
    for slots in [1, 2, 4] {
        let name = format!("one thread fills a ring of {slots} slots");
        let result = model(&name).explore(move || {
            fill(&Ring::new(slots as usize, 0), slots);
        });
        if let Err(failure) = result {
            if failure.kind == Kind::Livelock {
                let sentence = format!(
                    "the ring is full, and push waits for room: {}",
                    failure.sentence
                );
                grading::reject(*failure, sentence);
            }
            let sentence = failure.sentence.clone();
            grading::reject(*failure, sentence);
        }
    }
}

fn first_in_first_out() {
    for slots in [1, 2, 4] {
        check("one thread fills a ring and drains it", move || {
            let ring = Ring::new(slots as usize, 0);
            for _ in 0..2 {
                fill(&ring, slots);
                drain(&ring, slots);
            }
        });
    }
}

fn the_counts_begin_anew() {
    for before_the_end in 0..3 {
        check("one thread, and the counts begin anew", move || {
            let ring = Ring::new(2, usize::MAX - before_the_end);
            for _ in 0..2 {
                fill(&ring, 2);
                drain(&ring, 2);
            }
        });
    }
}

/// A producer tries to push `values` values, a consumer as often to pop one; neither tries
/// again. What was taken comes out, in order.
fn from_end_to_end(slots: usize, start: usize, values: u32) {
    let ring = Arc::new(Ring::new(slots, start));
    let producer = thread::spawn({
        let ring = Arc::clone(&ring);
        move || -> Vec<u32> {
            (0..values)
                .filter(|&number| ring.push(number).is_ok())
                .collect()
        }
    });
    let mut popped: Vec<u32> = (0..values).filter_map(|_| ring.pop()).collect();
    let pushed = producer.join().unwrap();
    popped.extend((0..=values).map_while(|_| ring.pop()));
    for (place, (&put, &got)) in pushed.iter().zip(&popped).enumerate() {
        assert!(
            put == got,
            "value number {put} was put in, and {got} came out as number {place}"
        );
    }
    assert!(
        pushed.len() == popped.len(),
        "{pushed:?} were put in, and {popped:?} came out"
    );
}

fn one_slot_goes_back_and_forth() {
    check("three values for one slot", || from_end_to_end(1, 0, 3));
}

fn values_overtake_nobody() {
    check("three values for two slots", || from_end_to_end(2, 0, 3));
}

fn two_ends_while_the_counts_begin_anew() {
    check("three values, and the counts begin anew", || {
        from_end_to_end(2, usize::MAX, 3);
    });
}

fn what_is_left_is_dropped_once() {
    check("values are left in the ring", || {
        let token = Arc::new(());
        let ring = Ring::new(2, 0);
        for _ in 0..2 {
            let pushed = ring.push(Arc::clone(&token));
            assert!(pushed.is_ok(), "an empty ring of 2 slots gave back a value");
        }
        drop(ring.pop());
        let count = Arc::strong_count(&token);
        assert!(
            count == 2,
            "one of two values was taken out and dropped, and {} are alive",
            count - 1
        );
        drop(ring);
        let count = Arc::strong_count(&token);
        assert!(
            count == 1,
            "the ring was dropped, and {} of its values are alive",
            count - 1
        );
    });
}
