//! A server that runs in a thread of its own, with a route whose handler waits until it is
//! told to go on.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use threadbare::http::{Config, Handle, Metrics, Request, Response, Server, Totals};
use threadbare::sync::Semaphore;

use super::caller::Caller;
use super::program::misused;
use super::routes;

/// The server, and what those who wait in it wait for.
pub(crate) struct House {
    address: SocketAddr,
    handle: Handle,
    pub(crate) metrics: Metrics,
    thread: JoinHandle<io::Result<()>>,
    held: Arc<Held>,
}

/// Handlers that are held.
struct Held {
    /// A permit for each that has come.
    come: Semaphore,
    /// A permit for each that may go.
    go: Semaphore,
}

impl House {
    /// Opens one with the usual routes, of which `/` is inline, and `/held`.
    pub(crate) fn open(config: Config) -> io::Result<Self> {
        let held = Arc::new(Held {
            come: Semaphore::new(0),
            go: Semaphore::new(0),
        });
        let mut router = routes::routes(&["/".to_owned()]).map_err(misused)?;
        let here = Arc::clone(&held);
        let hold = move |_: &Request<'_>, response: &mut Response<'_>| {
            here.come.release(1);
            here.go.acquire().forget();
            response.text("ok");
        };
        router.get("/held", hold).pooled();
        let config = Config { port: 0, ..config }; // any that is free
        let mut server = Server::bind(config, router)?;
        Ok(Self {
            address: server.address(),
            handle: server.handle(),
            metrics: server.metrics(),
            thread: thread::Builder::new().spawn(move || server.run())?,
            held,
        })
    }

    /// Somebody connects, and asks.
    pub(crate) fn call(
        &self,
        name: &'static str,
        target: &str,
    ) -> io::Result<Caller> {
        Caller::call(name, self.address, target)
    }

    /// Waits until so many handlers have come to `/held`.
    pub(crate) fn holds(&self, count: usize) {
        self.held.come.acquire_many(count).forget();
    }

    /// Waits until this is so of what the server counts.
    pub(crate) fn until(&self, is_so: impl Fn(&Totals) -> bool) {
        while !is_so(&self.metrics.totals()) {
            thread::yield_now();
        }
    }

    /// Lets so many of them go.
    pub(crate) fn let_go(&self, count: usize) {
        self.held.go.release(count);
    }

    /// Tells the server to stop, and waits until nobody is let in any more.
    pub(crate) fn shut(&self) {
        self.handle.shutdown();
        while std::net::TcpStream::connect(self.address).is_ok() {}
    }

    /// Waits until it has stopped.
    pub(crate) fn close(self) -> io::Result<()> {
        self.handle.shutdown();
        let ended = self.thread.join();
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
