//! must say: jobs ended in reverse order here, and results belong in the order of the jobs
//!
//! Takes the results as they come in.

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
    for job in jobs {
        let sender = sender.clone();
        handles.push(thread::spawn(move || {
            let result =
                catch_unwind(AssertUnwindSafe(job)).map_err(|payload| Panicked {
                    message: words(&*payload),
                });
            let _ = sender.send(result);
        }));
    }
    drop(sender);
    let results = ended.into_iter().collect();
    for handle in handles {
        let _ = handle.join();
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
