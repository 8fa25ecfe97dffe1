//! Everybody's loop behind one trait, so that one server runs on all of them.

use std::io;
use std::num::NonZero;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use threadbare::event::{self, v1_poll};

/// One wait returns at most this many events.
pub(crate) const EVENTS_MAX: usize = 512;

/// When a server may stop reading a socket that was readable.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ReadOn {
    /// After the first read: what is left over is reported again.
    Never,
    /// After a read that did not fill the buffer: on the systems of this bench that means
    /// that nothing is left, and so the next byte is a new edge.
    UntilShort,
    /// When the kernel says EWOULDBLOCK.
    UntilWouldBlock,
}

/// What is known of a descriptor: its key, and what can be done.
pub(crate) struct Ready {
    pub(crate) key: u64,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// A loop that says which descriptors can be read or written.
pub(crate) trait Readiness: Sized + 'static {
    type Events;
    const READ_ON: ReadOn = ReadOn::Never;

    fn new() -> io::Result<Self>;
    fn events() -> Self::Events;
    /// Registers `fd` for reading.
    fn add(&mut self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()>;
    /// Changes from reading to writing, or back.
    fn turn(&mut self, fd: BorrowedFd<'_>, key: u64, write: bool) -> io::Result<()>;
    /// Ends a registration, which is for writing or for reading.
    fn remove(&mut self, fd: BorrowedFd<'_>, write: bool) -> io::Result<()>;
    fn wait(
        &mut self,
        events: &mut Self::Events,
        limit: Option<Duration>,
    ) -> io::Result<()>;
    fn each(events: &Self::Events, f: impl FnMut(Ready));
}

macro_rules! ours {
    ($module:ident) => {
        impl Readiness for $module::Loop {
            type Events = event::Events;

            fn new() -> io::Result<Self> {
                Self::new()
            }

            fn events() -> event::Events {
                event::Events::with_capacity(EVENTS_MAX)
            }

            fn add(&mut self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()> {
                self.add_read(fd, key)
            }

            fn turn(
                &mut self,
                fd: BorrowedFd<'_>,
                key: u64,
                write: bool,
            ) -> io::Result<()> {
                match write {
                    true => self.add_write(fd, key).and_then(|()| self.del_read(fd)),
                    false => {
                        self.add_read(fd, key).and_then(|()| self.del_write(fd))
                    }
                }
            }

            fn remove(&mut self, fd: BorrowedFd<'_>, write: bool) -> io::Result<()> {
                match write {
                    true => self.del_write(fd),
                    false => self.del_read(fd),
                }
            }

            fn wait(
                &mut self,
                events: &mut event::Events,
                limit: Option<Duration>,
            ) -> io::Result<()> {
                self.wait(events, limit)
            }

            fn each(events: &event::Events, mut f: impl FnMut(Ready)) {
                for event in events {
                    f(Ready {
                        key: event.user,
                        readable: event.readable,
                        writable: event.writable,
                    });
                }
            }
        }
    };
}
ours!(event);
ours!(v1_poll);

/// Mio is edge-triggered; its documentation says to read until EWOULDBLOCK.
pub(crate) struct Mio<const SHORT_READS: bool>(mio::Poll);

/// As its documentation says.
pub(crate) type MioDrained = Mio<false>;
/// As tokio does on Linux and macOS: a short read is taken for the last one.
pub(crate) type MioShortReads = Mio<true>;

impl<const SHORT_READS: bool> Readiness for Mio<SHORT_READS> {
    type Events = mio::Events;
    const READ_ON: ReadOn = match SHORT_READS {
        true => ReadOn::UntilShort,
        false => ReadOn::UntilWouldBlock,
    };

    fn new() -> io::Result<Self> {
        mio::Poll::new().map(Self)
    }

    fn events() -> mio::Events {
        mio::Events::with_capacity(EVENTS_MAX)
    }

    fn add(&mut self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        let token = mio::Token(key as usize);
        let registry = self.0.registry();
        registry.register(
            &mut SourceFd(&fd.as_raw_fd()),
            token,
            mio::Interest::READABLE,
        )
    }

    fn turn(&mut self, fd: BorrowedFd<'_>, key: u64, write: bool) -> io::Result<()> {
        let interest = match write {
            true => mio::Interest::WRITABLE,
            false => mio::Interest::READABLE,
        };
        let token = mio::Token(key as usize);
        let registry = self.0.registry();
        registry.reregister(&mut SourceFd(&fd.as_raw_fd()), token, interest)
    }

    fn remove(&mut self, fd: BorrowedFd<'_>, _: bool) -> io::Result<()> {
        self.0.registry().deregister(&mut SourceFd(&fd.as_raw_fd()))
    }

    fn wait(
        &mut self,
        events: &mut mio::Events,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        self.0.poll(events, limit)
    }

    fn each(events: &mio::Events, mut f: impl FnMut(Ready)) {
        for event in events {
            f(Ready {
                key: event.token().0 as u64,
                readable: event.is_readable(),
                writable: event.is_writable(),
            });
        }
    }
}

/// Polling, level-triggered like ours.
pub(crate) struct Polling(pub(crate) polling::Poller);

impl Readiness for Polling {
    type Events = polling::Events;

    fn new() -> io::Result<Self> {
        polling::Poller::new().map(Self)
    }

    fn events() -> polling::Events {
        let most = NonZero::new(EVENTS_MAX).expect("not zero");
        polling::Events::with_capacity(most)
    }

    #[allow(unsafe_code, reason = "polling's add is an unsafe function")]
    fn add(&mut self, fd: BorrowedFd<'_>, key: u64) -> io::Result<()> {
        let interest = polling::Event::readable(key as usize);
        let level = polling::PollMode::Level;
        // SAFETY: the descriptor has to be deleted before it is closed. All users of the
        // trait call `remove` first, or end the process.
        unsafe { self.0.add_with_mode(&fd, interest, level) }
    }

    fn turn(&mut self, fd: BorrowedFd<'_>, key: u64, write: bool) -> io::Result<()> {
        let interest = polling::Event::new(key as usize, !write, write);
        self.0
            .modify_with_mode(fd, interest, polling::PollMode::Level)
    }

    fn remove(&mut self, fd: BorrowedFd<'_>, _: bool) -> io::Result<()> {
        self.0.delete(fd)
    }

    fn wait(
        &mut self,
        events: &mut polling::Events,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        events.clear();
        self.0.wait(events, limit).map(drop)
    }

    fn each(events: &polling::Events, mut f: impl FnMut(Ready)) {
        for event in events.iter() {
            f(Ready {
                key: event.key as u64,
                readable: event.readable,
                writable: event.writable,
            });
        }
    }
}
