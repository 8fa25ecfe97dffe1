//! 07.4 (repair): an event for a connection that is gone.
//!
//! A loop gives the kernel a word for each connection, and gets it back with each event: a
//! key, by which it finds the connection. But the event may have waited in the batch while
//! its connection was closed, and the answer of a worker may come an hour later. In the
//! meantime the slot has somebody else in it.
//!
//! Goal:
//!
//! - A key has 32 bits: the number of the slot in the lower 16, in the upper ones what the
//!   answer likes. It leads to the connection that `insert` returned it for, and to no other
//!   one, however late: once that is removed, `get_mut` and `remove` return `None`.
//! - So no key is ever given out twice, whatever happens in between. A slot for which there
//!   are no more keys is not used any more.
//! - `remove` comes in the middle of a batch, and code further down may still hold the slot's
//!   number. So the slot rests: nobody gets it before `retire`, which is the end of the
//!   batch. After that it is used again, before one that was never used, however many batches
//!   have gone by in which nobody needed it.
//! - `insert` returns `None` if no slot is to be had: there are at most 65,536. And a word
//!   that is no key is not an error: it leads to nothing.
//!
//! The slab below was in use for a year, and now and then somebody got an answer that was
//! meant for somebody else. It has more than one fault.
//!
//! Edit between the markers only. About 12 lines change, 20 minutes.
//! Stuck? `cargo hint 07.4`, three levels.
//!
//! A failing run prints the batch, and for instance
//! ```text
//! event 3 was for "ann", who has gone with event 1: it has reached "bob", who came with
//! event 2
//! ```

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
