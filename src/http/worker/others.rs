//! What goes to other threads, and what comes back.

use std::io;
use std::mem;
use std::thread;

use super::Worker;
use crate::event::Key;
use crate::http::exchange::{Answered, Exchange};
use crate::http::job::Message;
use crate::http::state::Event;

impl Worker {
    // ANCHOR: hand_over
    /// Hands over to the handler threads what this tick has brought for them, all at once: one
    /// lock and at most one wake for a single job. For more than one it looks whether the
    /// thread that was woken is enough, which is two locks and at most one wake more. Who does
    /// not fit is answered here, and that there is no room.
    pub(super) fn hand_over(&mut self) -> io::Result<()> {
        let watched = self.kit.outbox.len() > 1;
        self.shared.dispatch.push(&mut self.kit.outbox, watched);
        if watched && self.shared.dispatch.is_called() {
            // It may need this very core.
            thread::yield_now();
        }
        if watched {
            self.shared.dispatch.look();
        }
        if !self.kit.outbox.is_empty() {
            self.shed();
        }
        // Whoever was woken may have had the core, and be done with all of them.
        self.take_messages()
    }

    /// Says to those whose requests were refused that there is no room.
    #[cold]
    fn shed(&mut self) {
        // Behind a request that is refused the next one may stand. It has its turn in the next
        // tick, or somebody who sends without end would be refused without end.
        let mut refused = mem::take(&mut self.kit.outbox);
        for job in refused.drain(..) {
            let key = job.key;
            match self.connections.get_mut(key) {
                Some(connection) => {
                    let event = connection.shed(job, &mut self.kit);
                    self.drive(key, event);
                }
                None => self.kit.take_back(job.exchange),
            }
        }
        refused.append(&mut self.kit.outbox);
        self.kit.outbox = refused;
    }
    // ANCHOR_END: hand_over

    // ANCHOR: messages
    /// Takes what other threads have brought: all of it, for many wakes may be one.
    pub(super) fn take_messages(&mut self) -> io::Result<()> {
        let mut messages = mem::take(&mut self.messages);
        self.shared.inboxes[self.home].take(&mut messages);
        for message in messages.drain(..) {
            match message {
                Message::Answered {
                    key,
                    exchange,
                    answered,
                } => self.answered(key, exchange, answered),
                Message::More(key) => self.drive(key, Event::More),
                Message::Connected(stream) => self.connected(stream),
                Message::DoorClosed => self.stop.expects_clients = false,
                Message::LoopEnded(result) => {
                    self.stop.loops = self.stop.loops.saturating_sub(1);
                    result?;
                }
                Message::HandlerEnded => {
                    // None, if it was given up.
                    self.stop.handlers = self.stop.handlers.saturating_sub(1);
                }
            }
        }
        self.messages = messages;
        if self.door.is_full() && !self.shared.places.waits(self.home) {
            self.left = true;
        }
        Ok(())
    }

    /// A handler thread has brought an exchange back.
    #[inline]
    fn answered(
        &mut self,
        key: Key,
        exchange: Box<Exchange>,
        answered: Option<Answered>,
    ) {
        self.kit.counters.pooled.add(1);
        let Some(connection) = self.connections.get_mut(key) else {
            // It has left meanwhile. Its slot may have the next tenant; its key has not.
            self.kit.counters.stale.add(1);
            self.kit.counters.requests.add(1);
            return self.kit.take_back(exchange);
        };
        connection.take_back(exchange);
        let event = match answered {
            Some(answered) => {
                self.kit.count(answered);
                Event::Answered
            }
            None => Event::Broken,
        };
        self.drive(key, event);
    }
    // ANCHOR_END: messages
}
