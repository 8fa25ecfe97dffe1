//! Right: the word also says which registration of the descriptor it is, so that one of
//! those before gets none of its events.

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

use std::collections::HashMap;

#[derive(Debug)]
pub struct Table {
    kernel: Kernel,
    entries: HashMap<i32, Entry>,
    generation: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    generation: u32,
    users: [Option<u64>; 2],
}

impl Entry {
    fn interest(&self) -> Interest {
        Interest {
            read: self.users[0].is_some(),
            write: self.users[1].is_some(),
        }
    }

    fn word(&self, fd: i32) -> u64 {
        (self.generation as u64) << 32 | fd as u32 as u64
    }
}

impl Table {
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            entries: HashMap::new(),
            generation: 0,
        }
    }

    pub fn add(
        &mut self,
        fd: i32,
        direction: Direction,
        user: u64,
    ) -> Result<(), Error> {
        let place = direction as usize;
        match self.entries.get(&fd).copied() {
            Some(entry) if entry.users[place].is_some() => Err(Error::AlreadyExists),
            Some(mut entry) => {
                entry.users[place] = Some(user);
                let asked = self.kernel.ctl(
                    Op::Modify,
                    fd,
                    entry.interest(),
                    entry.word(fd),
                );
                asked.map_err(Error::Kernel)?;
                self.entries.insert(fd, entry);
                Ok(())
            }
            None => {
                self.generation = self.generation.wrapping_add(1);
                let mut entry = Entry {
                    generation: self.generation,
                    users: [None; 2],
                };
                entry.users[place] = Some(user);
                let asked =
                    self.kernel
                        .ctl(Op::Add, fd, entry.interest(), entry.word(fd));
                asked.map_err(Error::Kernel)?;
                self.entries.insert(fd, entry);
                Ok(())
            }
        }
    }

    pub fn del(&mut self, fd: i32, direction: Direction) -> Result<(), Error> {
        let entry = self.entries.get_mut(&fd).ok_or(Error::NotFound)?;
        entry.users[direction as usize]
            .take()
            .ok_or(Error::NotFound)?;
        let left = *entry;
        let is_last = left.users.iter().all(Option::is_none);
        if is_last {
            self.entries.remove(&fd);
        }
        let op = if is_last { Op::Delete } else { Op::Modify };
        // Whatever a deletion is refused for, what is to be gone is gone for us.
        let _ = self.kernel.ctl(op, fd, left.interest(), left.word(fd));
        Ok(())
    }

    pub fn events(&self, ready: Ready) -> Vec<Event> {
        let Some(entry) = self.entries.get(&(ready.word as u32 as i32)) else {
            return vec![];
        };
        if entry.generation != (ready.word >> 32) as u32 {
            return vec![];
        }
        let mut events = vec![];
        if let Some(user) = entry.users[0]
            && (ready.readable || ready.broken)
        {
            events.push(Event {
                user,
                readable: true,
                writable: false,
                broken: ready.broken,
            });
        }
        if let Some(user) = entry.users[1]
            && (ready.writable || ready.broken)
        {
            events.push(Event {
                user,
                readable: false,
                writable: true,
                broken: ready.broken,
            });
        }
        events
    }
}

// --- to here ---
