//! The one place that picks the backend. Nobody above knows which it is.

use std::io;
use std::time::Duration;

use super::config::{Backend, Config};
use super::core::Core;
use super::readiness::Readiness;
#[cfg(target_os = "linux")]
use super::uring;
use crate::event::{self, Key};

/// Who does what was submitted, and says when it is done.
#[derive(Debug)]
pub(super) enum Driver {
    Readiness(Readiness),
    #[cfg(target_os = "linux")]
    Uring(uring::Driver),
}

/// Wakes a loop that waits, from any thread.
#[derive(Clone, Debug)]
pub(super) enum Waker {
    Readiness(event::Waker),
    #[cfg(target_os = "linux")]
    Uring(uring::Waker),
}

/// Bytes of a `receive`, which belong neither to the loop nor to the callback while that runs.
#[derive(Debug)]
pub(super) enum Lent {
    Readiness(Vec<u8>),
    #[cfg(target_os = "linux")]
    Uring(uring::Lent),
}

impl Waker {
    pub(super) fn wake(&self) -> io::Result<()> {
        match self {
            Self::Readiness(waker) => waker.wake(),
            #[cfg(target_os = "linux")]
            Self::Uring(waker) => waker.wake(),
        }
    }
}

impl Lent {
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Readiness(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Self::Uring(lent) => lent.bytes(),
        }
    }
}

/// The most that is handed over, or looked at, at once: what io_uring takes.
const ENTRIES_MAX: u32 = 1 << 15;

/// Calls the same of whichever it is.
macro_rules! each {
    ($self:expr, $driver:ident => $call:expr) => {
        match $self {
            Driver::Readiness($driver) => $call,
            #[cfg(target_os = "linux")]
            Driver::Uring($driver) => $call,
        }
    };
}

impl Driver {
    pub(super) fn new(config: &Config) -> io::Result<Self> {
        // As many as io_uring takes. With more, readiness asks for memory that nobody has.
        let config = &Config {
            entries: config.entries.clamp(1, ENTRIES_MAX),
            ..config.clone()
        };
        match config.backend {
            Backend::Readiness => Readiness::new(config).map(Self::Readiness),
            #[cfg(target_os = "linux")]
            Backend::Uring => uring::Driver::new(config).map(Self::Uring),
            #[cfg(target_os = "linux")]
            Backend::Auto => match uring::Driver::new(config) {
                Ok(driver) => Ok(Self::Uring(driver)),
                Err(_) => Readiness::new(config).map(Self::Readiness),
            },
            #[cfg(not(target_os = "linux"))]
            Backend::Auto => Readiness::new(config).map(Self::Readiness),
            #[cfg(not(target_os = "linux"))]
            Backend::Uring => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "io_uring is an interface of Linux",
            )),
        }
    }

    pub(super) const fn backend(&self) -> Backend {
        match self {
            Self::Readiness(_) => Backend::Readiness,
            #[cfg(target_os = "linux")]
            Self::Uring(_) => Backend::Uring,
        }
    }

    /// Begins an operation that is in flight from now on. It may finish it at once.
    #[inline]
    pub(super) fn start(&mut self, core: &mut Core, key: Key) {
        each!(self, driver => driver.start(core, key));
    }

    /// Somebody wants an operation back that is in flight: finishes it now or later.
    pub(super) fn cancel(&mut self, core: &mut Core, key: Key) {
        each!(self, driver => driver.cancel(core, key));
    }

    /// A descriptor shall be closed: whatever is in flight on it must end.
    pub(super) fn abandon(&mut self, core: &mut Core, descriptor: Key) {
        each!(self, driver => driver.abandon(core, descriptor));
    }

    /// Nothing is in flight on the descriptor, and it leaves the loop next.
    ///
    /// # Errors
    /// It can't leave yet.
    pub(super) fn forget(
        &mut self,
        core: &mut Core,
        descriptor: Key,
    ) -> io::Result<()> {
        each!(self, driver => driver.forget(core, descriptor))
    }

    /// Hands over what has gathered, and waits.
    #[inline]
    pub(super) fn wait(
        &mut self,
        core: &mut Core,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        each!(self, driver => driver.wait(core, limit))
    }

    /// One of the things that the wait has brought. Whether there was one.
    #[inline]
    pub(super) fn step(&mut self, core: &mut Core) -> bool {
        each!(self, driver => driver.step(core))
    }

    /// The bytes of a `receive` that is done, for its callback.
    #[inline]
    pub(super) fn lend(&mut self, core: &mut Core, key: Key) -> Lent {
        match self {
            Self::Readiness(driver) => Lent::Readiness(driver.lend(core, key)),
            #[cfg(target_os = "linux")]
            Self::Uring(driver) => Lent::Uring(driver.lend(core, key)),
        }
    }

    #[inline]
    pub(super) fn give_back(&mut self, lent: Lent) {
        match (self, lent) {
            (Self::Readiness(driver), Lent::Readiness(bytes)) => {
                driver.give_back(bytes);
            }
            #[cfg(target_os = "linux")]
            (Self::Uring(driver), Lent::Uring(lent)) => driver.give_back(lent),
            #[cfg(target_os = "linux")]
            _ => unreachable!("it came from this driver"),
        }
    }

    pub(super) fn waker(&self) -> Waker {
        match self {
            Self::Readiness(driver) => Waker::Readiness(driver.waker()),
            #[cfg(target_os = "linux")]
            Self::Uring(driver) => Waker::Uring(driver.waker()),
        }
    }

    /// The loop is dropped: every buffer must come back before this returns.
    pub(super) fn shutdown(&mut self, core: &mut Core) {
        each!(self, driver => driver.shutdown(core));
    }
}
