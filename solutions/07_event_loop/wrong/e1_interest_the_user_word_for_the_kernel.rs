//! must say: fd 6: with Write there, the kernel says writable, and that became no event: Write for 70 is right
//!
//! The word that comes back is looked for among the users, and two of them have it.

#[path = "../../../exercises/07_event_loop/given/epoll.rs"]
pub mod given;

pub use given::{Errno, Interest, Kernel, Op, Ready};

/// One of the two that a descriptor is watched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Bytes, a connection or the end have come in.
    Read,
    /// There is room for bytes to go out.
    Write,
}

/// What [`Table::events`] says of a direction, or of both at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The word with which the direction was added.
    pub user: u64,
    /// Whether this is about reading.
    pub readable: bool,
    /// Whether this is about writing.
    pub writable: bool,
    /// Whether the descriptor is broken.
    pub broken: bool,
}

/// Why an `add` or a `del` has not done what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// That direction of the descriptor is there already.
    AlreadyExists,
    /// That direction of the descriptor is not there.
    NotFound,
    /// The kernel has refused, with this.
    Kernel(Errno),
}

// --- edit from here ---

use std::collections::BTreeMap;

/// Who looks for what, and with which word.
#[derive(Debug)]
pub struct Table {
    kernel: Kernel,
    /// Of each descriptor: the word for reading, and the one for writing.
    users: BTreeMap<i32, [Option<u64>; 2]>,
}

impl Table {
    /// Nobody looks for anything so far.
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            users: BTreeMap::new(),
        }
    }

    /// From now on `direction` of `fd` is looked at; its events carry `user`.
    pub fn add(
        &mut self,
        fd: i32,
        direction: Direction,
        user: u64,
    ) -> Result<(), Error> {
        let before = self.users_of(fd);
        let mut after = before;
        if after[direction as usize].replace(user).is_some() {
            return Err(Error::AlreadyExists);
        }
        self.tell(fd, before, after).map_err(Error::Kernel)?;
        self.users.insert(fd, after);
        Ok(())
    }

    /// No longer.
    pub fn del(&mut self, fd: i32, direction: Direction) -> Result<(), Error> {
        let before = self.users_of(fd);
        let mut after = before;
        if after[direction as usize].take().is_none() {
            return Err(Error::NotFound);
        }
        match self.tell(fd, before, after) {
            Ok(()) | Err(Errno::NoEntry | Errno::BadFd) => {}
            Err(other) => return Err(Error::Kernel(other)),
        }
        if after == [None; 2] {
            self.users.remove(&fd);
        } else {
            self.users.insert(fd, after);
        }
        Ok(())
    }

    /// What `ready`, which the kernel has said, means to those who look for it.
    pub fn events(&self, ready: Ready) -> Vec<Event> {
        let is_it =
            |users: &&[Option<u64>; 2]| users[0].or(users[1]) == Some(ready.word);
        let [read, write] =
            self.users.values().find(is_it).copied().unwrap_or_default();
        let read = read.filter(|_| ready.readable || ready.broken);
        let write = write.filter(|_| ready.writable || ready.broken);
        let event = |user, readable| Event {
            user,
            readable,
            writable: !readable,
            broken: ready.broken,
        };
        let read = read.map(|user| event(user, true));
        let write = write.map(|user| event(user, false));
        read.into_iter().chain(write).collect()
    }

    fn users_of(&self, fd: i32) -> [Option<u64>; 2] {
        self.users.get(&fd).copied().unwrap_or_default()
    }

    /// Asks the kernel for the one change that leads from `before` to `after`.
    fn tell(
        &self,
        fd: i32,
        before: [Option<u64>; 2],
        after: [Option<u64>; 2],
    ) -> Result<(), Errno> {
        let op = match (before, after) {
            ([None, None], _) => Op::Add,
            (_, [None, None]) => Op::Delete,
            _ => Op::Modify,
        };
        let interest = Interest {
            read: after[0].is_some(),
            write: after[1].is_some(),
        };
        self.kernel
            .ctl(op, fd, interest, after[0].or(after[1]).unwrap_or(0))
    }
}

// --- to here ---
