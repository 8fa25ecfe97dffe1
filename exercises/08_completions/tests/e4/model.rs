//! Graders of 08.4 under the model checker: the program alone with a kernel that does what it
//! is told, and beside one that runs.

use super::on_model::answer::{Rings, Shared};
use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use ::explorer::{Kind, Model};

grading::graders![
    as_many_as_there_are_slots,
    nothing_is_seen_before_publish,
    first_in_first_out,
    the_counts_begin_anew,
    entries_go_over,
    completions_come_back,
    two_rounds_beside_the_kernel,
];

fn model(name: &str) -> Model {
    Model::new(name)
        .hint(
            Kind::DataRace,
            "which count tells the one that the other is done with the slot? It is stored \
             behind the last use of the slot, with Release, and loaded before the next \
             one, with Acquire.",
        )
        .hint(
            Kind::Livelock,
            "if there is no room, or nothing to take, say so: whoever calls decides what \
             to do",
        )
}

#[track_caller]
fn check(name: &str, root: impl Fn() + 'static) {
    grading::step("exploring a model");
    model(name).check(root);
}

fn rings(slots: u32, start: u32) -> (Arc<Shared>, Rings) {
    let shared = Arc::new(Shared::new(slots, start));
    let rings = Rings::new(Arc::clone(&shared));
    (shared, rings)
}

#[track_caller]
fn push(rings: &mut Rings, word: u32, must: bool) {
    let got = rings.push(word);
    assert!(
        got == must,
        "push({word}) is {got}, and there is {}",
        if must { "room" } else { "no room" }
    );
}

#[track_caller]
fn reap(rings: &mut Rings, must: Option<u32>) {
    let got = rings.reap();
    assert!(
        got == must,
        "{}, and reap() returned {got:?}",
        match must {
            Some(word) => format!("{word} is the oldest completion"),
            None => "there is no completion".to_owned(),
        }
    );
}

fn as_many_as_there_are_slots() {
    for slots in [1, 2, 4] {
        check("the program alone fills a ring", move || {
            let (shared, mut rings) = rings(slots, 0);
            for word in 0..slots {
                let got = rings.push(word);
                assert!(
                    got,
                    "a ring of {slots}: slots that are taken: {word}, and push() is false"
                );
            }
            push(&mut rings, 9, false);
            assert!(
                !shared.kernel(),
                "the ring is full, publish() was not called, and the kernel has taken an \
                 entry"
            );
            rings.publish();
            push(&mut rings, 9, false);
            shared.kernel();
            push(&mut rings, slots, true);
            push(&mut rings, 9, false);
        });
    }
}

fn nothing_is_seen_before_publish() {
    check("the program alone prepares two entries", || {
        let (shared, mut rings) = rings(4, 0);
        push(&mut rings, 7, true);
        push(&mut rings, 8, true);
        assert!(
            !shared.kernel(),
            "two entries are prepared, publish() was not called, and the kernel has taken \
             one"
        );
        rings.publish();
        for word in [7, 8] {
            assert!(
                shared.kernel(),
                "entry {word} was prepared, publish() was called, and the kernel sees \
                 nothing"
            );
        }
        assert!(
            !shared.kernel(),
            "two entries were handed over, and the kernel has taken three"
        );
        reap(&mut rings, Some(7));
        reap(&mut rings, Some(8));
        rings.publish();
        assert!(
            !shared.kernel(),
            "publish() was called, nothing was prepared, and the kernel has taken an entry"
        );
    });
}

/// Everything there and back, three times.
fn rounds(slots: u32, start: u32) {
    let (shared, mut rings) = rings(slots, start);
    for round in 0..3 {
        reap(&mut rings, None);
        for word in 0..slots {
            push(&mut rings, 10 * round + word, true);
        }
        push(&mut rings, 99, false);
        rings.publish();
        while shared.kernel() {}
        // The completions are not taken, so there is no room for others.
        push(&mut rings, 10 * round + slots, true);
        rings.publish();
        assert!(
            !shared.kernel(),
            "there is no room for a completion, and the kernel has written one: cq_head \
             says that one was taken"
        );
        for word in 0..slots {
            reap(&mut rings, Some(10 * round + word));
        }
        assert!(
            shared.kernel(),
            "an entry was handed over, all completions are taken, and the kernel does not \
             go on"
        );
        reap(&mut rings, Some(10 * round + slots));
        reap(&mut rings, None);
    }
}

fn first_in_first_out() {
    for slots in [1, 2, 4] {
        check("the program alone, three rounds", move || rounds(slots, 0));
    }
}

fn the_counts_begin_anew() {
    for before_the_end in [0, 1, 2, 5] {
        check("the program alone, and the counts begin anew", move || {
            rounds(2, u32::MAX - before_the_end);
        });
    }
}

/// The kernel takes so many turns, while the program pushes so many words, each published at
/// once, and tries to reap as often; nobody tries again. What was taken comes back, in order.
fn beside_the_kernel(slots: u32, start: u32, words: u32, turns: u32, reaps: u32) {
    let (shared, mut rings) = rings(slots, start);
    let kernel = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            for _ in 0..turns {
                shared.kernel();
            }
        }
    });
    let mut pushed = Vec::new();
    let mut came = Vec::new();
    for word in 1..=words {
        if rings.push(word) {
            pushed.push(word);
            rings.publish();
        }
        if word <= reaps {
            came.extend(rings.reap());
        }
    }
    kernel.join().unwrap();
    while came.len() <= pushed.len() {
        came.extend(rings.reap());
        if !shared.kernel() {
            came.extend(rings.reap());
            break;
        }
    }
    assert!(
        pushed == came,
        "{pushed:?} were handed over, and {came:?} came back"
    );
}

fn entries_go_over() {
    check("two words for one slot, beside the kernel", || {
        beside_the_kernel(1, 0, 2, 2, 0);
    });
}

fn completions_come_back() {
    check(
        "two words for one slot, beside the kernel, and back",
        || {
            beside_the_kernel(1, 7, 2, 2, 2);
        },
    );
}

fn two_rounds_beside_the_kernel() {
    check("three words for two slots, beside the kernel", || {
        beside_the_kernel(2, u32::MAX, 3, 3, 3);
    });
}
