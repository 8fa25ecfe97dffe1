//! Every item of a slice.

use super::thread_pool::ThreadPool;

/// Calls `run` for each item.
pub fn each<T: Sync>(items: &[T], run: impl Fn(&T) + Sync) {
    items.iter().for_each(run);
}

/// Calls `run` for each item.
pub fn each_mut<T: Send>(items: &mut [T], run: impl Fn(&mut T) + Sync) {
    items.iter_mut().for_each(run);
}

/// What `run` makes of each item, in order.
pub fn map<T: Sync, R: Send>(items: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    items.iter().map(run).collect()
}

impl<const TRACED: bool> ThreadPool<TRACED> {
    /// Calls `run` for each item.
    pub fn each<T: Sync>(&self, items: &[T], run: impl Fn(&T) + Sync) {
        items.iter().for_each(run);
    }

    /// Calls `run` for each item.
    pub fn each_mut<T: Send>(&self, items: &mut [T], run: impl Fn(&mut T) + Sync) {
        items.iter_mut().for_each(run);
    }

    /// What `run` makes of each item, in order.
    pub fn map<T: Sync, R: Send>(
        &self,
        items: &[T],
        run: impl Fn(&T) -> R + Sync,
    ) -> Vec<R> {
        items.iter().map(run).collect()
    }
}
