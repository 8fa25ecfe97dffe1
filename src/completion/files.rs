//! Files, on the threads of a pool.
//!
//! No kernel says of a file that it is ready: epoll refuses it, and kqueue and `poll` say
//! always. What is not in memory is fetched while the reader waits, and a loop that reads
//! waits with all its sockets. So others read for it: the pool of chapter 06.
//!
//! An operation moves over with its buffer. A thread does it, puts down what came of it, and
//! wakes the loop if nothing lay there before. The way there is an [`Errand`] in memory that
//! is used again, so nothing is allocated for it.
//!
//! # Cancel
//! A read that has begun can't be taken back from the kernel (that is bug 6: who frees the
//! buffer then has it written to later). One that has not begun can: see the [`claim`]. So a
//! cancel either has the buffer at once, or comes too late, and waits for the result.

#![allow(
    unsafe_code,
    reason = "pread and pwrite are system calls, and an operation lies in a cell that one of \
              two threads may empty"
)]

use std::fmt;
use std::io;
use std::mem;
use std::os::fd::RawFd;

use super::driver::Waker;
use crate::event::Key;
use crate::ground::sync::{Arc, Mutex, PoisonError};
use crate::pool::ThreadPool;
use crate::pool::errand::{Errand, Run};

mod claim;
mod transfer;

use claim::Claim;

/// As many threads as a pool can have.
const THREADS_MAX: usize = 16_383;
/// No place: the slot of the loop has nothing to do with files.
const NOWHERE: u32 = u32::MAX;

/// What is to be done: one read into the room that `buffer` has left, or a write of all of it.
#[derive(Debug)]
pub(super) struct FileOp {
    /// Stays open until the operation is over.
    pub(super) fd: RawFd,
    pub(super) offset: u64,
    pub(super) write: bool,
    pub(super) buffer: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct FileDone {
    pub(super) key: Key,
    pub(super) buffer: Vec<u8>,
    /// How many bytes were read or written.
    pub(super) result: io::Result<usize>,
    place: u32,
}

/// An operation on its way to a thread.
struct Task {
    key: Key,
    place: u32,
    op: FileOp,
}

/// What the pool's threads have: the way there, and the way back.
struct Work {
    claim: Claim<Task>,
    desk: Arc<Desk>,
}

/// Where threads put down what they have done.
struct Desk {
    done: Mutex<Vec<FileDone>>,
    waker: Waker,
}

// ANCHOR: run
impl Run for Work {
    fn run(&self) {
        // SAFETY: this is the one run that was sent for it.
        let Some(task) = (unsafe { self.claim.begin() }) else {
            return; // It was withdrawn.
        };
        let Task { key, place, op } = task;
        let mut buffer = op.buffer;
        let result = if op.write {
            transfer::write(op.fd, op.offset, &buffer)
        } else {
            transfer::read(op.fd, op.offset, &mut buffer)
        };
        self.desk.put(FileDone {
            key,
            buffer,
            result,
            place,
        });
    }
}

impl Desk {
    fn put(&self, done: FileDone) {
        let mut all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(done);
        let first = all.len() == 1;
        drop(all);
        if first {
            // An error would mean that the loop is broken, and its next wait says so.
            let _ = self.waker.wake();
        }
    }

    /// All that lies there. Leaves the memory of `into` for what comes next.
    fn take(&self, into: &mut Vec<FileDone>) {
        let mut all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if into.is_empty() {
            mem::swap(&mut *all, into);
        } else {
            into.append(&mut all);
        }
    }
}
// ANCHOR_END: run

/// The loop's side. Dropped, it withdraws what has not begun, and waits for what has.
pub(super) struct Files {
    pool: ThreadPool,
    desk: Arc<Desk>,
    errands: Vec<Arc<Errand<Work>>>,
    /// Those without an operation.
    free: Vec<u32>,
    /// For each slot of the loop: which errand, and for whom.
    places: Vec<(u32, Option<Key>)>,
}

impl Files {
    /// A pool of at most so many threads, none of which is started yet; `waker` wakes the
    /// loop.
    pub(super) fn new(threads: usize, waker: Waker) -> io::Result<Self> {
        let threads = threads.clamp(1, THREADS_MAX);
        let done = Mutex::new(Vec::new());
        Ok(Self {
            pool: ThreadPool::builder().name("file").threads(threads).build(),
            desk: Arc::new(Desk { done, waker }),
            errands: Vec::new(),
            free: Vec::new(),
            places: Vec::new(),
        })
    }

    /// Hands an operation over.
    ///
    /// # Errors
    /// There is no thread, and the system gives none. The operation comes back.
    pub(super) fn submit(
        &mut self,
        key: Key,
        op: FileOp,
    ) -> Result<(), (FileOp, io::Error)> {
        let place = self.free.pop().unwrap_or_else(|| self.one_more());
        let errand = &self.errands[place as usize];
        let claim = &errand.what().claim;
        // SAFETY: this side is one thread; the place is free, so its last operation was
        // withdrawn, or has come back over the desk, whose lock is behind its `begin`.
        let goes = unsafe { claim.hand_in(Task { key, place, op }) };
        if goes && self.pool.send(errand).is_err() {
            self.free.push(place);
            // SAFETY: this side is one thread, as above.
            let task = unsafe { claim.take_back() };
            let error = io::Error::from_raw_os_error(libc::EAGAIN);
            return Err((task.op, error));
        }
        if key.index() >= self.places.len() {
            self.places.resize(key.index() + 1, (NOWHERE, None));
        }
        self.places[key.index()] = (place, Some(key));
        Ok(())
    }

    /// Takes an operation back, unless a thread has begun with it: then what came of it
    /// comes by [`take`](Self::take).
    pub(super) fn withdraw(&mut self, key: Key) -> Option<Vec<u8>> {
        let at = self.places.get_mut(key.index())?;
        let (place, _) = *at;
        if at.1 != Some(key) {
            return None;
        }
        let claim = &self.errands[place as usize].what().claim;
        // SAFETY: this side is one thread.
        let task = unsafe { claim.withdraw() }?;
        *at = (NOWHERE, None);
        self.free.push(place);
        Some(task.op.buffer)
    }

    /// Adds what the threads have done.
    ///
    /// # Cost
    /// One lock.
    pub(super) fn take(&mut self, into: &mut Vec<FileDone>) {
        let before = into.len();
        self.desk.take(into);
        for done in &into[before..] {
            self.places[done.key.index()] = (NOWHERE, None);
            self.free.push(done.place);
        }
    }

    #[cold]
    fn one_more(&mut self) -> u32 {
        let desk = Arc::clone(&self.desk);
        let claim = Claim::new();
        self.errands.push(Errand::new(Work { claim, desk }));
        let many = self.errands.len();
        self.free.reserve(many); // So that giving one back asks for nothing.
        many as u32 - 1
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for errand in &self.errands {
            // SAFETY: this side is one thread.
            drop(unsafe { errand.what().claim.withdraw() });
        }
        // The pool is dropped next, and waits for those at work.
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files")
            .field("pool", &self.pool)
            .field("in_flight", &(self.errands.len() - self.free.len()))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
