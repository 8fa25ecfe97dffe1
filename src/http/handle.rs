//! What other threads have of a server.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;

use crate::event::Waker;
use crate::ground::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use crate::ground::sync::Arc;

/// Stops a [`Server`](super::Server), from any thread.
///
/// ```
/// use threadbare::http::{Config, Request, Response, Server};
///
/// let hello = |_: &Request<'_>, response: &mut Response<'_>| {
///     response.text("Hello, World!");
/// };
/// let config = Config { port: 0, ..Config::default() };
/// let mut server = Server::bind(config, hello)?;
/// let handle = server.handle();
/// let thread = std::thread::spawn(move || server.run());
/// handle.shutdown();
/// thread.join().unwrap()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Handle {
    stopping: Arc<AtomicBool>,
    waker: Waker,
}

impl Handle {
    pub(crate) fn new(waker: Waker) -> Self {
        Self {
            stopping: Arc::new(AtomicBool::new(false)),
            waker,
        }
    }

    /// Makes the server stop: it accepts nobody any more, closes those who are silent,
    /// answers those who have begun a request, and then [`run`](super::Server::run) returns.
    ///
    /// # Blocking
    /// Never: it does not wait until that has happened.
    /// # Memory ordering
    /// Everything before this call happens-before the return of `run`.
    /// # Cost
    /// A store, and as [`Waker::wake`].
    pub fn shutdown(&self) {
        // ORDERING: Release, so that what was done before is seen by who finds it stopping;
        // pairs with the Acquire load in `is_stopping`.
        self.stopping.store(true, Release);
        // Only a wait that has failed could be missed, and that ends the loop as well.
        let _ = self.waker.wake();
    }

    /// Whether it has been told to.
    pub(crate) fn is_stopping(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release store in `shutdown`. That the store is
        // seen after a wake is the waker's promise already.
        self.stopping.load(Acquire)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("stopping", &self.is_stopping())
            .finish_non_exhaustive()
    }
}
