//! must say: is_over() is true, and it has to be false: a handler still runs, for 1, who has left
//!
//! It ends when nobody is there. Handlers whose clients have left are cut off in the middle
//! of whatever they do.

use std::collections::BTreeMap;
pub use std::time::Duration;

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The connection stays.
    Keep,
    /// `Connection: close`.
    Last,
    /// There is nobody to whom it could say anything.
    Nobody,
}

// --- edit from here ---

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    Sending,
    Waiting,
    Receiving,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    Stopping(Duration),
    GivenUp,
}

#[derive(Debug)]
pub struct Server {
    patience: Duration,
    clients: BTreeMap<u32, Doing>,
    running: usize,
    phase: Phase,
}

impl Server {
    pub fn new(patience: Duration) -> Self {
        Self {
            patience,
            clients: BTreeMap::new(),
            running: 0,
            phase: Phase::Serving,
        }
    }

    pub fn connected(&mut self, id: u32) -> bool {
        let comes_in = self.phase == Phase::Serving;
        if comes_in {
            self.clients.insert(id, Doing::Nothing);
        }
        comes_in
    }

    pub fn begun(&mut self, id: u32) {
        self.clients.insert(id, Doing::Sending);
    }

    pub fn handed_over(&mut self, id: u32) {
        self.clients.insert(id, Doing::Waiting);
        self.running += 1;
    }

    pub fn answered(&mut self, id: u32) -> Answer {
        self.running -= 1;
        let Some(doing) = self.clients.get_mut(&id) else {
            return Answer::Nobody;
        };
        *doing = Doing::Receiving;
        match self.phase {
            Phase::Serving => Answer::Keep,
            Phase::Stopping(_) | Phase::GivenUp => Answer::Last,
        }
    }

    pub fn sent(&mut self, id: u32) -> bool {
        let stays = self.phase == Phase::Serving;
        if stays {
            self.clients.insert(id, Doing::Nothing);
        } else {
            self.clients.remove(&id);
        }
        stays
    }

    pub fn left(&mut self, id: u32) {
        self.clients.remove(&id);
    }

    pub fn stop(&mut self, now: Duration) -> Vec<u32> {
        if self.phase != Phase::Serving {
            return Vec::new();
        }
        self.phase = Phase::Stopping(now.saturating_add(self.patience));
        self.clients
            .extract_if(.., |_, doing| *doing == Doing::Nothing)
            .map(|(id, _)| id)
            .collect()
    }

    pub fn late(&mut self, now: Duration) -> Vec<u32> {
        match self.phase {
            Phase::Stopping(until) if until <= now => {
                self.phase = Phase::GivenUp;
                std::mem::take(&mut self.clients).into_keys().collect()
            }
            _ => Vec::new(),
        }
    }

    pub fn is_over(&self) -> bool {
        match self.phase {
            Phase::Serving => false,
            Phase::Stopping(_) => self.clients.is_empty(),
            Phase::GivenUp => true,
        }
    }

    pub fn wait(&self, now: Duration) -> Option<Duration> {
        match self.phase {
            Phase::Stopping(until) => Some(until.saturating_sub(now)),
            Phase::Serving | Phase::GivenUp => None,
        }
    }
}

// --- to here ---
