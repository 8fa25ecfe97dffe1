//! must say: connection 256 got the key 0x0, which connection 0 had before it
//!
//! A generation that comes round after 256 connections.

// --- edit from here ---

#[derive(Debug)]
enum Slot<B> {
    Free,
    Here(B),
    Away,
}

#[derive(Debug)]
pub struct Connections<B> {
    slots: Vec<(u32, Slot<B>)>,
    free: Vec<u32>,
    stale: u64,
}

impl<B> Connections<B> {
    pub fn new(slots: u32) -> Self {
        Self {
            slots: (0..slots).map(|_| (0, Slot::Free)).collect(),
            free: (0..slots).collect(),
            stale: 0,
        }
    }

    fn slot(&mut self, key: u64) -> Option<&mut Slot<B>> {
        let (generation, slot) = self.slots.get_mut(key as u32 as usize)?;
        let is_it = u64::from(*generation as u8) == key >> 32;
        (is_it && !matches!(slot, Slot::Free)).then_some(slot)
    }

    pub fn open(&mut self, buffer: B) -> Result<u64, B> {
        let Some(index) = self.free.pop() else {
            return Err(buffer);
        };
        let (generation, slot) = &mut self.slots[index as usize];
        *slot = Slot::Here(buffer);
        Ok(u64::from(*generation as u8) << 32 | u64::from(index))
    }

    pub fn hand_over(&mut self, key: u64) -> Option<B> {
        let slot = self.slot(key)?;
        match std::mem::replace(slot, Slot::Away) {
            Slot::Here(buffer) => Some(buffer),
            Slot::Away | Slot::Free => None,
        }
    }

    pub fn come_back(&mut self, key: u64, buffer: B) -> Result<(), B> {
        match self.slot(key) {
            Some(slot @ Slot::Away) => {
                *slot = Slot::Here(buffer);
                Ok(())
            }
            _ => {
                self.stale += 1;
                Err(buffer)
            }
        }
    }

    pub fn close(&mut self, key: u64) -> Option<B> {
        let slot = std::mem::replace(self.slot(key)?, Slot::Free);
        let index = key as u32;
        let generation = &mut self.slots[index as usize].0;
        *generation = generation.wrapping_add(1);
        self.free.push(index);
        match slot {
            Slot::Here(buffer) => Some(buffer),
            Slot::Away | Slot::Free => None,
        }
    }

    pub fn is_open(&mut self, key: u64) -> bool {
        self.slot(key).is_some()
    }

    pub fn stale(&self) -> u64 {
        self.stale
    }
}

// --- to here ---
