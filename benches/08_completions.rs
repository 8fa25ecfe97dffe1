//! What does it cost to be told when something is done, rather than when it could be?
//!
//! Run:  `cargo bench --bench 08_completions` (about six minutes, and the peers are built
//!       first), or one group of it: `cargo bench --bench 08_completions -- timers`
//! Then: `cargo run -p benches --bin report -- 08_completions` writes the book's tables.
//!
//! | group | what it asks |
//! |---|---|
//! | `timers`, `timers_in_order` | a million timers: to set, cancel and fire one of them |
//! | `ping_pong`, `ping_pong_cpu`, `ping_pong_calls` | five bytes there and back, both ends on one loop |
//! | `pummel`, `pummel_cpu` | to be notified by one, two, four, eight threads that do nothing else |
//! | `echo`, `echo_cpu`, `echo_calls` | a round trip of 64 bytes: its time, the server's CPU time and system calls |
//! | `blocking` | how late a loop is on which, or beside which, something is computed |
//!
//! `readiness` and `io_uring` are the same `completion::Loop` on its two backends; they take
//! what comes by `receive`, and the rows that end in `_read` by `read`, with a buffer of their
//! own for each connection. `event` is chapter 07's loop, by hand.
//!
//! Each row is done by a process of its own, which measures itself (`src/worker.rs`) or serves
//! (`src/child.rs`), and they take turns: the tables show the medians of the rounds. Tokio, on
//! one thread, and the crate `io-uring` live in the package `peers`, which this bench builds;
//! without their sources it says so, and measures the others.

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
#[path = "08_completions/groups.rs"]
mod groups;

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
fn main() {
    groups::main();
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
)))]
fn main() {
    eprintln!("08_completions: it needs epoll or kqueue, which this system has not");
}
