//! 10.3 (repair): a sender that takes its time.
//!
//! A connection costs a slot and a descriptor, and while a request is coming in, a buffer. Who
//! sends one byte of a head every few seconds has them for ever, and a thousand of these keep
//! everybody else out. So there are two patiences: so long may a request take, from its first
//! byte to its last, and so long may a connection be idle.
//!
//! All that wait for the same thing have the same patience. So who began first is late first,
//! and a list in which each is put at the end is in the order of the deadlines. There are two
//! such lists, and a number of faults. Repair them.
//!
//! Goal:
//!
//! - A connection that was opened, or whose request was answered, is idle, and has `idle` from
//!   then on. But if bytes of its next request are here already when it is answered (`more`),
//!   that request has begun.
//! - With its first bytes a request has begun, and has `request` from then on, for head and
//!   body. Further bytes of the same request change nothing. (`bytes` is for those that do not
//!   complete it.)
//! - When a request is complete its handler runs, for as long as it likes, until it is answered.
//!   A small one may be complete with its first bytes.
//! - `expired` returns those whose deadline is over, in any order: those that have sent half a
//!   request as `Late::Request`, who get a 408, the others as `Late::Idle`. Over is what is at
//!   `now` or before. They are forgotten with that; `closed` may follow.
//! - `closed` forgets a connection, if it is there. Its number may be used again at once.
//! - `first` is when the first deadline is over; `None` if there is none. So long the loop sleeps.
//!
//! Time is a `Duration` since the start of the server, and only goes forward. How long a search
//! takes does not count here; the library's lists take a connection out without one.
//!
//! Edit between the markers only. About 15 lines, 20 minutes.
//! Stuck? `cargo hint 10.3`, three levels.
//!
//! A failing run prints what has happened, for instance
//! ```text
//! request 10s, idle 60s. 100s: opened(1). 105s: bytes(1). 106s: bytes(1). first() is
//! Some(116s), and it has to be Some(115s): 1 has begun its request at 105s
//! ```

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
        // Rejected: to begin anew with each byte. That is a limit for the pause between two
        // bytes, and who sends one in each pause is never late.
        if self.sending.iter().any(|(_, other)| *other == id) {
            return;
        }
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
