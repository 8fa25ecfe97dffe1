//! The servers of the library, in the two ways in which they run: turn by turn in the thread
//! of their clients, or in a thread of their own.

use crate::conformance::serve::{Serve, Shared};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use threadbare::http::{Config, Handle, Handler, Server};

/// A server whose first loop has its turns in the thread of its clients.
struct Ticked(RefCell<Server>);

/// Starts such a one. The port is chosen by the system.
pub(crate) fn ticked(config: Config, handler: Arc<dyn Handler>) -> Box<dyn Serve> {
    Box::new(Ticked(RefCell::new(bind(config, handler))))
}

impl Serve for Ticked {
    fn address(&self) -> SocketAddr {
        self.0.borrow().address()
    }

    fn turn(&self, wait: Duration) -> bool {
        self.0.borrow_mut().tick(Some(wait)).unwrap();
        true
    }

    fn stop(&self) {
        self.0.borrow().handle().shutdown();
    }
}

/// A server in a thread of its own.
struct Started {
    address: SocketAddr,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

/// Starts such a one. The port is chosen by the system.
pub(crate) fn started(config: Config, handler: Arc<dyn Handler>) -> Box<dyn Serve> {
    let mut server = bind(config, handler);
    let (address, handle) = (server.address(), server.handle());
    let thread = std::thread::spawn(move || server.run().unwrap());
    Box::new(Started {
        address,
        handle,
        thread: Some(thread),
    })
}

impl Serve for Started {
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

impl Drop for Started {
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

fn bind(config: Config, handler: Arc<dyn Handler>) -> Server {
    let config = Config { port: 0, ..config };
    Server::bind(config, Shared(handler)).unwrap()
}
