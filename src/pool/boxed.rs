//! What the first two pools share: jobs that are closures in a box, and locks that nobody
//! poisons.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::stack_job::drop_quietly;
use crate::ground::sync::PoisonError;

/// A job.
pub(super) type Boxed = Box<dyn FnOnce() + Send>;

/// Runs a job. If it panics, its thread goes on.
pub(super) fn run(job: Boxed) {
    // Whatever the job may have left half done is its own affair: nobody else has it.
    if let Err(payload) = catch_unwind(AssertUnwindSafe(job)) {
        // What was thrown has a destructor, which may throw as well.
        drop_quietly(payload);
    }
}

/// What a lock or a wait returns, whether or not somebody panicked with the lock.
pub(super) fn unpoisoned<G>(result: Result<G, PoisonError<G>>) -> G {
    result.unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod models;
