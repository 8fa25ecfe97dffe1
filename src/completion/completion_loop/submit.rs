//! What can be asked for. Nothing here fails, and nothing here waits: whatever is wrong comes
//! to the callback, and the buffer with it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::super::callback::{Call, CallReceived, Callback};
use super::super::notify::{Async, Notices};
use super::super::operation::{Kind, NO_ASYNC, NO_KEY};
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
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let (mut completions, begin) = (Loop::new()?, Instant::now());
    /// let after = Duration::from_millis(1);
    /// completions.timer(after, 7, |completions, (), timer| {
    ///     assert_eq!(timer.user, 7);
    ///     Next::Disarm
    /// });
    /// completions.run(&mut (), Run::UntilDone)?;
    /// assert!(begin.elapsed() >= after);
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let mut completions = Loop::new()?;
    /// let hour = Duration::from_secs(3600);
    /// let timer = completions.timer(hour, 0, |_, _, _| Next::Disarm);
    /// assert!(completions.reset_timer(timer, Duration::ZERO));
    /// completions.run(&mut (), Run::UntilDone)?; // at once
    /// assert!(!completions.reset_timer(timer, hour), "it is over");
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// ```
    /// use std::net::{TcpListener, TcpStream};
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let mut completions = Loop::new()?;
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let clients = [(); 2].map(|()| TcpStream::connect(listener.local_addr().unwrap()));
    /// let listener = completions.adopt(listener)?;
    /// completions.accept(listener, 0, |completions, count: &mut usize, accepted| {
    ///     completions.close(*accepted.result.as_ref().unwrap()).unwrap();
    ///     *count += 1;
    ///     if *count < 2 { Next::Rearm } else { Next::Disarm }
    /// });
    /// let mut count = 0;
    /// completions.run(&mut count, Run::UntilDone)?;
    /// assert_eq!(count, clients.len());
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// ```
    /// use std::net::TcpListener;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let mut completions = Loop::new()?;
    /// completions.connect(listener.local_addr()?, 0, |completions, peer, connected| {
    ///     let connection = *connected.result.as_ref().unwrap();
    ///     *peer = completions.peer_addr(connection).ok();
    ///     Next::Disarm
    /// });
    /// let mut peer = None;
    /// completions.run(&mut peer, Run::UntilDone)?;
    /// assert_eq!(peer, Some(listener.local_addr()?));
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// ```
    /// use std::io::Write as _;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let (reader, mut writer) = std::io::pipe()?;
    /// let mut completions = Loop::new()?;
    /// let reader = completions.adopt(reader)?;
    /// completions.read(reader, Vec::with_capacity(64), 0, |_, all: &mut Vec<u8>, read| {
    ///     if matches!(read.result, Ok(count) if count > 0) {
    ///         return Next::Rearm; // behind what came
    ///     }
    ///     *all = std::mem::take(&mut read.buffer);
    ///     Next::Disarm
    /// });
    /// writer.write_all(b"hello")?;
    /// drop(writer);
    /// let mut all = Vec::new();
    /// completions.run(&mut all, Run::UntilDone)?;
    /// assert_eq!(all, b"hello");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// Nobody touches the buffer while it is on its way:
    ///
    /// ```compile_fail,E0382
    /// # use threadbare::completion::{Descriptor, Loop, Next};
    /// fn both(completions: &mut Loop<()>, reader: Descriptor) {
    ///     let mut buffer = Vec::with_capacity(64);
    ///     completions.read(reader, buffer, 0, |_, _, _| Next::Disarm);
    ///     buffer.push(7);
    /// }
    /// ```
    ///
    /// Nor is it anything that ends before:
    ///
    /// ```compile_fail,E0308
    /// # use threadbare::completion::{Descriptor, Loop, Next};
    /// fn on_the_stack(completions: &mut Loop<()>, reader: Descriptor) {
    ///     let mut buffer = [0; 64];
    ///     completions.read(reader, &mut buffer, 0, |_, _, _| Next::Disarm);
    /// }
    /// ```
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
    ///
    /// ```
    /// use std::io::Read as _;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let (mut reader, writer) = std::io::pipe()?;
    /// let mut completions = Loop::new()?;
    /// let writer = completions.adopt(writer)?;
    /// completions.write(writer, b"hello".to_vec(), 0, |_, count, written| {
    ///     *count = *written.result.as_ref().unwrap();
    ///     Next::Disarm
    /// });
    /// let mut count = 0;
    /// completions.run(&mut count, Run::UntilDone)?;
    /// completions.close(writer)?;
    /// let mut text = String::new();
    /// reader.read_to_string(&mut text)?;
    /// assert_eq!((count, &*text), (5, "hello"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// ```
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    /// let mut completions = Loop::new()?;
    /// let file = completions.adopt(std::fs::File::open(path)?)?;
    /// completions.read_at(file, 1, Vec::with_capacity(9), 0, |_, text, read| {
    ///     *text = std::mem::take(&mut read.buffer);
    ///     Next::Disarm
    /// });
    /// let mut text = Vec::new();
    /// completions.run(&mut text, Run::UntilDone)?;
    /// assert_eq!(text, b"workspace");
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// ```
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let path = std::env::temp_dir().join(format!("write_at.{}", std::process::id()));
    /// let mut completions = Loop::new()?;
    /// let file = completions.adopt(std::fs::File::create(&path)?)?;
    /// completions.write_at(file, 4, b"late".to_vec(), 0, |_, _, _| Next::Disarm);
    /// completions.write_at(file, 0, b"and ".to_vec(), 0, |_, _, _| Next::Disarm);
    /// completions.run(&mut (), Run::UntilDone)?;
    /// assert_eq!(std::fs::read(&path)?, b"and late");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// ```
    /// use std::io::Write as _;
    /// use std::net::Shutdown;
    /// use std::os::unix::net::UnixStream;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let (mut one, other) = UnixStream::pair()?;
    /// let mut completions = Loop::new()?;
    /// let other = completions.adopt(other)?;
    /// completions.receive(other, 0, |_, all: &mut Vec<u8>, received| {
    ///     let bytes = *received.result.as_ref().unwrap();
    ///     all.extend(bytes);
    ///     if bytes.is_empty() { Next::Disarm } else { Next::Rearm }
    /// });
    /// one.write_all(b"hello")?;
    /// one.shutdown(Shutdown::Write)?;
    /// let mut all = Vec::new();
    /// completions.run(&mut all, Run::UntilDone)?;
    /// assert_eq!(all, b"hello");
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    ///
    /// See [`Async::notify`] for an example.
    pub fn wait_for(
        &mut self,
        a: &Async,
        user: u64,
        call: Call<S, ()>,
    ) -> Completion {
        let callback = Callback::Event(call);
        let number = self.notices.as_ref().and_then(|notices| notices.number(a));
        let word = number.map_or(NO_ASYNC, u64::from);
        self.submit(Kind::Async, NO_KEY, Vec::new(), word, user, callback)
    }

    /// Something with which other threads end a [`wait_for`](Self::wait_for) of this loop.
    ///
    /// # Errors
    /// What the kernel says.
    ///
    /// ```
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let bell = completions.notifier()?;
    /// bell.notify()?; // before anybody waits: it is not lost
    /// completions.wait_for(&bell, 0, |_, _, _| Next::Disarm);
    /// assert_eq!(completions.run(&mut (), Run::UntilDone)?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
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
    /// Whatever can be cancelled at once is: after this call its life is `Done`. Others have to
    /// be asked: the kernel, or a pool thread that works on a file and won't stop in the
    /// middle.
    ///
    /// A cancel itself can't be cancelled. Of one that is there, another cancel gets its
    /// answer too.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::completion::{Answer, Loop, Next, Run};
    ///
    /// let mut completions = Loop::new()?;
    /// let hour = Duration::from_secs(3600);
    /// let timer = completions.timer(hour, 0, |_, _, timer| {
    ///     assert!(threadbare::completion::is_cancelled(timer.result.as_ref().unwrap_err()));
    ///     Next::Disarm
    /// });
    /// completions.cancel(timer, 0, |_, answer, cancel| {
    ///     *answer = cancel.result.as_ref().ok().copied();
    ///     Next::Disarm
    /// });
    /// let mut answer = None;
    /// completions.run(&mut answer, Run::UntilDone)?;
    /// assert_eq!(answer, Some(Answer::Cancelled));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn cancel(
        &mut self,
        target: Completion,
        user: u64,
        call: Call<S, Answer>,
    ) -> Completion {
        let callback = Callback::Answer(call);
        let cancel = self.core.submit_cancel(user);
        self.set_callback(cancel, callback);
        if self.core.cancel(target.0, cancel) {
            self.driver.cancel(&mut self.core, target.0);
        }
        Completion(cancel)
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
