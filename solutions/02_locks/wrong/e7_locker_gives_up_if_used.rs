//! the model must say: if it is still used, it must be waited for
//!
//! Does not wait for those who use it, and then nobody gets it.

// --- edit from here ---

use super::ground::sync::{Arc, Mutex};

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
        Arc::into_inner(client).ok_or(Closed)
    }
}

// --- to here ---
