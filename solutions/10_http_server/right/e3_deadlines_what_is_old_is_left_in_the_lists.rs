//! Takes nobody out; what is at the front and no longer true is passed over.

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
    patience: [Duration; 2],
    /// What is true of each: since which number it waits, for what.
    current: std::collections::HashMap<u32, (u64, Late)>,
    lists: [VecDeque<(Duration, u32, u64)>; 2],
    numbers: u64,
}

impl Deadlines {
    /// Nobody is here; a request may take `request`, and a connection be idle for `idle`.
    pub fn new(request: Duration, idle: Duration) -> Self {
        Self {
            patience: [request, idle],
            current: Default::default(),
            lists: Default::default(),
            numbers: 0,
        }
    }

    fn put(&mut self, id: u32, now: Duration, what: Late) {
        self.numbers += 1;
        self.current.insert(id, (self.numbers, what));
        let at = now + self.patience[what as usize];
        self.lists[what as usize].push_back((at, id, self.numbers));
    }

    /// Takes out of the front of each list what is not true any more.
    fn clean(&mut self) {
        for list in &mut self.lists {
            while let Some((_, id, number)) = list.front()
                && self.current.get(id).is_none_or(|it| it.0 != *number)
            {
                list.pop_front();
            }
        }
    }

    /// Somebody has come.
    pub fn opened(&mut self, id: u32, now: Duration) {
        self.put(id, now, Late::Idle);
    }

    /// Some bytes of a request have come, and it is not complete.
    pub fn bytes(&mut self, id: u32, now: Duration) {
        if self.current.get(&id).is_none_or(|it| it.1 == Late::Idle) {
            self.put(id, now, Late::Request);
        }
    }

    /// A request is complete, and its handler runs.
    pub fn complete(&mut self, id: u32) {
        self.current.remove(&id);
    }

    /// It is answered. `more`: bytes of the next one are here, and it is not complete.
    pub fn answered(&mut self, id: u32, now: Duration, more: bool) {
        self.put(id, now, if more { Late::Request } else { Late::Idle });
    }

    /// Somebody has gone.
    pub fn closed(&mut self, id: u32) {
        self.current.remove(&id);
    }

    /// When the first of them is late.
    pub fn first(&mut self) -> Option<Duration> {
        self.clean();
        self.lists
            .iter()
            .filter_map(|list| list.front())
            .map(|it| it.0)
            .min()
    }

    /// Those that are late at `now`.
    pub fn expired(&mut self, now: Duration) -> Vec<(u32, Late)> {
        let mut late = Vec::new();
        loop {
            self.clean();
            let fronts = self.lists.iter().filter_map(|list| list.front());
            let Some(&(_, id, _)) = fronts.into_iter().find(|it| it.0 <= now) else {
                return late;
            };
            if let Some((_, what)) = self.current.remove(&id) {
                late.push((id, what));
            }
        }
    }
}

// --- to here ---
