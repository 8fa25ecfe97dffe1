//! the model must say: close during a use that goes on does not sleep, at e7_locker_asks_until_nobody_uses_it.rs:51
//!
//! Asks again and again whether somebody still uses it.

// --- edit from here ---

use super::ground::sync::{Arc, Mutex};
use super::ground::thread;

/// It was closed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// A handle to a client that is closed once. Clones are handles to the same one.
#[derive(Debug)]
pub struct Locker<C> {
    client: Arc<Mutex<Option<Arc<C>>>>,
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
            client: Arc::new(Mutex::new(Some(Arc::new(client)))),
        }
    }

    /// Calls `work` with the client, unless it is closed.
    pub fn with<R>(&self, work: impl FnOnce(&C) -> R) -> Result<R, Closed> {
        let client = self.client.lock().unwrap().clone();
        client.map(|client| work(&client)).ok_or(Closed)
    }

    /// Closes it, waits for those who are using it, and hands it out.
    pub fn close(&self) -> Result<C, Closed> {
        let client = self.client.lock().unwrap().take().ok_or(Closed)?;
        let mut client = client;
        loop {
            match Arc::try_unwrap(client) {
                Ok(client) => return Ok(client),
                Err(used) => client = used,
            }
            thread::yield_now();
        }
    }
}

// --- to here ---
