//! All in one set, in the order of their deadlines.

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
    all: std::collections::BTreeSet<(Duration, u32, Late)>,
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
        self.closed(id);
        self.all.insert((now + self.idle, id, Late::Idle));
    }

    /// Some bytes of a request have come, and it is not complete.
    pub fn bytes(&mut self, id: u32, now: Duration) {
        if self
            .all
            .iter()
            .any(|it| it.1 == id && it.2 == Late::Request)
        {
            return;
        }
        self.closed(id);
        self.all.insert((now + self.request, id, Late::Request));
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
        self.all.retain(|it| it.1 != id);
    }

    /// When the first of them is late.
    pub fn first(&mut self) -> Option<Duration> {
        self.all.first().map(|it| it.0)
    }

    /// Those that are late at `now`.
    pub fn expired(&mut self, now: Duration) -> Vec<(u32, Late)> {
        let on_time =
            self.all
                .split_off(&(now + Duration::from_nanos(1), 0, Late::Request));
        let late = std::mem::replace(&mut self.all, on_time);
        late.into_iter().map(|(_, id, what)| (id, what)).collect()
    }
}

// --- to here ---
