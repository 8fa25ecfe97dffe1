//! What the kernel goes on bringing: connections of a listener, bytes of a connection.
//!
//! A *multishot* request is asked once and answered many times. So what is armed is not an
//! operation but the descriptor, and results come whether somebody waits or not:
//!
//! | | somebody waits | nobody waits |
//! |---|---|---|
//! | armed, a result comes | the first in line has it | it is kept; the request is stopped before the next wait |
//! | not armed | it is armed | nothing |
//! | there is something kept | the first in line has it, at once | it stays, until the descriptor is closed |
//!
//! "Nobody waits" is looked at before the loop waits, and not when the result comes: a
//! callback that runs in between may have answered `Rearm`. Bytes that are kept longer than
//! that move into memory of their own, so that no idle connection holds a buffer that others
//! wait for.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

use super::buffers::Loan;
use crate::event::Key;

/// Bytes that have come.
#[derive(Debug)]
pub(in super::super) enum Lent {
    /// In a buffer that the kernel has picked.
    Picked(Loan),
    /// In memory of their own; so many at the beginning were taken already.
    Kept(Vec<u8>, usize),
}

impl Lent {
    /// No bytes: the end of a stream.
    pub(super) const END: Self = Self::Kept(Vec::new(), 0);

    #[inline]
    pub(in super::super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Picked(loan) => loan,
            Self::Kept(bytes, taken) => &bytes[*taken..],
        }
    }

    /// Leaves the first `count` bytes out from now on.
    pub(super) fn skip(&mut self, count: usize) {
        match self {
            Self::Picked(loan) => loan.skip(count),
            Self::Kept(_, taken) => *taken += count,
        }
    }

    /// Gives the buffer back, and keeps the bytes.
    fn keep(&mut self) {
        if let Self::Picked(loan) = self {
            *self = Self::Kept(loan.to_vec(), 0);
        }
    }
}

/// Something that came for whoever is first in line.
#[derive(Debug)]
pub(super) enum Arrival {
    Bytes(Lent),
    Stream(OwnedFd),
    /// The end of the stream.
    End,
    Failed(i32),
}

/// The reading side of one descriptor.
#[derive(Debug)]
pub(super) struct Source {
    /// Whose: the slot of a descriptor may have a new tenant.
    pub(super) key: Key,
    /// The kernel goes on telling. At most one request does so.
    pub(super) armed: bool,
    /// It is asked to stop.
    pub(super) stopping: bool,
    /// There was no buffer: armed again when there is one.
    pub(super) starved: bool,
    /// In the list of those that are looked at before the next wait.
    pub(super) listed: bool,
    /// The last read has emptied the socket: the next one need not try.
    pub(super) quiet: bool,
    /// What nobody has taken, the oldest first.
    pub(super) arrived: VecDeque<Arrival>,
}

impl Source {
    pub(super) const fn new(key: Key) -> Self {
        Self {
            key,
            armed: false,
            stopping: false,
            starved: false,
            listed: false,
            quiet: false,
            arrived: VecDeque::new(),
        }
    }

    /// Nobody takes what has arrived: it moves out of the buffers.
    pub(super) fn keep(&mut self) {
        for arrival in &mut self.arrived {
            if let Arrival::Bytes(lent) = arrival {
                lent.keep();
            }
        }
    }
}

/// All of them, by the index of their descriptor.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Source>);

impl Sources {
    /// That of a descriptor, which is there.
    #[inline]
    pub(super) fn of(&mut self, descriptor: Key) -> &mut Source {
        let index = descriptor.index();
        if index >= self.0.len() {
            self.grow(index);
        }
        let source = &mut self.0[index];
        if source.key != descriptor {
            // Whoever was here before has gone, and its request with it.
            *source = Source::new(descriptor);
        }
        source
    }

    /// That of a descriptor, if it is the same still.
    #[inline]
    pub(super) fn get(&mut self, descriptor: Key) -> Option<&mut Source> {
        let source = self.0.get_mut(descriptor.index())?;
        (source.key == descriptor).then_some(source)
    }

    #[cold]
    fn grow(&mut self, index: usize) {
        self.0
            .resize_with(index + 1, || Source::new(Key::from_user(0)));
    }
}
