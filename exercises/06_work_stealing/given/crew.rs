//! Given for 06.4: threads that all do the same thing at the same time, and the wait for
//! them. A pool would keep them; a crew starts them anew each time, which is slower, and
//! makes no difference to what they do.

use super::super::ground::thread;

/// So many threads, of which the caller's is one.
#[derive(Debug)]
pub struct Crew {
    threads: usize,
}

impl Crew {
    /// A crew of so many threads, and one at least: the caller's.
    pub fn new(threads: usize) -> Self {
        assert!(threads > 0, "the caller is one of the crew");
        Self { threads }
    }

    /// How many threads there are, the caller's among them.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Calls `work` on each thread of the crew, once, at the same time; returns when all of
    /// them have returned. What they have done is visible then.
    ///
    /// A panic in `work` ends that thread's part, and this waits for the others. Then it
    /// panics, too: with the payload of the caller's own part, or else with a text of its
    /// own.
    pub fn everywhere(&self, work: impl Fn() + Sync) {
        thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(&work);
            }
            work();
        });
    }
}
