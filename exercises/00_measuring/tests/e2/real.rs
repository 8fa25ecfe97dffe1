//! Graders of 00.2: a clock that moves only when something costs time tells exactly
//! what a lap holds.

use std::cell::{Cell, RefCell};

use super::on_real::answer::{Clock, Plan, measure};

grading::graders![
    a_lap_for_each_round_and_no_other,
    a_lap_holds_the_work_alone,
    every_round_has_an_input_of_its_own,
    every_result_is_kept,
    the_warm_up_runs_and_is_thrown_away,
    work_too_fast_for_the_clock_has_laps_of_zero,
    slow_rounds_stay_in,
];

/// What each part of a round costs. No sum of some is another one, nor a sum of
/// others.
const SET_UP_NS: u64 = 1_000;
const KEEP_NS: u64 = 200;
const DROP_NS: u64 = 10_000;

/// A clock, and a diary of what was done by it.
struct Bench {
    now_ns: Cell<u64>,
    /// Rounds set up so far.
    inputs: Cell<usize>,
    /// The number of each input that work was done on.
    worked_on: RefCell<Vec<usize>>,
    /// Which results reached `keep`.
    kept: RefCell<Vec<usize>>,
}

/// An input that takes time to throw away.
struct Input<'a> {
    bench: &'a Bench,
    number: usize,
    used: bool,
}

impl Drop for Input<'_> {
    fn drop(&mut self) {
        self.bench.pass(DROP_NS);
    }
}

impl Clock for Bench {
    fn now_ns(&self) -> u64 {
        self.now_ns.get()
    }
}

impl Bench {
    fn new() -> Self {
        Self {
            // Not zero: a clock has been running before anybody looks at it.
            now_ns: Cell::new(7_000_000),
            inputs: Cell::new(0),
            worked_on: RefCell::default(),
            kept: RefCell::default(),
        }
    }

    fn pass(&self, ns: u64) {
        self.now_ns.set(self.now_ns.get() + ns);
    }

    /// Runs the answer; the work of the `n`th round, counted from 1, takes
    /// `work_ns(n)`.
    fn run(&self, plan: Plan, work_ns: impl Fn(usize) -> u64) -> Vec<u64> {
        grading::step(format!(
            "measuring {} rounds after {} of warm-up",
            plan.rounds, plan.warm_up
        ));
        // An answer that never stops should not fill the memory until it is stopped.
        let limit = 1_000 * (plan.rounds + plan.warm_up + 1);
        measure(
            self,
            plan,
            || {
                self.pass(SET_UP_NS);
                self.inputs.set(self.inputs.get() + 1);
                Input {
                    bench: self,
                    number: self.inputs.get(),
                    used: false,
                }
            },
            |input| {
                assert!(
                    !input.used,
                    "the input of round {} was worked on twice; the second time it \
                     is no longer what set_up made (sorted already, say), so every \
                     round needs a fresh one",
                    input.number
                );
                input.used = true;
                let round = {
                    let mut worked_on = self.worked_on.borrow_mut();
                    if worked_on.len() < limit {
                        worked_on.push(input.number);
                    }
                    worked_on.len()
                };
                self.pass(work_ns(round));
                round
            },
            |result| {
                self.pass(KEEP_NS);
                let mut kept = self.kept.borrow_mut();
                if kept.len() < limit {
                    kept.push(result);
                }
            },
        )
    }
}

/// What is in a lap that is too long or too short by `got - right`.
fn explain(right: u64, got: u64) -> String {
    if got < right {
        return format!("it misses {} ns of the work", right - got);
    }
    let extra = got - right;
    let parts = [
        (DROP_NS, "dropping its input"),
        (SET_UP_NS, "set_up"),
        (KEEP_NS, "keep"),
    ];
    let mut left = extra;
    let mut names = Vec::new();
    for (ns, name) in parts {
        if left >= ns {
            left -= ns;
            names.push(name);
        }
    }
    match (left, names.as_slice()) {
        (0, [one]) => format!("the extra {extra} ns are what {one} takes"),
        (0, many) => {
            format!("the extra {extra} ns are what {} take", many.join(" and "))
        }
        _ => format!("where do the extra {extra} ns come from?"),
    }
}

#[track_caller]
fn expect_laps(laps: &[u64], right: &[u64]) {
    for (index, (&got, &right)) in laps.iter().zip(right).enumerate() {
        let lap = index + 1;
        assert!(
            got == right,
            "lap {lap} should be {right} ns, the time of its work, but it is {got} \
             ns: {}",
            explain(right, got)
        );
    }
    assert!(
        laps.len() == right.len(),
        "{} laps came back, but there should be {}",
        laps.len(),
        right.len()
    );
}

/// The number of laps is the plan's number of rounds.
fn a_lap_for_each_round_and_no_other() {
    for (warm_up, rounds) in [(0, 1), (0, 10), (3, 10), (5, 1), (4, 0), (0, 0)] {
        let laps = Bench::new().run(Plan { warm_up, rounds }, |_| 40);
        assert!(
            laps.len() == rounds,
            "{rounds} rounds after {warm_up} of warm-up make {rounds} laps, but the \
             answer returned {}",
            laps.len()
        );
    }
}

/// Set-up, keep and drop are outside.
fn a_lap_holds_the_work_alone() {
    // Different from round to round, so that a mean does not pass for the laps.
    let work_ns = |round| 40 + 3 * (round as u64 % 4);
    for warm_up in [0, 2] {
        let laps = Bench::new().run(Plan { warm_up, rounds: 6 }, work_ns);
        let right: Vec<u64> = (warm_up + 1..=warm_up + 6).map(work_ns).collect();
        expect_laps(&laps, &right);
    }
}

/// One call of `set_up` for each round, warm-up or not.
fn every_round_has_an_input_of_its_own() {
    let bench = Bench::new();
    bench.run(
        Plan {
            warm_up: 3,
            rounds: 5,
        },
        |_| 40,
    );
    let inputs = bench.inputs.get();
    assert!(
        inputs == 8,
        "3 rounds of warm-up and 5 with a lap need 8 inputs, but set_up ran \
         {inputs} times"
    );
    let worked_on = bench.worked_on.borrow();
    assert!(
        worked_on.len() == 8,
        "3 rounds of warm-up and 5 with a lap are 8 runs of the work, but it ran {} \
         times",
        worked_on.len()
    );
}

/// A result that nobody looks at may never have been computed.
fn every_result_is_kept() {
    let bench = Bench::new();
    bench.run(
        Plan {
            warm_up: 2,
            rounds: 4,
        },
        |_| 40,
    );
    let kept = bench.kept.borrow();
    for round in 1..=6 {
        let times = kept.iter().filter(|result| **result == round).count();
        let part = if round <= 2 {
            "a warm-up round"
        } else {
            "a round with a lap"
        };
        assert!(
            times == 1,
            "the result of round {round}, {part}, reached keep {times} times \
             instead of once; work whose result is not kept may be optimised away"
        );
    }
}

/// The cold rounds come first and leave no trace in the laps.
fn the_warm_up_runs_and_is_thrown_away() {
    let plan = Plan {
        warm_up: 3,
        rounds: 4,
    };
    let bench = Bench::new();
    // 90 ns while the caches are cold, 30 ns from the 4th round on.
    let laps = bench.run(plan, |round| if round <= 3 { 90 } else { 30 });
    let runs = bench.worked_on.borrow().len();
    assert!(
        runs == 7,
        "3 rounds of warm-up and 4 with a lap are 7 runs of the work, but it ran \
         {runs} times"
    );
    if let Some(cold) = laps.iter().position(|lap| *lap == 90) {
        panic!(
            "lap {} is 90 ns, which is a cold round: the first 3 of the 7 runs are \
             warm-up, and their laps should be thrown away",
            cold + 1
        );
    }
    expect_laps(&laps, &[30; 4]);
}

/// Zero is a reading like any other: the clock ticks too slowly for the work.
fn work_too_fast_for_the_clock_has_laps_of_zero() {
    let laps = Bench::new().run(
        Plan {
            warm_up: 1,
            rounds: 5,
        },
        |_| 0,
    );
    expect_laps(&laps, &[0; 5]);
}

/// An outlier is part of the truth.
fn slow_rounds_stay_in() {
    let work_ns = |round| if round % 4 == 0 { 90_000 } else { 40 };
    let laps = Bench::new().run(
        Plan {
            warm_up: 1,
            rounds: 8,
        },
        work_ns,
    );
    let right: Vec<u64> = (2..=9).map(work_ns).collect();
    let slow = laps.iter().filter(|lap| **lap >= 90_000).count();
    assert!(
        slow == 2,
        "2 of the 8 rounds took 90000 ns, but {slow} of the laps show it: a slow \
         round has happened, and the maximum and p99 are made of such rounds"
    );
    expect_laps(&laps, &right);
}
