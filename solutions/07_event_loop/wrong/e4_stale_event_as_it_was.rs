//! must say: event 3 was for "ann", who has gone with event 1: it has reached "bob"
//!
//! The stub: keys that nobody compares, and slots that do not rest.

// --- edit from here ---

/// The connections of a loop, and who may use which slot.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// Slots that the next connections may have.
    free: Vec<u16>,
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

    /// The connection with that key, if it is still there.
    pub fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        let index = (key & 0xffff) as usize;
        self.slots.get_mut(index)?.value.as_mut()
    }

    /// Takes the connection with that key out, if it is still there.
    pub fn remove(&mut self, key: u32) -> Option<T> {
        let index = (key & 0xffff) as u16;
        let slot = self.slots.get_mut(usize::from(index))?;
        let value = slot.value.take();
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(index);
        value
    }

    /// The batch is over: slots that rest may be used again.
    pub fn retire(&mut self) {}
}

// --- to here ---
