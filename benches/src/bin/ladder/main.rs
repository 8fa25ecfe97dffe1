//! Which design of the same server is the fastest, and what does each cost?
//!
//! Run:          cargo run --release -p benches --bin ladder
//! Quick look:   ... -- --rung thread_per_connection --conns 64 --seconds 1 --rounds 1
//! Only check:   ... -- --check
//!
//! Every rung (see `benches/src/rungs/`) must answer the acceptance requests; then each
//! gets the same loads. A rung runs in a process of its own, bound to one core, so CPU time,
//! memory and system calls are the server's alone; the driver has another core. Rounds are
//! interleaved (first every rung once, then every rung again), and the table shows medians.
//! The results go to `target/raw/ladder/`; `cargo run -p benches --bin report -- ladder`
//! brings them into the book.

use std::process::ExitCode;

#[cfg(unix)]
mod unix;

#[cfg(unix)]
fn main() -> ExitCode {
    unix::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!(
        "ladder: needs Linux or macOS: the load driver stands on epoll or poll"
    );
    ExitCode::FAILURE
}
