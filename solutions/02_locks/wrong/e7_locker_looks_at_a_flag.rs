//! the model must say: what was true at a look need not be true at the use
//!
//! A flag says whether it is closed, and it is set too late.

// --- edit from here ---

use super::ground::atomic::{AtomicBool, Ordering::SeqCst};
use super::ground::sync::{Arc, RwLock};

/// It was closed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// A handle to a client that is closed once. Clones are handles to the same one.
#[derive(Debug)]
pub struct Locker<C> {
    /// `None` once it is closed. Using it is reading; closing it is writing.
    client: Arc<RwLock<Option<C>>>,
    closed: Arc<AtomicBool>,
}

impl<C> Clone for Locker<C> {
    fn clone(&self) -> Self {
        Self {
            client: Arc::clone(&self.client),
            closed: Arc::clone(&self.closed),
        }
    }
}

impl<C> Locker<C> {
    /// A handle to this client.
    pub fn new(client: C) -> Self {
        Self {
            client: Arc::new(RwLock::new(Some(client))),
            closed: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Calls `work` with the client, unless it is closed.
    pub fn with<R>(&self, work: impl FnOnce(&C) -> R) -> Result<R, Closed> {
        // ORDERING: SeqCst. Set by `close`.
        if self.closed.load(SeqCst) {
            return Err(Closed);
        }
        let client = self.client.read().unwrap();
        Ok(work(client.as_ref().expect("it is not closed")))
    }

    /// Closes it, waits for those who are using it, and hands it out.
    pub fn close(&self) -> Result<C, Closed> {
        let client = self.client.write().unwrap().take().ok_or(Closed);
        // ORDERING: SeqCst. Read by `with`.
        self.closed.store(true, SeqCst);
        client
    }
}

// --- to here ---
