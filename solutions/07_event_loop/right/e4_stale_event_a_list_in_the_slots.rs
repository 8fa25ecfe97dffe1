//! The free slots are a list that goes through them, and those that rest another one.

// --- edit from here ---

#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Option<usize>,
    resting: Option<usize>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    state: State<T>,
}

#[derive(Debug)]
enum State<T> {
    Empty { next: Option<usize> },
    Full(T),
}

impl<T> Slab<T> {
    pub fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: None,
            resting: None,
        }
    }

    pub fn insert(&mut self, value: T) -> Option<u32> {
        let state = State::Full(value);
        let index = if let Some(index) = self.free {
            let slot = &mut self.slots[index];
            if let State::Empty { next } = slot.state {
                self.free = next;
            }
            slot.state = state;
            index
        } else if self.slots.len() < 1 << 16 {
            let generation = 0;
            self.slots.push(Slot { generation, state });
            self.slots.len() - 1
        } else {
            return None;
        };
        Some(self.slots[index].generation << 16 | index as u32)
    }

    pub fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        let slot = self.slots.get_mut(key as u16 as usize)?;
        match &mut slot.state {
            State::Full(value) if slot.generation == key >> 16 => Some(value),
            _ => None,
        }
    }

    pub fn remove(&mut self, key: u32) -> Option<T> {
        self.get_mut(key)?;
        let index = key as u16 as usize;
        let slot = &mut self.slots[index];
        slot.generation += 1;
        let used_up = slot.generation > 0xffff;
        let next = if used_up { None } else { self.resting };
        if !used_up {
            self.resting = Some(index);
        }
        match std::mem::replace(&mut slot.state, State::Empty { next }) {
            State::Full(value) => Some(value),
            State::Empty { .. } => None,
        }
    }

    pub fn retire(&mut self) {
        while let Some(index) = self.resting {
            if let State::Empty { next } = &mut self.slots[index].state {
                self.resting = *next;
                *next = self.free;
            }
            self.free = Some(index);
        }
    }
}

// --- to here ---
