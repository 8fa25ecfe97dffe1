//! Right: writing first, reading second, and a count of what is there.

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

type Users = BTreeMap<Direction, u64>;

#[derive(Debug)]
pub struct Table {
    kernel: Kernel,
    users: BTreeMap<i32, Users>,
}

fn interest(users: &Users) -> Interest {
    Interest {
        read: users.contains_key(&Direction::Read),
        write: users.contains_key(&Direction::Write),
    }
}

impl Table {
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            users: BTreeMap::new(),
        }
    }

    pub fn add(
        &mut self,
        fd: i32,
        direction: Direction,
        user: u64,
    ) -> Result<(), Error> {
        let users = self.users.entry(fd).or_default();
        if users.contains_key(&direction) {
            return Err(Error::AlreadyExists);
        }
        let op = if users.is_empty() {
            Op::Add
        } else {
            Op::Modify
        };
        users.insert(direction, user);
        self.kernel
            .ctl(op, fd, interest(users), !(fd as u64))
            .map_err(|errno| {
                users.remove(&direction);
                Error::Kernel(errno)
            })
    }

    pub fn del(&mut self, fd: i32, direction: Direction) -> Result<(), Error> {
        let users = self.users.entry(fd).or_default();
        users.remove(&direction).ok_or(Error::NotFound)?;
        let op = if users.is_empty() {
            Op::Delete
        } else {
            Op::Modify
        };
        let asked = self.kernel.ctl(op, fd, interest(users), !(fd as u64));
        asked.or_else(|errno| match errno {
            Errno::NoEntry | Errno::BadFd => Ok(()),
            errno => Err(Error::Kernel(errno)),
        })
    }

    pub fn events(&self, ready: Ready) -> Vec<Event> {
        let none = Users::new();
        let users = self.users.get(&(!ready.word as i32)).unwrap_or(&none);
        let all = users.iter().rev().map(|(direction, user)| Event {
            user: *user,
            readable: *direction == Direction::Read
                && (ready.readable || ready.broken),
            writable: *direction == Direction::Write
                && (ready.writable || ready.broken),
            broken: ready.broken,
        });
        all.filter(|event| event.readable || event.writable)
            .collect()
    }
}

// --- to here ---
