//! A deadline for each, and a search for the first.

use std::collections::VecDeque;
pub use std::time::Duration;

/// What a connection was too late with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Late {
    /// With the rest of a request: it is told so, by a 408.
    Request,
    /// With a first request, or another one: it is closed without a word.
    Idle,
}

// --- edit from here ---

/// Who has to have done something, and when.
#[derive(Debug)]
pub struct Deadlines {
    request: Duration,
    idle: Duration,
    all: std::collections::HashMap<u32, (Duration, Late)>,
}

impl Deadlines {
    /// Nobody is here; a request may take `request`, and a connection be idle for `idle`.
    pub fn new(request: Duration, idle: Duration) -> Self {
        Self {
            request,
            idle,
            all: Default::default(),
        }
    }

    /// Somebody has come.
    pub fn opened(&mut self, id: u32, now: Duration) {
        self.all.insert(id, (now + self.idle, Late::Idle));
    }

    /// Some bytes of a request have come, and it is not complete.
    pub fn bytes(&mut self, id: u32, now: Duration) {
        match self.all.get(&id) {
            Some((_, Late::Request)) => {}
            _ => drop(self.all.insert(id, (now + self.request, Late::Request))),
        }
    }

    /// A request is complete, and its handler runs.
    pub fn complete(&mut self, id: u32) {
        self.all.remove(&id);
    }

    /// It is answered. `more`: bytes of the next one are here, and it is not complete.
    pub fn answered(&mut self, id: u32, now: Duration, more: bool) {
        if more {
            self.bytes(id, now)
        } else {
            self.opened(id, now)
        }
    }

    /// Somebody has gone.
    pub fn closed(&mut self, id: u32) {
        self.all.remove(&id);
    }

    /// When the first of them is late.
    pub fn first(&mut self) -> Option<Duration> {
        self.all.values().map(|(at, _)| *at).min()
    }

    /// Those that are late at `now`.
    pub fn expired(&mut self, now: Duration) -> Vec<(u32, Late)> {
        let late = self.all.iter().filter(|(_, (at, _))| *at <= now);
        let late = Vec::from_iter(late.map(|(id, (_, what))| (*id, *what)));
        self.all.retain(|_, (at, _)| *at > now);
        late
    }
}

// --- to here ---
