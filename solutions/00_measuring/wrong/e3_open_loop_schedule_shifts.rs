//! must say: a late request is sent at once, and the next ones keep to the schedule
//!
//! Waits from one sending to the next, so that a stall moves the whole schedule.

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
    let mut latencies = Vec::new();
    let mut due_ns = clock.now_ns();
    for request in 0..requests {
        clock.sleep_ns(due_ns.saturating_sub(clock.now_ns()));
        let sent_ns = clock.now_ns();
        send(request);
        latencies.push(clock.now_ns() - due_ns);
        due_ns = sent_ns + every_ns;
    }
    latencies
}

// --- to here ---
