//! must say: the result of round 1, a warm-up round, reached keep 0 times instead of once
//!
//! The warm-up's results are dropped, so that its work may be optimised away: the
//! first lap is then the first run.

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
    for _ in 0..plan.warm_up {
        work(&mut set_up());
    }
    let mut laps = Vec::new();
    for _ in 0..plan.rounds {
        let mut input = set_up();
        let started = clock.now_ns();
        let result = work(&mut input);
        laps.push(clock.now_ns() - started);
        keep(result);
    }
    laps
}

// --- to here ---
