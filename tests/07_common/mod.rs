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

pub(crate) use own_process::alone;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::BorrowedFd;
use std::time::Duration;
use threadbare::event::net::{self, Accepted, Share};
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

/// A listener on a port that the system chose.
pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = net::listen(any, 128, Share::Alone).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The two ends of a connection. The first does not block, the second does.
pub(crate) fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = listen();
    let client = TcpStream::connect(address).unwrap();
    (accept(&listener), client)
}

/// The next connection, which is on its way.
pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match net::accept(listener).unwrap() {
            Accepted::Stream(stream, _) => return stream,
            Accepted::Nothing | Accepted::Again => std::thread::yield_now(),
            Accepted::Exhausted(error) => panic!("{error}"),
        }
    }
}

/// Lets a connection end in a reset: what was not sent is thrown away.
#[allow(unsafe_code, reason = "std has no stable name for it")]
pub(crate) fn reset(stream: TcpStream) {
    use std::os::fd::AsRawFd;
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the kernel reads one `linger`, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of_val(&linger) as libc::socklen_t,
        )
    };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}
