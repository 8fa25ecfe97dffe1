//! Keys instead of pointers: what the kernel gets to keep, and what a late event misses.
//!
//! With each registration the kernel keeps one word of ours, and hands it back with each
//! event. If that word were the address of a connection, an event that was on its way
//! while the connection was freed would be used to look into freed memory: bug 1 of this
//! course, and the most repeated one in event loops. So the word is a [`Key`]: which slot,
//! and which tenant of it, the *generation*. A slot that gets a new tenant gets a new
//! generation with it, and an event for the one before looks up a key that nobody has:
//! [`Slab::get`] returns `None`, and that is all that happens.
//!
//! A slot goes through three states:
//!
//! | state | holds a value | its generation | left by |
//! |---|---|---|---|
//! | free | no | that of the next tenant | `insert` |
//! | taken | yes | that of its tenant | `remove` |
//! | resting | no | that of the next tenant | `retire` |
//!
//! A slot whose value was removed *rests* until [`retire`](Slab::retire) is called, at the
//! end of the batch of events. The generation alone is enough to tell tenants apart. The
//! rest makes it so that within a batch there is nothing to tell apart: whatever else
//! knows a connection by its index, such as a list of buffers or a line in a log, still
//! means one and the same.

use std::fmt;

// ANCHOR: key
/// Which slot of a [`Slab`], and which of its tenants.
///
/// As a word of 64 bits ([`to_user`](Self::to_user)) it fits where an event carries its
/// user word. The words 0 and `u64::MAX` are never the word of a key that a slab has given
/// out: they are free for what is in no slab, such as the listener.
///
/// # Example
/// ```
/// use threadbare::event::{Key, Slab};
///
/// let mut slab = Slab::new();
/// let key = slab.insert("a connection");
/// let word = key.to_user();
/// assert_eq!(Key::from_user(word), key);
/// assert_ne!(word, 0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    /// Packs the key into one word: the generation above, the index below.
    #[must_use]
    pub const fn to_user(self) -> u64 {
        (self.generation as u64) << 32 | self.index as u64
    }

    /// Takes a word apart again. Any word makes a key; one that no slab gave out misses.
    #[must_use]
    pub const fn from_user(word: u64) -> Self {
        Self {
            index: word as u32,
            generation: (word >> 32) as u32,
        }
    }

    /// Returns the number of the slot: for lists that stand beside the slab, and to show.
    /// It does not say which tenant is meant.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }
}
// ANCHOR_END: key

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}v{}", self.index, self.generation)
    }
}

/// The first tenant of a slot. Not 0, so that no key is the word 0.
const FIRST: u32 = 1;
/// The last tenant of a slot, which is not used again after it: with the next generation
/// it would start over, and a key from four thousand million tenants ago would hit.
const LAST: u32 = u32::MAX;
/// One less than there are indices, so that no key is the word `u64::MAX`.
const SLOTS_MAX: usize = u32::MAX as usize;

/// Values that are found by a key, and no more once they are removed.
///
/// There is no limit but memory. Whoever accepts connections sets one: refuse when
/// [`len`](Self::len) has reached it.
///
/// # Cost
/// `insert`, `get` and `remove` take the same time however many there are. Memory is kept
/// for as many as there ever were at once: each the size of an `Option<T>`, and up to 12
/// bytes beside it. Nothing is allocated while the number stays below that.
///
/// # Example
/// An event that comes too late:
/// ```
/// use threadbare::event::{Key, Slab};
///
/// let mut connections = Slab::new();
/// let first = connections.insert("first");
/// let late = first.to_user(); // in an event that is on its way
///
/// assert_eq!(connections.remove(first), Some("first"));
/// connections.retire(); // the end of the batch: the slot may be used again
///
/// let second = connections.insert("second");
/// assert_eq!(second.index(), first.index(), "the same slot");
/// assert_eq!(connections.get(Key::from_user(late)), None, "another tenant");
/// assert_eq!(connections.get(second), Some(&"second"));
/// ```
// ANCHOR: slab
#[derive(Clone)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// Slots for the next `insert`, the one that was used last at the end: what is still in
    /// a cache is used again first. INVARIANT: none of them holds a value, and no index is
    /// in `free` and `resting` together more than once.
    free: Vec<u32>,
    /// Slots that were left since the last `retire`.
    resting: Vec<u32>,
    len: usize,
}

#[derive(Clone)]
struct Slot<T> {
    /// Of the tenant, or of the next one.
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    /// A slab without slots. Allocates nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            resting: Vec::new(),
            len: 0,
        }
    }

    /// Puts a value into a slot that is free, or into a new one.
    ///
    /// # Panics
    /// If there are 4,294,967,295 slots already. Their keys alone would take 32 GiB.
    pub fn insert(&mut self, value: T) -> Key {
        let index = self.free.pop().unwrap_or_else(|| self.grow());
        let slot = &mut self.slots[index as usize];
        slot.value = Some(value);
        self.len += 1;
        Key {
            index,
            generation: slot.generation,
        }
    }

    // ANCHOR: get
    /// The value, unless it has been removed; then this is a miss, and nothing else.
    #[must_use]
    pub fn get(&self, key: Key) -> Option<&T> {
        let slot = self.slots.get(key.index())?;
        slot.value
            .as_ref()
            .filter(|_| slot.generation == key.generation)
    }
    // ANCHOR_END: get

    /// As [`get`](Self::get), to change it.
    #[must_use]
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let slot = self.slots.get_mut(key.index())?;
        slot.value
            .as_mut()
            .filter(|_| slot.generation == key.generation)
    }

    // ANCHOR: rest
    /// Takes the value out, unless somebody has done so before. From now on its key misses.
    /// The slot rests until [`retire`](Self::retire).
    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        let slot = &mut self.slots[key.index()];
        let value = slot.value.take();
        self.len -= 1;
        // The last tenant keeps its generation, and nobody comes after it: an empty slot
        // misses whatever the key.
        if slot.generation < LAST {
            slot.generation += 1;
            self.resting.push(key.index);
        }
        value
    }

    /// Ends a batch: slots whose values were removed in it may be used again.
    ///
    /// # Cost
    /// Nothing if none was removed; otherwise a number is copied for each.
    pub fn retire(&mut self) {
        self.free.append(&mut self.resting);
    }
    // ANCHOR_END: rest
    // ANCHOR_END: slab

    /// How many values there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no values.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All values with their keys, in the order of the slots. Looks at each slot, also at
    /// those that are free.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        let with_index = (0_u32..).zip(&self.slots);
        with_index.filter_map(|(index, slot)| {
            let generation = slot.generation;
            Some((Key { index, generation }, slot.value.as_ref()?))
        })
    }

    /// Takes out all values, in the order of the slots: the end of a server. Their keys
    /// miss from now on, and their slots rest.
    pub fn drain(&mut self) -> impl Iterator<Item = T> {
        let keys: Vec<_> = self.iter().map(|(key, _)| key).collect();
        keys.into_iter().filter_map(|key| self.remove(key))
    }

    /// One more slot, which is in neither list yet.
    #[cold]
    fn grow(&mut self) -> u32 {
        assert!(self.slots.len() < SLOTS_MAX, "a slab has no more slots");
        let index = self.slots.len() as u32;
        self.slots.push(Slot {
            generation: FIRST,
            value: None,
        });
        index
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for Slab<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem;

    #[test]
    fn what_is_inserted_is_found() {
        let mut slab = Slab::default();
        let keys: Vec<_> = (0..5).map(|n| slab.insert(n)).collect();
        for (n, &key) in keys.iter().enumerate() {
            assert_eq!(slab.get(key), Some(&n));
            *slab.get_mut(key).unwrap() += 10;
        }
        assert_eq!(slab.len(), 5);
        assert_eq!(format!("{:?}", slab.get(keys[4])), "Some(14)");
        assert_eq!(slab.iter().map(|(key, _)| key).collect::<Vec<_>>(), keys);
        assert!(format!("{slab:?}").starts_with("{0v1: 10, 1v1: 11"));
    }

    #[test]
    fn what_is_removed_is_not() {
        let mut slab = Slab::new();
        let key = slab.insert('a');
        assert_eq!(slab.remove(key), Some('a'));
        assert!(slab.is_empty() && slab.get(key).is_none());
        assert!(slab.get_mut(key).is_none());
        assert_eq!(slab.remove(key), None, "the second time");
        assert_eq!(slab.len(), 0);
    }

    #[test]
    fn a_slot_rests_until_the_batch_ends() {
        let mut slab = Slab::new();
        let first = slab.insert('a');
        slab.remove(first);
        let second = slab.insert('b');
        assert_ne!(second.index(), first.index(), "the slot rests");
        slab.retire();
        let third = slab.insert('c');
        assert_eq!(third.index(), first.index());
        assert_eq!((slab.get(first), slab.get(third)), (None, Some(&'c')));
        assert_eq!(slab.remove(first), None, "not somebody else's");
        assert_eq!(slab.get(third), Some(&'c'));
    }

    #[test]
    fn words_that_no_slab_gave_out_miss() {
        let mut slab = Slab::new();
        let key = slab.insert('a');
        let (_, word) = (slab.insert('b'), key.to_user());
        assert_eq!(Key::from_user(word), key);
        for other in [0, u64::MAX, 1, 7, word + 7, word + (1 << 32)] {
            let other = Key::from_user(other);
            assert_eq!(slab.get(other), None);
            assert_eq!(slab.remove(other), None);
        }
        assert_eq!(slab.len(), 2);
    }

    #[test]
    fn a_slot_has_a_last_tenant() {
        let mut slab = Slab::new();
        let first = slab.insert('a');
        slab.remove(first);
        slab.retire();
        slab.slots[0].generation = LAST - 1;
        for generation in [LAST - 1, LAST] {
            let key = slab.insert('b');
            assert_eq!((key.index, key.generation), (0, generation));
            assert_eq!(slab.remove(key), Some('b'));
            assert_eq!(slab.get(key), None);
            slab.retire();
        }
        let next = slab.insert('c');
        assert_eq!(next.index(), 1, "slot 0 is used up");
        let last = Key::from_user(u64::MAX << 32);
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.remove(last), None);
        assert_eq!(slab.get(next), Some(&'c'));
    }

    #[test]
    fn all_can_be_taken_out_at_the_end() {
        let mut slab = Slab::new();
        let keys: Vec<_> = (0..4).map(|n| slab.insert(n)).collect();
        slab.remove(keys[1]);
        assert_eq!(slab.drain().collect::<Vec<_>>(), [0, 2, 3]);
        assert!(slab.is_empty() && keys.iter().all(|&key| slab.get(key).is_none()));
        slab.retire();
        assert_eq!(slab.insert(9).index(), 3);
        assert_eq!(slab.slots.len(), 4);
        // Whoever stops half-way leaves the rest where it is.
        let rest = slab.insert(10);
        assert_eq!(slab.drain().next(), Some(10));
        assert_eq!((slab.len(), slab.get(rest)), (1, None));
    }

    #[test]
    fn a_key_is_as_small_as_its_word() {
        assert_eq!(mem::size_of::<Key>(), mem::size_of::<u64>());
        assert_eq!(mem::size_of::<Slot<Box<u8>>>(), 16);
    }

    /// Against a list of all that there ever was.
    #[test]
    fn it_does_as_a_list_of_all_would() {
        let mut random = crate::testkit::Random::new(7);
        let (mut slab, mut all) = (Slab::new(), Vec::new());
        for n in 0..5_000_u64 {
            match random.below(5) {
                0 => slab.retire(),
                1 | 2 => all.push((slab.insert(n), Some(n))),
                _ if all.is_empty() => {}
                _ => {
                    let which = random.below(all.len() as u64) as usize;
                    let (key, value) = &mut all[which];
                    assert_eq!(slab.remove(*key), value.take());
                }
            }
        }
        let here = all.iter().filter(|(_, value)| value.is_some()).count();
        assert_eq!(slab.len(), here);
        for (key, value) in &all {
            assert_eq!(slab.get(*key), value.as_ref());
        }
        let mut keys: Vec<_> = all.iter().map(|(key, _)| key.to_user()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all.len(), "no key twice");
    }
}
