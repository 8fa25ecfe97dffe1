//! Right: the word is the number of a slot, and slots are found by a look at all of them.

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

#[derive(Debug)]
pub struct Table {
    kernel: Kernel,
    slots: Vec<Option<Slot>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Slot {
    fd: i32,
    read: Option<u64>,
    write: Option<u64>,
}

impl Slot {
    fn of(&mut self, direction: Direction) -> &mut Option<u64> {
        match direction {
            Direction::Read => &mut self.read,
            Direction::Write => &mut self.write,
        }
    }

    fn interest(&self) -> Interest {
        Interest {
            read: self.read.is_some(),
            write: self.write.is_some(),
        }
    }
}

impl Table {
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            slots: vec![None; 2],
        }
    }

    fn find(&self, fd: i32) -> Option<usize> {
        self.slots
            .iter()
            .position(|slot| slot.is_some_and(|slot| slot.fd == fd))
    }

    pub fn add(
        &mut self,
        fd: i32,
        direction: Direction,
        user: u64,
    ) -> Result<(), Error> {
        let (op, index, mut slot) = match self.find(fd) {
            Some(index) => (Op::Modify, index, self.slots[index].expect("found")),
            None => {
                let free = self.slots.iter().position(Option::is_none);
                let index = free.unwrap_or(self.slots.len());
                (
                    Op::Add,
                    index,
                    Slot {
                        fd,
                        ..Slot::default()
                    },
                )
            }
        };
        if slot.of(direction).is_some() {
            return Err(Error::AlreadyExists);
        }
        *slot.of(direction) = Some(user);
        self.kernel
            .ctl(op, fd, slot.interest(), index as u64)
            .map_err(Error::Kernel)?;
        if index == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[index] = Some(slot);
        Ok(())
    }

    pub fn del(&mut self, fd: i32, direction: Direction) -> Result<(), Error> {
        let index = self.find(fd).ok_or(Error::NotFound)?;
        let mut slot = self.slots[index].expect("found");
        slot.of(direction).take().ok_or(Error::NotFound)?;
        let left = slot.interest();
        let is_last = !left.read && !left.write;
        let asked = if is_last {
            self.kernel.ctl(Op::Delete, fd, left, 0)
        } else {
            self.kernel.ctl(Op::Modify, fd, left, index as u64)
        };
        match asked {
            Ok(()) => {}
            Err(errno) if matches!(errno, Errno::NoEntry | Errno::BadFd) => {}
            Err(errno) => return Err(Error::Kernel(errno)),
        }
        self.slots[index] = (!is_last).then_some(slot);
        Ok(())
    }

    pub fn events(&self, ready: Ready) -> Vec<Event> {
        let Some(slot) = self.slots[ready.word as usize] else {
            return vec![];
        };
        let (readable, writable) = (
            ready.readable || ready.broken,
            ready.writable || ready.broken,
        );
        let event = |user: u64, readable, writable| Event {
            user,
            readable,
            writable,
            broken: ready.broken,
        };
        match (
            slot.read.filter(|_| readable),
            slot.write.filter(|_| writable),
        ) {
            (None, None) => vec![],
            (Some(user), None) => vec![event(user, true, false)],
            (None, Some(user)) => vec![event(user, false, true)],
            (Some(a), Some(b)) if a == b => vec![event(a, true, true)],
            (Some(a), Some(b)) => vec![event(a, true, false), event(b, false, true)],
        }
    }
}

// --- to here ---
