//! 00.4 (predict then measure): seven numbers, before anybody measures them.
//!
//! Goal: replace each `None` by `Some(what you expect)`, in your head or on paper.
//! Then run the graders: they carry out each experiment, on a simulated clock so
//! that it comes out the same everywhere, and show what came out and why. A wrong
//! prediction costs nothing; it is where the learning is. Correct it and go on.
//!
//! Edit between the markers only. 7 numbers, 10 minutes.
//! Stuck? `cargo hint 00.4`, three levels.
//!
//! A failing run prints, for instance:
//! ```text
//! MIB_PER_S: you predicted 2500, and the experiment gave ...: the first half ...
//! ```

// --- edit from here ---

/// 99 readings of 100 ns and one of 1,000,000 ns, because the thread was
/// interrupted: the mean in nanoseconds, rounded down?
pub const MEAN_NS: Option<u64> = Some(10_099);

/// And p99 (nearest rank) of the same 100 readings, in nanoseconds?
pub const P99_NS: Option<u64> = Some(100);

/// A clock ticks every 100 ns: at 0, 100, 200 ... and says the last tick in between.
/// Work of exactly 30 ns runs ten times without a pause, from time 0; each run is a
/// lap. How many of the ten laps say 0?
pub const ZERO_LAPS: Option<u64> = Some(7);

/// A hash takes the first 48 MiB at 1000 MiB/s, and, its tables now in the cache,
/// the other 48 MiB at 3000 MiB/s. What is the throughput of the whole, in MiB/s?
// Rejected: 2000, the mean of the two rates. It would be right if both halves had
// taken the same time; here the slow one takes 48 of the 64 ms.
pub const MIB_PER_S: Option<u64> = Some(1500);

/// Two threads share one core, and take turns of 10 ms; a switch costs nothing. Each
/// has work for 50 ms, and both start at 0. When is the first of them done, in
/// milliseconds?
pub const FIRST_DONE_MS: Option<u64> = Some(90);

/// A server answers in 1 ms, but the very first request takes 1000 ms. One client
/// sends 2000 requests in a closed loop, each as soon as the last is answered. For
/// how many does it note a latency of more than 1 ms?
pub const SLOW_IN_CLOSED_LOOP: Option<u64> = Some(1);

/// The same server and as many requests in an open loop, one due every 2 ms; they
/// are answered one by one, in order, and latency counts from when a request was
/// due. How many have a latency of more than 1 ms?
// Request n is due at 2n and answered at 1000 + n, so its latency is 1000 - n, which
// is more than 1 up to n = 998. Rejected: 500, those that are due while the server
// stalls; they are only half of the queue.
pub const SLOW_IN_OPEN_LOOP: Option<u64> = Some(999);

// --- to here ---
