//! 06.4 (implement): a map that keeps the order.
//!
//! A crew of threads calls `f` for each item. Nobody knows how long one takes, so the items
//! are not dealt out beforehand: whoever is free takes the next. The results come in any
//! order, and are wanted in that of the items.
//!
//! Goal:
//!
//! - `map` calls `f` once for each item, on the threads of the crew, and returns the results
//!   in the order of the items.
//! - Each thread has one item at a time. As long as there are items that nobody has begun
//!   with, no thread waits for another one: an item that takes long holds up nobody but
//!   itself.
//! - If `f` panics, `map` does, too, with that panic's payload, once all calls of `f` that
//!   have begun have ended. If several do, with one of the payloads. Items that nobody has
//!   begun with may be left out then.
//! - Each result is dropped once: by whoever has it, or before `map` panics.
//!
//! The crew is given, in `exercises/06_work_stealing/given/crew.rs`; it waits for its
//! threads, but it does not keep their payloads. `R` need not be `Sync`.
//!
//! Edit between the markers only. About 30 lines, 30 minutes.
//! Stuck? `cargo hint 06.4`, three levels.
//!
//! A failing run prints the interleaving in columns, below for instance
//! ```text
//! map returned [0, 20, 10], and it should be [0, 10, 20]
//! ```

#![allow(unsafe_code, reason = "the place of a result may be plain memory")]

#[path = "../../../exercises/06_work_stealing/given/crew.rs"]
pub mod given;

use given::Crew;

// --- edit from here ---

use std::panic::{self, AssertUnwindSafe};

use super::ground::Named as _;
use super::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use super::ground::sync::Mutex;

/// Calls `f` for each item, on all threads of the crew; the results in the order of the
/// items.
pub fn map<T, R>(crew: &Crew, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let next = AtomicUsize::new(0).named("next");
    // A lock for each, which nobody ever waits for: it is there for the compiler, which
    // can't see that each number is given out once.
    //
    // Rejected: one lock around all results. Whoever comes with one waits for whoever
    // stores another, for nothing; and if `f` is called while it is held, all wait for all.
    let slots: Vec<Mutex<Option<R>>> =
        items.iter().map(|_| Mutex::new(None)).collect();
    let panicked = Mutex::new(None).named("panicked");
    crew.everywhere(|| {
        loop {
            // ORDERING: Relaxed. Only the number matters; the items were there before the
            // threads, and the end of the threads hands over the results.
            let index = next.fetch_add(1, Relaxed);
            let Some(item) = items.get(index) else {
                return;
            };
            // Nothing of ours is seen after a panic but that it happened.
            match panic::catch_unwind(AssertUnwindSafe(|| f(item))) {
                Ok(result) => *slots[index].lock().unwrap() = Some(result),
                Err(payload) => {
                    panicked.lock().unwrap().get_or_insert(payload);
                    return;
                }
            }
        }
    });
    if let Some(payload) = panicked.into_inner().unwrap() {
        // Now that nobody works any more. The results that are there go down with `slots`.
        panic::resume_unwind(payload);
    }
    let results = slots.into_iter().map(|slot| slot.into_inner().unwrap());
    results
        .map(|result| result.expect("nobody panicked, so all are there"))
        .collect()
}

// --- to here ---
