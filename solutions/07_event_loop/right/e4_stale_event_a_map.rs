//! A map from keys, and the next generation of each slot beside it.

// --- edit from here ---

use std::collections::{BTreeSet, HashMap};

#[derive(Debug)]
pub struct Slab<T> {
    by_key: HashMap<u32, T>,
    /// How many keys each slot has had.
    given: Vec<u32>,
    free: BTreeSet<u32>,
    resting: BTreeSet<u32>,
}

impl<T> Slab<T> {
    pub fn new() -> Self {
        Self {
            by_key: HashMap::new(),
            given: Vec::new(),
            free: BTreeSet::new(),
            resting: BTreeSet::new(),
        }
    }

    pub fn insert(&mut self, value: T) -> Option<u32> {
        let index = match self.free.pop_first() {
            Some(index) => index,
            None if self.given.len() == 65_536 => return None,
            None => {
                self.given.push(0);
                self.given.len() as u32 - 1
            }
        };
        let given = &mut self.given[index as usize];
        let key = index | *given << 16;
        *given += 1;
        self.by_key.insert(key, value);
        Some(key)
    }

    pub fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        self.by_key.get_mut(&key)
    }

    pub fn remove(&mut self, key: u32) -> Option<T> {
        let value = self.by_key.remove(&key)?;
        let index = key & 0xffff;
        if self.given[index as usize] < 65_536 {
            self.resting.insert(index);
        }
        Some(value)
    }

    pub fn retire(&mut self) {
        self.free.append(&mut self.resting);
    }
}

// --- to here ---
