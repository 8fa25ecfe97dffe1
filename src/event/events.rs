//! What a wait tells: an [`Event`] for each registration that is ready, in the caller's
//! buffer.

use std::fmt;
use std::iter::Copied;
use std::os::fd::RawFd;
use std::slice;

use super::kernel::Entry;

/// Something that can be read or written without waiting, or is broken.
///
/// Decisions go by `user`: by the time at which you look at an event, its descriptor may be
/// closed, and the number given to something else.
///
/// | what happened | read is registered | write is registered |
/// |---|---|---|
/// | bytes came, or a connection on a listener | `readable` | |
/// | the buffer has room | | `writable` |
/// | the other end will send no more (half-close) | `readable`, `eof` | |
/// | the other end is gone | `readable`, `eof` | `writable`, and `eof` or `err` |
/// | the connection was reset, or could not be made | `readable`, `err` | `writable`, `err` |
///
/// So whoever only looks at `readable` and `writable` loses nothing: the next read or write
/// says the rest. `eof` and `err` only say it earlier.
///
/// ```
/// use std::net::Shutdown;
/// use std::os::fd::AsFd as _;
/// use std::os::unix::net::UnixStream;
/// use threadbare::event::{Events, Loop};
///
/// let (one, other) = UnixStream::pair()?;
/// let (mut event_loop, mut events) = (Loop::new()?, Events::with_capacity(8));
/// event_loop.add_read(one.as_fd(), 1)?;
/// other.shutdown(Shutdown::Write)?;
/// event_loop.wait(&mut events, None)?;
/// let event = events.iter().next().unwrap();
/// assert!(event.readable && event.eof && !event.err);
/// event_loop.del_read(one.as_fd())?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The descriptor, to show it. It may be somebody else's by now.
    pub fd: RawFd,
    /// What the registration was made with.
    pub user: u64,
    /// A read would not wait. It may still find the end, or an error.
    pub readable: bool,
    /// A write would not wait. It may still fail.
    pub writable: bool,
    /// The other end sends no more, or has gone. What it sent before can still be read.
    pub eof: bool,
    /// It is broken, and the next read or write says how.
    pub err: bool,
    /// How many bytes can be read, or written; of a listener, how many connections wait. 0
    /// where the kernel does not say: kqueue says it, epoll never does.
    pub nbytes: usize,
}

/// Where [`Loop::wait`](super::Loop::wait) puts what happened. Made once, used for each wait.
///
/// ```
/// use std::time::Duration;
/// use threadbare::event::{Events, Loop};
///
/// let mut event_loop = Loop::new()?;
/// let mut events = Events::with_capacity(64);
/// event_loop.waker().wake()?;
/// event_loop.wait(&mut events, None)?;
/// assert!(events.woken() && events.is_empty());
/// for event in &events {
///     println!("{event:?}");
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Events {
    /// What the kernel writes into.
    pub(super) entries: Box<[Entry]>,
    /// What that means. Never more than there are entries.
    list: Vec<Event>,
    woken: bool,
}

impl Events {
    /// Room for `capacity` events. One wait brings no more than these; what is left over stays
    /// in the kernel, and comes with the next wait, in turn.
    ///
    /// # Panics
    /// If `capacity` is zero, or so large that there is no memory for it.
    /// # Cost
    /// Two allocations, 36 to 88 bytes for each event; a wait has none.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        assert!(capacity > 0, "a wait needs room for an event");
        Self {
            entries: vec![super::kernel::EMPTY; capacity].into(),
            list: Vec::with_capacity(capacity),
            woken: false,
        }
    }

    /// How many the last wait brought.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the last wait brought none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether somebody called [`Waker::wake`](super::Waker::wake) since the wait before.
    #[must_use]
    pub fn woken(&self) -> bool {
        self.woken
    }

    /// What happened.
    pub fn iter(&self) -> Copied<slice::Iter<'_, Event>> {
        self.list.iter().copied()
    }

    /// How many fit.
    pub(super) fn capacity(&self) -> usize {
        self.entries.len()
    }

    /// How many more fit.
    pub(super) fn room(&self) -> usize {
        self.capacity() - self.list.len()
    }

    /// One more. If there is no room it is left out: the kernel will say it again.
    pub(super) fn push(&mut self, event: Event) {
        if self.room() > 0 {
            self.list.push(event);
        }
    }

    pub(super) fn set_woken(&mut self, woken: bool) {
        self.woken = woken;
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.woken = false;
    }
}

impl<'a> IntoIterator for &'a Events {
    type Item = Event;
    type IntoIter = Copied<slice::Iter<'a, Event>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("capacity", &self.capacity())
            .field("woken", &self.woken)
            .field("list", &self.list)
            .finish()
    }
}
