//! A map from whole keys, and one number for all slots that is counted up.

// --- edit from here ---

#[derive(Debug)]
pub struct Connections<B> {
    there: HashMap<u64, Option<B>>,
    free: VecDeque<u32>,
    next: u32,
    stale: u64,
}

use std::collections::{HashMap, VecDeque};

impl<B> Connections<B> {
    pub fn new(slots: u32) -> Self {
        Self {
            there: HashMap::new(),
            free: (0..slots).collect(),
            next: 0,
            stale: 0,
        }
    }

    pub fn open(&mut self, buffer: B) -> Result<u64, B> {
        let Some(slot) = self.free.pop_front() else {
            return Err(buffer);
        };
        self.next = self.next.wrapping_add(1);
        let key = u64::from(self.next) << 32 | u64::from(slot);
        self.there.insert(key, Some(buffer));
        Ok(key)
    }

    pub fn hand_over(&mut self, key: u64) -> Option<B> {
        self.there.get_mut(&key)?.take()
    }

    pub fn come_back(&mut self, key: u64, buffer: B) -> Result<(), B> {
        match self.there.get_mut(&key) {
            Some(home @ None) => {
                *home = Some(buffer);
                Ok(())
            }
            _ => {
                self.stale += 1;
                Err(buffer)
            }
        }
    }

    pub fn close(&mut self, key: u64) -> Option<B> {
        let buffer = self.there.remove(&key)?;
        self.free.push_back(key as u32);
        buffer
    }

    pub fn is_open(&self, key: u64) -> bool {
        self.there.contains_key(&key)
    }

    pub fn stale(&self) -> u64 {
        self.stale
    }
}
// --- to here ---
