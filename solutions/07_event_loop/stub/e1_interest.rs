//! 07.1 (implement): who looks for what.
//!
//! A loop is told of reading and of writing apart: each of the two is added and deleted by
//! itself, and each has a user word of its own. Epoll keeps one entry for each descriptor,
//! with one word in it. (Kqueue keeps two, and there this is less work.) Between the two
//! stands a table.
//!
//! Goal:
//!
//! - `add` and `del` make exactly one call of `ctl` each: the first direction of a
//!   descriptor adds an entry, the second changes it, and so does the first deletion; the
//!   last one deletes it.
//! - To add what is there already is `Error::AlreadyExists`, to delete what is not there is
//!   `Error::NotFound`. The kernel is not asked, and nothing changes.
//! - If the kernel refuses an addition, that is `Error::Kernel`, and nothing changes.
//! - If it refuses a deletion with `NoEntry` or `BadFd`, then the descriptor was closed before,
//!   against the rules. What was to be deleted is gone: that counts as done.
//! - `events` turns what the kernel has said of one descriptor into events: one for each
//!   direction that is ready, with the word of that direction. (Or one for both, if both
//!   have the same word.) If the descriptor is broken, all that is armed gets an event as if
//!   it were ready, `readable` or `writable`, and with `broken`: the next read or write says
//!   how. What is not armed gets none.
//! - Any number may be a descriptor, 0 as well as 70,000, and two of them may be added with
//!   the same user word.
//!
//! What the word is that the kernel keeps is up to you. The kernel is given, in
//! `exercises/07_event_loop/given/epoll.rs`. The fields below are a suggestion.
//!
//! Edit between the markers only. About 40 lines, 25 minutes.
//! Stuck? `cargo hint 07.1`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! fd 5: with Read there, add(Write) with 70 asked the kernel for Add 5 Read Write, and
//! Modify 5 Read Write is right
//! ```

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
        todo!(
            "{:?}: add {direction:?} of fd {fd} with {user} to {:?}",
            self.kernel,
            self.users
        )
    }

    /// No longer.
    pub fn del(&mut self, fd: i32, direction: Direction) -> Result<(), Error> {
        todo!("delete {direction:?} of fd {fd} from {:?}", self.users)
    }

    /// What `ready`, which the kernel has said, means to those who look for it.
    pub fn events(&self, ready: Ready) -> Vec<Event> {
        todo!("find who looks for {ready:?} in {:?}", self.users)
    }
}

// --- to here ---
