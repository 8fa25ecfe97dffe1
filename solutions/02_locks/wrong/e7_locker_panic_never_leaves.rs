//! the model must say: main sleeps at e7_locker_panic_never_leaves.rs:84, in wait(nobody_inside)
//!
//! Leaves after `work`, which a panic does not come to.

// --- edit from here ---

use super::ground::sync::{Arc, Condvar, Mutex};

/// It was closed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// A handle to a client that is closed once. Clones are handles to the same one.
#[derive(Debug)]
pub struct Locker<C> {
    shared: Arc<Shared<C>>,
}

#[derive(Debug)]
struct Shared<C> {
    state: Mutex<State<C>>,
    nobody_inside: Condvar,
}

#[derive(Debug)]
struct State<C> {
    /// `None` once it is closed.
    client: Option<Arc<C>>,
    inside: usize,
}

/// Leaves when dropped.
struct Inside<'a, C>(&'a Shared<C>);

impl<C> Drop for Inside<'_, C> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap();
        state.inside -= 1;
        if state.inside == 0 {
            self.0.nobody_inside.notify_all();
        }
    }
}

impl<C> Clone for Locker<C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C> Locker<C> {
    /// A handle to this client.
    pub fn new(client: C) -> Self {
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    client: Some(Arc::new(client)),
                    inside: 0,
                }),
                nobody_inside: Condvar::new(),
            }),
        }
    }

    /// Calls `work` with the client, unless it is closed.
    pub fn with<R>(&self, work: impl FnOnce(&C) -> R) -> Result<R, Closed> {
        let mut state = self.shared.state.lock().unwrap();
        let client = Arc::clone(state.client.as_ref().ok_or(Closed)?);
        state.inside += 1;
        drop(state);
        let answer = work(&client);
        drop(client);
        drop(Inside(&self.shared));
        Ok(answer)
    }

    /// Closes it, waits for those who are using it, and hands it out.
    pub fn close(&self) -> Result<C, Closed> {
        let mut state = self.shared.state.lock().unwrap();
        let client = state.client.take().ok_or(Closed)?;
        while state.inside > 0 {
            state = self.shared.nobody_inside.wait(state).unwrap();
        }
        drop(state);
        Ok(Arc::into_inner(client).expect("nobody is inside"))
    }
}

// --- to here ---
