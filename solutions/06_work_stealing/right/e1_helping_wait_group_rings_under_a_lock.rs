//! Right: the bell rings while the lock is still held.

#[path = "../../../exercises/06_work_stealing/given/pool.rs"]
pub mod given;

use given::Pool;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::sync::{Arc, Mutex};

/// What a group and its members share.
#[derive(Debug)]
struct Shared {
    pool: Arc<Pool>,
    members: Mutex<usize>,
}

/// Waits until all [`Member`]s have ended, and works in the meantime.
#[derive(Debug)]
pub struct WaitGroup {
    shared: Arc<Shared>,
}

/// One of those that a [`WaitGroup`] waits for. Ends when dropped.
#[derive(Debug)]
pub struct Member {
    shared: Arc<Shared>,
}

impl WaitGroup {
    /// A group without members. Whoever waits for it works for `pool`.
    pub fn new(pool: &Arc<Pool>) -> Self {
        Self {
            shared: Arc::new(Shared {
                pool: Arc::clone(pool),
                members: Mutex::new(0).named("members"),
            }),
        }
    }

    /// Makes one more member.
    pub fn add(&self) -> Member {
        *self.shared.members.lock().unwrap() += 1;
        Member {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Works until no member is left.
    pub fn wait(&self) {
        loop {
            let rung = self.shared.pool.rung();
            if *self.shared.members.lock().unwrap() == 0 {
                return;
            }
            if let Some(job) = self.shared.pool.take() {
                job.run();
            } else {
                self.shared.pool.sleep(rung);
            }
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut members = self.shared.members.lock().unwrap();
        *members -= 1;
        if *members == 0 {
            self.shared.pool.ring();
        }
    }
}

// --- to here ---
