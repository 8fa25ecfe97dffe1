//! What a thread knows: how far it has seen each location, and which steps of other
//! threads lie behind it.
//!
//! Both are rows of counters that only grow, and both are joined slot by slot. They answer
//! two questions. A [`View`]: which messages may I still read? A [`Clock`]: did that access
//! happen before me?

/// A model may have this many atomics.
pub const LOCATIONS_MAX: usize = 64;

/// A model may have this many threads, the root included.
pub const THREADS_MAX: usize = 8;

/// For each location, the oldest message that may still be read: an index into its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View([u8; LOCATIONS_MAX]);

impl Default for View {
    fn default() -> Self {
        Self([0; LOCATIONS_MAX])
    }
}

impl View {
    /// The oldest message of `location` that may be read.
    pub fn get(&self, location: usize) -> usize {
        usize::from(self.0[location])
    }

    /// Moves on to `message`, never back.
    pub fn raise(&mut self, location: usize, message: usize) {
        let slot = &mut self.0[location];
        *slot = (*slot).max(message as u8);
    }

    /// Knows from now on what `other` knows.
    pub fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// A message was put in at `slot` of `location`: whatever is behind it moves up by one.
    pub(super) fn make_room(&mut self, location: usize, slot: usize) {
        let mine = &mut self.0[location];
        *mine += u8::from(usize::from(*mine) >= slot);
    }

    /// The first `count` messages of `location` are gone.
    pub(super) fn forget(&mut self, location: usize, count: usize) {
        let mine = &mut self.0[location];
        *mine = mine.saturating_sub(count as u8);
    }

    /// The slots of the locations that there are.
    pub(super) fn used(&self, locations: usize) -> &[u8] {
        &self.0[..locations]
    }
}

/// For each thread how far it is known: how often it had passed on what it knows when it did
/// the last thing that is known to have happened before. To count each operation would say
/// the same, and tell states apart that have the same future.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clock([u16; THREADS_MAX]);

impl Clock {
    /// How far `thread` is known.
    pub fn get(&self, thread: usize) -> u16 {
        self.0[thread]
    }

    /// Notes that `thread` was at `time`.
    pub fn set(&mut self, thread: usize, time: u16) {
        self.0[thread] = time;
    }

    /// Knows from now on what `other` knows.
    pub fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// The first thread of which `self` knows more than `other` does: it did something
    /// that did not happen before whatever `other` stands for.
    pub fn ahead_of(&self, other: &Self) -> Option<usize> {
        (0..THREADS_MAX).find(|&thread| self.0[thread] > other.0[thread])
    }

    pub(crate) fn used(&self, threads: usize) -> &[u16] {
        &self.0[..threads]
    }
}

/// What travels with a message from a release to an acquire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Knowledge {
    /// Which messages may no longer be read.
    pub view: View,
    /// What happened before.
    pub clock: Clock,
}

impl Knowledge {
    /// Knows from now on what `other` knows.
    pub fn join(&mut self, other: &Self) {
        self.view.join(&other.view);
        self.clock.join(&other.clock);
    }
}
