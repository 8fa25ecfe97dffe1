//! 06.7 (repair): workers that starve beside full queues.
//!
//! Each worker has a queue. It takes from its own, steals from others when that is empty,
//! and sleeps when it has found nothing. Jobs come in batches, each to one of the queues.
//! Queue and bell are in `exercises/06_work_stealing/given/queues.rs`, and are right.
//!
//! Two faults were in a pool that many have used. No job is lost, no test fails, and with
//! short jobs nobody sees anything. But let one of them take a second: others wait behind
//! it, and workers sleep beside them.
//!
//! Goal:
//!
//! - Whoever calls `find` gets a job if there is one, whichever queue it is in, and
//!   however many workers there are.
//! - If `k` workers sleep and `j` jobs come at once, `k` or `j` of them are woken or have
//!   been, whichever is less: nobody sleeps as long as there is a job that nobody has.
//!   That is so before any of the jobs has ended, since it may take long.
//! - Whoever finds nothing sleeps.
//!
//! Edit between the markers only. About 6 lines change, 15 minutes.
//! Stuck? `cargo hint 06.7`, three levels.
//!
//! A failing run prints an interleaving, or for instance
//! ```text
//! of 2 workers, worker 0 can't reach the queue of worker 1: find(0) returned None, and
//! there is a job
//! ```

#[path = "../../../exercises/06_work_stealing/given/queues.rs"]
pub mod given;

// --- edit from here ---

use given::{Bell, Queue};

/// Workers without their threads: what they share.
#[derive(Debug)]
pub struct Pool<J> {
    /// One for each worker.
    queues: Vec<Queue<J>>,
    bell: Bell,
}

impl<J> Pool<J> {
    /// A pool of so many workers, without a job.
    pub fn of(workers: usize) -> Self {
        Self {
            queues: (0..workers).map(|_| Queue::new()).collect(),
            bell: Bell::new(),
        }
    }

    /// Adds jobs to the queue of worker `to`. Anybody may call this.
    pub fn push_all(&self, to: usize, jobs: Vec<J>) {
        self.queues[to].push_all(jobs);
        self.bell.ring_for_one();
    }

    /// A job for worker `me`: its own, else one of somebody else.
    pub fn find(&self, me: usize) -> Option<J> {
        let workers = self.queues.len();
        // All the others, each from its own place on: so they do not all begin with the
        // same one. (With `me + me`, worker 0 is its own peer, and half of the queues of
        // an even number of workers are nobody's.)
        let peers = (1..workers).map(|step| (me + step) % workers);
        let own = self.queues[me].pop();
        own.or_else(|| peers.into_iter().find_map(|peer| self.queues[peer].steal()))
    }

    /// The next job for worker `me`, which sleeps until there is one.
    pub fn next(&self, me: usize) -> J {
        loop {
            let rings = self.bell.rings();
            if let Some(job) = self.find(me) {
                // Whoever has found a job wakes the next one before it runs it, if there
                // are more: so a batch costs the pusher one call, however large it is.
                //
                // As good: `push_all` rings once for each job, or for all. Rejected: to
                // look only into the queue of `me`. The others may be somewhere else.
                if self.queues.iter().any(|queue| !queue.is_empty()) {
                    self.bell.ring_for_one();
                }
                return job;
            }
            self.bell.sleep(rings);
        }
    }
}

// --- to here ---
