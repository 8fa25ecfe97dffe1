//! must say: Was each of them joined by its handle?
//!
//! Waits for the results, but lets go of the threads that sent them.

/// Something to do on another thread.
pub type Job<T> = Box<dyn FnOnce() -> T + Send>;

/// A job that panicked, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked {
    /// The text that `panic!` was given, or [`NOT_TEXT`].
    pub message: String,
}

/// The message of a panic whose payload is no text.
pub const NOT_TEXT: &str = "(a panic payload that is not text)";

// --- edit from here ---

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::ground::sync::mpsc;
use super::ground::thread;

/// Runs all jobs at the same time and returns what came of each.
pub fn harvest<T: Send + 'static>(jobs: Vec<Job<T>>) -> Vec<Result<T, Panicked>> {
    let (sender, ended) = mpsc::channel();
    for (place, job) in jobs.into_iter().enumerate() {
        let sender = sender.clone();
        thread::spawn(move || {
            let result =
                catch_unwind(AssertUnwindSafe(job)).map_err(|payload| Panicked {
                    message: words(&*payload),
                });
            let _ = sender.send((place, result));
        });
    }
    drop(sender);
    let mut results: Vec<_> = ended.into_iter().collect();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

fn words(payload: &(dyn std::any::Any + Send)) -> String {
    match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => NOT_TEXT.to_owned(),
    }
}

// --- to here ---
