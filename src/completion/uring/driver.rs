//! Operations become submissions, and results become outcomes.
//!
//! # Whose the memory is
//! From the moment at which a submission names a buffer until its result is there, the
//! kernel may write to it, whatever becomes of the operation here. So the buffer is not in
//! the operation's slot meanwhile, where safe code could reach it, but in [`Held`], a list
//! that only this module knows: it goes in with the submission, and comes out with the
//! result. If the loop is dropped before, it cancels everything and waits until there is no
//! result left to come; and if even that is impossible, the memory is leaked.
//!
//! # One call a tick
//! Submissions gather in the ring while callbacks run, and go with the next wait. Only if
//! the ring is full, or if a descriptor is closed on which the kernel still listens, is
//! there a call more.
//!
//! | user word of a submission | what its result is about |
//! |---|---|
//! | key of an operation | that operation |
//! | the same, with `POLL` | the descriptor is ready: the operation is tried again |
//! | key of a descriptor, with `RECEIVES` or `ACCEPTS` | what goes on: see [`super::sources`] |
//! | `WAKE` | somebody has woken the loop |
//! | key of an operation, with `CANCELS` | a cancel of it was in vain: perhaps it came too early |
//! | key of a descriptor, with `STOPS` | the same of what goes on there |
//! | `IGNORED` | nobody waits for it |

#![allow(unsafe_code, reason = "submissions that name memory")]

mod results;
mod start;

use std::collections::VecDeque;
use std::io;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::time::Duration;

use super::super::config::Config;
use super::super::core::Core;
use super::super::operation::Side;
use super::abi::{CANCEL_ALL, CANCEL_ANY, SKIP_SUCCESS, Sqe, op};
use super::buffers::Pool;
use super::calls::{Refused, Wait};
use super::ring::Ring;
use super::sources::{Lent, Source, Sources};
use super::support::unsupported;
use super::waker::{Bell, Waker};
use crate::event::Key;
use crate::event::net::address::Address;
use crate::ground::sync::Arc;

/// Where in a user word its tag is: above the index, below the generation.
const TAG_SHIFT: u32 = 29;
/// Indices that are less leave room for a tag. That are 48 GiB of slots.
const INDEX_MAX: usize = 1 << TAG_SHIFT;
const OPERATION: u64 = 0;
const POLL: u64 = 1 << TAG_SHIFT;
const RECEIVES: u64 = 2 << TAG_SHIFT;
const ACCEPTS: u64 = 3 << TAG_SHIFT;
const CANCELS: u64 = 4 << TAG_SHIFT;
const STOPS: u64 = 5 << TAG_SHIFT;
const TAGS: u64 = 7 << TAG_SHIFT;
/// These two have all three bits of the tag.
const WAKE: u64 = u64::MAX;
const IGNORED: u64 = u64::MAX - 1;

/// `Operation::mark`: the kernel has it.
const IN_KERNEL: u8 = 1;
/// It was cancelled: what is not in the kernel does not go there again.
const CANCELLED: u8 = 2;
/// What the kernel has is a poll.
const POLLED: u8 = 4;

/// What the driver keeps for an operation.
#[derive(Debug)]
enum Held {
    Nothing,
    /// The kernel reads it, or writes to it.
    Buffer(Vec<u8>),
    /// The kernel reads it while the submission is handed over.
    Address(Box<Address>),
    /// Bytes that have come, until the callback sees them.
    Arrived(Lent),
}

/// The backend.
#[derive(Debug)]
pub(in super::super) struct Driver {
    ring: Ring,
    /// Submissions for which the ring had no room, the oldest first.
    backlog: VecDeque<Sqe>,
    /// By the index of the slot. INVARIANT: what a submission names stays in here until its
    /// last result.
    held: Vec<Held>,
    sources: Sources,
    /// Descriptors whose source is looked at before the next wait.
    listed: Vec<Key>,
    /// Descriptors that had no buffer, the one that has waited longest first.
    hungry: VecDeque<Key>,
    /// How many of them have asked since the last wait, and got none: they stay in front.
    passed_over: usize,
    pool: Rc<Pool>,
    /// Addresses that were used, for the next.
    #[allow(
        clippy::vec_box,
        reason = "they go from here to `held`, and stay in place"
    )]
    addresses: Vec<Box<Address>>,
    /// How many submissions have results to come, the waker's and the cancels left out.
    outstanding: usize,
    bell: Arc<Bell>,
}

impl Driver {
    pub(in super::super) fn new(config: &Config) -> io::Result<Self> {
        let made = || {
            let ring = Ring::new(config.entries)?;
            let (count, size) = config.buffers;
            // SAFETY: `shutdown` waits until the kernel has ended whatever might write to a
            // buffer, and leaks the pool if it can't.
            let pool = unsafe { Pool::new(&ring, count as usize, size as usize) }?;
            Ok((ring, pool, Bell::new()?))
        };
        let (ring, pool, bell) = made().map_err(unsupported)?;
        let mut driver = Self {
            ring,
            backlog: VecDeque::new(),
            held: Vec::new(),
            sources: Sources::default(),
            listed: Vec::new(),
            hungry: VecDeque::new(),
            passed_over: 0,
            pool,
            addresses: Vec::new(),
            outstanding: 0,
            bell,
        };
        driver.listen();
        Ok(driver)
    }

    fn listen(&mut self) {
        let sqe = self.bell.listen(WAKE);
        // SAFETY: it points to nothing.
        unsafe { self.push(&sqe) };
    }

    // ANCHOR: push
    /// A submission, for the next call.
    ///
    /// # Safety
    /// What it names is in `held`, or in the pool, until its result.
    #[inline]
    unsafe fn push(&mut self, sqe: &Sqe) {
        // SAFETY: by the caller, and by the invariant of `held`.
        if !self.backlog.is_empty() || !unsafe { self.ring.push(sqe) } {
            self.push_more(sqe);
        }
    }

    /// The ring is full: it is handed over now. If the kernel doesn't take it, this one waits
    /// here.
    #[cold]
    fn push_more(&mut self, sqe: &Sqe) {
        self.backlog.push_back(*sqe);
        while !self.move_backlog() {
            if !matches!(self.ring.enter(Wait::No), Ok(true)) {
                break;
            }
        }
    }

    /// Moves into the ring what has room there. Whether that was all.
    fn move_backlog(&mut self) -> bool {
        while let Some(sqe) = self.backlog.front() {
            // SAFETY: `push` had that promise for all of them.
            if !unsafe { self.ring.push(sqe) } {
                return false;
            }
            self.backlog.pop_front();
        }
        true
    }
    // ANCHOR_END: push

    /// Asks the kernel to end a request. What came of that, its own result says. Only if this
    /// was in vain there is a result of this, with the word `told`.
    fn push_cancel(&mut self, user_data: u64, told: u64) {
        let sqe = Sqe {
            opcode: op::ASYNC_CANCEL,
            flags: SKIP_SUCCESS,
            fd: -1,
            addr: user_data,
            user_data: told,
            ..Sqe::default()
        };
        // SAFETY: it points to nothing.
        unsafe { self.push(&sqe) };
    }

    // ANCHOR: wait
    /// Hands over, and sleeps.
    pub(in super::super) fn wait(
        &mut self,
        core: &mut Core,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        self.ring.release();
        if !self.listed.is_empty() {
            self.look_at_sources(core);
        }
        if !self.hungry.is_empty() {
            self.feed(core);
        }
        while !self.backlog.is_empty() && !self.move_backlog() {
            if !self.enter(Wait::No)? {
                break;
            }
        }
        // With results in the ring there is no reason to sleep; nor if submissions are left.
        let zero = limit == Some(Duration::ZERO)
            || self.ring.has_results()
            || !self.backlog.is_empty()
            || !self.listed.is_empty()
            || !self.hungry.is_empty();
        let handshake = &self.bell.handshake;
        let may_sleep = !zero && handshake.lie_down();
        let entered = if may_sleep {
            self.enter(Wait::For(limit))
        } else if self.ring.waiting() > 0 || self.ring.has_more() {
            self.enter(Wait::Look)
        } else {
            Ok(true)
        };
        // What a wake has brought, whoever is called next finds.
        self.bell.handshake.get_up();
        entered.map(drop)
    }

    /// One call. Whether the kernel took all there was. That a limit is over, or a signal
    /// came, the caller sees by the clock.
    #[inline]
    fn enter(&mut self, wait: Wait) -> io::Result<bool> {
        match self.ring.enter(wait) {
            Ok(all) => Ok(all),
            Err(refused) => harmless(refused).map(|()| false),
        }
    }
    // ANCHOR_END: wait

    /// What a `receive` has brought.
    #[inline]
    pub(in super::super) fn lend(&mut self, _core: &mut Core, key: Key) -> Lent {
        match self.take_held(key) {
            Held::Arrived(lent) => lent,
            _ => Lent::END,
        }
    }

    /// The kernel gets the buffer back.
    #[inline]
    pub(in super::super) fn give_back(&mut self, lent: Lent) {
        drop(lent);
    }

    pub(in super::super) fn waker(&self) -> Waker {
        Waker {
            bell: Arc::clone(&self.bell),
        }
    }

    #[inline]
    fn hold(&mut self, key: Key, held: Held) {
        let index = key.index();
        if index >= self.held.len() {
            self.hold_more(index);
        }
        self.held[index] = held;
    }

    #[cold]
    fn hold_more(&mut self, index: usize) {
        assert!(index < INDEX_MAX, "a loop has no more slots");
        self.held.resize_with(index + 1, || Held::Nothing);
    }

    #[inline]
    fn take_held(&mut self, key: Key) -> Held {
        match self.held.get_mut(key.index()) {
            Some(held) => std::mem::replace(held, Held::Nothing),
            None => Held::Nothing,
        }
    }

    // ANCHOR: forget
    /// The descriptor leaves the loop. The kernel must not go on taking from it.
    ///
    /// # Errors
    /// If it stays open (`release`): `ResourceBusy` if bytes have come that nobody has taken.
    /// They would be lost. Connections that have come are closed.
    pub(in super::super) fn forget(
        &mut self,
        core: &mut Core,
        descriptor: Key,
    ) -> io::Result<()> {
        let closes = core
            .descriptors
            .get(descriptor)
            .is_none_or(|entry| entry.closing);
        let mut wait = Wait::No;
        while let Some(source) = self.sources.get(descriptor)
            && source.armed
        {
            // Closed alone it would live on in the kernel, and the other end wait for a word.
            let tag = source.tag();
            self.push_cancel(descriptor.to_user() | tag, IGNORED);
            wait = match wait {
                Wait::No => Wait::Look,
                _ => Wait::For(Some(Duration::from_millis(1))),
            };
            self.enter(wait)?;
            while self.step(core) {}
        }
        if let Some(source) = self.sources.get(descriptor) {
            if !closes && source.has_bytes() {
                source.keep();
                let message = "something has come on this descriptor: take it first";
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, message));
            }
            source.clear();
        }
        Ok(())
    }
    // ANCHOR_END: forget

    /// A descriptor shall be closed: all who stand in line are cancelled, in order. So those
    /// behind one that the kernel has wait until it is back.
    pub(in super::super) fn abandon(&mut self, core: &mut Core, descriptor: Key) {
        for side in [Side::Read, Side::Write] {
            let mut next = core.first(descriptor, side);
            let mut in_kernel = 0;
            while let Some(key) = next {
                // Before it is taken out of the line.
                next = core.behind(key);
                let slot = core.slot(key.index() as u32);
                in_kernel |= slot.mark & IN_KERNEL;
                if in_kernel != 0 && slot.mark & IN_KERNEL == 0 {
                    slot.mark |= CANCELLED;
                } else {
                    self.cancel(core, key);
                }
            }
        }
    }

    /// The loop is dropped.
    pub(in super::super) fn shutdown(&mut self, _core: &mut Core) {
        self.take_all_back();
    }

    // ANCHOR: shutdown
    /// Waits until the kernel knows of no memory of ours.
    fn take_all_back(&mut self) {
        let sqe = Sqe {
            opcode: op::ASYNC_CANCEL,
            flags: SKIP_SUCCESS,
            fd: -1,
            op_flags: CANCEL_ALL | CANCEL_ANY,
            user_data: IGNORED,
            ..Sqe::default()
        };
        while self.outstanding > 0 {
            // Again each time: what was about to go on may have missed the one before.
            // SAFETY: it points to nothing.
            unsafe { self.push(&sqe) };
            let mut ended = self.ring.enter(Wait::No).map(drop);
            if ended.is_ok() {
                let limit = Some(Duration::from_millis(10));
                ended = self.ring.enter(Wait::For(limit)).map(drop);
            }
            while self.step_back() {}
            if let Err(error) = ended.or_else(harmless) {
                return self.leak(&error);
            }
            self.move_backlog();
        }
    }

    /// The kernel does not answer, and has buffers. Nobody may ever use them again.
    #[cold]
    fn leak(&mut self, error: &io::Error) {
        eprintln!(
            "threadbare: a loop is dropped, and {} operations can't be taken back: \
             {error}. Their buffers are leaked.",
            self.outstanding
        );
        self.outstanding = 0;
        let _ = ManuallyDrop::new(std::mem::take(&mut self.held));
        let _ = ManuallyDrop::new(Rc::clone(&self.pool));
    }
    // ANCHOR_END: shutdown
}

impl Source {
    /// That of the user word of what is armed.
    fn tag(&self) -> u64 {
        if self.accepts { ACCEPTS } else { RECEIVES }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.take_all_back();
    }
}

/// Not a failure of what was asked for: the limit is over, there was a signal, or the kernel
/// is short of something, and will be asked again.
#[inline]
fn harmless(refused: Refused) -> io::Result<()> {
    match refused.code {
        libc::ETIME | libc::EINTR | libc::EAGAIN | libc::EBUSY => Ok(()),
        _ => Err(refused.into()),
    }
}

#[cfg(test)]
mod tests;
