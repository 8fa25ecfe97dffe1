//! must say: is due at 10000, but it was sent at 2000: too early
//!
//! Never waits: as fast as the server answers.

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
    (0..requests)
        .map(|request| {
            send(request);
            clock
                .now_ns()
                .saturating_sub(start_ns + every_ns * request as u64)
        })
        .collect()
}

// --- to here ---
