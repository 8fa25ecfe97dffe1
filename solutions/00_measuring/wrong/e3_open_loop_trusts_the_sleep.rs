//! must say: so its latency is 12, but the answer returned 5
//!
//! Takes the time after a sleep for the time that was asked for.

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
        let now_ns = clock.now_ns();
        if now_ns < due_ns {
            clock.sleep_ns(due_ns - now_ns);
            let woken_ns = clock.now_ns();
            send(request);
            latencies.push(clock.now_ns() - woken_ns);
        } else {
            send(request);
            latencies.push(clock.now_ns() - due_ns);
        }
    }
    latencies
}

// --- to here ---
