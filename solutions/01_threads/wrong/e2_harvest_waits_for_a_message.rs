//! must say: the grader was running 5 jobs, of which 4 panic with different kinds of payload
//!
//! Waits for as many messages as there are jobs, but a job that panics sends none.

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

use super::ground::sync::mpsc;
use super::ground::thread;

/// Runs all jobs at the same time and returns what came of each.
pub fn harvest<T: Send + 'static>(jobs: Vec<Job<T>>) -> Vec<Result<T, Panicked>> {
    let (sender, ended) = mpsc::channel();
    let count = jobs.len();
    let mut handles = Vec::new();
    for (place, job) in jobs.into_iter().enumerate() {
        let sender = sender.clone();
        handles.push(thread::spawn(move || sender.send((place, job()))));
    }
    let mut results: Vec<_> = (0..count).map(|_| ended.recv().unwrap()).collect();
    results.sort_by_key(|(place, _)| *place);
    for handle in handles {
        let _ = handle.join();
    }
    results.into_iter().map(|(_, value)| Ok(value)).collect()
}

// --- to here ---
