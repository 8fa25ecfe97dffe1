//! Rung one (chapter 01): one thread for each connection.
//!
//! The oldest design and still the easiest to read: a thread reads, answers, and reads
//! again, from top to bottom, and when there is nothing to read it sleeps in the kernel.
//!
//! What it cannot do. A client that connects and says nothing holds a thread for as long
//! as it likes: there is no deadline, and with [`CONNECTIONS_MAX`] such clients the server
//! is closed to everyone else. Each connection costs a stack, and each request at least one
//! switch of threads. When descriptors run out it can only wait for some to be closed. And
//! stopping relies on Unix: Windows does not promise that shutting a socket down wakes the
//! thread that reads from it.

use super::Running;
use super::hello::{self, Next};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The most connections, and so threads. One more is closed as soon as it is accepted.
pub const CONNECTIONS_MAX: usize = 12_000;
/// The stack of each connection's thread. Pages that are never touched cost no memory.
const STACK_BYTES: usize = 128 * 1024;
/// How much is read at once.
const READ_BYTES: usize = 8 * 1024;
/// How long a client may take to accept some bytes of an answer, and to close once the
/// last one has been sent.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before accepting again when descriptors or memory have run out.
const BREATHER: Duration = Duration::from_millis(10);

/// Starts the server on a free port of the loopback interface.
///
/// # Errors
/// If there is no port or no thread to be had.
pub fn start() -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let server = Arc::new(Server::default());

    let accepting = {
        let server = Arc::clone(&server);
        let builder = thread::Builder::new().name("accept".into());
        builder.spawn(move || server.accept(&listener))?
    };
    Ok(Running::new(address, move || {
        server.stop(address);
        accepting.join().expect("no thread of the server panics");
    }))
}

#[derive(Default)]
struct Server {
    /// The connections that are open, so that `stop` can wake the threads that sleep in
    /// `read`.
    open: Mutex<HashMap<u64, Arc<TcpStream>>>,
    /// Set once, with `open` locked: no connection enters after that.
    stopping: AtomicBool,
}

impl Server {
    // ANCHOR: accept
    /// Gives each connection a thread until the server is stopped, then joins them all:
    /// a scope ends only after every thread that was spawned in it.
    fn accept(&self, listener: &TcpListener) {
        thread::scope(|scope| {
            for id in 0.. {
                if self.is_stopping() {
                    return;
                }
                let stream = match listener.accept() {
                    Ok((stream, _)) => Arc::new(stream),
                    Err(err) if err.kind() == ErrorKind::Interrupted => continue,
                    // Out of descriptors, or the client has gone already.
                    Err(_) => {
                        thread::sleep(BREATHER);
                        continue;
                    }
                };
                if !self.enter(id, &stream) {
                    continue; // which closes it
                }
                let serve = move || {
                    // An error here is the client's: it went away, or was too slow.
                    let _ = self.serve(&stream);
                    self.leave(id);
                };
                let thread = thread::Builder::new()
                    .name(format!("connection {id}"))
                    .stack_size(STACK_BYTES);
                if thread.spawn_scoped(scope, serve).is_err() {
                    self.leave(id);
                }
            }
        });
    }
    // ANCHOR_END: accept

    // ANCHOR: serve
    /// Serves one connection from its first byte to its last.
    fn serve(&self, mut stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (mut input, mut output) = (Vec::new(), Vec::new());
        let mut bytes = [0; READ_BYTES];
        loop {
            let n = stream.read(&mut bytes)?; // the thread sleeps here
            if n == 0 {
                return Ok(()); // the client has closed, or `stop` has
            }
            input.extend_from_slice(&bytes[..n]);
            let next = hello::answer(&mut input, &mut output);
            stream.write_all(&output)?; // one write for all that arrived together
            output.clear();
            if next == Next::Close || self.is_stopping() {
                return drain(stream, &mut bytes);
            }
        }
    }
    // ANCHOR_END: serve

    // ANCHOR: stop
    /// Ends all waits. A thread that sleeps in `read` wakes up with 0 bytes; one that is
    /// answering finishes that answer first.
    fn stop(&self, address: SocketAddr) {
        let open = self.lock();
        // ORDERING: Relaxed. The lock, which `enter` takes too, decides who is in the list;
        // `is_stopping` only has to see the flag some time.
        self.stopping.store(true, Relaxed);
        for stream in open.values() {
            // If the client has just gone, there is nobody to wake.
            let _ = stream.shutdown(Shutdown::Read);
        }
        drop(open);
        // The accepting thread sleeps in `accept`: be its last client.
        let _ = TcpStream::connect(address);
    }
    // ANCHOR_END: stop

    /// Enters a connection into the list, if there is room and the server is not stopping.
    fn enter(&self, id: u64, stream: &Arc<TcpStream>) -> bool {
        let mut open = self.lock();
        let welcome = !self.is_stopping() && open.len() < CONNECTIONS_MAX;
        if welcome {
            open.insert(id, Arc::clone(stream));
        }
        welcome
    }

    /// Takes a connection from the list. The last `Arc` to go closes it.
    fn leave(&self, id: u64) {
        self.lock().remove(&id);
    }

    fn is_stopping(&self) -> bool {
        // ORDERING: Relaxed. Pairs with the store in `stop`: no other memory is read on the
        // strength of this flag.
        self.stopping.load(Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<TcpStream>>> {
        // No code panics with the lock held; if one ever does, the list is still a list.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says goodbye: nothing more will be written, and what the client still sends is dropped,
/// a bounded amount, until it closes. See [`Next::Close`].
fn drain(mut stream: &TcpStream, bytes: &mut [u8]) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut left = 2 * hello::BODY_MAX;
    while left > 0 {
        match stream.read(bytes)? {
            0 => break,
            n => left = left.saturating_sub(n),
        }
    }
    Ok(())
}
