//! A set for each thing that a client may be doing, and one of those whose handlers run.

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

use std::collections::BTreeSet;

#[derive(Debug)]
pub struct Server {
    patience: Duration,
    here: BTreeSet<u32>,
    busy: BTreeSet<u32>,
    handlers: BTreeSet<u32>,
    stopped: Option<Duration>,
    is_over: bool,
}

impl Server {
    pub fn new(patience: Duration) -> Self {
        Self {
            patience,
            here: BTreeSet::new(),
            busy: BTreeSet::new(),
            handlers: BTreeSet::new(),
            stopped: None,
            is_over: false,
        }
    }

    pub fn connected(&mut self, id: u32) -> bool {
        self.stopped.is_none() && self.here.insert(id)
    }

    pub fn begun(&mut self, id: u32) {
        self.busy.insert(id);
    }

    pub fn handed_over(&mut self, id: u32) {
        self.busy.insert(id);
        self.handlers.insert(id);
    }

    pub fn answered(&mut self, id: u32) -> Answer {
        self.handlers.remove(&id);
        match (self.here.contains(&id), self.stopped) {
            (false, _) => Answer::Nobody,
            (true, None) => Answer::Keep,
            (true, Some(_)) => Answer::Last,
        }
    }

    pub fn sent(&mut self, id: u32) -> bool {
        self.busy.remove(&id);
        if self.stopped.is_some() {
            self.here.remove(&id);
        }
        self.stopped.is_none()
    }

    pub fn left(&mut self, id: u32) {
        self.busy.remove(&id);
        self.here.remove(&id);
    }

    pub fn stop(&mut self, now: Duration) -> Vec<u32> {
        if self.stopped.is_some() {
            return vec![];
        }
        self.stopped = Some(now);
        let idle: Vec<u32> = self.here.difference(&self.busy).copied().collect();
        self.here = self.busy.clone();
        idle
    }

    pub fn late(&mut self, now: Duration) -> Vec<u32> {
        match self.stopped {
            Some(at) if now - at >= self.patience && !self.is_over => {
                self.is_over = true;
                self.busy.clear();
                std::mem::take(&mut self.here).into_iter().collect()
            }
            _ => vec![],
        }
    }

    pub fn is_over(&self) -> bool {
        let is_empty = self.here.is_empty() && self.handlers.is_empty();
        self.is_over || (self.stopped.is_some() && is_empty)
    }

    pub fn wait(&self, now: Duration) -> Option<Duration> {
        let until = self.stopped?.checked_add(self.patience)?;
        Some(until.checked_sub(now).unwrap_or_default())
    }
}
// --- to here ---
