//! the model must say: thread 1 waits at e7_locker_one_at_a_time.rs:38 for client, which main holds
//!
//! The mutex of the book: one at a time uses it.

// --- edit from here ---

use super::ground::sync::{Arc, Mutex};

/// It was closed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// A handle to a client that is closed once. Clones are handles to the same one.
#[derive(Debug)]
pub struct Locker<C> {
    /// `None` once it is closed. Using it is reading; closing it is writing.
    client: Arc<Mutex<Option<C>>>,
}

impl<C> Clone for Locker<C> {
    fn clone(&self) -> Self {
        Self {
            client: Arc::clone(&self.client),
        }
    }
}

impl<C> Locker<C> {
    /// A handle to this client.
    pub fn new(client: C) -> Self {
        Self {
            client: Arc::new(Mutex::new(Some(client))),
        }
    }

    /// Calls `work` with the client, unless it is closed.
    pub fn with<R>(&self, work: impl FnOnce(&C) -> R) -> Result<R, Closed> {
        let client = self.client.lock().unwrap();
        match &*client {
            Some(client) => Ok(work(client)),
            None => Err(Closed),
        }
    }

    /// Closes it, waits for those who are using it, and hands it out.
    pub fn close(&self) -> Result<C, Closed> {
        self.client.lock().unwrap().take().ok_or(Closed)
    }
}

// --- to here ---
