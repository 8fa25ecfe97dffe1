//! Rung two (chapter 06): a pool of threads for all connections.
//!
//! Sixty-four threads, however many connections. A job of the pool is one *turn* of a
//! connection: read, answer, and let another one have the thread if others wait. A client
//! that is silent keeps its thread for [`TURN`] and then goes to the back of the queue, so
//! that no number of silent clients can lock the others out. New connections come first.
//!
//! What it cannot do. It doesn't know who has something to say: it has to ask, and to ask is
//! to lend the silent one a thread for the length of a turn. So a request on one of many idle
//! connections waits until all in front of it have been asked, (connections / threads) x
//! `TURN` at worst, 0.8 s with 5,000; and the asking costs CPU time although nothing happens.
//! With fewer connections than threads nobody waits, but each silent one still wakes its
//! thread a hundred times a second. Longer turns cost less and keep others waiting longer:
//! there is no good value. A thread that could wait for *all* connections at once would end
//! it, which is chapter 07.

use super::Running;
use super::hello::{self, Next};
use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use threadbare::pool::{self, ThreadPool};

/// How many threads serve. Each may sleep in a read, so there are more than cores.
pub const HANDLERS: usize = 64;
/// The most connections. One more is closed as soon as it is accepted.
pub const CONNECTIONS_MAX: usize = 12_000;
/// How long a silent client keeps a thread.
pub const TURN: Duration = Duration::from_millis(10);
/// The stack of a thread.
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
    let handlers = ThreadPool::builder()
        .name("handler")
        .threads(HANDLERS)
        .stack_size(STACK_BYTES)
        .build();

    let accepting = {
        let server = Arc::clone(&server);
        let builder = thread::Builder::new().name("accept".into());
        // The pool is dropped where accepting ends: that joins the handlers.
        builder.spawn(move || server.accept(&listener, &handlers))?
    };
    Ok(Running::new(address, move || {
        server.stop(address);
        accepting.join().expect("no thread of the server panics");
    }))
}

#[derive(Default)]
struct Server {
    /// The connections that have no thread at the moment. For each there is one job in the
    /// pool, which gives *some* connection its turn: the one in front.
    waiting: Mutex<VecDeque<Connection>>,
    /// The connections that are open, so that `stop` can wake the threads that sleep in
    /// `read`.
    open: Mutex<HashMap<u64, Arc<TcpStream>>>,
    /// Set once, with `open` locked: no connection enters after that.
    stopping: AtomicBool,
}

struct Connection {
    id: u64,
    stream: Arc<TcpStream>,
    /// The start of a request whose end has not come yet.
    input: Vec<u8>,
    output: Vec<u8>,
}

/// What becomes of a connection after its turn.
enum After {
    /// Others wait: it goes to the back.
    Queue,
    /// Nobody waits: the same thread reads on.
    Stay,
    /// It is over.
    Close,
}

impl Server {
    // ANCHOR: accept
    /// Puts each connection in front of the queue, and a job for its turn into the pool.
    fn accept(self: &Arc<Self>, listener: &TcpListener, handlers: &ThreadPool) {
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
            let (input, output) = (Vec::new(), Vec::new());
            lock(&self.waiting).push_front(Connection {
                id,
                stream,
                input,
                output,
            });
            let server = Arc::clone(self);
            if handlers.spawn(move || server.turn()).is_err()
                && let Some(refused) = lock(&self.waiting).pop_front()
            {
                // No thread at all is to be had.
                self.leave(refused.id);
            }
        }
    }
    // ANCHOR_END: accept

    // ANCHOR: turn
    /// A job: gives the first connection of the queue its turn, and more of them for as long
    /// as nobody else waits.
    fn turn(self: Arc<Self>) {
        let Some(mut connection) = lock(&self.waiting).pop_front() else {
            return;
        };
        loop {
            // An error here is the client's: it went away, or was too slow.
            match self
                .read_and_answer(&mut connection)
                .unwrap_or(After::Close)
            {
                After::Stay => {}
                After::Close => return self.leave(connection.id),
                After::Queue => {
                    lock(&self.waiting).push_back(connection);
                    // To the pool that this thread works for. If it has just been shut down,
                    // the connection stays in the queue, and is closed with it.
                    let _ = pool::spawn(move || self.turn());
                    return;
                }
            }
        }
    }

    /// One turn: waits for some bytes, not for long, and answers what is whole.
    fn read_and_answer(&self, connection: &mut Connection) -> io::Result<After> {
        let mut bytes = [0; READ_BYTES];
        let mut stream = &*connection.stream;
        let n = match stream.read(&mut bytes) {
            Ok(0) => return Ok(After::Close), // the client has closed, or `stop` has
            Ok(n) => n,
            Err(err) if is_silence(&err) => return Ok(self.whose_turn()),
            Err(err) => return Err(err),
        };
        connection.input.extend_from_slice(&bytes[..n]);
        let next = hello::answer(&mut connection.input, &mut connection.output);
        stream.write_all(&connection.output)?;
        connection.output.clear();
        if next == Next::Close || self.is_stopping() {
            drain(stream, &mut bytes)?;
            return Ok(After::Close);
        }
        Ok(self.whose_turn())
    }

    fn whose_turn(&self) -> After {
        // A server that stops has closed the reading end of all: let each thread find it.
        match self.is_stopping() || lock(&self.waiting).is_empty() {
            true => After::Stay,
            false => After::Queue,
        }
    }
    // ANCHOR_END: turn

    // ANCHOR: stop
    /// Ends all waits. A thread that sleeps in `read` wakes up with 0 bytes; one that is
    /// answering finishes that answer first; who is in the queue has its turn, and ends.
    fn stop(&self, address: SocketAddr) {
        let open = lock(&self.open);
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
        let ready = stream
            .set_nodelay(true)
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .and_then(|()| stream.set_read_timeout(Some(TURN)));
        let mut open = lock(&self.open);
        let room = !self.is_stopping() && open.len() < CONNECTIONS_MAX;
        let welcome = ready.is_ok() && room;
        if welcome {
            open.insert(id, Arc::clone(stream));
        }
        welcome
    }

    /// Takes a connection from the list. The last `Arc` to go closes it.
    fn leave(&self, id: u64) {
        lock(&self.open).remove(&id);
    }

    fn is_stopping(&self) -> bool {
        // ORDERING: Relaxed. Pairs with the store in `stop`: no other memory is read on the
        // strength of this flag.
        self.stopping.load(Relaxed)
    }
}

/// Whether a read ended only because its time was up. Unix says the one, Windows the other.
fn is_silence(err: &io::Error) -> bool {
    let kind = err.kind();
    [
        ErrorKind::WouldBlock,
        ErrorKind::TimedOut,
        ErrorKind::Interrupted,
    ]
    .contains(&kind)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code panics with a lock held; if one ever does, the list is still a list.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
