//! 06.8 (implement): a pool that is shut down while others spawn.
//!
//! A pool takes jobs, and its workers ask for the next one. Somebody shuts it down, while
//! others are in the middle of `spawn`. The queue is in
//! `exercises/06_work_stealing/given/queue.rs`, and each call of it is one step. Yours is
//! what lies between them: a thread that has looked whether the pool is open, and has not
//! pushed yet.
//!
//! Goal:
//!
//! - `spawn` accepts the job, or hands it back. When `shutdown` or `shutdown_now` has
//!   returned, none is accepted any more. A `spawn` that runs at the same time may do
//!   either.
//! - What was accepted is given to one worker, by `next`, or to the caller of
//!   `shutdown_now`; never to nobody, never to two.
//! - `next` sleeps as long as there may be a job to come. It returns `None` when the pool
//!   is shut down and no job will come any more.
//! - `shutdown` leaves to the workers what was accepted. `shutdown_now` returns what had not
//!   started, after a `shutdown` too. What is spawned while it runs may be left to the
//!   workers.
//! - However many spawn at once, and for however long: a job that is pushed wakes who sleeps.
//! - No locks beside the one in the queue: a word of your own, and the queue's bell.
//!
//! Edit between the markers only. About 35 lines, 30 minutes.
//! Stuck? `cargo hint 06.8`, three levels.
//!
//! A failing run prints an interleaving, below for instance
//! ```text
//! ASSERTION: spawn(1) was accepted, and nobody has got job 1: all workers have left
//! ```

#[path = "../../../exercises/06_work_stealing/given/queue.rs"]
pub mod given;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire},
};
use given::Queue;

/// In `state`: the pool is shut down.
const SHUT: u32 = 1;

/// In `state`, once for each: a thread is spawning.
const SPAWNING: u32 = 2;

/// A pool without its threads: what they and their callers share.
#[derive(Debug)]
pub struct Pool<J> {
    queue: Queue<J>,
    /// Is it shut down? Is anybody just spawning?
    state: AtomicU32,
}

impl<J> Pool<J> {
    /// An open pool without a job.
    pub fn new() -> Self {
        Self {
            queue: Queue::new(),
            state: AtomicU32::new(0).named("state"),
        }
    }

    /// Adds a job.
    ///
    /// Says that it is spawning in the same step in which it learns whether the pool is
    /// open. So whoever shuts it down, or leaves, knows of all that are still to come.
    ///
    /// # Errors
    /// The job, if the pool is shut down.
    pub fn spawn(&self, job: J) -> Result<(), J> {
        // ORDERING: AcqRel; pairs with `shutdown`, and with the subtraction below.
        let open = self.state.fetch_add(SPAWNING, AcqRel) & SHUT == 0;
        // Rejected: to look, push, and look again, and to take the job back if the pool
        // was shut down meanwhile. A worker may have it by then, and it would be handed
        // back and run.
        let result = if open {
            self.queue.push(job);
            Ok(())
        } else {
            Err(job)
        };
        // ORDERING: AcqRel. What was pushed is there for whoever reads that nobody spawns;
        // pairs with the load in `next`.
        self.state.fetch_sub(SPAWNING, AcqRel);
        // For a worker that waits for the job, or for this thread.
        self.queue.ring();
        result
    }

    /// Called by each worker, again and again: its next job. `None`: it may go home.
    pub fn next(&self) -> Option<J> {
        loop {
            // First the bell, then what it rings for.
            let rings = self.queue.rings();
            // ORDERING: Acquire; pairs with the subtraction in `spawn`. Before the look
            // into the queue: what comes later does not count.
            let is_last_look = self.state.load(Acquire) == SHUT;
            if let Some(job) = self.queue.pop() {
                return Some(job);
            }
            if is_last_look {
                return None;
            }
            self.queue.sleep(rings);
        }
    }

    /// From now on none is accepted.
    pub fn shutdown(&self) {
        // ORDERING: AcqRel; pairs with the addition in `spawn`.
        self.state.fetch_or(SHUT, AcqRel);
        self.queue.ring();
    }

    /// From now on none is accepted. Returns what no worker has got.
    ///
    /// Who is spawning at this moment may push behind it. Then a worker runs that job, as
    /// none leaves before.
    pub fn shutdown_now(&self) -> Vec<J> {
        self.shutdown();
        self.queue.take_all()
    }
}

// --- to here ---
