//! A pool that keeps connections for the next caller, and never has more than its limit.
//!
//! A semaphore says *how many* connections there may be: who has a permit may hold one. A
//! mutex guards the list of those that nobody holds. Neither is held while a connection is
//! being made, which may take a second: others go on taking and giving back.
//!
//! The order on the way back matters: first the connection into the list, then the permit.
//! The other way round somebody could have the permit, find the list still empty, and open
//! one more than allowed.

use std::error::Error;
use std::fmt;
use std::io;
use std::mem;
use std::ops::{Deref, DerefMut};

use super::{Permit, RESERVED, Semaphore, TimedOut};
use crate::ground::on_std::sync::{Mutex, MutexGuard, PoisonError};
use crate::ground::thread;
use crate::ground::time::Duration;

/// Connections of type `C`, opened when they are first needed and then kept.
///
/// A connection can be anything that is slow to make and serves one caller at a time. The
/// one that came back last is handed out first: it is the least likely to have been dropped
/// by the other end.
///
/// # Poisoning
/// Ignored. Under the lock a value is moved into or out of a list and a number is changed;
/// `connect` and the `Drop` of a connection run outside. A `connect` that panics takes its
/// caller with it, and its permit comes back. A connection that is held by a thread which
/// panics is not given to anybody else, because nobody knows in the middle of which message
/// it was: it is dropped, as by [`Pooled::discard`].
///
/// # Example
/// ```
/// use threadbare::locks::ConnectionPool;
///
/// let pool = ConnectionPool::new(2, || Ok::<_, std::io::Error>(Vec::new()));
/// pool.get()?.push("hello");
/// assert_eq!(*pool.get()?, ["hello"]); // the same one again
/// assert_eq!((pool.open(), pool.idle()), (1, 1));
/// # Ok::<_, std::io::Error>(())
/// ```
pub struct ConnectionPool<C, E = io::Error> {
    permits: Semaphore,
    state: Mutex<State<C>>,
    connect: Box<dyn Fn() -> Result<C, E> + Send + Sync>,
}

struct State<C> {
    /// Those that nobody holds, the one that came back last at the end.
    idle: Vec<C>,
    /// How many there are, held or not. INVARIANT: at most as many as there are permits.
    open: usize,
}

impl<C, E> ConnectionPool<C, E> {
    /// A pool of at most `limit` connections, none of which is open yet. `usize::MAX` is no
    /// limit.
    ///
    /// # Panics
    /// If `limit` is 0: nobody could ever get one.
    #[track_caller]
    pub fn new(
        limit: usize,
        connect: impl Fn() -> Result<C, E> + Send + Sync + 'static,
    ) -> Self {
        assert!(limit > 0, "a pool without connections serves nobody");
        Self {
            permits: Semaphore::new(limit),
            state: Mutex::new(State {
                idle: Vec::with_capacity(limit.min(RESERVED)),
                open: 0,
            }),
            connect: Box::new(connect),
        }
    }

    /// A connection: one that is idle, or else a new one. Waits while all are out.
    ///
    /// # Errors
    /// What `connect` returned. The caller holds nothing, and others may try.
    /// # Blocking
    /// Sleeps on a condition variable until a connection is given back or discarded; then
    /// for as long as `connect` takes, if a new one is needed.
    /// # Memory ordering
    /// All that came before a connection was given back happens-before the return of whoever
    /// gets it.
    /// # Cost
    /// With an idle one: two locks and unlocks, no allocation. The same on the way back.
    pub fn get(&self) -> Result<Pooled<'_, C, E>, E> {
        self.get_with(self.permits.acquire())
    }

    /// A connection, unless all are out now. Does not wait for others, but for `connect`.
    ///
    /// # Errors
    /// What `connect` returned.
    pub fn try_get(&self) -> Result<Option<Pooled<'_, C, E>>, E> {
        let permit = self.permits.try_acquire();
        permit.map(|permit| self.get_with(permit)).transpose()
    }

    /// A connection; waits while all are out, but at most `limit`, which does not cover
    /// `connect`.
    ///
    /// # Errors
    /// [`GetError::TimedOut`], or what `connect` returned.
    pub fn get_timeout(
        &self,
        limit: Duration,
    ) -> Result<Pooled<'_, C, E>, GetError<E>> {
        let permit = self.permits.acquire_timeout(limit);
        let permit = permit.map_err(|TimedOut| GetError::TimedOut)?;
        self.get_with(permit).map_err(GetError::Connect)
    }

    /// How many connections there are, held or idle. Already out of date when you read it.
    #[must_use]
    pub fn open(&self) -> usize {
        self.lock().open
    }

    /// How many connections nobody holds. Already out of date when you read it.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.lock().idle.len()
    }

    // ANCHOR: get
    fn get_with<'a>(&'a self, permit: Permit<'a>) -> Result<Pooled<'a, C, E>, E> {
        // Not `match self.lock().idle.pop()`: the guard would live to the end of the match,
        // and everybody would wait while one connects.
        let idle = self.lock().idle.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                // An error or a panic drops the permit, and so gives it back.
                let connection = (self.connect)()?;
                self.lock().open += 1;
                connection
            }
        };
        Ok(Pooled {
            connection: Some(connection),
            pool: self,
            _permit: permit,
        })
    }
    // ANCHOR_END: get

    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, State<C>> {
        // See "Poisoning" above.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C, E> fmt::Debug for ConnectionPool<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, idle) = {
            let state = self.lock();
            (state.open, state.idle.len())
        };
        f.debug_struct("ConnectionPool")
            .field("open", &open)
            .field("idle", &idle)
            .finish_non_exhaustive()
    }
}

/// A connection on loan. Dropping it gives it back.
#[must_use = "a connection that is dropped at once goes back at once; hold it while you talk"]
pub struct Pooled<'a, C, E = io::Error> {
    /// `None` only while this is being dropped.
    connection: Option<C>,
    pool: &'a ConnectionPool<C, E>,
    // A field is dropped after the body of `drop` below: the permit goes back last.
    _permit: Permit<'a>,
}

impl<C, E> Pooled<'_, C, E> {
    /// Closes the connection instead of giving it back: for one that is broken. Whoever
    /// comes next opens a new one.
    pub fn discard(mut self) {
        drop(self.retire());
    }

    /// Takes the connection out of the pool's count. It is dropped by the caller, outside of
    /// the lock.
    fn retire(&mut self) -> Option<C> {
        let connection = self.connection.take();
        self.pool.lock().open -= usize::from(connection.is_some());
        connection
    }
}

impl<C, E> Deref for Pooled<'_, C, E> {
    type Target = C;

    fn deref(&self) -> &C {
        self.connection.as_ref().expect("there until it is dropped")
    }
}

impl<C, E> DerefMut for Pooled<'_, C, E> {
    fn deref_mut(&mut self) -> &mut C {
        self.connection.as_mut().expect("there until it is dropped")
    }
}

impl<C, E> Drop for Pooled<'_, C, E> {
    fn drop(&mut self) {
        if thread::panicking() {
            drop(self.retire());
        } else if let Some(connection) = mem::take(&mut self.connection) {
            self.pool.lock().idle.push(connection);
        }
    }
}

impl<C: fmt::Debug, E> fmt::Debug for Pooled<'_, C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pooled").field(&**self).finish()
    }
}

/// Why [`ConnectionPool::get_timeout`] has no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetError<E> {
    /// All connections were out until time was up.
    TimedOut,
    /// What `connect` returned.
    Connect(E),
}

impl<E: fmt::Display> fmt::Display for GetError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => TimedOut.fmt(f),
            Self::Connect(_) => f.write_str("no connection could be opened"),
        }
    }
}

impl<E: Error + 'static> Error for GetError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TimedOut => None,
            Self::Connect(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod models;
