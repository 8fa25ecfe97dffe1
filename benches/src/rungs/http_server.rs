//! Rung five (chapter 10): the library's HTTP server, one thread, handlers inline.
//!
//! The design is that of rung three, and so is what it costs: one thread on a readiness loop,
//! one read and one write for a request. What is new is all that a server needs besides: a
//! parser that refuses what is ambiguous, limits and deadlines for everything, `Date`, a
//! router, and handlers that know nothing of sockets. This rung shows what that costs.
//!
//! What it cannot do is unchanged: a handler that takes a millisecond keeps everybody waiting
//! for a millisecond. That is chapter 11.

use super::Running;
use std::io;
use std::thread;
use threadbare::http::{Config, Server};

#[path = "../../../examples/server/routes.rs"]
pub(super) mod routes;

/// The most connections. More of them wait in the backlog until one leaves.
pub const CONNECTIONS_MAX: usize = 12_000;

/// Starts the server on a free port of the loopback interface.
///
/// # Errors
/// If there is no port, no loop or no thread to be had.
pub fn start() -> io::Result<Running> {
    let config = Config {
        port: 0,
        max_conn: CONNECTIONS_MAX,
        ..Config::default()
    };
    let router = routes::routes(&[]).map_err(io::Error::other)?;
    let mut server = Server::bind(config, router)?;
    let (address, handle) = (server.address(), server.handle());
    let builder = thread::Builder::new().name("loop".into());
    let thread = builder.spawn(move || server.run())?;
    Ok(Running::new(address, move || {
        handle.shutdown();
        if let Err(err) = thread.join().expect("the loop does not panic") {
            eprintln!("http_server: {err}");
        }
    }))
}
