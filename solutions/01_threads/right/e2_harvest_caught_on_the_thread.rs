//! Right: each thread catches its own panic and sends its result, and is joined
//! after that.

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
    let mut handles = Vec::new();
    for (place, job) in jobs.into_iter().enumerate() {
        let sender = sender.clone();
        handles.push(thread::spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(job)).map_err(|payload| {
                let message = if let Some(text) = payload.downcast_ref::<&str>() {
                    (*text).to_string()
                } else if let Some(text) = payload.downcast_ref::<String>() {
                    text.clone()
                } else {
                    NOT_TEXT.to_string()
                };
                Panicked { message }
            });
            sender.send((place, result)).unwrap();
        }));
    }
    drop(sender);
    let mut results: Vec<_> = ended.into_iter().collect();
    for handle in handles {
        handle.join().unwrap();
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

// --- to here ---
