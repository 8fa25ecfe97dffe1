//! must say: job 2 of 5 ended with a String of two lines and a blank at the end
//!
//! Tidies the message up, and loses its end.

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

use std::any::Any;

use super::ground::thread;

/// Runs all jobs at the same time and returns what came of each.
pub fn harvest<T: Send + 'static>(jobs: Vec<Job<T>>) -> Vec<Result<T, Panicked>> {
    let mut handles = Vec::new();
    for job in jobs {
        handles.push(thread::spawn(job));
    }
    let mut results = Vec::new();
    for handle in handles {
        results.push(handle.join().map_err(panicked));
    }
    results
}

fn panicked(payload: Box<dyn Any + Send>) -> Panicked {
    let message = match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => match payload.downcast::<&str>() {
            Ok(text) => (*text).to_owned(),
            Err(_) => NOT_TEXT.to_owned(),
        },
    };
    let first = message.trim().lines().next().unwrap_or_default();
    Panicked {
        message: first.to_owned(),
    }
}

// --- to here ---
