//! the model must say: nothing orders the two
//!
//! All results lie in one vector, and two threads touch it at the same time.

#![allow(unsafe_code, reason = "the place of a result may be plain memory")]

#[path = "../../../exercises/06_work_stealing/given/crew.rs"]
pub mod given;

use given::Crew;

// --- edit from here ---

use std::panic::{self, AssertUnwindSafe};

use super::ground::Named as _;
use super::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Mutex;

/// The places of all results.
struct Slots<R>(UnsafeCell<Vec<Option<R>>>);

// SAFETY: none.
unsafe impl<R: Send> Sync for Slots<R> {}

/// Calls `f` for each item; the results in the order of the items.
pub fn map<T, R>(crew: &Crew, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let next = AtomicUsize::new(0);
    let slots =
        Slots(UnsafeCell::new(items.iter().map(|_| None).collect()).named("slots"));
    let panicked = Mutex::new(None);
    let place = &slots;
    crew.everywhere(|| {
        loop {
            let index = next.fetch_add(1, Relaxed);
            let Some(item) = items.get(index) else {
                return;
            };
            match panic::catch_unwind(AssertUnwindSafe(|| f(item))) {
                Ok(result) => {
                    place.0.with_mut(|slots| unsafe {
                        (&mut *slots)[index] = Some(result)
                    });
                }
                Err(payload) => {
                    panicked.lock().unwrap().get_or_insert(payload);
                    return;
                }
            }
        }
    });
    if let Some(payload) = panicked.into_inner().unwrap() {
        panic::resume_unwind(payload);
    }
    let slots = place
        .0
        .with_mut(|slots| std::mem::take(unsafe { &mut *slots }));
    slots.into_iter().flatten().collect()
}

// --- to here ---
