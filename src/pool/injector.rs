//! The queue through which jobs come from outside, and into which a full ring flows over.
//!
//! ```text
//!   pushers, one exchange           takers, one at a time
//!   ────────────────────▶ arrived ───────────────────────▶ line ──▶ a share
//!                         newest first,                    oldest first,
//!                         taken whole                      behind a lock
//! ```
//!
//! Two queues, so that those who bring jobs wait for nobody. A pusher links its jobs to the
//! chain of what has *arrived*, and swings the head of the chain with one exchange, however
//! many jobs these are. A taker has the lock of the *line*. If nobody stands in it, the taker
//! takes the whole chain, turns it round, and that is the line. So what came first goes first.
//!
//! Jobs are linked through their own headers: nothing is allocated here. The chain is taken
//! whole or not at all, so it does not have the trouble of a stack from which one takes single
//! items (chapter 03, ABA): nobody follows a link of a chain that he has not got.
//!
//! # Closed
//! The lowest bit of the head says that the queue is closed. It changes in the same exchange
//! that adds a job: either the job was there before, and then whoever sees the queue closed
//! sees the job, or it is refused and handed back. Those who are inside go on pushing: what
//! they push belongs to something that was accepted.
//!
//! # In hand
//! A taker that has taken the chain, and has not put down the rest of it, has jobs in its
//! hands that nobody sees. A worker may look just then, find nothing, and go to sleep. So
//! **whoever takes a share looks for sleepers afterwards**, as if it had brought the rest.

#![allow(unsafe_code, reason = "links jobs through their headers")]

use std::ptr::{self, NonNull};

use crossbeam_utils::CachePadded;

use super::job::{Header, List};
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicPtr, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// In the head of the chain: nobody outside gets in any more.
const CLOSED: usize = 1;

/// A queue in which order is kept.
pub(super) struct Injector {
    /// The newest job, each linked to the one before; its lowest bit may say [`CLOSED`].
    arrived: CachePadded<AtomicPtr<Header>>,
    line: CachePadded<Line>,
}

struct Line {
    jobs: Mutex<List>,
    /// How many they are, for those who have not got the lock.
    len: AtomicUsize,
}

impl Injector {
    pub(super) fn new() -> Self {
        let line = Line {
            jobs: Mutex::new(List::new()),
            len: AtomicUsize::new(0).named("len"),
        };
        Self {
            arrived: CachePadded::new(AtomicPtr::default().named("arrived")),
            line: CachePadded::new(line),
        }
    }

    /// Puts jobs at the end, all at once, unless the queue is closed: then they come back.
    ///
    /// # Cost
    /// One compare-exchange, again as often as another pusher is faster. It waits for nobody.
    pub(super) fn push(&self, jobs: List) -> Result<(), List> {
        self.add(jobs, false)
    }

    /// Puts jobs at the end, also if the queue is closed: for those who are inside.
    pub(super) fn push_inside(&self, jobs: List) {
        let added = self.add(jobs, true);
        debug_assert!(added.is_ok(), "nobody inside is refused");
    }

    // ANCHOR: push
    fn add(&self, jobs: List, inside: bool) -> Result<(), List> {
        let Some(chain) = jobs.into_chain() else {
            return Ok(());
        };
        // ORDERING: Relaxed. Where it points to is not looked at.
        let mut head = self.arrived.load(Relaxed);
        loop {
            if is_closed(head) && !inside {
                // An earlier round may have linked it to what others have brought.
                chain.link(None);
                return Err(List::from_chain(Some(chain.newest)));
            }
            chain.link(NonNull::new(without_mark(head)));
            let newest = chain.newest.as_ptr();
            let to = newest.map_addr(|address| address | head.addr() & CLOSED);
            let arrived = &self.arrived;
            // ORDERING: Release. The job and its links are written; pairs with the Acquire in
            // `change`. Relaxed if it fails, as above.
            match arrived.compare_exchange_weak(head, to, Release, Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => head = now,
            }
        }
    }
    // ANCHOR_END: push

    /// Takes the oldest: one of `parts` of those that stand in line, but at most `most`.
    /// Nothing if there is nothing, or if somebody else takes just then.
    pub(super) fn take_share(&self, parts: usize, most: usize) -> List {
        let mut line = match self.line.jobs.try_lock() {
            Ok(line) => line,
            Err(TryLockError::Poisoned(line)) => line.into_inner(),
            Err(TryLockError::WouldBlock) => return List::new(),
        };
        if line.is_empty() {
            *line = self.arrived();
        }
        let share = line.len().div_ceil(parts).min(most);
        let taken = line.split_off_front(share);
        self.show(&line);
        taken
    }

    /// Takes all.
    pub(super) fn take_all(&self) -> List {
        let mut line = self.lock();
        let mut all = std::mem::take(&mut *line);
        all.append(self.arrived());
        self.show(&line);
        all
    }

    /// How many jobs there are. Lets those that have arrived stand in line, to count them: the
    /// caller looks for sleepers afterwards.
    pub(super) fn len(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        let mut line = self.lock();
        line.append(self.arrived());
        self.show(&line);
        line.len()
    }

    /// Whether there are none, apart from those that somebody has in hand.
    pub(super) fn is_empty(&self) -> bool {
        // ORDERING: Relaxed, both. The caller has gone through a fence, see `fence`, or is
        // content with a guess.
        without_mark(self.arrived.load(Relaxed)).is_null()
            // ORDERING: Relaxed, as above.
            && self.line.len.load(Relaxed) == 0
    }

    /// Nobody outside gets in from now on.
    pub(super) fn close(&self) {
        self.change(|head| head.map_addr(|address| address | CLOSED));
    }

    /// Takes the chain of what has arrived, oldest first.
    fn arrived(&self) -> List {
        // ORDERING: Relaxed. It is only looked at whether there is any.
        if without_mark(self.arrived.load(Relaxed)).is_null() {
            return List::new();
        }
        let head = self.change(|head| {
            let closed = head.addr() & CLOSED;
            ptr::without_provenance_mut(closed)
        });
        List::from_chain(NonNull::new(without_mark(head)))
    }

    /// Changes the head, and returns what it was.
    fn change(&self, to: impl Fn(*mut Header) -> *mut Header) -> *mut Header {
        let arrived = &self.arrived;
        // ORDERING: Relaxed. The exchange looks again.
        let mut head = arrived.load(Relaxed);
        loop {
            // ORDERING: Acquire. What was written before each `add` of the chain is seen; all
            // of them, because each is an exchange.
            match arrived.compare_exchange_weak(head, to(head), Acquire, Relaxed) {
                Ok(head) => return head,
                Err(now) => head = now,
            }
        }
    }

    fn show(&self, line: &List) {
        // ORDERING: Relaxed. A mark for `is_empty`; the jobs go with the lock. Who took some
        // goes through a fence before it looks for sleepers.
        self.line.len.store(line.len(), Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        let line = self.line.jobs.lock();
        // Nothing in here panics half-way.
        line.unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_closed(head: *mut Header) -> bool {
    head.addr() & CLOSED != 0
}

fn without_mark(head: *mut Header) -> *mut Header {
    head.map_addr(|address| address & !CLOSED)
}

#[cfg(test)]
mod models;
