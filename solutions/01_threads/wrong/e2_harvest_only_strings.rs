//! must say: so its result is Err with the message "disk full", but the answer returned Err with the message "(a panic payload that is not text)"
//!
//! Knows the payload of `panic!("{value}")`, but not that of `panic!("fixed text")`.

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
    handles
        .into_iter()
        .map(|handle| {
            handle.join().map_err(|payload| Panicked {
                message: payload
                    .downcast::<String>()
                    .map_or_else(|_| NOT_TEXT.to_owned(), |text| *text),
            })
        })
        .collect()
}

// --- to here ---
