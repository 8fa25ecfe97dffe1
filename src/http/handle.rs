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
/// let config = Config { port: 0, loops: 2, ..Config::default() };
/// let mut server = Server::bind(config, hello)?;
/// let handle = server.handle();
/// let thread = std::thread::spawn(move || server.run());
/// handle.shutdown();
/// thread.join().unwrap()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Handle {
    stop: Arc<Stop>,
}

struct Stop {
    /// Finish what has been begun.
    stopping: AtomicBool,
    /// Leave everything as it is.
    ending: AtomicBool,
    /// Of all loops.
    wakers: Box<[Waker]>,
}

impl Handle {
    pub(crate) fn new(wakers: &[Waker]) -> Self {
        Self {
            stop: Arc::new(Stop {
                stopping: AtomicBool::new(false),
                ending: AtomicBool::new(false),
                wakers: wakers.into(),
            }),
        }
    }

    /// Makes the server stop: it accepts nobody any more, closes those who are silent,
    /// answers those who have begun a request, and then [`run`](super::Server::run) returns,
    /// at the latest after [`timeout_drain`](super::Config::timeout_drain).
    ///
    /// # Blocking
    /// Never: it does not wait until that has happened.
    /// # Memory ordering
    /// Everything before this call happens-before the return of `run`.
    /// # Cost
    /// A store, and for each loop as [`Waker::wake`].
    pub fn shutdown(&self) {
        // ORDERING: Release, so that what was done before is seen by who finds it stopping;
        // pairs with the Acquire load in `is_stopping`.
        self.stop.stopping.store(true, Release);
        self.wake_all();
    }

    /// Makes all loops end at once, and handler threads after what they are doing.
    pub(crate) fn end(&self) {
        // ORDERING: Release; pairs with the Acquire load in `is_ending`.
        self.stop.ending.store(true, Release);
        self.shutdown();
    }

    fn wake_all(&self) {
        for waker in &self.stop.wakers {
            // Only a wait that has failed could be missed, and that ends the loop as well.
            let _ = waker.wake();
        }
    }

    /// Whether it has been told to.
    #[inline]
    pub(crate) fn is_stopping(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release store in `shutdown`. That the store is
        // seen after a wake is the waker's promise already.
        self.stop.stopping.load(Acquire)
    }

    /// Whether nothing is to be finished any more.
    #[inline]
    pub(crate) fn is_ending(&self) -> bool {
        // ORDERING: Acquire; pairs with the Release store in `end`.
        self.stop.ending.load(Acquire)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("stopping", &self.is_stopping())
            .finish_non_exhaustive()
    }
}
