//! What does it cost to hand a request to another thread, and what does it buy?
//!
//! Run:  `cargo bench --bench 11_pooled_server` (about five minutes), or one group of it:
//!       `cargo bench --bench 11_pooled_server -- open`
//! Then: `cargo run -p benches --bin report -- 11_pooled_server` writes the book's tables.
//!
//! | group | what it asks |
//! |---|---|
//! | `cpu`, `user`, `rate` | CPU time for a request, the server's own part of it, requests a second |
//! | `calls` | system calls for a request |
//! | `idle` | memory of 10,000 connections that are silent |
//! | `open`, `closed` | what a quick request waits beside handlers that block, or compute, for 2 ms |
//! | `loops` | which part of 1,000 connections each of two loops has |
//!
//! The first row of the first groups, `limit`, is the floor: it parses nothing. `open` is
//! measured at a constant rate, so a stall counts for all who came in the meantime (chapter
//! 00). The servers of others are in `benches/peers`: `cargo run --release -p peers
//! --features servers --bin servers -- pooled`.

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
fn main() -> std::io::Result<()> {
    use benches::child::{self, Server};
    use benches::contest::{Contest, Contestant};
    use benches::load::Pace;
    use benches::rungs::{self, pooled_server};
    use benches::{mixed, raw};
    use std::time::Duration;

    const CHAPTER: &str = "11_pooled_server";
    const ONE: &str = "pooled_server, 1 handler thread";
    const FOUR: &str = "pooled_server";
    const INLINE: &str = "pooled_server, / inline";
    /// What all have in common: rungs of the ladder.
    const RUNGS: [&str; 2] = ["limit", "http_server"];

    let start = |name: &str| match name {
        ONE => Some(rungs::for_good(pooled_server::start_with(1, 1, &[]))),
        INLINE => Some(rungs::for_good(pooled_server::start_with(1, 4, &["/"]))),
        name => rungs::by_name(name).map(rungs::serve_for_good),
    };
    if child::serving_copy(start) {
        return Ok(());
    }
    // Asked for first by a thread that is bound to none.
    child::last_core();
    let contestant = |name| Contestant {
        name,
        start: Server::start,
    };
    let here = RUNGS
        .into_iter()
        .filter(|name| rungs::by_name(name).is_some());
    let all: Vec<_> = here.chain([ONE, FOUR]).map(contestant).collect();
    let contest = Contest {
        chapter: CHAPTER,
        prefix: "",
        time: Duration::from_millis(100),
        rounds: if raw::trial() { 1 } else { 30 },
    };
    contest.hold(&all)?;

    let all = ["http_server", FOUR, INLINE].map(contestant);
    let time = Duration::from_millis(if raw::trial() { 100 } else { 2_000 });
    for (group, pace) in [
        ("open", Pace::Open { per_second: 2_000 }),
        ("closed", Pace::Closed { pipeline: 1 }),
    ] {
        if raw::wanted(group) {
            mixed::hold(CHAPTER, group, pace, time, &all)?;
        }
    }
    if raw::wanted("loops") {
        loops::share(CHAPTER)?;
    }
    Ok(())
}

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
#[path = "11_pooled_server/loops.rs"]
mod loops;

#[cfg(not(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
)))]
fn main() {
    eprintln!("11_pooled_server: its servers need epoll or kqueue");
}
