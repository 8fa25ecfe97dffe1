//! 06.2 (repair): a worker that sleeps beside its job.
//!
//! A pool's workers sleep if there is no job, and whoever pushes one wakes one of them. To
//! wake somebody is a system call; so those who sleep are counted, and as long as there are
//! none, `push` does without it.
//!
//! It has three faults. Now and then a job lies there, and all workers sleep; or the pool is
//! closed, and one of them never learns of it. A test on an x86 processor may pass for
//! years.
//!
//! Goal:
//!
//! - No job lies there while a worker sleeps: with k workers asleep and j jobs pushed, k or j
//!   of them wake up, whichever is less, and none waits for another to be done. More may.
//! - `next` returns a job; or `None`, once the pool is closed and no job is left. If there is
//!   neither, it sleeps.
//! - As long as nobody sleeps, `push` does not call `futex`, whoever has slept before; and
//!   nobody uses any other lock. One call too many behind the last who slept is all right.
//!
//! The bag is given, in `exercises/06_work_stealing/given/bag.rs`: `push` there publishes a
//! job by `Release`, and orders nothing else. Workers push, too. `close` is called once,
//! after the last push.
//!
//! Edit between the markers only. About 8 lines change, 20 minutes.
//! Stuck? `cargo hint 06.2`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! LOST WAKE-UP: thread 1 sleeps at e2_lost_wake_up.rs:89, in wait(bell == 0); nobody is
//! left to wake anybody
//! ```

#[path = "../../../exercises/06_work_stealing/given/bag.rs"]
pub mod given;

use given::{Bag, Found};

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{Relaxed, SeqCst},
    fence,
};
use super::ground::futex;

/// Jobs, and workers who wait for them.
#[derive(Debug)]
pub struct Pool {
    jobs: Bag,
    /// How many workers sleep, or are about to.
    sleepers: AtomicU32,
    /// What they sleep on: another number after each call.
    bell: AtomicU32,
}

impl Pool {
    /// A pool without jobs.
    pub fn new() -> Self {
        Self {
            jobs: Bag::new(),
            sleepers: AtomicU32::new(0).named("sleepers"),
            bell: AtomicU32::new(0).named("bell"),
        }
    }

    /// Hands a job to the workers; gives it back if it is there already.
    pub fn push(&self, job: u32) -> Result<(), u32> {
        self.jobs.push(job)?;
        if self.ring() {
            futex::wake_one(&self.bell);
        }
        Ok(())
    }

    /// No more jobs will come.
    pub fn close(&self) {
        self.jobs.close();
        if self.ring() {
            // All: nobody who wakes up tells the next.
            futex::wake_all(&self.bell);
        }
    }

    /// Waits for a job. `None`: there will be none.
    pub fn next(&self) -> Option<u32> {
        loop {
            if let Some(end) = self.look() {
                return end;
            }
            // Before the second look: if it rings after this, we don't sleep.
            // ORDERING: Relaxed, and the addition, too. The fence orders both.
            let seen = self.bell.load(Relaxed);
            self.sleepers.fetch_add(1, Relaxed);
            // ORDERING: SeqCst, between the announcement and the second look, as there is
            // one in `ring` between what was brought and the look for sleepers. One of the
            // two sees the other.
            //
            // Rejected: AcqRel on all of it. Each side stores to one place and then reads
            // another, and no pair of Release and Acquire orders a store before a later
            // load. Nor would SeqCst on the count alone do: the bag publishes a job by
            // Release, and that does not take part.
            fence(SeqCst);
            let found = self.look();
            if found.is_none() {
                futex::wait(&self.bell, seen);
            }
            // On each way. ORDERING: Relaxed. If this is seen late, somebody is woken for
            // nothing.
            self.sleepers.fetch_sub(1, Relaxed);
            if let Some(end) = found {
                return end;
            }
        }
    }

    /// A job, or that there will be none; or neither.
    fn look(&self) -> Option<Option<u32>> {
        match self.jobs.take() {
            Found::Job(job) => Some(Some(job)),
            Found::End => Some(None),
            Found::Nothing => None,
        }
    }

    /// Another number, if somebody sleeps. Called by whoever has brought something.
    fn ring(&self) -> bool {
        // ORDERING: SeqCst, behind what was brought; pairs with the fence in `next`.
        fence(SeqCst);
        // ORDERING: Relaxed. The fence orders it.
        let sleeps = self.sleepers.load(Relaxed) > 0;
        if sleeps {
            // ORDERING: Relaxed. Only makes it another number.
            self.bell.fetch_add(1, Relaxed);
        }
        sleeps
    }
}

// --- to here ---
