//! Who is interested in what: the loop's own list of registrations. Nothing here calls the
//! kernel.
//!
//! A registration is a descriptor, a direction and a user word. The kernels keep them in
//! different shapes - epoll one entry a descriptor with a mask, kqueue one a direction - so a
//! [`Change`] says what was and what shall be, and each twin makes of it what its kernel
//! wants to be told. First [`add`](Table::add) or [`del`](Table::del) says what would change,
//! then the kernel is told, and only if it agrees [`commit`](Table::commit) writes it down.
//!
//! The kernel keeps 64 bits for us with each registration and gives them back with each
//! event. We do not give it a pointer, nor the user's word, but a *token*: the descriptor,
//! and the number of times that it has been registered. So an event of a registration that
//! is no more is a look-up that misses.
//!
//! The list is a vector, and the descriptor the index: the kernel always gives out the lowest
//! number that is free, so it is dense.

use std::io::{self, ErrorKind};
use std::os::fd::RawFd;

/// Bits of a token that hold the descriptor; those above count its registrations.
pub(super) const FD_BITS: u32 = 32;

/// What a registration waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To read, or to accept.
    Read,
    /// To write, or to be connected.
    Write,
}

/// What one descriptor is registered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Interest {
    pub(super) read: bool,
    pub(super) write: bool,
}

impl Interest {
    /// None at all.
    pub(super) fn is_none(self) -> bool {
        !self.read && !self.write
    }

    /// Whether it is registered for `direction`.
    pub(super) fn has(self, direction: Direction) -> bool {
        match direction {
            Direction::Read => self.read,
            Direction::Write => self.write,
        }
    }

    fn set(mut self, direction: Direction, armed: bool) -> Self {
        match direction {
            Direction::Read => self.read = armed,
            Direction::Write => self.write = armed,
        }
        self
    }
}

// ANCHOR: change
/// What the kernel has to be told: one direction of one descriptor comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) fd: RawFd,
    /// What its events shall carry.
    pub(super) token: u64,
    /// Which direction changes.
    pub(super) direction: Direction,
    pub(super) before: Interest,
    pub(super) after: Interest,
}

impl Change {
    /// Whether something is registered by it, and not taken away.
    pub(super) fn adds(&self) -> bool {
        self.after.has(self.direction)
    }
}
// ANCHOR_END: change

/// What is known of one descriptor.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slot {
    read_user: u64,
    write_user: u64,
    /// How often it went from no interest to some.
    generation: u32,
    pub(super) armed: Interest,
    /// When two events should be told and there is room for one, it is the write's turn.
    pub(super) write_first: bool,
}

impl Slot {
    /// The word that the user gave for `direction`.
    pub(super) fn user(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Read => self.read_user,
            Direction::Write => self.write_user,
        }
    }

    /// Whether one readiness of both directions makes two events.
    fn is_split(&self) -> bool {
        self.armed.read && self.armed.write && self.read_user != self.write_user
    }
}

/// All registrations of a loop.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Vec<Slot>,
    registered: usize,
    split: usize,
}

impl Table {
    /// How many registrations there are.
    pub(super) fn registered(&self) -> usize {
        self.registered
    }

    /// How many descriptors have two, with words that differ.
    pub(super) fn split(&self) -> usize {
        self.split
    }

    /// What would change if `direction` of `fd` were added.
    ///
    /// # Errors
    /// `AlreadyExists`: it is there. `OutOfMemory`: no room to write it down.
    #[inline]
    pub(super) fn add(
        &mut self,
        fd: RawFd,
        direction: Direction,
    ) -> io::Result<Change> {
        let index = index(fd);
        if index >= self.slots.len() {
            self.grow(index)?;
        }
        let slot = &self.slots[index];
        if slot.armed.has(direction) {
            let message = format!("descriptor {fd}: {direction:?} is registered");
            return Err(io::Error::new(ErrorKind::AlreadyExists, message));
        }
        let generation = match slot.armed.is_none() {
            true => slot.generation.wrapping_add(1),
            false => slot.generation,
        };
        Ok(Change {
            fd,
            token: token(fd, generation),
            direction,
            before: slot.armed,
            after: slot.armed.set(direction, true),
        })
    }

    /// Before the kernel is told: afterwards nothing may fail any more.
    #[cold]
    fn grow(&mut self, index: usize) -> io::Result<()> {
        let more = index + 1 - self.slots.len();
        self.slots
            .try_reserve(more)
            .map_err(|error| io::Error::new(ErrorKind::OutOfMemory, error))?;
        self.slots.resize(index + 1, Slot::default());
        Ok(())
    }

    /// What would change if `direction` of `fd` were taken away.
    ///
    /// # Errors
    /// `NotFound`: it is not there.
    #[inline]
    pub(super) fn del(&self, fd: RawFd, direction: Direction) -> io::Result<Change> {
        let slot = self.slots.get(index(fd)).copied().unwrap_or_default();
        if !slot.armed.has(direction) {
            let message =
                format!("descriptor {fd}: {direction:?} is not registered");
            return Err(io::Error::new(ErrorKind::NotFound, message));
        }
        Ok(Change {
            fd,
            token: token(fd, slot.generation),
            direction,
            before: slot.armed,
            after: slot.armed.set(direction, false),
        })
    }

    /// The kernel knows of `change`: so do we. `user` is the word of what was added.
    #[inline]
    pub(super) fn commit(&mut self, change: &Change, user: u64) {
        let slot = &mut self.slots[index(change.fd)];
        debug_assert_eq!(slot.armed, change.before, "one change at a time");
        self.split -= usize::from(slot.is_split());
        slot.armed = change.after;
        slot.generation = (change.token >> FD_BITS) as u32;
        match (change.adds(), change.direction) {
            (true, Direction::Read) => slot.read_user = user,
            (true, Direction::Write) => slot.write_user = user,
            (false, _) => {}
        }
        self.split += usize::from(slot.is_split());
        match change.adds() {
            true => self.registered += 1,
            false => self.registered -= 1,
        }
    }

    /// The descriptor that an event with this token is about, unless its registration is no
    /// more.
    pub(super) fn find(&mut self, token: u64) -> Option<(RawFd, &mut Slot)> {
        let fd = token as u32 as RawFd;
        let slot = self.slots.get_mut(index(fd))?;
        let is_this = slot.generation == (token >> FD_BITS) as u32;
        (is_this && !slot.armed.is_none()).then_some((fd, slot))
    }
}

fn index(fd: RawFd) -> usize {
    // A borrowed descriptor is not negative.
    fd as u32 as usize
}

fn token(fd: RawFd, generation: u32) -> u64 {
    u64::from(generation) << FD_BITS | u64::from(fd as u32)
}

#[cfg(test)]
mod tests {
    use super::Direction::{Read, Write};
    use super::*;

    fn add(table: &mut Table, fd: RawFd, direction: Direction, user: u64) -> Change {
        let change = table.add(fd, direction).unwrap();
        table.commit(&change, user);
        change
    }

    fn del(table: &mut Table, fd: RawFd, direction: Direction) -> Change {
        let change = table.del(fd, direction).unwrap();
        table.commit(&change, 0);
        change
    }

    /// Each state, and each thing that can be asked of it.
    #[test]
    fn every_change_of_every_interest() {
        for (read, write) in
            [(false, false), (true, false), (false, true), (true, true)]
        {
            let before = Interest { read, write };
            for direction in [Read, Write] {
                let mut table = Table::default();
                let _ = read.then(|| add(&mut table, 3, Read, 1));
                let _ = write.then(|| add(&mut table, 3, Write, 2));
                let (added, taken) =
                    (table.add(3, direction), table.del(3, direction));
                let (done, refused) = match before.has(direction) {
                    true => (taken.unwrap(), added.unwrap_err()),
                    false => (added.unwrap(), taken.unwrap_err()),
                };
                let kind = match done.adds() {
                    true => ErrorKind::NotFound,
                    false => ErrorKind::AlreadyExists,
                };
                assert_eq!(refused.kind(), kind, "{before:?} {direction:?}");
                assert!(refused.to_string().contains("descriptor 3: "), "{refused}");
                assert_eq!(done.before, before);
                assert_eq!(
                    done.after,
                    before.set(direction, !before.has(direction))
                );
                // Only told, not done.
                assert_eq!(
                    table.registered(),
                    usize::from(read) + usize::from(write)
                );
                table.commit(&done, 9);
                let Interest { read, write } = done.after;
                assert_eq!(
                    table.registered(),
                    usize::from(read) + usize::from(write)
                );
            }
        }
    }

    #[test]
    fn each_direction_has_its_word() {
        let mut table = Table::default();
        let token = add(&mut table, 3, Read, 10).token;
        assert_eq!(add(&mut table, 3, Write, 11).token, token, "one descriptor");
        let (fd, slot) = table.find(token).unwrap();
        assert_eq!((fd, slot.user(Read), slot.user(Write)), (3, 10, 11));
        del(&mut table, 3, Read);
        add(&mut table, 3, Read, 12);
        assert_eq!(table.find(token).unwrap().1.user(Read), 12);
    }

    #[test]
    fn two_words_are_counted() {
        let mut table = Table::default();
        add(&mut table, 3, Read, 10);
        add(&mut table, 3, Write, 11);
        add(&mut table, 4, Write, 10);
        add(&mut table, 4, Read, 10);
        assert_eq!(table.split(), 1);
        del(&mut table, 3, Write);
        assert_eq!(table.split(), 0);
        add(&mut table, 3, Write, 10);
        assert_eq!(table.split(), 0);
    }

    #[test]
    fn a_token_of_an_earlier_registration_misses() {
        let mut table = Table::default();
        let first = add(&mut table, 5, Read, 1).token;
        assert!(table.find(first).is_some());
        del(&mut table, 5, Read);
        assert!(table.find(first).is_none());
        let second = add(&mut table, 5, Write, 2).token;
        assert!(table.find(first).is_none() && table.find(second).is_some());
        assert!(table.find(u64::MAX).is_none() && table.find(0).is_none());
        assert!(table.find(second + 1).is_none(), "another descriptor");
    }

    #[test]
    fn what_the_kernel_refuses_leaves_nothing() {
        let mut table = Table::default();
        let refused = table.add(1000, Read).unwrap();
        assert_eq!(table.registered(), 0);
        assert!(table.find(refused.token).is_none());
        assert_eq!(table.add(1000, Read).unwrap(), refused);
    }
}
