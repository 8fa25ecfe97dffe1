//! 00.2 (repair): a measuring loop that measures the wrong things.
//!
//! Goal: `measure` returns one lap for each of `plan.rounds` rounds, in nanoseconds,
//! and a lap holds the work and nothing else. It should
//!
//! - run `plan.warm_up` rounds first, complete ones, whose laps are thrown away;
//! - give every round, also in warm-up, a fresh input from `set_up`;
//! - hand every result, also in warm-up, to `keep`, so that no optimiser can find
//!   out that nobody wants it (`keep` stands for `black_box`).
//!
//! Making the input, keeping the result and throwing the input away are not the
//! work: on the clock of the graders they take time, and none of it belongs into a
//! lap.
//!
//! The code below compiles and gives plausible numbers.
//!
//! Edit between the markers only. About 6 lines change, 10 minutes.
//! Stuck? `cargo hint 00.2`, three levels.
//!
//! A failing run prints, for instance:
//! ```text
//! lap 1 should be 40 ns, the time of its work, but it is 1040 ns: the extra 1000 ns
//! are what set_up takes
//! ```

/// Says what time it is. The graders' clock moves only when they say so.
pub trait Clock {
    /// Nanoseconds since some moment in the past.
    fn now_ns(&self) -> u64;
}

/// How often to run the work.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Rounds before the first lap: caches fill, branches are learnt.
    pub warm_up: usize,
    /// Rounds with a lap.
    pub rounds: usize,
}

// --- edit from here ---

/// Runs `work` by `plan` and returns its laps in nanoseconds.
pub fn measure<I, O>(
    clock: &impl Clock,
    plan: Plan,
    mut set_up: impl FnMut() -> I,
    mut work: impl FnMut(&mut I) -> O,
    mut keep: impl FnMut(O),
) -> Vec<u64> {
    let mut laps = Vec::new();
    let mut started = clock.now_ns();
    for round in 1..=plan.warm_up + plan.rounds {
        let mut input = set_up();
        let result = work(&mut input);
        drop(input);
        let now = clock.now_ns();
        laps.push(now - started);
        started = now;
        if round == plan.warm_up + plan.rounds {
            keep(result);
        }
    }
    laps
}

// --- to here ---
