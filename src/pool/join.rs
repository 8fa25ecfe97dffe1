//! Two things at the same time, if another worker has time for the second.

use super::thread_pool::ThreadPool;

/// Calls both, perhaps at the same time.
pub fn join<A, B>(
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
) -> (A, B)
where
    A: Send,
    B: Send,
{
    (a(), b())
}

impl<const TRACED: bool> ThreadPool<TRACED> {
    /// Calls both, perhaps at the same time.
    pub fn join<A, B>(
        &self,
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B)
    where
        A: Send,
        B: Send,
    {
        (a(), b())
    }
}
