//! must say: 1 has begun its request at 105s
//!
//! Bug 8: who sends a byte in each pause is never late.

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
    /// Those that have begun a request: when they are late, and who they are.
    sending: VecDeque<(Duration, u32)>,
    /// Those that are idle. Nobody is in both.
    resting: VecDeque<(Duration, u32)>,
}

impl Deadlines {
    /// Nobody is here; a request may take `request`, and a connection be idle for `idle`.
    pub fn new(request: Duration, idle: Duration) -> Self {
        Self {
            request,
            idle,
            sending: VecDeque::new(),
            resting: VecDeque::new(),
        }
    }

    /// Somebody has come.
    pub fn opened(&mut self, id: u32, now: Duration) {
        self.closed(id);
        self.resting.push_back((now + self.idle, id));
    }

    /// Some bytes of a request have come, and it is not complete.
    pub fn bytes(&mut self, id: u32, now: Duration) {
        self.closed(id);
        self.sending.push_back((now + self.request, id));
    }

    /// A request is complete, and its handler runs.
    pub fn complete(&mut self, id: u32) {
        self.closed(id);
    }

    /// It is answered. `more`: bytes of the next one are here, and it is not complete.
    pub fn answered(&mut self, id: u32, now: Duration, more: bool) {
        if more {
            self.bytes(id, now);
        } else {
            self.opened(id, now);
        }
    }

    /// Somebody has gone.
    pub fn closed(&mut self, id: u32) {
        self.sending.retain(|(_, other)| *other != id);
        self.resting.retain(|(_, other)| *other != id);
    }

    /// When the first of them is late.
    pub fn first(&mut self) -> Option<Duration> {
        let fronts = [self.sending.front(), self.resting.front()];
        fronts.into_iter().flatten().map(|(at, _)| *at).min()
    }

    /// Those that are late at `now`.
    pub fn expired(&mut self, now: Duration) -> Vec<(u32, Late)> {
        let mut late = Vec::new();
        for (list, what) in [
            (&mut self.sending, Late::Request),
            (&mut self.resting, Late::Idle),
        ] {
            while let Some((at, id)) = list.front()
                && *at <= now
            {
                late.push((*id, what));
                list.pop_front();
            }
        }
        late
    }
}

// --- to here ---
