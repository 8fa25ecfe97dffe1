//! must say: job 3 of 8 panicked with "disk full", but the answer returned only 3 results
//!
//! Leaves the loop after the first panic; the handles behind it are dropped, not
//! joined.

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

use super::ground::thread;

/// Runs all jobs at the same time and returns what came of each.
pub fn harvest<T: Send + 'static>(jobs: Vec<Job<T>>) -> Vec<Result<T, Panicked>> {
    let handles: Vec<_> = jobs.into_iter().map(thread::spawn).collect();
    let mut results = Vec::new();
    for handle in handles {
        match handle.join() {
            Ok(value) => results.push(Ok(value)),
            Err(payload) => {
                results.push(Err(Panicked {
                    message: words(&*payload),
                }));
                break;
            }
        }
    }
    results
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
