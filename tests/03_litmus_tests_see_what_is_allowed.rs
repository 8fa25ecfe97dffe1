//! Property: on real memory no litmus test ends as the language forbids, and on a processor
//! of the x86 family with two cores the outcomes that it is known for are seen.

use std::thread::available_parallelism;
use std::time::Duration;

use threadbare::atomic::litmus::{TESTS, Test, run};
use threadbare::testkit;

const ROUNDS: usize = 10_000;
/// A busy machine may need several attempts; a quiet one sees it in the first.
const ATTEMPTS: u64 = 200;

#[test]
fn what_is_forbidden_is_never_seen() {
    let seed = testkit::seed("litmus");
    for test in TESTS.iter().filter(|test| !test.allowed) {
        assert_eq!(weak(test, seed), 0, "{}", test.name());
    }
}

#[test]
fn x86_shows_its_store_buffers_and_nothing_else() {
    if !cfg!(any(target_arch = "x86_64", target_arch = "x86")) {
        return eprintln!("SKIPPED: this is about the x86 family");
    }
    if available_parallelism().map_or(1, usize::from) == 1 {
        return eprintln!("SKIPPED: one core shows nothing");
    }
    let seed = testkit::seed("litmus");
    for test in TESTS.iter().filter(|test| test.allowed) {
        if matches!(test.program.name, "store buffering" | "adding") {
            let mut seeds = (0..ATTEMPTS).map(|attempt| seed.wrapping_add(attempt));
            let seen = testkit::within(Duration::from_secs(120), || {
                seeds.any(|seed| weak(test, seed) > 0)
            });
            assert!(seen, "{}: not in {ATTEMPTS} attempts", test.name());
        } else {
            // Its manuals forbid these, and the compiler has kept the order so far.
            assert_eq!(weak(test, seed), 0, "{}", test.name());
        }
    }
}

fn weak(test: &Test, seed: u64) -> usize {
    run(test, ROUNDS, seed).of(test.program.weak)
}
