//! Right: one closure for a round, one loop for each purpose.

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
    let mut round = || {
        let mut input = set_up();
        let before = clock.now_ns();
        let result = work(&mut input);
        let after = clock.now_ns();
        keep(result);
        after - before
    };
    for _ in 0..plan.warm_up {
        round();
    }
    (0..plan.rounds).map(|_| round()).collect()
}

// --- to here ---
