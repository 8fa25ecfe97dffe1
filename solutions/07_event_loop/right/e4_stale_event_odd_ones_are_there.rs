//! An odd generation has somebody in it, an even one nobody.

// --- edit from here ---

#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<(u16, Option<T>)>,
    free: Vec<usize>,
    resting: Vec<usize>,
}

impl<T> Slab<T> {
    pub fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            resting: Vec::new(),
        }
    }

    pub fn insert(&mut self, value: T) -> Option<u32> {
        let index = self.free.pop().unwrap_or(self.slots.len());
        if index > 0xffff {
            return None;
        }
        if index == self.slots.len() {
            self.slots.push((0, None));
        }
        let (generation, place) = &mut self.slots[index];
        *generation += 1;
        *place = Some(value);
        Some((u32::from(*generation) << 16) + index as u32)
    }

    pub fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        match self.slots.get_mut(key as usize % 65_536) {
            Some((generation, place)) if u32::from(*generation) == key / 65_536 => {
                place.as_mut()
            }
            _ => None,
        }
    }

    pub fn remove(&mut self, key: u32) -> Option<T> {
        self.get_mut(key)?;
        let index = key as usize % 65_536;
        let (generation, place) = &mut self.slots[index];
        if *generation < u16::MAX {
            *generation += 1;
            self.resting.push(index);
        }
        place.take()
    }

    pub fn retire(&mut self) {
        self.free.extend(self.resting.drain(..));
    }
}

// --- to here ---
