//! One pool for the whole process.

use super::spawn::{Handle, Refused};
use super::thread_pool::ThreadPool;
use crate::ground::Static;

/// The pool of the process, made when it is first asked for: a thread for each core.
pub fn global() -> &'static ThreadPool {
    static GLOBAL: Static<ThreadPool> =
        Static::new(|| ThreadPool::builder().name("global").build());
    &GLOBAL
}

/// Hands a job to the worker's own pool, or to the [`global`] one.
///
/// # Errors
/// As [`ThreadPool::spawn`].
pub fn spawn<F, T>(job: F) -> Result<Handle<T>, Refused<F>>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    global().spawn(job)
}
