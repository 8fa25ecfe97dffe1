//! must say: slots that were free all the time are lost
//!
//! At the end of a batch those that rested are the free ones, and nobody else is.

// --- edit from here ---

/// The connections of a loop, and who may use which slot.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// Slots that the next connections may have.
    free: Vec<u16>,
    /// Slots that may be used when the batch is over.
    resting: Vec<u16>,
}

#[derive(Debug)]
struct Slot<T> {
    /// What is in the upper half of its key.
    generation: u16,
    value: Option<T>,
}

impl<T> Slab<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            resting: Vec::new(),
        }
    }

    /// Puts a connection into a slot; its key, or `None` if there is no slot.
    pub fn insert(&mut self, value: T) -> Option<u32> {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                let index = u16::try_from(self.slots.len()).ok()?;
                self.slots.push(Slot {
                    generation: 0,
                    value: None,
                });
                index
            }
        };
        let slot = &mut self.slots[usize::from(index)];
        slot.value = Some(value);
        Some(u32::from(slot.generation) << 16 | u32::from(index))
    }

    /// The slot that a key leads to, if it is the key of whoever is in it.
    fn slot(&mut self, key: u32) -> Option<&mut Slot<T>> {
        let slot = self.slots.get_mut((key & 0xffff) as usize)?;
        (u32::from(slot.generation) == key >> 16).then_some(slot)
    }

    /// The connection with that key, if it is still there.
    pub fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        self.slot(key)?.value.as_mut()
    }

    /// Takes the connection with that key out, if it is still there.
    pub fn remove(&mut self, key: u32) -> Option<T> {
        let slot = self.slot(key)?;
        // A slot that is empty already stays where it is: on one list, once.
        let value = slot.value.take()?;
        // Rejected: `wrapping_add`. After 65,536 connections the first key would be given out
        // again. A slot that has used its last generation is empty for ever instead.
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            self.resting.push((key & 0xffff) as u16);
        }
        Some(value)
    }

    /// The batch is over: slots that rest may be used again.
    pub fn retire(&mut self) {
        self.free = std::mem::take(&mut self.resting);
    }
}

// --- to here ---
