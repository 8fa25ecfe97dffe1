//! Right: makes all inputs of the measured rounds before the first lap, keeps all
//! results after the last one, and discards the warm-up at the end.

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
    keep: impl FnMut(O),
) -> Vec<u64> {
    let rounds = plan.warm_up + plan.rounds;
    let mut inputs: Vec<I> = (0..rounds).map(|_| set_up()).collect();
    let mut results = Vec::with_capacity(rounds);
    let mut laps = Vec::with_capacity(rounds);
    for input in &mut inputs {
        let before = clock.now_ns();
        results.push(work(input));
        laps.push(clock.now_ns() - before);
    }
    results.into_iter().for_each(keep);
    laps.split_off(plan.warm_up)
}

// --- to here ---
