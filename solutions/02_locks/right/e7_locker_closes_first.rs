//! Right: refuses new uses at once, and then waits for the lock to write.

// --- edit from here ---

use super::ground::atomic::{AtomicBool, Ordering::Relaxed};
use super::ground::sync::{Arc, RwLock};

/// It was closed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// A handle to a client that is closed once. Clones are handles to the same one.
#[derive(Debug)]
pub struct Locker<C> {
    client: Arc<RwLock<Option<C>>>,
    closing: Arc<AtomicBool>,
}

impl<C> Clone for Locker<C> {
    fn clone(&self) -> Self {
        Self {
            client: Arc::clone(&self.client),
            closing: Arc::clone(&self.closing),
        }
    }
}

impl<C> Locker<C> {
    /// A handle to this client.
    pub fn new(client: C) -> Self {
        Self {
            client: Arc::new(RwLock::new(Some(client))),
            closing: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Calls `work` with the client, unless it is closed.
    pub fn with<R>(&self, work: impl FnOnce(&C) -> R) -> Result<R, Closed> {
        // ORDERING: Relaxed. Only saves waiting for the lock that decides.
        if self.closing.load(Relaxed) {
            return Err(Closed);
        }
        let client = self.client.read().unwrap();
        match &*client {
            Some(client) => Ok(work(client)),
            None => Err(Closed),
        }
    }

    /// Closes it, waits for those who are using it, and hands it out.
    pub fn close(&self) -> Result<C, Closed> {
        // ORDERING: Relaxed. Stored once, and read by `with`, which asks the lock as well.
        if self.closing.swap(true, Relaxed) {
            return Err(Closed);
        }
        self.client.write().unwrap().take().ok_or(Closed)
    }
}

// --- to here ---
