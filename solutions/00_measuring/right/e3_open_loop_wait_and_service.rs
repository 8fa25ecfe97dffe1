//! Right: adds up the wait and the time to answer.

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
    let mut latencies = vec![0; requests];
    for (request, latency) in latencies.iter_mut().enumerate() {
        let due_ns = start_ns + every_ns * request as u64;
        if let Some(left_ns) = due_ns.checked_sub(clock.now_ns()) {
            clock.sleep_ns(left_ns);
        }
        let sent_ns = clock.now_ns();
        let wait_ns = sent_ns - due_ns;
        send(request);
        *latency = wait_ns + (clock.now_ns() - sent_ns);
    }
    latencies
}

// --- to here ---
