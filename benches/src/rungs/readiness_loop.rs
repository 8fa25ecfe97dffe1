//! Rung three (chapter 07): one thread on a readiness loop, for all connections.
//!
//! Nobody reads before there is something to read, so one thread is enough for any number of
//! silent clients: it sleeps until the kernel names those who have said something. Each turn
//! of the loop is a *tick*: collect the events, dispatch them, look at the deadlines, retire
//! the slots that were left. The rules:
//!
//! 1. Only this thread closes. Deregister, close, free the slot, in that order.
//! 2. An event is for a key, not for a connection: it may have been closed earlier in the
//!    same batch. Then the key misses, and that is all.
//! 3. An answer is written at once. Write interest is for what did not fit, and only for as
//!    long as there is some; meanwhile nothing is read, so that a client that doesn't take
//!    its answers can't make the server keep ever more of them.
//! 4. Who has begun a request must end it in time, and who is answered must take it. Only a
//!    client that has sent nothing may be silent for as long as it likes: it has no buffer
//!    here, and what it costs is a descriptor. (Real servers have a limit for those, too.)
//! 5. When descriptors or slots run out, accepting pauses. A listener that stays registered
//!    would be readable for ever, and the loop would spin.
//!
//! What it cannot do: a second thing. A request that took a millisecond to answer would keep
//! everybody waiting for a millisecond, and a second core stands idle. Chapters 10 and 11
//! are about that.

use super::Running;
use super::hello::{self, Next};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;
use threadbare::event::net::{self, Accepted, Share};
use threadbare::event::{Deadline, Event, Events, Key, Loop, Slab};

/// The most connections. More of them wait in the backlog until one leaves.
pub const CONNECTIONS_MAX: usize = 12_000;
/// How many connections the kernel keeps for us until we accept them.
const BACKLOG: u32 = 4_096;
/// One wait returns at most this many events; the rest stay in the kernel.
const EVENTS_MAX: usize = 512;
/// How many connections are accepted before the others have their turn again.
const ACCEPTS_MAX: usize = 64;
/// How much is read at once.
const READ_BYTES: usize = 64 * 1024;
/// How long a client may take to send a request once it has begun, to accept the rest of an
/// answer, and to close once the last one has been sent.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before accepting again when descriptors or memory have run out.
const BREATHER: Duration = Duration::from_millis(10);
/// The user word of the listener, which is no key.
const LISTENER: u64 = u64::MAX;

/// Starts the server on a free port of the loopback interface.
///
/// # Errors
/// If there is no port, no loop or no thread to be had.
pub fn start() -> io::Result<Running> {
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let listener = net::listen(any_port, BACKLOG, Share::Alone)?;
    let address = listener.local_addr()?;
    let stopping = Arc::new(AtomicBool::new(false));
    let mut server = Server::new(listener, Arc::clone(&stopping))?;
    let waker = server.event_loop.waker();
    let builder = thread::Builder::new().name("loop".into());
    let thread = builder.spawn(move || server.run())?;
    Ok(Running::new(address, move || {
        // ORDERING: Relaxed. Pairs with the load in `run`, which comes after the wait that
        // reports the wake: what was done before a wake is seen after it.
        stopping.store(true, Relaxed);
        let woken = waker.wake();
        let ended = thread.join().expect("the loop does not panic");
        if let Err(err) = woken.and(ended) {
            eprintln!("readiness_loop: {err}");
        }
    }))
}

struct Server {
    event_loop: Loop,
    listener: TcpListener,
    accepting: Accepting,
    connections: Slab<Connection>,
    /// Who must have done something until when. As everybody gets the same patience, the
    /// first entry is always the next one. Those who were in time are in it, too.
    patience: VecDeque<(Deadline, Key)>,
    scratch: Scratch,
    stopping: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepting {
    /// The listener is registered.
    On,
    /// It is not, until then, or, if that is never, until a connection leaves.
    Paused(Deadline),
}

/// Buffers that a connection uses while it is served. A silent one has none.
struct Scratch {
    bytes: Box<[u8]>,
    input: Vec<u8>,
    output: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    phase: Phase,
    /// Until when it must have done what it is waited for.
    deadline: Deadline,
    /// The start of a request whose end has not come yet.
    input: Vec<u8>,
    /// The rest of an answer that the socket did not take at once.
    unsent: Vec<u8>,
}

// ANCHOR: phases
/// What a connection is waiting for.
///
/// | phase | interest | event | then |
/// |---|---|---|---|
/// | `Reading` | read | bytes | answered: `Reading`; did not fit: `Writing`; last one: `Leaving` |
/// | `Writing` | write | room | some left: `Writing`; written: `Reading`, or `Leaving` if it was the last |
/// | `Leaving` | read | bytes | dropped: `Leaving` |
///
/// The end of the stream, an error, or a deadline ends it in any phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Reading,
    /// What to do once the rest is written.
    Writing(Next),
    /// Nothing more will be written. What the client still sends is dropped, at most so many
    /// bytes, until it closes: see [`Next::Close`].
    Leaving(usize),
}
// ANCHOR_END: phases

impl Server {
    fn new(listener: TcpListener, stopping: Arc<AtomicBool>) -> io::Result<Self> {
        let mut event_loop = Loop::new()?;
        event_loop.add_read(listener.as_fd(), LISTENER)?;
        Ok(Self {
            event_loop,
            listener,
            accepting: Accepting::On,
            connections: Slab::new(),
            patience: VecDeque::new(),
            scratch: Scratch {
                bytes: vec![0; READ_BYTES].into(),
                input: Vec::new(),
                output: Vec::new(),
            },
            stopping,
        })
    }

    // ANCHOR: run
    fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        // ORDERING: Relaxed. Pairs with the store in `start`; see there.
        while !self.stopping.load(Relaxed) {
            self.tick(&mut events)?;
        }
        self.pause(Deadline::never())?;
        // Who is silent is closed; who has an answer to come gets the rest of it first.
        let all = self.connections.iter();
        let reading = all.filter(|(_, c)| c.phase == Phase::Reading);
        let silent: Vec<Key> = reading.map(|(key, _)| key).collect();
        for key in silent {
            self.close(key)?;
        }
        while !self.connections.is_empty() {
            self.tick(&mut events)?;
        }
        Ok(())
    }
    // ANCHOR_END: run

    // ANCHOR: tick
    /// One turn of the loop: collect, dispatch, deadlines, retire.
    fn tick(&mut self, events: &mut Events) -> io::Result<()> {
        let limit = self.next_deadline().remaining();
        self.event_loop.wait(events, limit)?;
        for event in &*events {
            match event.user {
                LISTENER => self.accept()?,
                _ => self.serve(&event)?,
            }
        }
        self.close_the_late()?;
        self.connections.retire();
        self.accept_again()
    }
    // ANCHOR_END: tick

    fn next_deadline(&self) -> Deadline {
        let first = self.patience.front();
        let first = first.map_or(Deadline::never(), |(deadline, _)| *deadline);
        match self.accepting {
            Accepting::On => first,
            Accepting::Paused(until) => first.min(until),
        }
    }

    // ANCHOR: accept
    fn accept(&mut self) -> io::Result<()> {
        for _ in 0..ACCEPTS_MAX {
            if self.connections.len() == CONNECTIONS_MAX {
                return self.pause(Deadline::never());
            }
            match net::accept(&self.listener) {
                Ok(Accepted::Stream(stream, _)) => self.enter(stream)?,
                Ok(Accepted::Again) => {}
                Ok(Accepted::Nothing) => break,
                // Whatever the error is: it must not end those who are connected.
                Ok(Accepted::Exhausted(_)) | Err(_) => {
                    return self.pause(Deadline::after(BREATHER));
                }
            }
        }
        Ok(())
    }

    fn enter(&mut self, stream: TcpStream) -> io::Result<()> {
        if stream.set_nodelay(true).is_err() {
            return Ok(()); // it has gone already
        }
        let key = self.connections.insert(Connection {
            stream,
            phase: Phase::Reading,
            deadline: Deadline::never(),
            input: Vec::new(),
            unsent: Vec::new(),
        });
        let fd = self.connections.get(key).map(|c| c.stream.as_fd());
        let added =
            fd.map_or(Ok(()), |fd| self.event_loop.add_read(fd, key.to_user()));
        if added.is_err() {
            // The kernel has no room for the registration: it is refused.
            self.connections.remove(key);
            return self.pause(Deadline::after(BREATHER));
        }
        Ok(())
    }

    fn pause(&mut self, until: Deadline) -> io::Result<()> {
        if self.accepting == Accepting::On {
            self.event_loop.del_read(self.listener.as_fd())?;
        }
        self.accepting = Accepting::Paused(until);
        Ok(())
    }

    fn accept_again(&mut self) -> io::Result<()> {
        let Accepting::Paused(until) = self.accepting else {
            return Ok(());
        };
        let room = self.connections.len() < CONNECTIONS_MAX;
        // ORDERING: Relaxed, as in `run`.
        let stopping = self.stopping.load(Relaxed);
        if room && !stopping && (until.expired() || until == Deadline::never()) {
            self.event_loop.add_read(self.listener.as_fd(), LISTENER)?;
            self.accepting = Accepting::On;
        }
        Ok(())
    }
    // ANCHOR_END: accept

    // ANCHOR: dispatch
    // ANCHOR: serve
    /// Gives the connection that an event is for its turn, if it is still there.
    fn serve(&mut self, event: &Event) -> io::Result<()> {
        let key = Key::from_user(event.user);
        let Some(connection) = self.connections.get_mut(key) else {
            return Ok(());
        };
        let next = match connection.phase {
            Phase::Reading if event.readable => {
                connection.read_and_answer(&mut self.scratch)
            }
            Phase::Writing(then) if event.writable => connection.write_rest(then),
            Phase::Leaving(left) if event.readable => {
                connection.drop_input(&mut self.scratch, left)
            }
            // For the phase before this one.
            _ => return Ok(()),
        };
        match next {
            Ok(phase) => self.go_on(key, phase),
            // The client's: it went away, or sent too much.
            Err(_) => self.close(key),
        }
    }
    // ANCHOR_END: serve

    // ANCHOR: go_on
    /// Takes a connection to its next phase, with the interest that belongs to it.
    fn go_on(&mut self, key: Key, phase: Phase) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(key) else {
            return Ok(());
        };
        let before = std::mem::replace(&mut connection.phase, phase);
        let fd = connection.stream.as_fd();
        match (before.writes(), phase.writes()) {
            (false, true) => {
                self.event_loop.add_write(fd, key.to_user())?;
                self.event_loop.del_read(fd)?;
            }
            (true, false) => {
                self.event_loop.add_read(fd, key.to_user())?;
                self.event_loop.del_write(fd)?;
            }
            _ => {}
        }
        let waited_for = connection.deadline != Deadline::never();
        match phase {
            // No request has begun.
            Phase::Reading if connection.input.is_empty() => {
                connection.deadline = Deadline::never();
            }
            // It has its deadline already, and some more bytes are no reason for another.
            _ if before.is_like(phase) && waited_for => {}
            _ => {
                connection.deadline = Deadline::after(PATIENCE);
                self.patience.push_back((connection.deadline, key));
            }
        }
        // ORDERING: Relaxed, as in `run`.
        if phase == Phase::Reading && self.stopping.load(Relaxed) {
            return self.close(key);
        }
        Ok(())
    }
    // ANCHOR_END: go_on
    // ANCHOR_END: dispatch

    // ANCHOR: retire
    /// Deregister, close, free the slot.
    fn close(&mut self, key: Key) -> io::Result<()> {
        let Some(connection) = self.connections.get(key) else {
            return Ok(());
        };
        let fd = connection.stream.as_fd();
        match connection.phase.writes() {
            true => self.event_loop.del_write(fd)?,
            false => self.event_loop.del_read(fd)?,
        }
        self.connections.remove(key);
        Ok(())
    }

    fn close_the_late(&mut self) -> io::Result<()> {
        while let Some(&(deadline, key)) = self.patience.front()
            && deadline.expired()
        {
            self.patience.pop_front();
            let still = self.connections.get(key);
            if still.is_some_and(|connection| connection.deadline == deadline) {
                self.close(key)?;
            }
        }
        Ok(())
    }
    // ANCHOR_END: retire
}

impl Phase {
    fn writes(self) -> bool {
        matches!(self, Self::Writing(_))
    }

    /// Whether both are the same but for what they hold.
    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

impl Connection {
    // ANCHOR: read
    /// Reads once, answers what is whole, and writes as much as the socket takes.
    ///
    /// Once is enough: if there is more, the next wait says so.
    fn read_and_answer(&mut self, scratch: &mut Scratch) -> io::Result<Phase> {
        let Some(n) = some(self.stream.read(&mut scratch.bytes))? else {
            return Ok(Phase::Reading);
        };
        let whole_requests_are_usual = self.input.is_empty();
        let input = match whole_requests_are_usual {
            true => &mut scratch.input,
            false => &mut self.input,
        };
        input.extend_from_slice(&scratch.bytes[..n]);
        let next = hello::answer(input, &mut scratch.output);
        if !scratch.output.is_empty() {
            self.deadline = Deadline::never(); // it was in time; the next request has its own
        }
        match whole_requests_are_usual {
            true => self.input.append(&mut scratch.input),
            // Whatever it took, a silent connection keeps no memory.
            false if self.input.is_empty() => self.input = Vec::new(),
            false => {}
        }
        let written = self.write(&scratch.output, next);
        scratch.output.clear();
        written
    }
    // ANCHOR_END: read

    // ANCHOR: write
    /// Writes an answer at once. Only if some of it is left over, write interest is armed.
    fn write(&mut self, output: &[u8], then: Next) -> io::Result<Phase> {
        if output.is_empty() {
            return self.written(then);
        }
        let sent = some(self.stream.write(output))?.unwrap_or(0);
        if sent == output.len() {
            return self.written(then);
        }
        self.unsent.extend_from_slice(&output[sent..]);
        Ok(Phase::Writing(then))
    }

    /// Goes on with what was left over.
    fn write_rest(&mut self, then: Next) -> io::Result<Phase> {
        let sent = some(self.stream.write(&self.unsent))?.unwrap_or(0);
        self.unsent.drain(..sent);
        if !self.unsent.is_empty() {
            return Ok(Phase::Writing(then));
        }
        self.unsent = Vec::new();
        self.written(then)
    }

    fn written(&mut self, then: Next) -> io::Result<Phase> {
        match then {
            Next::Read => Ok(Phase::Reading),
            Next::Close => {
                self.stream.shutdown(Shutdown::Write)?;
                Ok(Phase::Leaving(2 * hello::BODY_MAX))
            }
        }
    }
    // ANCHOR_END: write

    fn drop_input(
        &mut self,
        scratch: &mut Scratch,
        left: usize,
    ) -> io::Result<Phase> {
        let n = some(self.stream.read(&mut scratch.bytes))?.unwrap_or(0);
        match left.checked_sub(n) {
            Some(left) => Ok(Phase::Leaving(left)),
            None => Err(ErrorKind::InvalidData.into()),
        }
    }
}

/// How many bytes were read or written, `None` if it would have had to wait. The end of the
/// stream is an error.
fn some(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(n) => Ok(Some(n)),
        Err(err)
            if matches!(
                err.kind(),
                ErrorKind::WouldBlock | ErrorKind::Interrupted
            ) =>
        {
            Ok(None)
        }
        Err(err) => Err(err),
    }
}
