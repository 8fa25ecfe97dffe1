//! The server's face: bind, run, stop.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::handle::Handle;
use super::handler::Handler;
use super::metrics::Metrics;
use super::worker::Worker;
use crate::event::Events;
use crate::event::memory::give_back_large_blocks;
use crate::event::net::{self, Share};

/// One wait returns at most this many events; the rest stay in the kernel.
const EVENTS_MAX: usize = 512;

// ANCHOR: server
/// An HTTP/1.1 server of one thread, which is the caller's.
///
/// It answers requests in the order in which they come, many connections at a time; the
/// handler runs between a read and a write, on the same thread. So while one request is
/// handled, nobody else is served: what waits or computes for long does not belong in an
/// inline handler (chapter 11 has a place for it).
///
/// Nothing that a client does is an error of the server's: it is answered, or its connection
/// is closed.
///
/// # Example
/// A server and its client in one thread. [`tick`](Self::tick) does what can be done now:
///
/// ```
/// use std::io::{Read as _, Write as _};
/// use std::net::TcpStream;
/// use std::time::Duration;
/// use threadbare::http::{Config, Request, Response, Server};
///
/// let hello = |_: &Request<'_>, response: &mut Response<'_>| {
///     response.text("Hello, World!");
/// };
/// let config = Config { port: 0, ..Config::default() };
/// let mut server = Server::bind(config, hello)?;
///
/// let mut client = TcpStream::connect(server.address())?;
/// client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
/// while server.metrics().totals().requests == 0 {
///     server.tick(None)?;
/// }
/// let mut answer = String::new();
/// client.read_to_string(&mut answer)?;
/// assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
/// assert!(answer.ends_with("\r\n\r\nHello, World!"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Server {
    worker: Worker,
    events: Events,
    address: SocketAddr,
    metrics: Metrics,
}
// ANCHOR_END: server

/// Whether a server goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It does.
    GoesOn,
    /// It was told to stop, and the last connection has been closed.
    Over,
}

impl Server {
    /// Listens. From now on clients can connect; they are served by [`run`](Self::run), or
    /// by [`tick`](Self::tick).
    ///
    /// With glibc it also makes the allocator give blocks from 256 KiB on back to the system
    /// when they are freed, in the whole process. Otherwise it would keep what one burst of
    /// large requests has needed.
    ///
    /// # Errors
    /// `InvalidInput` for a configuration that this server can't do, with a sentence that
    /// names the field; `AddrInUse`, `PermissionDenied` and others as [`net::listen`].
    pub fn bind(config: Config, handler: impl Handler) -> io::Result<Self> {
        config.check()?;
        give_back_large_blocks();
        let wanted = config.socket_address();
        let listener = net::listen(wanted, config.backlog, Share::Alone);
        // Whoever reads it wants to know which port it was.
        let listener = listener.map_err(|error| {
            io::Error::new(error.kind(), format!("{wanted}: {error}"))
        })?;
        let address = listener.local_addr()?;
        Ok(Self {
            worker: Worker::new(&config, Arc::new(handler), listener)?,
            events: Events::with_capacity(EVENTS_MAX),
            address,
            metrics: config.metrics,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Something with which any thread can stop it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.worker.handle()
    }

    /// Has `SIGTERM` and `SIGINT` (Ctrl-C) stop the server as [`Handle::shutdown`] does, as
    /// long as it is not dropped. A second signal of the same kind ends the process at once.
    ///
    /// ```no_run
    /// use threadbare::http::{Config, Request, Response, Server};
    ///
    /// let hello = |_: &Request<'_>, response: &mut Response<'_>| {
    ///     response.text("Hello, World!");
    /// };
    /// let mut server = Server::bind(Config::default(), hello)?;
    /// server.shutdown_on_signals()?;
    /// server.run()?; // returns when everybody who had begun a request is answered
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// `AlreadyExists` if somebody else in this process catches them with [`Signals`](crate::event::Signals). What
    /// the kernel says, if there are no more descriptors.
    pub fn shutdown_on_signals(&mut self) -> io::Result<()> {
        self.worker.catch_signals()
    }

    /// What it counts.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// How many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.worker.connections()
    }

    /// Serves until it is told to stop, and everybody who had begun a request has been
    /// answered.
    ///
    /// # Errors
    /// What the kernel says to a wait; none is known that a client could cause.
    /// # Blocking
    /// Until [`Handle::shutdown`]. From then on as long as a request may take
    /// ([`timeout_request`](Config::timeout_request)), a client to read its answer
    /// ([`timeout_write`](Config::timeout_write)) and to close
    /// ([`timeout_linger`](Config::timeout_linger)); usually no time at all.
    pub fn run(&mut self) -> io::Result<()> {
        self.worker.look_at_the_clock();
        while self.worker.tick(&mut self.events, None)? {}
        Ok(())
    }

    /// Waits until there is something to do, at most for `max_wait`, and does what can be
    /// done without waiting: one turn of the loop. With `Some(Duration::ZERO)` it does not
    /// wait at all.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    /// # Blocking
    /// Until there is something to read, to write or to accept, somebody is late, the
    /// [`Handle`] is used, or `max_wait` is over. And as long as the handler takes.
    /// # Cost
    /// One system call to wait, two for each connection that has sent something: a recv and a
    /// send, however many requests that brought. No allocation, once there were as many
    /// connections and as large answers before.
    pub fn tick(&mut self, max_wait: Option<Duration>) -> io::Result<Turn> {
        self.worker.look_at_the_clock();
        match self.worker.tick(&mut self.events, max_wait)? {
            true => Ok(Turn::GoesOn),
            false => Ok(Turn::Over),
        }
    }

    /// Serves a socket that is connected already: one that another process has accepted, or
    /// an end of a `socketpair`, which is how [`TestClient`](super::TestClient) calls.
    ///
    /// # Errors
    /// `ResourceBusy` if there are [`max_conn`](Config::max_conn) connections. What the kernel
    /// says, if it is no socket.
    pub fn adopt(&mut self, socket: impl Into<OwnedFd>) -> io::Result<()> {
        let stream = TcpStream::from(socket.into());
        stream.set_nonblocking(true)?;
        self.worker.look_at_the_clock();
        if !self.worker.has_room() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        self.worker.enter(stream)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("worker", &self.worker)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
