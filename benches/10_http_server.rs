//! What does a request cost the server of chapter 10, and what does a silent client?
//!
//! Run:  `cargo bench --bench 10_http_server` (about three minutes), or one group of it:
//!       `cargo bench --bench 10_http_server -- calls`
//! Then: `cargo run -p benches --bin report -- 10_http_server` writes the book's tables.
//!
//! | group | what it asks |
//! |---|---|
//! | `cpu`, `user`, `rate` | CPU time for a request, the server's own part of it, requests a second |
//! | `calls` | system calls for a request |
//! | `idle` | memory of 10,000 connections that are silent |
//!
//! The first row, `limit`, is the floor: it parses nothing (see `benches/src/rungs/limit.rs`).
//! The servers of others are in `benches/peers`: `cargo run --release -p peers --features
//! servers --bin servers`.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use benches::child::{self, Server};
    use benches::contest::{Contest, Contestant};
    use benches::{raw, rungs};
    use std::time::Duration;

    const SERVERS: [&str; 3] = ["limit", "readiness_loop", "http_server"];
    let here = SERVERS.into_iter().filter_map(rungs::by_name);
    if child::serving_copy(|name| rungs::by_name(name).map(rungs::serve_for_good)) {
        return Ok(());
    }
    let contest = Contest {
        chapter: "10_http_server",
        prefix: "",
        time: Duration::from_millis(100),
        rounds: if raw::trial() { 1 } else { 50 },
    };
    let start = Server::start;
    let all = here.map(|rung| Contestant {
        name: rung.name,
        start,
    });
    contest.hold(&all.collect::<Vec<_>>())
}

#[cfg(not(unix))]
fn main() {
    eprintln!("10_http_server: its load driver needs epoll or poll");
}
