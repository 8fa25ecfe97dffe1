//! One loop with all that it has: its connections, their deadlines, and the door. One turn
//! of it is a *tick*: collect, take what others bring, dispatch, deadlines, hand over, retire.
//!
//! The rules are those of chapter 07, and hold for every line here:
//!
//! 1. Only this thread closes. Deregister, close, free the slot, in that order.
//! 2. An event is for a key. Whoever had it may be gone by now; then the key misses.
//! 3. What has to be sent is sent at once. Write interest is for what did not fit.
//! 4. While output waits nothing is read, so nothing more of it can be asked for.
//! 5. Everybody who is waited for has a deadline. The clock is looked at once a tick, after
//!    the events, and who is late is read once more, so that whoever spoke in time is heard.
//! 6. When descriptors or places run out, the door is shut, and nobody spins.
//! 7. What a handler thread has, nobody else touches. What it brings back is for a key, too.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

mod accepting;
mod ending;
mod others;

use std::fmt;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use super::accept::{Door, LISTENER};
use super::config::Config;
use super::connection::{Connection, Kit};
use super::deadlines::{Clock, Deadlines, Moment};
use super::job::{Message, Shared};
use super::metrics::Counters;
use super::state::{Action, Event, Interest, State, step};
use super::stopping::Stopping;
use crate::event::{self, Events, Key, Loop, Signals, Slab};

/// The user word of the signals, which is no key.
const SIGNALS: u64 = 0;
/// After so many requests for the handler threads they are handed over, and what has been
/// answered meanwhile is sent: what belongs to them is still in the cache, and a thousand
/// clients who ask at once do not need a thousand buffers.
const BATCH_MAX: usize = 64;

// ANCHOR: worker
/// A loop, and the connections that are its own.
pub(crate) struct Worker {
    event_loop: Loop,
    door: Door,
    connections: Slab<Connection>,
    deadlines: Deadlines,
    clock: Clock,
    /// When this tick's events were there.
    now: Moment,
    /// What the connections use, one after the other.
    kit: Kit,
    /// Whether one has left in this tick.
    left: bool,
    signals: Option<Signals>,
    /// Which loop of the server it is.
    home: usize,
    shared: Arc<Shared>,
    /// What others have told it, while it is looked at. Empty between two ticks.
    messages: Vec<Message>,
    pub(super) stop: Stopping,
}
// ANCHOR_END: worker

impl Worker {
    pub(crate) fn new(
        config: &Config,
        shared: Arc<Shared>,
        home: usize,
        mut event_loop: Loop,
        listener: Option<TcpListener>,
        clock: Clock,
    ) -> io::Result<Self> {
        let stop = Stopping::new(config, home, listener.is_some());
        let door = Door::open(listener, &mut event_loop)?;
        let now = clock.now();
        let patience = [
            config.timeout_keepalive,
            config.timeout_request,
            config.timeout_write,
            config.timeout_linger,
        ];
        Ok(Self {
            door,
            connections: Slab::new(),
            deadlines: Deadlines::new(patience),
            kit: Kit::new(config, Arc::clone(&shared), home, now),
            now,
            clock,
            left: false,
            signals: None,
            home,
            shared,
            messages: Vec::new(),
            stop,
            event_loop,
        })
    }

    /// What it counts.
    pub(crate) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.kit.counters)
    }

    // ANCHOR: tick
    /// One turn: collect, dispatch, deadlines, hand over, retire. `false` once it has stopped.
    ///
    /// # Errors
    /// What the kernel says to a wait, to this loop or, if this is the first, to another.
    pub(crate) fn tick(
        &mut self,
        events: &mut Events,
        max_wait: Option<Duration>,
    ) -> io::Result<bool> {
        if self.is_done() {
            return Ok(false);
        }
        self.collect(events, max_wait)?;
        if self.shared.handle.is_stopping() && !self.kit.stopping {
            self.stop();
        }
        // First what has been begun: then its connection is still in a cache, perhaps.
        if events.woken() {
            self.take_messages()?;
        }
        for event in &*events {
            match event.user {
                LISTENER => self.accept(),
                SIGNALS => self.signalled(),
                _ => self.dispatch(&event),
            }
            if self.kit.outbox.len() >= BATCH_MAX {
                self.hand_over()?;
            }
        }
        self.evict();
        if !self.kit.outbox.is_empty() {
            self.hand_over()?;
        }
        self.connections.retire();
        self.door.look(self.left, self.now, &mut self.event_loop);
        self.left = false;
        if self.kit.stopping {
            self.drain();
        }
        Ok(!self.is_done())
    }

    // ANCHOR: evict
    /// Lets go who is late. One wait tells of some hundred connections; more may be ready,
    /// after a handler that took long, and whose bytes are there has not been late with them.
    /// So each is asked once more, and has to go only if that was no progress.
    fn evict(&mut self) {
        // Who is renewed with no patience at all is late again; once a tick is enough.
        for _ in 0..self.connections.len() {
            let Some(key) = self.deadlines.late(self.now) else {
                return;
            };
            let state = self.connections.get(key).map(|found| found.state);
            self.drive(
                key,
                match state {
                    Some(State::Writing) => Event::Writable,
                    _ => Event::Readable,
                },
            );
            // A handler that has it now is not waited for.
            let is_waited_for = (self.connections.get(key))
                .is_some_and(|found| found.state.class().is_some());
            if is_waited_for && !self.deadlines.has(key) {
                self.drive(key, Event::Late);
                self.kit.counters.evicted.add(1);
            }
        }
    }
    // ANCHOR_END: evict

    /// Waits until something has happened, somebody is late, or `max_wait` is over.
    fn collect(
        &mut self,
        events: &mut Events,
        max_wait: Option<Duration>,
    ) -> io::Result<()> {
        // From when the last tick's events were there: what has been done since makes this
        // wait a little too long, which no deadline minds.
        let until = self.deadlines.next().min(self.door.until());
        let until = until.min(self.stop.until());
        let limit = match self.kit.outbox.is_empty() {
            true => until.from(self.now),
            // What came up when others were refused.
            false => Some(Duration::ZERO),
        };
        let limit = [limit, max_wait].into_iter().flatten().min();
        self.event_loop.wait(events, limit)?;
        self.now = self.clock.now();
        self.kit.now = self.now;
        self.kit.date.look(self.now);
        Ok(())
    }
    // ANCHOR_END: tick

    /// Looks at the clock, for a tick that comes long after the one before.
    pub(crate) fn look_at_the_clock(&mut self) {
        self.now = self.clock.now();
    }

    fn is_done(&self) -> bool {
        self.kit.stopping && self.connections.is_empty() && self.stop.is_done()
    }

    // ANCHOR: dispatch
    /// Tells a connection what the kernel says of it.
    #[inline]
    fn dispatch(&mut self, event: &event::Event) {
        let key = Key::from_user(event.user);
        if event.err || event.eof {
            return self.broken(key, event);
        }
        if event.readable {
            self.drive(key, Event::Readable);
        }
        if event.writable {
            self.drive(key, Event::Writable);
        }
    }

    /// Tells a connection what has happened, and does what follows from that, and from that,
    /// until there is nothing more to be done.
    #[inline]
    fn drive(&mut self, key: Key, mut event: Event) {
        let Some(connection) = self.connections.get_mut(key) else {
            return; // it has left earlier in this batch
        };
        self.kit.begin_turn(key);
        let before = connection.state;
        let mut renewed = false;
        let done = loop {
            let step = step(connection.state, event);
            renewed |= step.renews;
            connection.state = step.after;
            match connection.act(step.action, &mut self.kit) {
                Some(follows) => event = follows,
                None => break step.action,
            }
        };
        connection.settle(&mut self.kit);
        let (state, armed) = (connection.state, connection.interest);
        let wanted = match done {
            Action::Pause => Interest::None,
            _ => state.interest().unwrap_or(armed),
        };
        if renewed && !(self.kit.stopping && state == before) {
            match state.class() {
                Some(class) => self.deadlines.begin(key, class, self.now),
                None => self.deadlines.end(key),
            }
        }
        if wanted != armed || state == State::Closed {
            self.rearm(key, wanted);
        }
        if self.kit.stopping && matches!(state, State::Idle | State::Waiting) {
            self.drive(key, Event::Stop);
        }
    }
    // ANCHOR_END: dispatch

    /// Tells a connection that it was reset, or that the client sends no more. Others hear so
    /// from the next read or write; one whose handler runs does neither, nor does one for
    /// whose answer there is nothing to send. That one has an answer without an end, perhaps,
    /// and who sends no more has left.
    #[cold]
    fn broken(&mut self, key: Key, event: &event::Event) {
        let Some(connection) = self.connections.get(key) else {
            return;
        };
        match connection.state {
            State::Running if event.err => return self.drive(key, Event::Broken),
            State::Waiting => return self.drive(key, Event::Broken),
            _ => {}
        }
        if event.readable {
            self.drive(key, Event::Readable);
        }
        if event.writable {
            self.drive(key, Event::Writable);
        }
    }

    // ANCHOR: rearm
    /// Asks the kernel something else about a connection, or closes it.
    fn rearm(&mut self, key: Key, wanted: Interest) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        if connection.state == State::Closed {
            return self.close(key);
        }
        let before = connection.interest;
        connection.interest = wanted;
        let fd = connection.stream.as_fd();
        // The new one first, so that it is never registered for nothing, and then again.
        let asked = ask(&mut self.event_loop, fd, wanted, key)
            .and_then(|()| forget(&mut self.event_loop, fd, before));
        if asked.is_err() {
            // The kernel has no memory for it, or a kqueue says that nobody reads any more.
            self.close(key);
        }
    }

    /// Deregister, close, free the slot.
    #[cold]
    fn close(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        // Neither can fail but for what is not registered.
        let fd = connection.stream.as_fd();
        let _ = forget(&mut self.event_loop, fd, connection.interest);
        connection.state = State::Closed;
        connection.settle(&mut self.kit);
        self.deadlines.end(key);
        self.connections.remove(key);
        self.kit.counters.open.sub(1);
        self.shared.places.leave();
        self.left = true;
    }
    // ANCHOR_END: rearm

    /// Where the memory is that the next large body is put into, and how much.
    #[cfg(test)]
    pub(super) fn spare_body(&self) -> (usize, usize) {
        self.kit.spare_body()
    }

    /// How many exchanges are in use, and how many registrations there are.
    #[cfg(test)]
    pub(super) fn in_use(&self) -> (usize, usize) {
        let lent = self
            .connections
            .iter()
            .filter(|(_, one)| one.has_exchange());
        (lent.count(), self.event_loop.registered())
    }
}

fn ask(
    event_loop: &mut Loop,
    fd: BorrowedFd<'_>,
    interest: Interest,
    key: Key,
) -> io::Result<()> {
    match interest {
        Interest::Read => event_loop.add_read(fd, key.to_user()),
        Interest::Write => event_loop.add_write(fd, key.to_user()),
        Interest::None => Ok(()),
    }
}

fn forget(
    event_loop: &mut Loop,
    fd: BorrowedFd<'_>,
    interest: Interest,
) -> io::Result<()> {
    match interest {
        Interest::Read => event_loop.del_read(fd),
        Interest::Write => event_loop.del_write(fd),
        Interest::None => Ok(()),
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("connections", &self.connections.len())
            .field("door", &self.door)
            .field("stopping", &self.kit.stopping)
            .finish_non_exhaustive()
    }
}
