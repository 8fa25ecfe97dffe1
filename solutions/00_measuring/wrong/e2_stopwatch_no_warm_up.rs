//! must say: 3 rounds of warm-up and 4 with a lap are 7 runs of the work, but it ran 4 times
//!
//! Throws the warm-up away by not running it.

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
