//! A barrier: everybody waits until all are there.

use std::fmt;
use std::panic::Location;

use super::Monitor;
use crate::ground::Named;

/// [`std::sync::Barrier`].
pub struct Barrier {
    state: Monitor<State>,
    threads: usize,
}

#[derive(Debug, Default)]
struct State {
    arrived: usize,
    /// How often all were there.
    round: usize,
}

/// [`std::sync::BarrierWaitResult`].
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether this thread came last.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// As [`std::sync::Barrier::new`].
    #[track_caller]
    pub fn new(threads: usize) -> Self {
        let state = Monitor::new(State::default());
        Self { state, threads }
    }

    /// As [`std::sync::Barrier::wait`].
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let site = Location::caller();
        let (leads, mine) = self.state.change("wait", site, |state| {
            state.arrived += 1;
            let leads = state.arrived >= self.threads;
            let round = state.round;
            if leads {
                *state = State {
                    arrived: 0,
                    round: round.wrapping_add(1),
                };
            }
            (leads, round)
        });
        if !leads {
            let over = |state: &mut State| (state.round != mine).then_some(());
            self.state.wait("wait", site, None, over);
        }
        BarrierWaitResult(leads)
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult")
            .field("is_leader", &self.0)
            .finish()
    }
}

impl Named for Barrier {
    fn named(self, name: &'static str) -> Self {
        self.state.set_name(name);
        self
    }
}
