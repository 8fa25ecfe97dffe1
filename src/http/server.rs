//! The server's face: bind, run, stop.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;
use std::io;
use std::mem;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::config::Config;
use super::deadlines::Clock;
use super::dispatch::Dispatch;
use super::handle::Handle;
use super::handler::Handler;
use super::handlers;
use super::inbox::Inbox;
use super::job::{Message, Shared};
use super::metrics::{Counters, Metrics};
use super::places::Places;
use super::worker::Worker;
use crate::event::memory::give_back_large_blocks;
use crate::event::net::{self, Share};
use crate::event::{Events, Loop};

/// One wait returns at most this many events; the rest stay in the kernel.
const EVENTS_MAX: usize = 512;

// ANCHOR: server
/// An HTTP/1.1 server: loops that read and write, and threads for handlers.
///
/// With the default configuration it has one thread, which is the caller's: a handler runs
/// between a read and a write, and while it does, nobody else is served. With
/// [`handler_threads`](Config::handler_threads) what waits or computes runs on those, and only
/// what wants to stays on the loop ([`Place::Inline`](super::Place::Inline)). With several
/// [`loops`](Config::loops) the connections are shared out among them; the first is the
/// caller's, and the handler threads are for all.
///
/// However many there are, a connection's requests are answered in the order in which they
/// come.
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
    counters: Vec<Arc<Counters>>,
    shared: Arc<Shared>,
    /// The threads of the other loops.
    loops: Vec<JoinHandle<()>>,
    handlers: Vec<JoinHandle<()>>,
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
    /// Listens, and starts the threads: all loops but the first, and the handlers'. From now
    /// on clients can connect; they are served by [`run`](Self::run), or by
    /// [`tick`](Self::tick), those of the other loops also before.
    ///
    /// With glibc it also makes the allocator give blocks from 256 KiB on back to the system
    /// when they are freed, in the whole process. Otherwise it would keep what one burst of
    /// large requests has needed.
    ///
    /// # Errors
    /// `InvalidInput` for a configuration that no server can do, with a sentence that
    /// names the field; `AddrInUse`, `PermissionDenied` and others as [`net::listen`]; what
    /// the system says if there are too many threads or descriptors.
    pub fn bind(config: Config, handler: impl Handler) -> io::Result<Self> {
        config.check()?;
        give_back_large_blocks();
        let listeners = listen(&config)?;
        let address = listeners[0].local_addr()?;

        let loops = (0..config.loops).map(|_| Loop::new());
        let loops = loops.collect::<io::Result<Vec<_>>>()?;
        let wakers: Vec<_> = loops.iter().map(Loop::waker).collect();
        let nice = config.handler_nice;
        let (cap, threads) = match config.handler_threads {
            0 => (0, 0),
            threads => (config.queue_cap, threads),
        };
        let shared = Arc::new(Shared {
            handler: Arc::new(handler),
            handle: Handle::new(&wakers),
            dispatch: Dispatch::new(cap, threads),
            inboxes: wakers.iter().cloned().map(Inbox::new).collect(),
            places: Places::new(config.max_conn, wakers),
        });
        let (clock, mut listeners) = (Clock::start(), listeners.into_iter());
        let workers = loops.into_iter().enumerate().map(|(home, event_loop)| {
            let (shared, listener) = (Arc::clone(&shared), listeners.next());
            Worker::new(&config, shared, home, event_loop, listener, clock)
        });
        let mut workers = workers.collect::<io::Result<Vec<_>>>()?.into_iter();
        let Some(worker) = workers.next() else {
            unreachable!("there is one loop at least");
        };
        let mut server = Self {
            counters: vec![worker.counters()],
            worker,
            events: Events::with_capacity(EVENTS_MAX),
            address,
            metrics: config.metrics,
            shared,
            loops: Vec::new(),
            handlers: Vec::new(),
        };
        // If one can't be started, dropping the server ends those before.
        for (number, worker) in (1..).zip(workers) {
            server.counters.push(worker.counters());
            server.loops.push(start(number, worker, &server.shared)?);
            server.worker.stop.loops += 1;
        }
        for number in 0..threads {
            let handler = handlers::start(number, nice, &server.shared)?;
            server.handlers.push(handler);
            server.worker.stop.handlers += 1;
        }
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Something with which any thread can stop it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.shared.handle.clone()
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
        let open = self.counters.iter().map(|counters| counters.open.get());
        usize::try_from(open.sum::<u64>()).unwrap_or(usize::MAX)
    }

    /// Serves until it is told to stop, and everybody who had begun a request has been
    /// answered.
    ///
    /// # Errors
    /// What the kernel says to a wait, of this loop or another; none is known that a client
    /// could cause.
    /// # Blocking
    /// Until [`Handle::shutdown`]. From then on as long as handlers run, a request may take
    /// ([`timeout_request`](Config::timeout_request)), a client to read its answer
    /// ([`timeout_write`](Config::timeout_write)) and to close (half a second, or less:
    /// [`timeout_linger`](Config::timeout_linger)); usually no time at all, and at most
    /// [`timeout_drain`](Config::timeout_drain). A handler thread whose handler has not
    /// returned by then goes on alone.
    pub fn run(&mut self) -> io::Result<()> {
        self.worker.look_at_the_clock();
        while self.turn(None)? {}
        Ok(())
    }

    #[inline]
    fn turn(&mut self, max_wait: Option<Duration>) -> io::Result<bool> {
        let turned = self.worker.tick(&mut self.events, max_wait);
        if !matches!(turned, Ok(true)) {
            self.over(turned.is_ok());
        }
        turned
    }

    /// Ends what is still there.
    #[cold]
    fn over(&mut self, in_order: bool) {
        let all_home = in_order && self.worker.stop.is_everybody_home();
        // Loops that have been waited for in vain go now.
        self.shared.handle.end();
        self.shared.dispatch.close();
        for one in self.loops.drain(..) {
            if all_home || !in_order {
                // What has made it panic it has said itself.
                let _ = one.join();
            }
        }
        for one in self.handlers.drain(..) {
            if all_home {
                let _ = one.join();
            }
        }
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
        match self.turn(max_wait)? {
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
        if !self.worker.take_place() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        self.worker.enter(stream).map(drop)
    }
}

/// Opens the listeners: one for each loop, or one for all.
fn listen(config: &Config) -> io::Result<Vec<TcpListener>> {
    let (wanted, backlog) = (config.socket_address(), config.backlog);
    let listeners = match config.listeners {
        #[cfg(target_os = "linux")]
        super::config::Listeners::PerLoop if config.loops > 1 => {
            net::listen_together(wanted, backlog, config.loops)
        }
        _ => net::listen(wanted, backlog, Share::Alone).map(|one| vec![one]),
    };
    // Whoever reads it wants to know which port it was.
    listeners
        .map_err(|error| io::Error::new(error.kind(), format!("{wanted}: {error}")))
}

// ANCHOR: start
/// Starts the thread of a loop that is not the first.
fn start(
    number: usize,
    worker: Worker,
    shared: &Arc<Shared>,
) -> io::Result<JoinHandle<()>> {
    let ended = Ended {
        shared: Arc::clone(shared),
        result: Err(io::Error::other("a loop has panicked")),
    };
    handlers::start_thread(format!("loop {number}"), move || {
        ended.after(|| turn_until_over(worker));
    })
}

fn turn_until_over(mut worker: Worker) -> io::Result<()> {
    let mut events = Events::with_capacity(EVENTS_MAX);
    worker.look_at_the_clock();
    while worker.tick(&mut events, None)? {}
    Ok(())
}

/// Tells the first loop that another one has ended, be it by a panic.
struct Ended {
    shared: Arc<Shared>,
    result: io::Result<()>,
}

impl Ended {
    fn after(mut self, run: impl FnOnce() -> io::Result<()>) {
        self.result = run();
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let result = mem::replace(&mut self.result, Ok(()));
        self.shared.tell(0, Message::LoopEnded(result));
    }
}
// ANCHOR_END: start

/// A server that is dropped ends at once. Connections are closed, and loops waited for;
/// handlers that run are not.
impl Drop for Server {
    fn drop(&mut self) {
        self.over(false);
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
