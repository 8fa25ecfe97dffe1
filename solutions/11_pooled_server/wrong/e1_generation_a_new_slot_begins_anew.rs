//! must say: bob got the key 0x0, which ann had before it
//!
//! A free slot is taken out of the table, and its generation with it.

// --- edit from here ---

#[derive(Debug)]
pub struct Connections<B> {
    slots: std::collections::HashMap<u32, (u32, Option<B>)>,
    room: u32,
    stale: u64,
}

impl<B> Connections<B> {
    pub fn new(slots: u32) -> Self {
        Self {
            slots: std::collections::HashMap::new(),
            room: slots,
            stale: 0,
        }
    }

    pub fn open(&mut self, buffer: B) -> Result<u64, B> {
        let Some(index) =
            (0..self.room).find(|index| !self.slots.contains_key(index))
        else {
            return Err(buffer);
        };
        self.slots.insert(index, (0, Some(buffer)));
        Ok(u64::from(index))
    }

    fn slot(&mut self, key: u64) -> Option<&mut Option<B>> {
        let (generation, slot) = self.slots.get_mut(&(key as u32))?;
        (u64::from(*generation) == key >> 32).then_some(slot)
    }

    pub fn hand_over(&mut self, key: u64) -> Option<B> {
        self.slot(key)?.take()
    }

    pub fn come_back(&mut self, key: u64, buffer: B) -> Result<(), B> {
        match self.slot(key) {
            Some(slot) if slot.is_none() => {
                *slot = Some(buffer);
                Ok(())
            }
            _ => {
                self.stale += 1;
                Err(buffer)
            }
        }
    }

    pub fn close(&mut self, key: u64) -> Option<B> {
        self.slot(key)?;
        self.slots
            .remove(&(key as u32))
            .and_then(|(_, buffer)| buffer)
    }

    pub fn is_open(&mut self, key: u64) -> bool {
        self.slot(key).is_some()
    }

    pub fn stale(&self) -> u64 {
        self.stale
    }
}
// --- to here ---
