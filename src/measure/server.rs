//! A server that is quick, except once.

use super::Clock;
use crate::ground::time::Duration;

// ANCHOR: server
/// A simulated server: each request takes the same time, but once the whole server stands
/// still, as in a garbage collection, a flush to disk, or a long-held lock.
///
/// It keeps no queue: every caller is served on a lane of its own, and a stall stops all
/// lanes. On a [`Manual`](super::Manual) clock it is exact; on the kernel's clock it really
/// takes the time, asleep.
#[derive(Clone, Copy, Debug)]
pub struct StallingServer {
    /// How long a request takes.
    pub service: Duration,
    /// When, by the clock, the server stops.
    pub stall_at: Duration,
    /// For how long it stands still.
    pub stall_for: Duration,
}
// ANCHOR_END: server

impl StallingServer {
    /// Serves one request: returns when it is done.
    ///
    /// # Blocking
    /// Sleeps on `clock` until then.
    pub fn serve(&self, clock: &impl Clock) {
        clock.sleep_until(self.done_at(clock.now()));
    }

    /// Returns when a request that arrives at `arrival` is done.
    pub fn done_at(&self, arrival: Duration) -> Duration {
        let stall_end = self.stall_at + self.stall_for;
        if arrival >= stall_end || arrival + self.service <= self.stall_at {
            arrival + self.service
        } else if arrival < self.stall_at {
            // Caught half-way: the rest is done after the stall.
            arrival + self.service + self.stall_for
        } else {
            stall_end + self.service
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Manual;

    const SERVER: StallingServer = StallingServer {
        service: Duration::from_millis(2),
        stall_at: Duration::from_millis(10),
        stall_for: Duration::from_millis(100),
    };

    #[test]
    fn every_arrival_around_a_stall() {
        for (arrival_ms, done_ms) in [
            (0, 2),     // long before
            (8, 10),    // done in the very moment in which the stall begins
            (9, 111),   // caught half-way
            (10, 112),  // with the stall
            (60, 112),  // within
            (109, 112), // just before its end
            (110, 112), // with its end
            (111, 113), // after
        ] {
            let done = SERVER.done_at(Duration::from_millis(arrival_ms));
            assert_eq!(
                done,
                Duration::from_millis(done_ms),
                "arrived at {arrival_ms} ms"
            );
        }
    }

    #[test]
    fn serving_takes_the_clock_to_the_end_of_the_request() {
        let clock = Manual::new();
        SERVER.serve(&clock);
        assert_eq!(clock.now(), Duration::from_millis(2));
        clock.advance(Duration::from_millis(10));
        SERVER.serve(&clock);
        assert_eq!(clock.now(), Duration::from_millis(112));
    }
}
