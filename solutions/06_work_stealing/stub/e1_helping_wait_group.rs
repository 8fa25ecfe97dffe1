//! 06.1 (implement): a wait that works.
//!
//! A job that waits for other jobs keeps its worker from running them. If all workers wait,
//! nobody is left: a pool of one thread stands still with the first such job. So whoever
//! waits here works in the meantime; and it sleeps only while there is nothing to do.
//!
//! Goal:
//!
//! - `add` makes a member of the group; dropping it, on whatever thread, ends it.
//! - `wait` returns when no member is left, and what was done before the last of them ended
//!   is visible then. Any number of threads may wait, workers and others. After a `wait` the
//!   group can be used again.
//! - As long as members are left, whoever waits runs the pool's jobs, whichever they are. Once
//!   none is left, it begins no other job.
//! - If there is no job, it sleeps, and does not ask again and again. A new job wakes it, and
//!   so does the end of the last member.
//! - A member that ends while others are left rings no bell and wakes nobody.
//!
//! The pool is given, in `exercises/06_work_stealing/given/pool.rs`: its `work` is what a
//! worker does, and shows how its bell is used. The fields below are a suggestion.
//!
//! Edit between the markers only. About 20 lines, 20 minutes.
//! Stuck? `cargo hint 06.1`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! LOST WAKE-UP: main sleeps at e1_helping_wait_group.rs:79, in wait(bell == 0); nobody is
//! left to wake anybody
//! ```

#[path = "../../../exercises/06_work_stealing/given/pool.rs"]
pub mod given;

use given::Pool;

// --- edit from here ---

use super::ground::Named as _;
use super::ground::atomic::AtomicUsize;
use super::ground::sync::Arc;

/// What a group and its members share.
#[derive(Debug)]
struct Shared {
    pool: Arc<Pool>,
    /// How many members there are.
    members: AtomicUsize,
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
        let shared = Shared {
            pool: Arc::clone(pool),
            members: AtomicUsize::new(0).named("members"),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Makes one more member.
    pub fn add(&self) -> Member {
        todo!("count one more in {:?}", self.shared.members)
    }

    /// Works until no member is left.
    pub fn wait(&self) {
        todo!(
            "take jobs from {:?} until {:?} is 0",
            self.shared.pool,
            self.shared.members
        )
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        todo!("count one less in {:?}", self.shared.members)
    }
}

// --- to here ---
