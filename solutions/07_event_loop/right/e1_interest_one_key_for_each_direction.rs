//! Right: what is there is a set of descriptors and directions.

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
    users: HashMap<(i32, Direction), u64>,
}

impl Table {
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            users: HashMap::new(),
        }
    }

    pub fn add(
        &mut self,
        fd: i32,
        direction: Direction,
        user: u64,
    ) -> Result<(), Error> {
        if self.users.contains_key(&(fd, direction)) {
            return Err(Error::AlreadyExists);
        }
        let op = if self.interest(fd) == Interest::default() {
            Op::Add
        } else {
            Op::Modify
        };
        self.users.insert((fd, direction), user);
        if let Err(errno) = self.kernel.ctl(op, fd, self.interest(fd), fd as u64) {
            self.users.remove(&(fd, direction));
            return Err(Error::Kernel(errno));
        }
        Ok(())
    }

    pub fn del(&mut self, fd: i32, direction: Direction) -> Result<(), Error> {
        let Some(user) = self.users.remove(&(fd, direction)) else {
            return Err(Error::NotFound);
        };
        let interest = self.interest(fd);
        let op = if interest == Interest::default() {
            Op::Delete
        } else {
            Op::Modify
        };
        match self.kernel.ctl(op, fd, interest, fd as u64) {
            Ok(()) | Err(Errno::NoEntry | Errno::BadFd) => Ok(()),
            Err(errno) => {
                self.users.insert((fd, direction), user);
                Err(Error::Kernel(errno))
            }
        }
    }

    pub fn events(&self, ready: Ready) -> Vec<Event> {
        let fd = ready.word as i32;
        let mut events = Vec::new();
        for (direction, is_ready) in [
            (Direction::Read, ready.readable),
            (Direction::Write, ready.writable),
        ] {
            let Some(user) = self.users.get(&(fd, direction)) else {
                continue;
            };
            if is_ready || ready.broken {
                events.push(Event {
                    user: *user,
                    readable: direction == Direction::Read,
                    writable: direction == Direction::Write,
                    broken: ready.broken,
                });
            }
        }
        events
    }

    fn interest(&self, fd: i32) -> Interest {
        let has = |direction| self.users.contains_key(&(fd, direction));
        Interest {
            read: has(Direction::Read),
            write: has(Direction::Write),
        }
    }
}

// --- to here ---
