//! the model must say: waits at e4_ordered_map_holds_the_lock_of_the_iterator.rs
//!
//! The guard of a `while let` lives until the end of its body.

#![allow(unsafe_code, reason = "the place of a result may be plain memory")]

#[path = "../../../exercises/06_work_stealing/given/crew.rs"]
pub mod given;

use given::Crew;

// --- edit from here ---

use super::ground::sync::Mutex;

/// Calls `f` for each item; the results in the order of the items.
pub fn map<T, R>(crew: &Crew, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let left = Mutex::new(items.iter().enumerate());
    let results = Mutex::new(Vec::new());
    crew.everywhere(|| {
        while let Some((index, item)) = left.lock().unwrap().next() {
            let result = f(item);
            results.lock().unwrap().push((index, result));
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

// --- to here ---
