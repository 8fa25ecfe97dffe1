//! must say: the grader was measuring 5 rounds after 1 of warm-up
//!
//! Takes a lap of zero for a mistake and runs the round again, for ever if the work
//! is faster than the clock.

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
    let mut round = 0;
    while laps.len() < plan.rounds || round < plan.warm_up {
        let mut input = set_up();
        let started = clock.now_ns();
        let result = work(&mut input);
        let lap = clock.now_ns() - started;
        keep(result);
        round += 1;
        if round > plan.warm_up && lap > 0 {
            laps.push(lap);
        }
    }
    laps
}

// --- to here ---
