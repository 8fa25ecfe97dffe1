//! What the tests of chapter 07 share: both loops behind one trait, so that each property is
//! a property of both, and pairs of descriptors that are connected.

#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "no test needs all of it"
)]

#[path = "../common/own_process.rs"]
mod own_process;
#[path = "../common/sockets.rs"]
mod sockets;

pub(crate) use own_process::alone;
pub(crate) use sockets::{accept, listen, pair, reset};
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;
use threadbare::event::{self, Event, Events, v1_poll};

/// When a test counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// To look, and not to wait.
pub(crate) const NOW: Option<Duration> = Some(Duration::ZERO);

/// A loop: the one of the chapter, or its first version.
pub(crate) trait Watch: Sized {
    /// Whether `nbytes` says how many.
    const COUNTS: bool;
    /// Whether a half-close is told.
    const TELLS_HALF_CLOSE: bool;
    type Waker: Clone + Send + 'static;

    fn new() -> io::Result<Self>;
    fn add_read(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()>;
    fn del_read(&mut self, fd: BorrowedFd<'_>) -> io::Result<()>;
    fn add_write(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()>;
    fn del_write(&mut self, fd: BorrowedFd<'_>) -> io::Result<()>;
    fn registered(&self) -> usize;
    fn waker(&self) -> Self::Waker;
    fn wake(waker: &Self::Waker) -> io::Result<()>;
    fn wait(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()>;

    /// Waits, for as long as it takes, until an event is as asked for.
    fn until(&mut self, is_it: impl Fn(&Event) -> bool) -> Event {
        let mut events = Events::with_capacity(64);
        loop {
            self.wait(&mut events, None).unwrap();
            if let Some(event) = events.iter().find(&is_it) {
                return event;
            }
        }
    }

    /// What there is now.
    fn now(&mut self) -> Vec<Event> {
        let mut events = Events::with_capacity(64);
        self.wait(&mut events, NOW).unwrap();
        events.iter().collect()
    }
}

macro_rules! watch {
    ($($module:ident, $counts:expr, $tells_half_close:expr);* $(;)?) => {$(
        impl Watch for $module::Loop {
            const COUNTS: bool = $counts;
            const TELLS_HALF_CLOSE: bool = $tells_half_close;
            type Waker = $module::Waker;

            fn new() -> io::Result<Self> {
                Self::new()
            }
            fn add_read(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()> {
                self.add_read(fd, user)
            }
            fn del_read(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
                self.del_read(fd)
            }
            fn add_write(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()> {
                self.add_write(fd, user)
            }
            fn del_write(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
                self.del_write(fd)
            }
            fn registered(&self) -> usize {
                self.registered()
            }
            fn waker(&self) -> Self::Waker {
                self.waker()
            }
            fn wake(waker: &Self::Waker) -> io::Result<()> {
                waker.wake()
            }
            fn wait(
                &mut self,
                events: &mut Events,
                timeout: Option<Duration>,
            ) -> io::Result<()> {
                self.wait(events, timeout)
            }
        }
    )*};
}

watch! {
    event, IS_KQUEUE, true;
    v1_poll, false, cfg!(not(target_vendor = "apple"));
}

/// Whether [`event::Loop`] stands on kqueue here.
pub(crate) const IS_KQUEUE: bool =
    cfg!(any(not(target_os = "linux"), threadbare_kqueue));

/// The one that is kqueue's interface over Linux's epoll: what it can't do, it is not asked.
pub(crate) const IS_LIBKQUEUE: bool =
    cfg!(all(target_os = "linux", threadbare_kqueue));

/// Makes a test of each of these functions for either loop.
macro_rules! of_both {
    ($($property:ident)*) => {
        mod the_loop {
            $(#[test]
            fn $property() {
                use threadbare::{event::Loop, testkit::within};
                within(crate::common::LIMIT, || super::$property(Loop::new().unwrap()));
            })*
        }

        mod v1_poll {
            $(#[test]
            fn $property() {
                use threadbare::{event::v1_poll::Loop, testkit::within};
                within(crate::common::LIMIT, || super::$property(Loop::new().unwrap()));
            })*
        }
    };
}
pub(crate) use of_both;
