//! must say: request 1 was due at 10000 and the connection was free at 2000, but it was sent at 12000
//!
//! Sleeps the whole interval after each answer: a closed loop with pauses.

/// Says what time it is, and passes the time.
pub trait Clock {
    /// Nanoseconds since some moment in the past.
    fn now_ns(&self) -> u64;
    /// Waits at least that long.
    fn sleep_ns(&self, duration_ns: u64);
}

// --- edit from here ---

/// Sends requests on a fixed schedule; returns their latencies in nanoseconds, in
/// order.
pub fn open_loop(
    clock: &impl Clock,
    every_ns: u64,
    requests: usize,
    mut send: impl FnMut(usize),
) -> Vec<u64> {
    let start_ns = clock.now_ns();
    let mut latencies = Vec::new();
    for request in 0..requests {
        send(request);
        latencies.push(clock.now_ns() - start_ns - every_ns * request as u64);
        clock.sleep_ns(every_ns);
    }
    latencies
}

// --- to here ---
