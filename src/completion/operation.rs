//! An operation: what the loop knows of it, whatever `S` is.

use std::io;

use super::Life;
use crate::event::{Failed, Key};

/// No slot: the end of a list.
pub(super) const NONE: u32 = u32::MAX;

/// No descriptor.
pub(super) const NO_KEY: Key = Key::from_user(0);

/// The number of an `Async` that is another loop's.
pub(super) const NO_ASYNC: u64 = u64::MAX;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Timer,
    Accept,
    Connect,
    Read,
    Write,
    ReadAt,
    WriteAt,
    Receive,
    /// Waits for an `Async`.
    Async,
    Cancel,
}

/// The two lines that form at a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Read,
    Write,
}

impl Kind {
    /// In which line of its descriptor it waits.
    #[inline]
    pub(super) const fn side(self) -> Side {
        match self {
            Self::Accept | Self::Read | Self::ReadAt | Self::Receive => Side::Read,
            Self::Timer | Self::Async | Self::Cancel => Side::Read,
            Self::Connect | Self::Write | Self::WriteAt => Side::Write,
        }
    }

    /// Whether it is about a place in a file.
    #[inline]
    pub(super) const fn is_at(self) -> bool {
        matches!(self, Self::ReadAt | Self::WriteAt)
    }
}

/// In which list an operation is. It is in one at most, so one pair of links is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In none: it is free, in the heap, in the kernel, or its callback runs.
    Nowhere,
    /// Waits to be handed over.
    Queued,
    /// In line at its descriptor.
    Descriptor,
    /// Waits for the `Async` whose number is its `word`.
    Async,
    /// Waits for its callback.
    Done,
    /// A cancel that waits for its target's end.
    Target,
}

// ANCHOR: operation
/// One slot: one line of the cache. With a million timers each of them is far away, and is
/// fetched once. What it was given to work on stands beside it: [`Core::buffer`].
///
/// [`Core::buffer`]: super::core::Core::buffer
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Operation {
    /// The program's word.
    pub(super) user: u64,
    /// What it works on; `NO_KEY` if nothing.
    pub(super) descriptor: Key,
    /// Of a file: the offset. Of a timer: the period. Else the number of an `Async`, or the
    /// key of an address.
    pub(super) word: u64,
    /// How many bytes were written so far. Of a timer: when it is due.
    pub(super) progress: u64,
    /// What came of it: count, key of a descriptor, or `Answer`.
    pub(super) value: u64,
    /// Why nothing came of it: [`code`]. 0 if something did.
    pub(super) code: i32,
    /// Of the tenant, or of the next one.
    pub(super) generation: u32,
    pub(super) next: u32,
    pub(super) previous: u32,
    /// The first cancel that waits for its end.
    pub(super) cancels: u32,
    pub(super) kind: Kind,
    pub(super) life: Life,
    pub(super) place: Place,
    /// The driver's own.
    pub(super) mark: u8,
}
// ANCHOR_END: operation

const _: () = assert!(size_of::<Operation>() == 64);

impl Operation {
    pub(super) const FREE: Self = Self {
        user: 0,
        descriptor: NO_KEY,
        word: 0,
        progress: 0,
        value: 0,
        code: 0,
        generation: FIRST,
        next: NONE,
        previous: NONE,
        cancels: NONE,
        kind: Kind::Timer,
        life: Life::Dead,
        place: Place::Nowhere,
        mark: 0,
    };

    /// What came of it, for the callback.
    #[inline]
    pub(super) fn outcome(&self) -> io::Result<u64> {
        match self.code {
            0 => Ok(self.value),
            code => Err(error(code)),
        }
    }
}

/// The first tenant of a slot. Not 0, so that no key is the word 0.
const FIRST: u32 = 1;

/// Not a number of the kernel's: a read without room.
pub(super) const NO_ROOM: i32 = -1;
/// Another loop's `Async`.
pub(super) const OTHER_LOOP: i32 = -2;
/// The kernel takes nothing, and says no reason.
const WRITE_ZERO: i32 = -3;

/// The error of a number.
#[cold]
fn error(code: i32) -> io::Error {
    let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why);
    match code {
        NO_ROOM => refused("a read needs room in its buffer"),
        OTHER_LOOP => refused("this Async belongs to another loop"),
        WRITE_ZERO => io::ErrorKind::WriteZero.into(),
        code => io::Error::from_raw_os_error(code),
    }
}

/// The number of an error. One that has none is the device's: no driver makes such.
#[cold]
pub(super) fn code(error: &io::Error) -> i32 {
    let failed = Failed::of(error).map(|failed| failed.code);
    match (failed.or(error.raw_os_error()), error.kind()) {
        (Some(code), _) if code > 0 => code,
        (_, io::ErrorKind::WriteZero) => WRITE_ZERO,
        (_, io::ErrorKind::InvalidInput) => libc::EINVAL,
        _ => libc::EIO,
    }
}

/// A list of operations that are linked through their slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    head: u32,
    tail: u32,
    len: u32,
}

impl List {
    pub(super) const EMPTY: Self = Self {
        head: NONE,
        tail: NONE,
        len: 0,
    };

    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.head == NONE
    }

    #[inline]
    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    /// The first slot, or `NONE`.
    #[inline]
    pub(super) const fn first(&self) -> u32 {
        self.head
    }

    /// Puts `index` at the end.
    #[inline]
    pub(super) fn push(&mut self, slots: &mut [Operation], index: u32) {
        slots[index as usize].next = NONE;
        slots[index as usize].previous = self.tail;
        match self.tail {
            NONE => self.head = index,
            tail => slots[tail as usize].next = index,
        }
        self.tail = index;
        self.len += 1;
    }

    /// Takes the first out.
    #[inline]
    pub(super) fn pop(&mut self, slots: &mut [Operation]) -> Option<u32> {
        let first = self.head;
        self.head = slots.get(first as usize)?.next;
        match self.head {
            NONE => self.tail = NONE,
            head => slots[head as usize].previous = NONE,
        }
        self.len -= 1;
        Some(first)
    }

    /// Takes `index` out, wherever it is. It must be in this list.
    #[inline]
    pub(super) fn remove(&mut self, slots: &mut [Operation], index: u32) {
        let Operation { next, previous, .. } = slots[index as usize];
        match previous {
            NONE => self.head = next,
            previous => slots[previous as usize].next = next,
        }
        match next {
            NONE => self.tail = previous,
            next => slots[next as usize].previous = previous,
        }
        self.len -= 1;
    }
}
