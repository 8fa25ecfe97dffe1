//! must say: what is the time left until a request that was due in the past?
//!
//! Subtracts without looking: a late request sleeps for 584 years.

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
        let due_ns = start_ns + every_ns * request as u64;
        clock.sleep_ns(due_ns.wrapping_sub(clock.now_ns()));
        send(request);
        latencies.push(clock.now_ns() - due_ns);
    }
    latencies
}

// --- to here ---
