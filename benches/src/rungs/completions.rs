//! Rung four (chapter 08): one thread on a completion loop, for all connections.
//!
//! Rung three is told that something *can be done*, and does it. This one says what is to be
//! done, and is told when it *has been*: each connection has a `receive` that is always armed,
//! and a `write` while there is something to write. Which of the two kernels' interfaces does
//! the work is a matter of the loop: [`start`] has it done by readiness, `start_uring` by
//! io_uring, and not a line differs. The rules:
//!
//! 1. Only this thread closes. A closed descriptor's operations still come back, with an error
//!    and their buffers; their key misses then, and that is all.
//! 2. A silent client has no buffer here: what arrives is lent by the loop, for as long as the
//!    callback runs.
//! 3. A connection has one write at a time, so that answers stay in order. What is answered
//!    meanwhile waits its turn, and if that is much, nothing more is received: a client that
//!    doesn't take its answers can't make the server keep ever more of them.
//! 4. Who has begun a request must end it in time, and who is answered must take it. Everybody
//!    who is late is found once a second: a timer for each request would have to be armed and
//!    disarmed for each.
//! 5. When descriptors or slots run out, accepting pauses.
//!
//! What it cannot do is what rung three can't: a second thing at the same time.

use super::Running;
use super::hello::{self, Next as Then};
use std::io;
use std::mem;
use std::net::{Ipv4Addr, Shutdown, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use threadbare::completion::{
    Async, Backend, Config, Descriptor, Finished, Loop, Next, Received, Run,
};
use threadbare::event::net::{self, Share};
use threadbare::event::{Key, Slab};

/// The most connections. More of them wait in the backlog until one leaves.
pub const CONNECTIONS_MAX: usize = 12_000;
/// How many connections the kernel keeps for us until we accept them.
const BACKLOG: u32 = 4_096;
/// How many operations are handed over at once, and how many can be told of at once: with
/// fewer, a round of a thousand clients takes several turns.
const ENTRIES: u32 = 1_024;
/// How much may wait to be written before nothing more is received.
const WAITING_MAX: usize = 64 * 1024;
/// How many buffers are kept for the next answers, and how large one may be.
const SPARE_MAX: (usize, usize) = (1_024, 16 * 1024);
/// How long a client may take to send a request once it has begun, to accept an answer, and
/// to close once the last one has been sent: so long at least, and `SWEEP` more at most.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often those are looked for who are late.
const SWEEP: Duration = Duration::from_secs(1);
/// How long to wait before accepting again when descriptors or memory have run out.
const BREATHER: Duration = Duration::from_millis(10);

/// Starts the server over readiness, on a free port of the loopback interface.
///
/// # Errors
/// If there is no port, no loop or no thread to be had.
pub fn start() -> io::Result<Running> {
    start_on(Backend::Readiness)
}

/// Starts it over io_uring.
///
/// # Errors
/// As [`start`]; or if the kernel refuses.
#[cfg(target_os = "linux")]
pub fn start_uring() -> io::Result<Running> {
    start_on(Backend::Uring)
}

/// Why the kernel refuses io_uring, if it does.
#[cfg(target_os = "linux")]
pub fn uring_refused() -> Option<String> {
    let config = Config {
        backend: Backend::Uring,
        ..Config::default()
    };
    // In a thread of its own. When a ring is closed, the kernel tidies up a little later, in
    // the thread that had it: whatever that sleeps in then may end with `Interrupted`.
    let asks = thread::spawn(|| Loop::<()>::with_config(config).err());
    let refused = asks.join().expect("an error is no panic");
    refused.map(|why| why.to_string())
}

fn start_on(backend: Backend) -> io::Result<Running> {
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let listener = net::listen(any_port, BACKLOG, Share::Alone)?;
    let address = listener.local_addr()?;
    let (tells, told) = mpsc::sync_channel(1);
    let builder = thread::Builder::new().name("loop".into());
    let thread = builder.spawn(move || {
        // A loop never leaves the thread that made it.
        let begun = Server::begin(backend, listener);
        let (begun, notifier) = match begun {
            Ok((server, notifier)) => (Some(server), Ok(notifier)),
            Err(err) => (None, Err(err)),
        };
        let _ = tells.send(notifier); // whoever has started it waits for this
        begun.map_or(Ok(()), |(mut event_loop, mut server)| {
            event_loop.run(&mut server, Run::UntilDone).map(|_| ())
        })
    })?;
    let notifier = told.recv().map_err(io::Error::other)??;
    Ok(Running::new(address, move || {
        let told = notifier.notify();
        let ended = thread.join().expect("the loop does not panic");
        if let Err(err) = told.and(ended) {
            eprintln!("completion_loop: {err}");
        }
    }))
}

struct Server {
    listener: Descriptor,
    connections: Slab<Connection>,
    /// Nobody is let in at the moment, because the house is full.
    is_full: bool,
    stopping: bool,
    /// Where requests are put together and answers are made.
    input: Vec<u8>,
    output: Vec<u8>,
    /// Buffers for the next writes.
    spare: Vec<Vec<u8>>,
}

struct Connection {
    descriptor: Descriptor,
    phase: Phase,
    /// The start of a request whose end has not come yet.
    input: Vec<u8>,
    /// Answers that wait until the write before them is done.
    waiting: Vec<u8>,
    is_writing: bool,
    is_receiving: bool,
    /// The client has sent all it will.
    has_ended: bool,
    /// Since when it owes us something: the rest of a request, taking an answer, or leaving.
    owes_since: Option<Instant>,
}

/// What is done with the bytes that come.
#[derive(Clone, Copy)]
enum Phase {
    /// They are requests.
    Open,
    /// The last answer has been made. They are dropped, at most so many, until the client
    /// closes: see [`Then::Close`].
    Leaving(usize),
}

impl Connection {
    /// All is written: now the next request is waited for, or the client's leaving. `false`
    /// if there is nothing to wait for.
    fn go_on(&mut self, event_loop: &mut Loop<Server>, key: Key) -> bool {
        let is_leaving = matches!(self.phase, Phase::Leaving(_));
        let mut shuts = || event_loop.shutdown(self.descriptor, Shutdown::Write);
        if self.has_ended || is_leaving && shuts().is_err() {
            return false;
        }
        let owes = is_leaving || !self.input.is_empty();
        self.owes_since = owes.then(|| event_loop.now());
        if !mem::replace(&mut self.is_receiving, true) {
            event_loop.receive(self.descriptor, key.to_user(), received);
        }
        true
    }
}

impl Server {
    // ANCHOR: begin
    /// Makes the loop, and arms what stays armed: accepting, looking for who is late, and
    /// being told to stop.
    fn begin(
        backend: Backend,
        listener: TcpListener,
    ) -> io::Result<((Loop<Self>, Self), Async)> {
        let mut event_loop = Loop::with_config(Config {
            backend,
            entries: ENTRIES,
            ..Config::default()
        })?;
        let listener = event_loop.adopt(listener)?;
        let notifier = event_loop.notifier()?;
        event_loop.accept(listener, 0, accepted);
        event_loop.timer(SWEEP, 0, close_the_late);
        event_loop.wait_for(&notifier, 0, told_to_stop);
        let server = Self {
            listener,
            connections: Slab::new(),
            is_full: false,
            stopping: false,
            input: Vec::new(),
            output: Vec::new(),
            spare: Vec::new(),
        };
        Ok(((event_loop, server), notifier))
    }
    // ANCHOR_END: begin

    // ANCHOR: close
    /// Closes, and frees the slot. What is still under way comes back, and finds nobody.
    fn close(&mut self, event_loop: &mut Loop<Self>, key: Key) {
        let Some(connection) = self.connections.remove(key) else {
            return;
        };
        self.connections.retire(); // a late completion has a key of another generation
        // It fails only if the descriptor is not there, and only we close.
        let _ = event_loop.close(connection.descriptor);
        if self.stopping {
            self.stop_if_empty(event_loop);
        } else if mem::take(&mut self.is_full) {
            event_loop.accept(self.listener, 0, accepted);
        }
    }
    // ANCHOR_END: close

    fn stop_if_empty(&self, event_loop: &mut Loop<Self>) {
        if self.connections.is_empty() {
            event_loop.stop();
        }
    }

    /// Keeps a buffer for the next answer.
    fn keep(&mut self, mut buffer: Vec<u8>) {
        let (count, bytes) = SPARE_MAX;
        if self.spare.len() < count && (1..=bytes).contains(&buffer.capacity()) {
            buffer.clear();
            self.spare.push(buffer);
        }
    }
}

// ANCHOR: accepted
/// Somebody has connected: `Rearm` is all it takes to go on accepting.
fn accepted(
    event_loop: &mut Loop<Server>,
    server: &mut Server,
    done: &mut Finished<Descriptor>,
) -> Next {
    if server.stopping {
        // Who has called in the last moment is closed with the loop.
        return Next::Disarm;
    }
    let Ok(descriptor) = done.result else {
        // Whatever the error is: it must not end those who are connected.
        event_loop.timer(BREATHER, 0, accept_again);
        return Next::Disarm;
    };
    if event_loop.set_nodelay(descriptor, true).is_err() {
        let _ = event_loop.close(descriptor); // it has gone already
        return Next::Rearm;
    }
    let key = server.connections.insert(Connection {
        descriptor,
        phase: Phase::Open,
        input: Vec::new(),
        waiting: Vec::new(),
        is_writing: false,
        is_receiving: true,
        has_ended: false,
        owes_since: None,
    });
    event_loop.receive(descriptor, key.to_user(), received);
    server.is_full = server.connections.len() == CONNECTIONS_MAX;
    match server.is_full {
        true => Next::Disarm,
        false => Next::Rearm,
    }
}
// ANCHOR_END: accepted

fn accept_again(
    event_loop: &mut Loop<Server>,
    server: &mut Server,
    _: &mut Finished<()>,
) -> Next {
    if !server.stopping {
        event_loop.accept(server.listener, 0, accepted);
    }
    Next::Disarm
}

// ANCHOR: received
/// Bytes have come: answers what is whole.
fn received(
    event_loop: &mut Loop<Server>,
    server: &mut Server,
    done: &mut Received<'_>,
) -> Next {
    let key = Key::from_user(done.user);
    let Some(connection) = server.connections.get_mut(key) else {
        return Next::Disarm; // it was closed while this was under way
    };
    if server.stopping {
        return Next::Disarm; // it is closed when it has what it waits for
    }
    connection.is_receiving = false;
    let bytes = match done.result {
        Ok(bytes) if !bytes.is_empty() => bytes,
        Ok(_) if connection.is_writing => {
            connection.has_ended = true;
            return Next::Disarm;
        }
        // The end of the stream, or an error. It is the client's: it went away.
        _ => {
            server.close(event_loop, key);
            return Next::Disarm;
        }
    };
    if let Phase::Leaving(left) = &mut connection.phase {
        let Some(rest) = left.checked_sub(bytes.len()) else {
            server.close(event_loop, key);
            return Next::Disarm;
        };
        *left = rest;
        connection.is_receiving = true;
        return Next::Rearm;
    }

    let input = match connection.input.is_empty() {
        true => &mut server.input, // whole requests are usual
        false => &mut connection.input,
    };
    input.extend_from_slice(bytes);
    let then = hello::answer(input, &mut server.output);
    if connection.input.is_empty() {
        // Whatever it took, a silent connection keeps no memory.
        connection.input = Vec::new();
        connection.input.append(&mut server.input);
    }
    if then == Then::Close {
        connection.phase = Phase::Leaving(2 * hello::BODY_MAX);
        connection.input = Vec::new();
    }
    if server.output.is_empty() {
        connection.owes_since.get_or_insert(event_loop.now());
        connection.is_receiving = true;
        return Next::Rearm; // nothing is whole yet
    }
    connection.owes_since = Some(event_loop.now());
    if connection.is_writing {
        connection.waiting.append(&mut server.output);
    } else {
        connection.is_writing = true;
        let next = server.spare.pop().unwrap_or_default();
        let answers = mem::replace(&mut server.output, next);
        event_loop.write(connection.descriptor, answers, done.user, wrote);
    }
    connection.is_receiving = connection.waiting.len() < WAITING_MAX;
    match connection.is_receiving {
        true => Next::Rearm,
        false => Next::Disarm,
    }
}
// ANCHOR_END: received

// ANCHOR: wrote
/// All of a buffer has been written, and here it is again.
fn wrote(
    event_loop: &mut Loop<Server>,
    server: &mut Server,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    let sent = mem::take(&mut done.buffer);
    let is_well = done.result.is_ok();
    let key = Key::from_user(done.user);
    let next = match server.connections.get_mut(key) {
        None => Next::Disarm,
        Some(connection) if is_well && !connection.waiting.is_empty() => {
            connection.owes_since = Some(event_loop.now());
            done.buffer = mem::take(&mut connection.waiting);
            Next::Rearm
        }
        Some(connection) => {
            connection.is_writing = false;
            let goes_on = is_well && !server.stopping;
            if !(goes_on && connection.go_on(event_loop, key)) {
                server.close(event_loop, key);
            }
            Next::Disarm
        }
    };
    server.keep(sent);
    next
}
// ANCHOR_END: wrote

// ANCHOR: close_the_late
/// Looks at everybody, once in a while.
fn close_the_late(
    event_loop: &mut Loop<Server>,
    server: &mut Server,
    _: &mut Finished<()>,
) -> Next {
    let now = event_loop.now();
    let is_late = |connection: &Connection| {
        let since = connection.owes_since;
        since.is_some_and(|since| now.duration_since(since) >= PATIENCE)
    };
    let all = server.connections.iter();
    let late: Vec<Key> = all
        .filter_map(|(key, connection)| is_late(connection).then_some(key))
        .collect();
    for key in late {
        server.close(event_loop, key);
    }
    Next::Rearm
}
// ANCHOR_END: close_the_late

/// Who is silent is closed; who has an answer to come gets the rest of it first.
fn told_to_stop(
    event_loop: &mut Loop<Server>,
    server: &mut Server,
    _: &mut Finished<()>,
) -> Next {
    server.stopping = true;
    let _ = event_loop.close(server.listener);
    let all = server.connections.iter();
    let silent: Vec<Key> = all
        .filter_map(|(key, connection)| (!connection.is_writing).then_some(key))
        .collect();
    for key in silent {
        server.close(event_loop, key);
    }
    server.stop_if_empty(event_loop);
    Next::Disarm
}
