//! A client is a letter, and each letter is counted. The deadline is an option.

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

#[derive(Debug)]
pub struct Server {
    patience: Duration,
    clients: BTreeMap<u32, char>,
    handlers: i64,
    is_stopping: bool,
    until: Option<Duration>,
    gave_up: bool,
}

impl Server {
    pub fn new(patience: Duration) -> Self {
        Self {
            patience,
            clients: BTreeMap::new(),
            handlers: 0,
            is_stopping: false,
            until: None,
            gave_up: false,
        }
    }

    pub fn connected(&mut self, id: u32) -> bool {
        if self.is_stopping {
            return false;
        }
        self.clients.insert(id, 'i').is_none()
    }

    pub fn begun(&mut self, id: u32) {
        self.clients.entry(id).and_modify(|it| *it = 's');
    }

    pub fn handed_over(&mut self, id: u32) {
        self.handlers += 1;
        self.clients.entry(id).and_modify(|it| *it = 'h');
    }

    pub fn answered(&mut self, id: u32) -> Answer {
        self.handlers -= 1;
        match self.clients.get_mut(&id) {
            None => Answer::Nobody,
            Some(it) => {
                *it = 'a';
                if self.is_stopping {
                    Answer::Last
                } else {
                    Answer::Keep
                }
            }
        }
    }

    pub fn sent(&mut self, id: u32) -> bool {
        match self.is_stopping {
            true => self.clients.remove(&id),
            false => self.clients.insert(id, 'i'),
        };
        !self.is_stopping
    }

    pub fn left(&mut self, id: u32) {
        self.clients.remove(&id);
    }

    pub fn stop(&mut self, now: Duration) -> Vec<u32> {
        if !self.is_stopping {
            self.is_stopping = true;
            self.until = now.checked_add(self.patience);
        }
        let idle = self.clients.iter().filter(|(_, it)| **it == 'i');
        let idle: Vec<u32> = idle.map(|(id, _)| *id).collect();
        self.clients.retain(|_, it| *it != 'i');
        idle
    }

    pub fn late(&mut self, now: Duration) -> Vec<u32> {
        let mut all = Vec::new();
        if self.until.is_some_and(|until| now >= until) {
            self.gave_up = true;
            while let Some((id, _)) = self.clients.pop_last() {
                all.push(id);
            }
        }
        all
    }

    pub fn is_over(&self) -> bool {
        self.is_stopping
            && (self.gave_up || self.clients.is_empty() && self.handlers == 0)
    }

    pub fn wait(&self, now: Duration) -> Option<Duration> {
        self.until.map(|until| until.saturating_sub(now))
    }
}
// --- to here ---
