//! What a pool is made with.

use super::shared::{Config, Shared};
use super::state::THREADS_MAX;
use super::thread_pool::ThreadPool;
use super::worker;
use crate::ground::thread;
use crate::ground::time::Duration;

/// How many jobs of [`try_spawn`](ThreadPool::try_spawn) may wait, if nobody says: enough for
/// a burst, and few enough that who is refused is told before it has waited for seconds.
const QUEUE_CAP: usize = 1024;

/// Makes a [`ThreadPool`].
///
/// ```
/// use threadbare::pool::ThreadPool;
///
/// let pool = ThreadPool::builder().name("parse").threads(2).build();
/// let name = pool.install(|| std::thread::current().name().map(str::to_owned));
/// assert_eq!(name.as_deref(), Some("parse-0"));
/// ```
#[must_use = "it makes no pool before `build`"]
#[derive(Clone, Debug)]
pub struct Builder {
    config: Config,
}

impl Builder {
    pub(super) fn new() -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Self {
            config: Config {
                name: "pool".to_owned(),
                threads,
                stack_size: None,
                queue_cap: QUEUE_CAP,
                idle_exit: None,
            },
        }
    }

    /// The threads are called `name-0`, `name-1` ...; "pool" unless said otherwise.
    ///
    /// # Panics
    /// If there is a zero byte in it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(!name.contains('\0'), "a thread's name has no zero byte");
        self.config.name = name;
        self
    }

    /// At most this many threads; one for each core unless said otherwise.
    ///
    /// # Panics
    /// If it is 0, or more than 16,383.
    pub fn threads(mut self, threads: usize) -> Self {
        assert!(threads > 0, "a pool has at least one thread");
        assert!(threads <= THREADS_MAX, "at most {THREADS_MAX} threads");
        self.config.threads = threads;
        self
    }

    /// How many bytes of stack each thread has; two million or so (Rust's default for threads)
    /// unless said otherwise.
    ///
    /// A worker that waits runs other jobs on top of what waits, and these may wait too: if
    /// thousands do, one in the other, it needs more. A job's closure comes onto the stack as
    /// well, when it is run: a large one is better boxed.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.config.stack_size = Some(bytes);
        self
    }

    /// How many jobs of [`try_spawn`](ThreadPool::try_spawn) may wait; 1,024 unless said
    /// otherwise.
    pub fn queue_cap(mut self, jobs: usize) -> Self {
        self.config.queue_cap = jobs;
        self
    }

    /// A thread that had nothing to do for so long ends, except for the last.
    pub fn idle_exit(mut self, after: Duration) -> Self {
        self.config.idle_exit = Some(after);
        self
    }

    /// Makes the pool. No thread is started before there is a job.
    #[must_use]
    pub fn build(self) -> ThreadPool {
        ThreadPool::of(Shared::new(self.config, worker::main::<false>, false))
    }

    /// Makes a pool that records who does what: see [`trace`](ThreadPool::trace).
    #[must_use]
    pub fn build_traced(self) -> ThreadPool<true> {
        ThreadPool::of(Shared::new(self.config, worker::main::<true>, true))
    }
}
