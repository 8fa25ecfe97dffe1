//! 00.3 (implement): latency measured from the moment a request was due.
//!
//! Goal: `open_loop` sends `requests` requests, one after the other over one
//! connection, and returns the latency of each. Request 0 is due at once, and each
//! next one is due `every_ns` after the one before was *due*, whatever the server
//! does: users do not wait for each other. So
//!
//! - no request is sent before it is due, and none is left out;
//! - one that is late (the server was stalling) is sent as soon as the connection is
//!   free;
//! - its latency is the time from when it was due until it is answered.
//!
//! ```text
//! request   due   sent   done   latency      one due every 10
//!       0     0      0      2         2
//!       1    10     10     35        25      <- the server stalls
//!       2    20     35     37        17      <- waited for request 1
//!       3    30     37     39         9      <- so did this one
//!       4    40     40     42         2
//! ```
//!
//! `send(n)` sends request `n` and returns when it is answered. The graders' clock
//! moves only while somebody sleeps or a request is under way, so wait by
//! `sleep_ns`; a loop that only looks at the clock never ends. Like a real one, a
//! sleep may take too long.
//!
//! Edit between the markers only. About 10 lines, 15 minutes.
//! Stuck? `cargo hint 00.3`, three levels.
//!
//! A failing run prints the schedule as above, beside what the answer did, and:
//! ```text
//! request 2 was due at 20 and answered at 37, so its latency is 17, but the answer
//! returned 2: that is the time since it was sent, and leaves out its wait
//! ```

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
    let mut latencies = Vec::with_capacity(requests);
    let mut due_ns = clock.now_ns();
    for request in 0..requests {
        // 0 if the request is late already: it goes out at once.
        clock.sleep_ns(due_ns.saturating_sub(clock.now_ns()));
        send(request);
        // Rejected: a reading taken just before `send` as the start. It is the time
        // that the server needed, but a user who is kept waiting does not care whose
        // turn it was.
        latencies.push(clock.now_ns() - due_ns);
        due_ns += every_ns;
    }
    latencies
}

// --- to here ---
