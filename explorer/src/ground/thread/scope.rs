//! Scoped threads: those that borrow, and are joined before what they borrow is gone.
//!
//! Written out rather than forwarded, so that there is one `Scope` for threads of a model
//! and for real ones.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread as real;

use super::{Builder, Handle, Packet, Result, Thread, extend, packed};
use crate::execution::{self, Site, is_active};

/// [`std::thread::Scope`].
pub struct Scope<'scope, 'env: 'scope> {
    threads: Threads,
    _scope: PhantomData<&'scope mut &'scope ()>,
    _env: PhantomData<&'env mut &'env ()>,
}

/// The threads of a scope that nobody has joined.
type Threads = Arc<Mutex<Vec<Member>>>;

/// A thread of a scope.
#[derive(Debug)]
struct Member {
    thread: Body,
    /// It panicked, and nobody has asked.
    panicked: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Body {
    Real(real::JoinHandle<()>),
    Model(usize),
}

impl Member {
    fn wait(self, site: Site) -> bool {
        match self.thread {
            // Its panic, if it had one, was caught on the thread itself.
            Body::Real(handle) => drop(handle.join()),
            Body::Model(number) => drop(execution::join(number, site)),
        }
        // ORDERING: Relaxed. The thread has been joined.
        self.panicked.load(Relaxed)
    }
}

/// [`std::thread::ScopedJoinHandle`].
pub struct ScopedJoinHandle<'scope, T> {
    thread: Thread,
    packet: Packet<T>,
    threads: Threads,
    _scope: PhantomData<&'scope ()>,
}

/// As [`std::thread::scope`].
///
/// # Panics
/// If `body` panics, or a thread whose panic nobody asked for.
#[track_caller]
pub fn scope<'env, F, T>(body: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let site = Location::caller();
    let scope = Scope {
        threads: Arc::default(),
        _scope: PhantomData,
        _env: PhantomData,
    };
    let threads = Arc::clone(&scope.threads);
    let result = panic::catch_unwind(AssertUnwindSafe(|| body(&scope)));
    let mut panicked = false;
    // A thread may start others in the scope while it is waited for.
    while let Some(member) = take(&threads, |_| true) {
        panicked |= member.wait(site);
    }
    match result {
        Err(payload) => panic::resume_unwind(payload),
        Ok(_) if panicked => panic!("a scoped thread panicked"),
        Ok(value) => value,
    }
}

/// Takes the first thread out that is the one.
fn take(threads: &Threads, is: impl Fn(&Member) -> bool) -> Option<Member> {
    let mut threads = threads.lock().unwrap_or_else(PoisonError::into_inner);
    let found = threads.iter().position(is)?;
    Some(threads.remove(found))
}

impl<'scope> Scope<'scope, '_> {
    /// As [`std::thread::Scope::spawn`].
    ///
    /// # Panics
    /// If the system has no room for another thread.
    pub fn spawn<F, T>(&'scope self, body: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let started = self.start(Builder::new(), body);
        started.expect("failed to spawn thread")
    }

    pub(super) fn start<F, T>(
        &'scope self,
        builder: Builder,
        body: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let (packet, body) = packed(body);
        let (thread, body) = if is_active() {
            let number = execution::spawn(extend(body), builder.name);
            (Thread::of_model(number), Body::Model(number))
        } else {
            let handle = builder.real().spawn(extend(body))?;
            let thread = Thread(Handle::Real(handle.thread().clone()));
            (thread, Body::Real(handle))
        };
        let panicked = Arc::clone(&packet.panicked);
        let member = Member {
            thread: body,
            panicked,
        };
        let mut threads =
            self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.push(member);
        drop(threads);
        Ok(ScopedJoinHandle {
            thread,
            packet,
            threads: Arc::clone(&self.threads),
            _scope: PhantomData,
        })
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// As [`std::thread::ScopedJoinHandle::join`].
    ///
    /// # Errors
    /// With the payload of the thread's panic.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        let mine = &self.packet.panicked;
        let member = take(&self.threads, |other| Arc::ptr_eq(&other.panicked, mine));
        if let Some(member) = member {
            member.wait(Location::caller());
        }
        self.packet.take()
    }

    /// As [`std::thread::ScopedJoinHandle::thread`].
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// As [`std::thread::ScopedJoinHandle::is_finished`].
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        self.packet.is_there(Location::caller())
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
