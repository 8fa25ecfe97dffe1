//! the model must say: of 33 workers, worker 11 can't reach the queue of worker 0: find(11) returned None, and there is a job
//!
//! Goes on to the next eight, and no further.

#[path = "../../../exercises/06_work_stealing/given/queues.rs"]
pub mod given;

// --- edit from here ---

use given::{Bell, Queue};

pub struct Pool<J> {
    queues: Vec<Queue<J>>,
    bell: Bell,
}

impl<J> Pool<J> {
    pub fn of(workers: usize) -> Self {
        Self {
            queues: (0..workers).map(|_| Queue::new()).collect(),
            bell: Bell::new(),
        }
    }

    pub fn push_all(&self, to: usize, jobs: Vec<J>) {
        self.queues[to].push_all(jobs);
        self.bell.ring_for_all();
    }

    pub fn find(&self, me: usize) -> Option<J> {
        let workers = self.queues.len();
        let mut peers = (1..workers.min(9)).map(|step| (me + step) % workers);
        let own = self.queues[me].pop();
        own.or_else(|| peers.find_map(|peer| self.queues[peer].steal()))
    }

    pub fn next(&self, me: usize) -> J {
        loop {
            let rings = self.bell.rings();
            if let Some(job) = self.find(me) {
                return job;
            }
            self.bell.sleep(rings);
        }
    }
}

// --- to here ---
