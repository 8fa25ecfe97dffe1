//! Locks, channels and shared ownership, as in [`std::sync`]. (First version.)

use std::ops::Deref;

use crate::execution::{self, Tag, What};

/// Shared ownership; its count is no step.
pub struct Arc<T>(std::sync::Arc<Shared<T>>);

struct Shared<T> {
    tag: Tag,
    value: T,
}

impl<T> Arc<T> {
    /// Makes the first owner.
    #[track_caller]
    pub fn new(value: T) -> Self {
        let tag = Tag::new();
        execution::register(&tag, What::Owner);
        Self(std::sync::Arc::new(Shared { tag, value }))
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self(std::sync::Arc::clone(&self.0))
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Drop for Arc<T> {
    fn drop(&mut self) {
        if execution::is_active() {
            let last = std::sync::Arc::strong_count(&self.0) == 1;
            execution::owner_leaves(&self.0.tag, last);
        }
    }
}
