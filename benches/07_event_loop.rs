//! What does a loop cost for each message, each registration, each wake, and for nothing?
//!
//! Run:  `cargo bench --bench 07_event_loop` (about two minutes), or one group of it:
//!       `cargo bench --bench 07_event_loop -- echo`
//! Then: `cargo run -p benches --bin report -- 07_event_loop` writes the book's tables.
//!
//! | group | what it asks |
//! |---|---|
//! | `echo`, `echo_cpu`, `echo_calls` | a round trip of 64 bytes: its time, the server's CPU time and system calls |
//! | `designs`, `designs_cpu`, `designs_calls` | the same, for four ways to ask epoll |
//! | `register` | a registration, and its end |
//! | `wake` | to wake a loop that sleeps, and one that does not |
//! | `idle` | ten thousand registrations with which nothing happens |
//! | `accept_calls` | to accept a connection |
//! | `accept_shared` | who gets it where two loops wait |
//!
//! Rows and columns of a group take turns: in each round everybody works once in each column,
//! and the tables show the medians of the rounds. What disturbs the machine for a second then
//! disturbs everybody, and the ratios stay true. Each server is a process of its own, on the
//! first core; the clients are this one, on the last core, and use no loop that is measured.
//!
//! `mio` reads as its documentation says, until EWOULDBLOCK; `mio_short_reads` as tokio does,
//! which takes a short read for the last one.

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
#[path = "07_event_loop/groups.rs"]
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
    eprintln!("07_event_loop: it needs epoll or kqueue, which this system has not");
}
