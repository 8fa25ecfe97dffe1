//! What the programs claim of themselves, held against the explorer; and that the runner
//! keeps count.

use std::collections::BTreeSet;

use explorer::Model;

use super::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::ground::{Named as _, sync::Arc, thread};
use super::{TESTS, Test, run};
use crate::testkit;

/// Every way in which a test can end, in the explorer.
fn outcomes(test: &'static Test) -> BTreeSet<Vec<u32>> {
    let model = move || {
        let x = Arc::new(AtomicU32::new(0).named("x"));
        let y = Arc::new(AtomicU32::new(0).named("y"));
        let start = |&run| {
            let (x, y) = (Arc::clone(&x), Arc::clone(&y));
            let run: super::Thread = run;
            thread::spawn(move || run(&x, &y))
        };
        let running: Vec<_> = test.threads.iter().map(start).collect();
        let returned = running.into_iter().map(|thread| thread.join().unwrap());
        let returned: Vec<_> = returned.collect();
        // ORDERING: Relaxed. All threads have been joined.
        let last = [&x, &y].map(|location| location.load(Relaxed));
        test.outcome(returned, last)
    };
    let explored = Model::new(test.name()).outcomes(model);
    explored.unwrap_or_else(|failure| panic!("{failure}")).0
}

#[test]
fn the_explorer_says_what_the_language_says_but_of_load_buffering() {
    let mut asked = 0;
    for test in TESTS {
        let is_load_buffering = test.program.name == "load buffering";
        let shown = outcomes(test).contains(test.program.weak);
        assert_eq!(shown, test.allowed && !is_load_buffering, "{}", test.name());
        asked += 1;
    }
    println!("litmus: {asked} tests, and the explorer agrees with what they say");
}

#[test]
fn no_two_tests_have_the_same_name_and_texts_fit_their_threads() {
    let names: BTreeSet<String> = TESTS.iter().map(Test::name).collect();
    assert_eq!(names.len(), TESTS.len());
    for test in TESTS {
        let program = test.program;
        assert_eq!(program.threads.len(), test.threads.len(), "{}", test.name());
        assert_eq!(program.reads.len(), test.threads.len(), "{}", test.name());
        let reads: usize = program.reads.iter().sum();
        let values = if program.last { 2 } else { reads };
        assert_eq!(program.weak.len(), values, "{}", test.name());
        // Each register that is read has its name in a text.
        for register in 0..reads {
            let text = program.threads.join(" | ");
            assert!(text.contains(&format!("r{register} = ")), "{text}");
        }
    }
}

#[test]
fn every_round_is_counted_and_ends_in_a_way_the_explorer_knows() {
    let seed = testkit::seed("litmus");
    for test in TESTS {
        let known = outcomes(test);
        for rounds in [0, 1, 7, 2_500] {
            let counts = run(test, rounds, seed);
            let counted: usize = counts.iter().map(|(_, count)| count).sum();
            assert_eq!((counted, counts.rounds()), (rounds, rounds));
            for (outcome, count) in counts.iter() {
                let shown = test.show(outcome);
                assert!(known.contains(outcome), "{}: {shown}", test.name());
                assert_eq!(counts.of(outcome), count);
            }
        }
    }
}

#[test]
fn an_outcome_reads_like_its_program() {
    let find = |name| TESTS.iter().find(|test| test.name() == name).unwrap();
    let message = find("message passing, Relaxed");
    assert_eq!(message.outcome([[0, 0], [1, 0]], [1, 1]), [1, 0]);
    assert_eq!(message.show(&[1, 0]), "r0=1 r1=0");
    let stores = find("2+2W, Relaxed");
    assert_eq!(stores.outcome([[0, 0], [0, 0]], [2, 1]), [2, 1]);
    assert_eq!(stores.show(&[2, 1]), "x=2 y=1");
}
