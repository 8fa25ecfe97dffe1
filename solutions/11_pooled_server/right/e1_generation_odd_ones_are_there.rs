//! The generation is odd while somebody is in the slot. The buffer is an option, and `None`
//! is with a handler.

// --- edit from here ---

#[derive(Debug)]
pub struct Connections<B> {
    slots: Vec<(u32, Option<B>)>,
    stale: u64,
}

impl<B> Connections<B> {
    pub fn new(slots: u32) -> Self {
        Self {
            slots: (0..slots).map(|_| (0, None)).collect(),
            stale: 0,
        }
    }

    fn find(&mut self, key: u64) -> Option<&mut (u32, Option<B>)> {
        let index = usize::try_from(key & 0xffff_ffff).ok()?;
        let generation = (key >> 32) as u32;
        let slot = self.slots.get_mut(index)?;
        (slot.0 == generation && generation % 2 == 1).then_some(slot)
    }

    pub fn open(&mut self, buffer: B) -> Result<u64, B> {
        let mut all = self.slots.iter_mut().enumerate();
        let Some((index, slot)) = all.find(|(_, slot)| slot.0 % 2 == 0) else {
            return Err(buffer);
        };
        slot.0 += 1;
        slot.1 = Some(buffer);
        Ok((u64::from(slot.0) << 32) + index as u64)
    }

    pub fn hand_over(&mut self, key: u64) -> Option<B> {
        self.find(key).and_then(|slot| slot.1.take())
    }

    pub fn come_back(&mut self, key: u64, buffer: B) -> Result<(), B> {
        if let Some((_, home)) = self.find(key)
            && home.is_none()
        {
            *home = Some(buffer);
            return Ok(());
        }
        self.stale += 1;
        Err(buffer)
    }

    pub fn close(&mut self, key: u64) -> Option<B> {
        let slot = self.find(key)?;
        slot.0 = slot.0.wrapping_add(1);
        slot.1.take()
    }

    pub fn is_open(&mut self, key: u64) -> bool {
        self.find(key).is_some()
    }

    pub fn stale(&self) -> u64 {
        self.stale
    }
}
// --- to here ---
