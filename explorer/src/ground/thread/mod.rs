//! Threads, with the names and signatures of [`std::thread`].
//!
//! Inside a model a thread is one of the scheduler's: it runs when its turn comes, parks
//! and sleeps on the model's clock, and may panic without taking the others with it.
//! Outside, all of this is std's.

mod local;
mod scope;

pub use local::LocalKey;
pub use scope::{Scope, ScopedJoinHandle, scope};
pub use std::thread::{AccessError, Result};

pub(crate) use local::forget_run;
pub(super) use local::of_run;

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread as real;
use std::time::Duration;

use crate::execution::{self, Site, is_active};

/// What a model's program is told that it may use: enough to make a difference, and the
/// same on every machine.
const PARALLELISM: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// Gives the others a chance to go first: see [`spin_loop`](super::hint::spin_loop).
#[track_caller]
pub fn yield_now() {
    if is_active() {
        execution::spin(Location::caller());
    } else {
        real::yield_now();
    }
}

/// As [`std::thread::sleep`]; in a model, on the model's clock.
#[track_caller]
pub fn sleep(time: Duration) {
    if is_active() {
        execution::sleep(time, Location::caller());
    } else {
        real::sleep(time);
    }
}

/// As [`std::thread::panicking`].
pub fn panicking() -> bool {
    if is_active() {
        execution::is_panicking()
    } else {
        real::panicking()
    }
}

/// As [`std::thread::available_parallelism`]; in a model it is two.
///
/// # Errors
/// If the system does not say.
pub fn available_parallelism() -> io::Result<NonZeroUsize> {
    if is_active() {
        Ok(PARALLELISM)
    } else {
        real::available_parallelism()
    }
}

/// As [`std::thread::park`].
#[track_caller]
pub fn park() {
    if is_active() {
        execution::park(None, Location::caller());
    } else {
        real::park();
    }
}

/// As [`std::thread::park_timeout`].
#[track_caller]
pub fn park_timeout(limit: Duration) {
    if is_active() {
        let deadline = execution::now().saturating_add(limit);
        execution::park(Some(deadline), Location::caller());
    } else {
        real::park_timeout(limit);
    }
}

/// As [`std::thread::current`].
pub fn current() -> Thread {
    if !is_active() {
        return Thread(Handle::Real(real::current()));
    }
    Thread::of_model(execution::with(|execution| execution.me()))
}

/// [`std::thread::ThreadId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(Id);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Id {
    Real(real::ThreadId),
    Model(usize),
}

/// [`std::thread::Thread`].
#[derive(Clone, Debug)]
pub struct Thread(Handle);

#[derive(Clone, Debug)]
enum Handle {
    Real(real::Thread),
    Model {
        number: usize,
        name: Option<Arc<str>>,
    },
}

impl Thread {
    fn of_model(number: usize) -> Self {
        let name = execution::with(|execution| execution.given_name(number));
        let name = name.map(Arc::from);
        Self(Handle::Model { number, name })
    }

    /// As [`std::thread::Thread::unpark`].
    #[track_caller]
    pub fn unpark(&self) {
        match &self.0 {
            Handle::Real(thread) => thread.unpark(),
            Handle::Model { number, .. } => {
                if is_active() {
                    execution::unpark(*number, Location::caller());
                }
            }
        }
    }

    /// As [`std::thread::Thread::id`].
    pub fn id(&self) -> ThreadId {
        ThreadId(match &self.0 {
            Handle::Real(thread) => Id::Real(thread.id()),
            Handle::Model { number, .. } => Id::Model(*number),
        })
    }

    /// As [`std::thread::Thread::name`].
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            Handle::Real(thread) => thread.name(),
            Handle::Model { number: 0, .. } => Some("main"),
            Handle::Model { name, .. } => name.as_deref(),
        }
    }
}

/// What a thread leaves for who joins it.
struct Packet<T> {
    result: Arc<Mutex<Option<Result<T>>>>,
    /// It panicked.
    panicked: Arc<AtomicBool>,
}

impl<T> Packet<T> {
    /// Whether the result is there; a step, because it finds out how far another got.
    fn is_there(&self, site: Site) -> bool {
        if is_active() {
            execution::glance(site);
        }
        let there = self.lock().is_some();
        if is_active() {
            execution::with(|execution| {
                execution.looked_else();
                execution.note(u64::from(there));
            });
        }
        there
    }

    /// The result, once the thread has ended.
    fn take(&self) -> Result<T> {
        let result = self.lock().take();
        result.expect("a thread leaves its result before it ends")
    }

    fn lock(&self) -> MutexGuard<'_, Option<Result<T>>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts what `body` returns, or its panic, into a packet.
fn packed<'a, F, T>(body: F) -> (Packet<T>, Box<dyn FnOnce() + Send + 'a>)
where
    F: FnOnce() -> T + Send + 'a,
    T: Send + 'a,
{
    let packet = Packet {
        result: Arc::default(),
        panicked: Arc::default(),
    };
    let (result, panicked) =
        (Arc::clone(&packet.result), Arc::clone(&packet.panicked));
    let body = Box::new(move || {
        let ended = panic::catch_unwind(AssertUnwindSafe(body));
        // ORDERING: Relaxed. Who reads it joins this thread first.
        panicked.store(ended.is_err(), Relaxed);
        if is_active() {
            if ended.is_err() {
                // Remembered until somebody joins it: a panic that nobody asks for fails
                // the model.
                execution::set_panicked();
            }
            local::end_of_thread();
        }
        *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
    });
    (packet, body)
}

/// Whoever runs the body asks for no lifetime.
#[allow(unsafe_code, reason = "a scoped thread borrows from its scope")]
fn extend<'a>(body: Box<dyn FnOnce() + Send + 'a>) -> Box<dyn FnOnce() + Send> {
    // SAFETY: only the lifetime changes. Whoever starts a thread that borrows joins it
    // before the borrow ends: `scope` does, also when it unwinds. A run of a model that
    // fails never resumes any of its threads, and leaves their stacks as they are.
    unsafe { std::mem::transmute(body) }
}

/// [`std::thread::JoinHandle`].
pub struct JoinHandle<T> {
    thread: Thread,
    join: Join<T>,
}

enum Join<T> {
    Real(real::JoinHandle<T>),
    Model(usize, Packet<T>),
}

/// As [`std::thread::spawn`].
///
/// # Panics
/// If the system has no room for another thread.
pub fn spawn<F, T>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Builder::new().spawn(body).expect("failed to spawn thread")
}

impl<T> JoinHandle<T> {
    /// As [`std::thread::JoinHandle::join`].
    ///
    /// # Errors
    /// With the payload of the thread's panic.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        match self.join {
            Join::Real(handle) => handle.join(),
            Join::Model(number, packet) => {
                execution::join(number, Location::caller());
                packet.take()
            }
        }
    }

    /// As [`std::thread::JoinHandle::thread`].
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As [`std::thread::JoinHandle::is_finished`].
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        match &self.join {
            Join::Real(handle) => handle.is_finished(),
            Join::Model(_, packet) => packet.is_there(Location::caller()),
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// [`std::thread::Builder`].
#[derive(Debug, Default)]
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    name: Option<String>,
    stack: Option<usize>,
}

impl Builder {
    /// As [`std::thread::Builder::new`].
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`std::thread::Builder::name`].
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// As [`std::thread::Builder::stack_size`]; a model's threads have the stacks that they
    /// have.
    pub fn stack_size(mut self, size: usize) -> Self {
        self.stack = Some(size);
        self
    }

    /// As [`std::thread::Builder::spawn`].
    ///
    /// # Errors
    /// If the system has no room for another thread.
    pub fn spawn<F, T>(self, body: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ok(if is_active() {
            let (packet, body) = packed(body);
            let number = execution::spawn(body, self.name);
            JoinHandle {
                thread: Thread::of_model(number),
                join: Join::Model(number, packet),
            }
        } else {
            let handle = self.real().spawn(body)?;
            JoinHandle {
                thread: Thread(Handle::Real(handle.thread().clone())),
                join: Join::Real(handle),
            }
        })
    }

    /// As [`std::thread::Builder::spawn_scoped`].
    ///
    /// # Errors
    /// If the system has no room for another thread.
    pub fn spawn_scoped<'scope, F, T>(
        self,
        scope: &'scope Scope<'scope, '_>,
        body: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        scope.start(self, body)
    }

    fn real(self) -> real::Builder {
        let mut builder = real::Builder::new();
        if let Some(name) = self.name {
            builder = builder.name(name);
        }
        if let Some(stack) = self.stack {
            builder = builder.stack_size(stack);
        }
        builder
    }
}
