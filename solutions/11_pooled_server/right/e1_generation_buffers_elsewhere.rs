//! The table has whole keys, and `None` where nobody is. Generations and buffers are lists
//! of their own.

// --- edit from here ---

#[derive(Debug)]
pub struct Connections<B> {
    keys: Vec<Option<u64>>,
    buffers: Vec<Option<B>>,
    given: Vec<u64>,
    stale: u64,
}

impl<B> Connections<B> {
    pub fn new(slots: u32) -> Self {
        Self {
            keys: (0..slots).map(|_| None).collect(),
            buffers: (0..slots).map(|_| None).collect(),
            given: (0..slots).map(|_| 0).collect(),
            stale: 0,
        }
    }

    fn index(&self, key: u64) -> Option<usize> {
        self.keys.iter().position(|it| *it == Some(key))
    }

    pub fn open(&mut self, buffer: B) -> Result<u64, B> {
        match self.keys.iter().rposition(Option::is_none) {
            None => Err(buffer),
            Some(index) => {
                let key = self.given[index] << 32 | index as u64;
                self.given[index] += 1;
                self.keys[index] = Some(key);
                self.buffers[index] = Some(buffer);
                Ok(key)
            }
        }
    }

    pub fn hand_over(&mut self, key: u64) -> Option<B> {
        let index = self.index(key)?;
        self.buffers[index].take()
    }

    pub fn come_back(&mut self, key: u64, buffer: B) -> Result<(), B> {
        let home = self.index(key).map(|index| &mut self.buffers[index]);
        match home {
            Some(home) if home.is_none() => *home = Some(buffer),
            _ => {
                self.stale += 1;
                return Err(buffer);
            }
        }
        Ok(())
    }

    pub fn close(&mut self, key: u64) -> Option<B> {
        let index = self.index(key)?;
        self.keys[index] = None;
        self.buffers[index].take()
    }

    pub fn is_open(&self, key: u64) -> bool {
        self.index(key).is_some()
    }

    pub fn stale(&self) -> u64 {
        self.stale
    }
}
// --- to here ---
