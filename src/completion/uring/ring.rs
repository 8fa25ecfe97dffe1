//! The two rings: what we ask for goes into one, what came of it comes out of the other.
//!
//! Both are memory that the kernel and we have mapped. To ask for something is to write 64
//! bytes; to learn of a result is to read 16. The system call is there to say "look", and to
//! sleep: one for any number of entries.
//!
//! ```text
//!    we write            tail ->  [ Sqe | Sqe |     |     ]  -> head   the kernel reads
//!    we read    head ->  [ Cqe |     |     |     |     |  ]  <- tail   the kernel writes
//! ```
//!
//! Whose entry is whose when is [`super::indices`]. This file has the mapping, and where in
//! it things are: io_uring_setup(2), "mmap".

#![allow(unsafe_code, reason = "rings that are shared with the kernel")]

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::{io, iter};

use crate::ground::atomic::Ordering::Relaxed;

use super::abi::{
    Cqe, FEAT_EXT_ARG, FEAT_NODROP, FEAT_SINGLE_MMAP, FEAT_SUBMIT_STABLE,
    OFF_SQ_RING, OFF_SQES, Params, SETUP_CLAMP, SETUP_CQSIZE, SETUP_DEFER_TASKRUN,
    SETUP_SINGLE_ISSUER, SETUP_SUBMIT_ALL, SETUP_TASKRUN_FLAG, SQ_CQ_OVERFLOW,
    SQ_TASKRUN, Sqe,
};
use super::calls::{self, Refused, Wait};
use super::indices::{Consumer, Producer, Word as _};
use super::mapping::{Mapped, Mapping};

/// What every ring of ours asks for. The youngest of them is of Linux 6.1.
pub(super) const FLAGS: u32 = SETUP_CQSIZE
    | SETUP_CLAMP
    | SETUP_SUBMIT_ALL
    | SETUP_TASKRUN_FLAG
    | SETUP_SINGLE_ISSUER
    | SETUP_DEFER_TASKRUN;
/// What the kernel must say of itself. All of it is older than [`FLAGS`].
const FEATURES: u32 =
    FEAT_SINGLE_MMAP | FEAT_NODROP | FEAT_SUBMIT_STABLE | FEAT_EXT_ARG;
/// So many results have room for each submission. One that goes on has many, and what has no
/// room costs a call to fetch.
const RESULTS: u32 = 8;

/// Both rings.
#[derive(Debug)]
pub(super) struct Ring {
    submissions: Producer<Mapped>,
    completions: Consumer<Mapped>,
    flags: Mapped,
    /// INVARIANT: as many entries as `submissions` has places; inside `_entries`.
    sqes: NonNull<Sqe>,
    /// INVARIANT: as many entries as `completions` has places; inside `_rings`.
    cqes: NonNull<Cqe>,
    /// The kernel has taken fewer than it was given: they go with the next call.
    _rings: Mapping,
    _entries: Mapping,
    fd: OwnedFd,
}

// ANCHOR: new
impl Ring {
    /// Two rings, the first with room for `entries`, rounded up to a power of two.
    pub(super) fn new(entries: u32) -> io::Result<Self> {
        let entries = entries.clamp(1, 1 << 15);
        let mut params = Params {
            cq_entries: entries.next_power_of_two() * RESULTS,
            flags: FLAGS,
            ..Params::default()
        };
        let fd = calls::setup(entries, &mut params)?;
        let missing = FEATURES & !params.features;
        if missing != 0 {
            let call = "io_uring_setup: a feature is missing";
            let code = libc::EINVAL;
            return Err(Refused { call, code }.into());
        }
        let Params { sq_off, cq_off, .. } = params;
        let (sq, cq) = (params.sq_entries as usize, params.cq_entries as usize);
        // One mapping for both: as long as the longer of them.
        let sq_len = sq_off.array as usize + sq * size_of::<u32>();
        let cq_len = cq_off.cqes as usize + cq * size_of::<Cqe>();
        let rings = Mapping::shared(fd.as_fd(), OFF_SQ_RING, sq_len.max(cq_len))?;
        let sqes_len = sq * size_of::<Sqe>();
        let entries = Mapping::shared(fd.as_fd(), OFF_SQES, sqes_len)?;
        // Place 7 of the ring is entry 7, for good: there is no reason to mix them.
        let array = rings.at::<u32>(sq_off.array as usize, sq);
        for (place, index) in iter::zip(0.., 0..params.sq_entries) {
            // SAFETY: `at` has checked that there are so many; the kernel reads them only
            // once the tail has moved.
            unsafe { array.add(place).write(index) };
        }
        // SAFETY: each of these words is in the mapping, which this value keeps; the kernel
        // reaches them atomically, and nobody else knows them.
        let word = |offset| unsafe { Mapped::new(&rings, offset) };
        let (head, tail) = (word(sq_off.head), word(sq_off.tail));
        let submissions = Producer::new(head, tail, params.sq_entries);
        let (head, tail) = (word(cq_off.head), word(cq_off.tail));
        let completions = Consumer::new(head, tail, params.cq_entries);
        Ok(Self {
            submissions,
            completions,
            flags: word(sq_off.flags),
            sqes: entries.at(0, sq),
            cqes: rings.at(cq_off.cqes as usize, cq),
            _rings: rings,
            _entries: entries,
            fd,
        })
    }
    // ANCHOR_END: new

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    // ANCHOR: push
    /// Puts a submission into the ring, for the next [`enter`](Self::enter). `false` if
    /// there is no room.
    ///
    /// # Safety
    /// What the entry points to stays until its result has come, or its last if there are
    /// several; and what the kernel writes to is touched by nobody else meanwhile.
    #[inline]
    pub(super) unsafe fn push(&mut self, sqe: &Sqe) -> bool {
        let Some(place) = self.submissions.place() else {
            return false;
        };
        // SAFETY: one of the entries (by the invariant of `sqes`), and ours until `publish`.
        unsafe { self.sqes.add(place as usize).write(*sqe) };
        true
    }

    /// The next result, if there is one. Its place is the kernel's again after
    /// [`release`](Self::release).
    #[inline]
    pub(super) fn next(&mut self) -> Option<Cqe> {
        let place = self.completions.place()?;
        // SAFETY: one of the entries (by the invariant of `cqes`), written, and ours until
        // `release`.
        Some(unsafe { self.cqes.add(place as usize).read() })
    }

    /// Gives the places of all results that were read back.
    #[inline]
    pub(super) fn release(&mut self) {
        self.completions.release();
    }
    // ANCHOR_END: push

    /// Whether there is a result that nobody has read yet.
    #[inline]
    pub(super) fn has_results(&mut self) -> bool {
        self.completions.has_more()
    }

    /// How many submissions the kernel has not taken.
    #[inline]
    pub(super) fn waiting(&mut self) -> u32 {
        self.submissions.waiting()
    }

    /// Whether a call would find something: results to be worked out, or such that had no
    /// room.
    #[inline]
    pub(super) fn has_more(&self) -> bool {
        // ORDERING: Relaxed. It is only about whether to make a call, and the call sees what
        // there is; the bits are set by the kernel.
        self.flags.load(Relaxed) & (SQ_TASKRUN | SQ_CQ_OVERFLOW) != 0
    }

    /// Whether there are results that had no room. The next call brings them.
    #[cfg(test)]
    pub(super) fn has_overflowed(&self) -> bool {
        // ORDERING: Relaxed, as in `has_more`.
        self.flags.load(Relaxed) & SQ_CQ_OVERFLOW != 0
    }

    // ANCHOR: enter
    /// Hands all submissions over, and waits or not. `false` if the kernel has left some:
    /// then it has not waited.
    #[inline]
    pub(super) fn enter(&mut self, wait: Wait) -> Result<bool, Refused> {
        self.submissions.publish();
        let waiting = self.submissions.waiting();
        // SAFETY: `push` had that promise.
        let taken = unsafe { calls::enter(self.fd.as_fd(), waiting, wait) }?;
        Ok(taken == waiting)
    }
    // ANCHOR_END: enter
}

#[cfg(test)]
mod tests;
