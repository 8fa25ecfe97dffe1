//! The loop: its list of registrations, its kernel, and the wait.

use std::cell::Cell;
use std::io::ErrorKind;
use std::marker::PhantomData;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::time::Duration;
use std::{fmt, io};

use super::handshake::Handshake;
use super::kernel::{self, Poller};
use super::ready::Ready;
use super::table::{Direction, Interest, Table};
use super::{BACKEND, Deadline, Event, Events, Shared, Waker};
use crate::ground::sync::Arc;

/// Waits for many descriptors at once, and says which of them can be read or written.
///
/// One thread owns it, others have [`Waker`]s. It owns no descriptor that is registered: who
/// does takes the registration away first, then closes. The module's page has the whole
/// contract.
///
/// ```
/// use std::io::{Read as _, Write as _};
/// use std::os::fd::AsFd as _;
/// use threadbare::event::{Events, Loop};
///
/// let (mut reader, mut writer) = std::io::pipe()?;
/// let mut event_loop = Loop::new()?;
/// let mut events = Events::with_capacity(8);
/// event_loop.add_read(reader.as_fd(), 42)?;
///
/// writer.write_all(b"hello")?;
/// event_loop.wait(&mut events, None)?;
/// let event = events.iter().next().unwrap();
/// assert!(event.readable && event.user == 42);
///
/// let mut bytes = [0; 8];
/// assert_eq!(reader.read(&mut bytes)?, 5);
/// event_loop.del_read(reader.as_fd())?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// No two threads wait on one loop:
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>() {}
/// shared::<threadbare::event::Loop>();
/// ```
pub struct Loop {
    shared: Arc<Shared>,
    table: Table,
    stale: u64,
    /// One thread at a time.
    not_sync: PhantomData<Cell<()>>,
}

impl Loop {
    /// Makes a loop in which nothing is registered.
    ///
    /// # Errors
    /// What the kernel says: usually that there are no more descriptors. It takes two with
    /// epoll, one with kqueue.
    pub fn new() -> io::Result<Self> {
        let shared = Shared {
            handshake: Handshake::new(),
            poller: Poller::new()?,
        };
        Ok(Self {
            shared: Arc::new(shared),
            table: Table::default(),
            stale: 0,
            not_sync: PhantomData,
        })
    }

    /// Registers `fd` for reading: as long as a read would not wait, each wait says so.
    /// `user` comes with each event.
    ///
    /// # Errors
    /// `AlreadyExists` if it is registered for reading. Else what the kernel says: it has
    /// limits, and epoll refuses files (`PermissionDenied`), which never wait. With epoll it
    /// is `NotFound` if the other direction was registered, and the descriptor has been
    /// closed since, against the contract. Nothing has changed then.
    /// # Cost
    /// One system call. No allocation, except for the first descriptor with so high a number.
    #[inline]
    pub fn add_read(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()> {
        self.add(fd, Direction::Read, user)
    }

    /// Takes away what [`add_read`](Self::add_read) has registered. Events of it that a wait
    /// has brought already may still be in your hands.
    ///
    /// # Errors
    /// `NotFound` if it is not registered for reading.
    /// # Cost
    /// One system call.
    #[inline]
    pub fn del_read(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.del(fd, Direction::Read)
    }

    /// Registers `fd` for writing: as long as a write would not wait, each wait says so.
    /// That is nearly always, so do it only while something is left to be written.
    ///
    /// # Errors
    /// As [`add_read`](Self::add_read). And `BrokenPipe` if nobody can read any more: some
    /// kqueues refuse that at once. On epoll it is registered, and the wait says `err`.
    /// # Cost
    /// As [`add_read`](Self::add_read).
    ///
    /// ```
    /// use std::os::fd::AsFd as _;
    /// use threadbare::event::{Events, Loop};
    ///
    /// let (_reader, writer) = std::io::pipe()?;
    /// let (mut event_loop, mut events) = (Loop::new()?, Events::with_capacity(8));
    /// event_loop.add_write(writer.as_fd(), 7)?;
    /// event_loop.wait(&mut events, None)?; // at once: its buffer is empty
    /// assert!(events.iter().all(|event| event.writable && event.user == 7));
    /// event_loop.del_write(writer.as_fd())?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub fn add_write(&mut self, fd: BorrowedFd<'_>, user: u64) -> io::Result<()> {
        self.add(fd, Direction::Write, user)
    }

    /// Takes away what [`add_write`](Self::add_write) has registered.
    ///
    /// # Errors
    /// `NotFound` if it is not registered for writing.
    /// # Cost
    /// One system call.
    #[inline]
    pub fn del_write(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        self.del(fd, Direction::Write)
    }

    /// Something with which other threads wake this loop. It may outlive the loop.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Waits until something registered is ready, somebody wakes the loop, or `timeout` is
    /// over; `None` is no limit. Then `events` has what happened, and nothing else.
    ///
    /// # Errors
    /// What the kernel says; none is known that a program without `unsafe` could cause. What
    /// [`Events::woken`] says holds then, too.
    /// # Blocking
    /// Until one of the three. Signals do not end it, nor extend it. It never returns before
    /// `timeout` is over with nothing to tell, unless it has counted something as
    /// [`stale`](Self::stale); it may well return later, as timers are not exact.
    /// # Memory ordering
    /// Everything before a [`Waker::wake`] happens-before the return of the wait that
    /// reports it.
    /// # Cost
    /// One system call, no allocation. Two exchanges of one word, or one if it need not sleep.
    /// With a limit, a look at the clock. With room for one event, the wait that a waker has
    /// ended makes a second call.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::event::{Deadline, Events, Loop};
    ///
    /// let (mut event_loop, mut events) = (Loop::new()?, Events::with_capacity(8));
    /// let deadline = Deadline::after(Duration::from_millis(1));
    /// event_loop.wait(&mut events, deadline.remaining())?;
    /// assert!(events.is_empty() && deadline.expired());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn wait(
        &mut self,
        events: &mut Events,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        // No look at the clock where it decides nothing.
        let once = timeout == Some(Duration::ZERO);
        let deadline = match timeout {
            Some(limit) if !once => Deadline::after(limit),
            _ => Deadline::never(),
        };
        let (mut limit, stale) = (timeout, self.stale);
        events.clear();
        loop {
            self.wait_once(events, limit)?;
            let told = events.woken() || !events.is_empty() || self.stale != stale;
            if told || once {
                return Ok(());
            }
            // A signal, the end of a piece, or what an earlier wake has left behind.
            limit = deadline.remaining();
            if limit == Some(Duration::ZERO) {
                return Ok(());
            }
        }
    }

    /// How many registrations there are, of either direction.
    ///
    /// ```
    /// use std::os::fd::AsFd as _;
    /// use std::os::unix::net::UnixStream;
    ///
    /// let (one, _other) = UnixStream::pair()?;
    /// let mut event_loop = threadbare::event::Loop::new()?;
    /// event_loop.add_read(one.as_fd(), 1)?;
    /// event_loop.add_write(one.as_fd(), 2)?;
    /// assert_eq!((event_loop.registered(), event_loop.stale()), (2, 0));
    /// # event_loop.del_read(one.as_fd())?;
    /// # event_loop.del_write(one.as_fd())?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn registered(&self) -> usize {
        self.table.registered()
    }

    /// How many events the kernel gave for registrations that are no more. They were dropped.
    ///
    /// As long as every registration is taken away before its descriptor is closed it stays
    /// zero.
    #[must_use]
    pub fn stale(&self) -> u64 {
        self.stale
    }

    /// As [`wait`](Self::wait), but it may end too early with nothing to tell. For who waits in
    /// a loop anyway, and looks at the clock there.
    #[inline]
    pub(crate) fn wait_briefly(
        &mut self,
        events: &mut Events,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        events.clear();
        self.wait_once(events, limit)
    }

    /// One system call, and what it brought.
    fn wait_once(
        &mut self,
        events: &mut Events,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        let Shared { handshake, poller } = &*self.shared;
        let may_sleep = limit != Some(Duration::ZERO) && handshake.lie_down();
        let limit = if may_sleep {
            limit
        } else {
            Some(Duration::ZERO)
        };
        let most = most_entries(events.capacity(), self.table.split());
        let entries = &mut events.entries[..most];
        let mut waited = poller.wait(entries, limit);
        let woken = handshake.get_up();
        // A ring is no event. If it has taken the only place, somebody may be behind it. Only
        // those who were late can ring meanwhile: the word says that the loop is awake.
        while most == 1
            && matches!(waited, Ok(1))
            && Poller::translate(&entries[0]).is_none()
        {
            waited = poller.wait(entries, Some(Duration::ZERO));
        }
        events.set_woken(woken);
        let count = match waited {
            // The caller looks at the deadline, and waits for the rest of it.
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            result => result?,
        };
        for index in 0..count {
            if let Some(ready) = Poller::translate(&events.entries[index])
                && !tell(&ready, &mut self.table, events)
            {
                self.stale += 1;
            }
        }
        Ok(())
    }

    // Always inlined, as all that it calls: a processor that has to forget in the kernel
    // where calls return to guesses each return after a system call wrong.
    #[inline(always)]
    fn add(
        &mut self,
        fd: BorrowedFd<'_>,
        direction: Direction,
        user: u64,
    ) -> io::Result<()> {
        let change = self.table.add(fd.as_raw_fd(), direction)?;
        self.shared.poller.apply(&change)?;
        self.table.commit(&change, user);
        Ok(())
    }

    #[inline(always)]
    fn del(&mut self, fd: BorrowedFd<'_>, direction: Direction) -> io::Result<()> {
        let change = self.table.del(fd.as_raw_fd(), direction)?;
        self.shared.poller.apply(&change)?;
        self.table.commit(&change, 0);
        Ok(())
    }
}

/// More than any kernel is asked for at once: a wait with so many has other worries.
const ENTRIES_MAX: usize = 1 << 20;

/// How many entries to ask for, so that what they say fits into `room`.
///
/// An entry that speaks of both directions makes two events if their words differ; there are
/// `split` descriptors of which that can be said. As each entry is told in its turn, asking
/// for too many would leave the same ones untold each time. If `room` is odd, the last entry
/// may still make one too many: [`tell`] lets the two take turns.
fn most_entries(room: usize, split: usize) -> usize {
    let most = match kernel::DIRECTIONS {
        1 => room,
        _ => room.saturating_sub(split).max(room.div_ceil(2)),
    };
    most.min(ENTRIES_MAX)
}

/// Adds what `ready` says to `events`. `false` if the registration is no more.
fn tell(ready: &Ready, table: &mut Table, events: &mut Events) -> bool {
    let Some((fd, slot)) = table.find(ready.token) else {
        return false;
    };
    let Interest { read, write } = slot.armed;
    let (readable, writable) = (read && ready.read, write && ready.write);
    if !readable && !writable {
        return false;
    }
    let user = slot.user(if readable {
        Direction::Read
    } else {
        Direction::Write
    });
    let event = Event {
        fd,
        user,
        readable,
        writable,
        eof: ready.hung_up || readable && ready.half_closed,
        err: ready.err,
        nbytes: ready.nbytes,
    };
    let write_user = slot.user(Direction::Write);
    if !(readable && writable && user != write_user) {
        events.push(event);
        return true;
    }
    let reading = Event {
        writable: false,
        ..event
    };
    let writing = Event {
        user: write_user,
        readable: false,
        eof: ready.hung_up,
        ..event
    };
    if events.room() >= 2 {
        events.push(reading);
        events.push(writing);
    } else {
        events.push(if slot.write_first { writing } else { reading });
        slot.write_first = !slot.write_first;
    }
    true
}

impl fmt::Debug for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loop")
            .field("backend", &BACKEND)
            .field("registered", &self.registered())
            .field("stale", &self.stale)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
