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
    /// In memory of their own.
    Kept(Vec<u8>),
}

impl Lent {
    /// No bytes: the end of a stream.
    pub(super) const END: Self = Self::Kept(Vec::new());

    #[inline]
    pub(in super::super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Picked(loan) => loan,
            Self::Kept(bytes) => bytes,
        }
    }

    /// Leaves the first `count` bytes out from now on. What is kept is moved: that is rare,
    /// and a word for it would be in every slot.
    pub(super) fn skip(&mut self, count: usize) {
        match self {
            Self::Picked(loan) => loan.skip(count),
            Self::Kept(bytes) => drop(bytes.drain(..count)),
        }
    }

    /// Gives the buffer back, and keeps the bytes.
    fn keep(&mut self) {
        if let Self::Picked(loan) = self {
            *self = Self::Kept(loan.to_vec());
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
    /// What is armed has brought something.
    pub(super) fed: bool,
    /// In the list of those that are looked at before the next wait.
    pub(super) listed: bool,
    /// The last read has emptied the socket: the next one need not try.
    pub(super) quiet: bool,
    /// What is armed is an accept.
    pub(super) accepts: bool,
    /// Whether it is a stream, once that was asked.
    pub(super) streams: Option<bool>,
    /// What nobody has taken, the oldest first. Most have never had any: ten thousand of
    /// them need not have a list.
    #[allow(clippy::box_collection, reason = "a list of nothing is four words")]
    arrived: Option<Box<VecDeque<Arrival>>>,
}

const _: () = assert!(size_of::<Source>() <= 24);

impl Source {
    pub(super) const fn new(key: Key) -> Self {
        Self {
            key,
            armed: false,
            stopping: false,
            starved: false,
            fed: false,
            listed: false,
            quiet: false,
            accepts: false,
            streams: None,
            arrived: None,
        }
    }

    /// Whether there is nothing that nobody has taken.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        match &self.arrived {
            Some(arrived) => arrived.is_empty(),
            None => true,
        }
    }

    /// The oldest of it.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Arrival> {
        self.arrived.as_mut()?.pop_front()
    }

    /// Behind all the others.
    pub(super) fn push(&mut self, arrival: Arrival) {
        self.arrived.get_or_insert_default().push_back(arrival);
    }

    /// Before all the others: the rest of what was taken.
    pub(super) fn put_back(&mut self, arrival: Arrival) {
        self.arrived.get_or_insert_default().push_front(arrival);
    }

    /// Whether there are bytes that nobody has taken, or why no more came: that is said once.
    pub(super) fn has_bytes(&self) -> bool {
        let is_bytes = |arrival: &Arrival| match arrival {
            Arrival::Failed(_) => !self.accepts,
            arrival => matches!(arrival, Arrival::Bytes(_)),
        };
        self.arrived.iter().flat_map(|it| it.iter()).any(is_bytes)
    }

    /// Closes, or gives back, what nobody has taken.
    pub(super) fn clear(&mut self) {
        self.arrived = None;
    }

    /// Nobody takes what has arrived: it moves out of the buffers.
    pub(super) fn keep(&mut self) {
        for arrival in self.arrived.iter_mut().flat_map(|it| it.iter_mut()) {
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
