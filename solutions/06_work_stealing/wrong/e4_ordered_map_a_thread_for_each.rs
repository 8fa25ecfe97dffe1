//! the model must say: in a crew of 2
//!
//! Starts a thread for each item.

#![allow(unsafe_code, reason = "the place of a result may be plain memory")]

#[path = "../../../exercises/06_work_stealing/given/crew.rs"]
pub mod given;

use given::Crew;

// --- edit from here ---

use std::panic;

use super::ground::thread;

/// Calls `f` for each item; the results in the order of the items.
pub fn map<T, R>(crew: &Crew, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let _ = crew;
    let f = &f;
    let ended: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = items
            .iter()
            .map(|item| scope.spawn(move || f(item)))
            .collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    ended
        .into_iter()
        .map(|result| result.unwrap_or_else(|payload| panic::resume_unwind(payload)))
        .collect()
}

// --- to here ---
