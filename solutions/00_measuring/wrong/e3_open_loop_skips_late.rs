//! must say: leaving out those that are late hides exactly the users who had to wait
//!
//! Skips what it has missed, as a timer that coalesces its ticks does.

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
    let mut sent = 0;
    for request in 0..requests {
        let due_ns = start_ns + every_ns * request as u64;
        if clock.now_ns() > due_ns {
            continue;
        }
        clock.sleep_ns(due_ns - clock.now_ns());
        send(sent);
        sent += 1;
        latencies.push(clock.now_ns() - due_ns);
    }
    latencies
}

// --- to here ---
