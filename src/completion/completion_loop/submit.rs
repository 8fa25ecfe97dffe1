//! What can be asked for. Nothing here fails, and nothing here waits: whatever is wrong comes
//! to the callback, and the buffer with it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::super::callback::{Call, CallReceived, Callback};
use super::super::notify::{Async, Notices};
use super::super::operation::{Kind, NO_KEY, OTHER_LOOP};
use super::super::{Answer, Completion, Descriptor};
use super::Loop;
use crate::event::Key;

impl<S> Loop<S> {
    /// Calls back after `after`; re-armed, again each `after` since it was due, and those
    /// that were missed are left out. With a zero timer work is done in slices: it comes once
    /// a tick, and sockets have their turn between.
    ///
    /// # Blocking
    /// Never. The timer begins with the next [`run`](Self::run), or with the end of the
    /// callback that has submitted it. It comes late, not early.
    /// # Cost
    /// A slot, and a place in a heap. One look at the clock for all that begin together.
    pub fn timer(
        &mut self,
        after: Duration,
        user: u64,
        call: Call<S, ()>,
    ) -> Completion {
        let period = nanoseconds(after);
        self.submit(
            Kind::Timer,
            NO_KEY,
            Vec::new(),
            period,
            user,
            Callback::Event(call),
        )
    }

    /// Makes a timer begin anew, with another period. Whether it was still waiting; if not,
    /// nothing has changed.
    pub fn reset_timer(&mut self, timer: Completion, after: Duration) -> bool {
        self.core.reset_timer(timer.0, nanoseconds(after))
    }

    /// Accepts a connection; re-armed, the next.
    ///
    /// The connection belongs to the loop. With io_uring one request serves many: what was
    /// accepted before the kernel heard of the end is kept for the next `accept` of this
    /// listener.
    ///
    /// # Errors
    /// To the callback: `EMFILE` or `ENFILE` if there are no descriptors left; re-armed at
    /// once it would say so without end. `EBADF` if there is no such descriptor.
    pub fn accept(
        &mut self,
        listener: Descriptor,
        user: u64,
        call: Call<S, Descriptor>,
    ) -> Completion {
        let callback = Callback::Descriptor(call);
        self.submit(Kind::Accept, listener.0, Vec::new(), 0, user, callback)
    }

    /// Connects to `to`. The connection belongs to the loop. Re-armed, another one.
    ///
    /// # Errors
    /// To the callback: that it is refused, that no way leads there, that there are no
    /// descriptors left.
    pub fn connect(
        &mut self,
        to: SocketAddr,
        user: u64,
        call: Call<S, Descriptor>,
    ) -> Completion {
        let word = self.core.addresses.insert(to).to_user();
        let callback = Callback::Descriptor(call);
        self.submit(Kind::Connect, NO_KEY, Vec::new(), word, user, callback)
    }

    /// Reads once into what room `buffer` has, behind what is in it. The result is how many
    /// bytes came; none is the end of the stream.
    ///
    /// # Errors
    /// To the callback, with the buffer: `InvalidInput` if there is no room. What the kernel
    /// says.
    pub fn read(
        &mut self,
        descriptor: Descriptor,
        buffer: Vec<u8>,
        user: u64,
        call: Call<S, usize, Vec<u8>>,
    ) -> Completion {
        let callback = Callback::Bytes(call);
        self.submit(Kind::Read, descriptor.0, buffer, 0, user, callback)
    }

    /// Writes all of `buffer`. What the kernel does not take at once goes later.
    ///
    /// # Errors
    /// To the callback, with the buffer: what the kernel says. A part may have been written
    /// then, or before a cancel, and nobody says how much: whoever must know closes the
    /// connection.
    pub fn write(
        &mut self,
        descriptor: Descriptor,
        buffer: Vec<u8>,
        user: u64,
        call: Call<S, usize, Vec<u8>>,
    ) -> Completion {
        let callback = Callback::Bytes(call);
        self.submit(Kind::Write, descriptor.0, buffer, 0, user, callback)
    }

    /// Reads from a place in a file, once: as [`read`](Self::read).
    ///
    /// # Errors
    /// To the callback, with the buffer: as [`read`](Self::read), and `ESPIPE` of what has no
    /// places.
    pub fn read_at(
        &mut self,
        file: Descriptor,
        offset: u64,
        buffer: Vec<u8>,
        user: u64,
        call: Call<S, usize, Vec<u8>>,
    ) -> Completion {
        let callback = Callback::Bytes(call);
        self.submit(Kind::ReadAt, file.0, buffer, offset, user, callback)
    }

    /// Writes all of `buffer` to a place in a file.
    ///
    /// # Errors
    /// As [`write`](Self::write), and `ESPIPE` of what has no places.
    pub fn write_at(
        &mut self,
        file: Descriptor,
        offset: u64,
        buffer: Vec<u8>,
        user: u64,
        call: Call<S, usize, Vec<u8>>,
    ) -> Completion {
        let callback = Callback::Bytes(call);
        self.submit(Kind::WriteAt, file.0, buffer, offset, user, callback)
    }

    /// Receives into a buffer of the loop's, which is lent for as long as the callback runs. A
    /// connection that says nothing costs no buffer. No byte is the end of the stream.
    ///
    /// # Errors
    /// To the callback: what the kernel says.
    pub fn receive(
        &mut self,
        descriptor: Descriptor,
        user: u64,
        call: CallReceived<S>,
    ) -> Completion {
        let callback = Callback::Received(call);
        self.submit(Kind::Receive, descriptor.0, Vec::new(), 0, user, callback)
    }

    /// Calls back when somebody has notified `a`, now or before; many times may be one.
    ///
    /// # Errors
    /// To the callback: `InvalidInput` if `a` is another loop's.
    /// # Memory ordering
    /// Everything before a [`notify`](Async::notify) happens-before the callback.
    pub fn wait_for(
        &mut self,
        a: &Async,
        user: u64,
        call: Call<S, ()>,
    ) -> Completion {
        let callback = Callback::Event(call);
        let number = self.notices.as_ref().and_then(|notices| notices.number(a));
        let word = u64::from(number.unwrap_or(0));
        let key = self.submit(Kind::Async, NO_KEY, Vec::new(), word, user, callback);
        if number.is_none() {
            self.core.finish_code(key.0, OTHER_LOOP);
        }
        key
    }

    /// Something with which other threads end a [`wait_for`](Self::wait_for) of this loop.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn notifier(&mut self) -> io::Result<Async> {
        let driver = &self.driver;
        let notices = self
            .notices
            .get_or_insert_with(|| Notices::new(driver.waker()));
        let core = &self.core;
        let made = notices.create(|number| core.is_unused(number));
        if let Some(number) = notices.number(&made) {
            self.core.new_notice(number);
        }
        Ok(made)
    }

    // ANCHOR: cancel
    /// Wants an operation to end, and is told how it did. The answer comes after the
    /// operation's last callback: by then its buffer is back.
    ///
    /// Whatever can be cancelled at once is. Others have to be asked: the kernel, or a pool
    /// thread that works on a file and won't stop in the middle.
    ///
    /// A cancel itself can't be cancelled. Of one that is there, another cancel gets its
    /// answer too.
    pub fn cancel(
        &mut self,
        target: Completion,
        user: u64,
        call: Call<S, Answer>,
    ) -> Completion {
        let callback = Callback::Answer(call);
        let cancel =
            self.submit(Kind::Cancel, NO_KEY, Vec::new(), 0, user, callback);
        if self.core.cancel(target.0, cancel.0) {
            self.driver.cancel(&mut self.core, target.0);
        }
        cancel
    }
    // ANCHOR_END: cancel

    #[inline]
    fn submit(
        &mut self,
        kind: Kind,
        descriptor: Key,
        buffer: Vec<u8>,
        word: u64,
        user: u64,
        callback: Callback<S>,
    ) -> Completion {
        let key = self.core.submit(kind, descriptor, buffer, word, user);
        self.set_callback(key, callback);
        Completion(key)
    }
}

/// Too far is as far as it goes: 584 years.
fn nanoseconds(after: Duration) -> u64 {
    u64::try_from(after.as_nanos()).unwrap_or(u64::MAX)
}
