//! The pool that a program has without making one.

use super::shared::Shared;
use super::spawn::{self, Handle, Reason, Refused};
use super::thread_pool::ThreadPool;
use super::worker::Worker;
use crate::ground::sync::Arc;
use crate::ground::{Static, thread};

/// The pool of the whole process, with as many threads as there are processors. Made by the
/// first call; its threads, named `global-0` and so on, are started when there is work.
///
/// It is never dropped: what runs in it when `main` returns is cut off, as any detached thread
/// is.
///
/// ```
/// use threadbare::pool;
///
/// let answer = pool::global().install(|| 6 * 7);
/// assert_eq!(answer, 42);
/// ```
///
/// # Panics
/// Never: without a thread, because the system has none, [`join`](super::join()) and its like
/// run on the calling one.
pub fn global() -> &'static ThreadPool {
    static GLOBAL: Static<ThreadPool> = Static::new(|| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        ThreadPool::builder()
            .name("global")
            .threads(threads)
            .build()
    });
    &GLOBAL
}

/// Calls `f` with the pool whose worker this is, or else with the global one.
pub(super) fn here_or_global<R>(f: impl FnOnce(&Arc<Shared>) -> R) -> R {
    Worker::with(|worker| match worker {
        Some(worker) => f(worker.shared()),
        None => f(global().shared()),
    })
}

/// Hands a job to the pool whose worker calls this, or else to the global one.
///
/// # Errors
/// As [`ThreadPool::spawn`].
///
/// ```
/// let handle = threadbare::pool::spawn(|| 6 * 7).expect("the global pool takes jobs");
/// assert_eq!(handle.wait().expect("it does not panic"), 42);
/// ```
pub fn spawn<F, T>(job: F) -> Result<Handle<T>, Refused<F>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Worker::with(|worker| match worker {
        None => global().spawn(job),
        Some(worker) => spawn::spawn(job, false, |job| {
            if worker.shared().sleep().look().is_shut_down() {
                return Err((job, Reason::ShutDown));
            }
            worker.push(job);
            Ok(())
        }),
    })
}
