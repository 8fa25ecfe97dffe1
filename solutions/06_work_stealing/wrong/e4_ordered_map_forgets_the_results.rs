//! the model must say: 2 results had been made by then, and 0 of them were dropped
//!
//! If one panics, nobody drops the results of the others.

#![allow(unsafe_code, reason = "the place of a result may be plain memory")]

#[path = "../../../exercises/06_work_stealing/given/crew.rs"]
pub mod given;

use given::Crew;

// --- edit from here ---

use std::mem::MaybeUninit;
use std::panic::{self, AssertUnwindSafe};

use super::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Mutex;

/// The place of a result.
struct Slot<R>(UnsafeCell<MaybeUninit<R>>);

// SAFETY: each is written by the one thread that has its number, and read when all have ended.
unsafe impl<R: Send> Sync for Slot<R> {}

/// Calls `f` for each item; the results in the order of the items.
pub fn map<T, R>(crew: &Crew, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let next = AtomicUsize::new(0);
    let slots: Vec<Slot<R>> = items
        .iter()
        .map(|_| Slot(UnsafeCell::new(MaybeUninit::uninit())))
        .collect();
    let panicked = Mutex::new(None);
    crew.everywhere(|| {
        loop {
            let index = next.fetch_add(1, Relaxed);
            let Some(item) = items.get(index) else {
                return;
            };
            match panic::catch_unwind(AssertUnwindSafe(|| f(item))) {
                Ok(result) => {
                    slots[index].0.with_mut(|slot| unsafe {
                        (*slot).write(result);
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
    slots
        .into_iter()
        .map(|slot| unsafe { slot.0.into_inner().assume_init() })
        .collect()
}

// --- to here ---
