//! the model must say: and map with another payload
//!
//! A panic leaves the lock poisoned, and the next one panics because of that.

#![allow(unsafe_code, reason = "the place of a result may be plain memory")]

#[path = "../../../exercises/06_work_stealing/given/crew.rs"]
pub mod given;

use given::Crew;

// --- edit from here ---

use std::panic::{self, AssertUnwindSafe};

use super::ground::sync::Mutex;

/// Calls `f` for each item; the results in the order of the items.
pub fn map<T, R>(crew: &Crew, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let state = Mutex::new((items.iter().enumerate(), Vec::new()));
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        crew.everywhere(|| {
            loop {
                let next = state.lock().unwrap().0.next();
                let Some((index, item)) = next else {
                    return;
                };
                let result = f(item);
                state.lock().unwrap().1.push((index, result));
            }
        });
    }));
    if let Err(payload) = ended {
        panic::resume_unwind(payload);
    }
    let (_, mut results) = state.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

// --- to here ---
