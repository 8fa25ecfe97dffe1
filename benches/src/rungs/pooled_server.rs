//! Rung six (chapter 11): the same HTTP server with two pools, handlers on threads of
//! their own.
//!
//! Every request is handed to one of four handler threads, and its answer comes back to the
//! loop. So this rung pays for two things that rung five does not have: the hand-over, twice
//! for each request, and the threads. What it gets is that a handler that takes a
//! millisecond keeps nobody waiting but its own client. Where a route is known to be quick
//! it can stay on the loop ([`start_with`]); here none does, to show what the rest costs.

use super::{Running, http_server::routes};
use std::io;
use std::thread;
use threadbare::http::{Config, Server};

/// How many threads handle requests.
pub const HANDLERS: usize = 4;

/// Starts the server with four handler threads and no inline routes on a free port of the
/// loopback interface.
///
/// # Errors
/// If there is no port, no loop or no thread to be had.
pub fn start() -> io::Result<Running> {
    start_with(1, HANDLERS, &[])
}

/// The same with so many loops and handler threads; the routes in `inline` stay on the loop.
///
/// # Errors
/// As [`start`]; or if there is no such route.
pub fn start_with(
    loops: usize,
    handler_threads: usize,
    inline: &[&str],
) -> io::Result<Running> {
    let config = Config {
        port: 0,
        loops,
        handler_threads,
        max_conn: super::http_server::CONNECTIONS_MAX,
        // The driver asks for more at once than anybody waits for: that is no overload.
        queue_cap: super::http_server::CONNECTIONS_MAX,
        ..Config::default()
    };
    let inline: Vec<String> = inline.iter().map(|&path| path.into()).collect();
    let router = routes::routes(&inline).map_err(io::Error::other)?;
    let mut server = Server::bind(config, router)?;
    let (address, handle) = (server.address(), server.handle());
    let builder = thread::Builder::new().name("loop 0".into());
    let thread = builder.spawn(move || server.run())?;
    Ok(Running::new(address, move || {
        handle.shutdown();
        if let Err(err) = thread.join().expect("the loop does not panic") {
            eprintln!("pooled_server: {err}");
        }
    }))
}
