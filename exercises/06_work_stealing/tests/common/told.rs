//! A job whose panic is told: a pool catches what its jobs throw, and a grader wants to know.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};

use super::super::on_model::ground::sync::{Arc, Mutex};

/// What a job has thrown.
#[derive(Clone, Debug)]
pub struct Told(Arc<Mutex<Option<Box<dyn Any + Send>>>>);

impl Told {
    /// Nothing so far.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// The same job, of which a panic is kept.
    pub fn of(
        &self,
        job: impl FnOnce() + Send + 'static,
    ) -> impl FnOnce() + Send + 'static {
        let kept = Arc::clone(&self.0);
        move || {
            if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(job)) {
                *kept.lock().unwrap() = Some(payload);
            }
        }
    }

    /// Throws what the job has thrown.
    pub fn tell(&self) {
        let thrown = self.0.lock().unwrap().take();
        if let Some(payload) = thrown {
            panic::resume_unwind(payload);
        }
    }
}
