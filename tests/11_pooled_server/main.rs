//! The server of two pools, put to all cases of `tests/conformance`, and to those that only
//! several threads can fail.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

#[path = "../conformance/mod.rs"]
mod conformance;

use conformance::conforms;
use conformance::serve::{Serve, Shared};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use threadbare::http::{Config, Handle, Handler, Server};

/// A server whose first loop runs in a thread of its own, as the others do.
struct Pooled {
    address: SocketAddr,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

/// Starts one with so many handler threads and loops.
fn pooled<const HANDLERS: usize, const LOOPS: usize>(
    config: Config,
    handler: Arc<dyn Handler>,
) -> Box<dyn Serve> {
    let config = Config {
        handler_threads: HANDLERS,
        loops: LOOPS,
        ..config
    };
    started(config, handler)
}

/// Starts one that is set up like this, but for the port.
fn started(config: Config, handler: Arc<dyn Handler>) -> Box<dyn Serve> {
    let config = Config { port: 0, ..config };
    let mut server = Server::bind(config, Shared(handler)).unwrap();
    let (address, handle) = (server.address(), server.handle());
    let thread = std::thread::spawn(move || server.run().unwrap());
    Box::new(Pooled {
        address,
        handle,
        thread: Some(thread),
    })
}

impl Serve for Pooled {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn turn(&self, _: Duration) -> bool {
        false
    }

    fn stop(&self) {
        self.handle.shutdown();
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the server has panicked");
        }
    }
}

mod handlers_0_loops_1 {
    crate::conforms!(crate::pooled::<0, 1>: if asked);
}
