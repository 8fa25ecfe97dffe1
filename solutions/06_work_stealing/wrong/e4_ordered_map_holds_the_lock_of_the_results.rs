//! the model must say: waits at e4_ordered_map_holds_the_lock_of_the_results.rs
//!
//! Calls `f` while it holds the results.

#![allow(unsafe_code, reason = "the place of a result may be plain memory")]

#[path = "../../../exercises/06_work_stealing/given/crew.rs"]
pub mod given;

use given::Crew;

// --- edit from here ---

use std::panic::{self, AssertUnwindSafe};

use super::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use super::ground::sync::Mutex;

/// Calls `f` for each item; the results in the order of the items.
pub fn map<T, R>(crew: &Crew, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let panicked = Mutex::new(None);
    crew.everywhere(|| {
        loop {
            let index = next.fetch_add(1, Relaxed);
            let Some(item) = items.get(index) else {
                return;
            };
            let mut results = results.lock().unwrap();
            match panic::catch_unwind(AssertUnwindSafe(|| f(item))) {
                Ok(result) => results.push((index, result)),
                Err(payload) => {
                    panicked.lock().unwrap().get_or_insert(payload);
                }
            }
        }
    });
    if let Some(payload) = panicked.into_inner().unwrap() {
        panic::resume_unwind(payload);
    }
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

// --- to here ---
