//! A body that somebody else makes, when there is something to say: between the thread that
//! has it and the loop that sends it.
//!
//! A handler answers and returns. Whoever has the [`Sender`] then goes on with the body: a
//! thread that waits for news, or one that tells a thousand clients the same. Between the two
//! stands a buffer with a limit, so a client that does not read stops whoever writes for it,
//! and nobody else.
//!
//! ```text
//! any thread ── send ──► 64 KiB ── fill ──► output ── send ──► socket
//!                │  full: waits      │  empty: the connection waits, without a deadline
//!                └──── More(key) ────► inbox of its loop, if it does
//! ```
//!
//! What makes that safe is in two places, both under the one lock. The loop, before it waits,
//! looks once more whether there is something ([`Receiver::listen`]). And whoever adds
//! something looks whether the loop waits, and takes the notice down, so that a thousand
//! sends are one message.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;
use std::io::Write as _;
use std::thread::ThreadId;

use super::Framing;
use crate::ground::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How many bytes wait at most, but for one message that is larger by itself.
pub(super) const BYTES_MAX: usize = 64 * 1024;

/// How much memory is kept for the next ones: there may be thousands of streams, and most of
/// the time nothing is in them.
const KEPT_MAX: usize = 4 * 1024;

/// How a loop is told that there is more.
pub(super) type Wake = std::sync::Arc<dyn Fn() + Send + Sync>;

/// What both ends have.
struct Channel {
    inside: Mutex<Inside>,
    /// Those who wait until there is room, or nobody reads any more.
    room_or_end: Condvar,
    most: usize,
}

struct Inside {
    bytes: Vec<u8>,
    /// Nobody sends any more.
    ended: bool,
    /// Nobody reads any more.
    gone: bool,
    /// Whose handler it is that has not returned: until it has, nothing is sent, so it must
    /// not wait for that.
    handler: Option<ThreadId>,
    /// The loop has found nothing, and is to be told.
    waits: bool,
    wake: Option<Wake>,
}

impl Inside {
    /// Whether so many bytes may be added. A message is taken as a whole, and one that is
    /// larger than all the room is taken if there is nothing else.
    fn has_room(&self, count: usize, most: usize) -> bool {
        self.bytes.is_empty() || count <= most.saturating_sub(self.bytes.len())
    }

    /// Takes the loop's notice down. Call what is returned, without the lock.
    fn notice(&mut self) -> Option<Wake> {
        let waits = std::mem::take(&mut self.waits);
        self.wake.as_ref().filter(|_| waits).cloned()
    }
}

impl Channel {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Bytes are copied under this lock, and no one else's code is run.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// ANCHOR: sender
/// Sends the body of an answer: from any thread, when there is something, for as long as the
/// client listens. [`Response::channel`](super::Response::channel) makes it.
///
/// Dropped, it ends the body. Several threads share one behind an `Arc`; what one call sends
/// stays together.
///
/// ```
/// use std::thread;
/// use threadbare::http::{Request, Response, TestClient};
///
/// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
///     let sender = response.content_type("text/plain").channel();
///     thread::spawn(move || {
///         for n in 1..=3 {
///             sender.send(format!("{n} ").as_bytes())?;
///         }
///         Ok::<(), threadbare::http::Closed>(())
///     });
/// };
/// let answer = TestClient::new(Default::default(), handler).get("/").send();
/// assert_eq!(answer.text(), "1 2 3 ");
/// ```
pub struct Sender {
    channel: Arc<Channel>,
}
// ANCHOR_END: sender

/// The other end: a part of an output.
pub(crate) struct Receiver {
    channel: Arc<Channel>,
    framing: Framing,
}

/// Makes both ends, for the handler of this thread.
pub(super) fn channel() -> (Sender, Receiver) {
    // It is only compared. In the model checker it is a real thread's, and the same for all.
    let handler = std::thread::current().id();
    with_room_for(BYTES_MAX, Some(handler))
}

fn with_room_for(most: usize, handler: Option<ThreadId>) -> (Sender, Receiver) {
    let channel = Arc::new(Channel {
        inside: Mutex::new(Inside {
            bytes: Vec::new(),
            ended: false,
            gone: false,
            handler,
            waits: false,
            wake: None,
        }),
        room_or_end: Condvar::new(),
        most,
    });
    let sender = Sender {
        channel: Arc::clone(&channel),
    };
    let framing = Framing::None;
    (sender, Receiver { channel, framing })
}

impl Sender {
    // ANCHOR: send
    /// Sends these bytes behind all that was sent before, and waits while there is no room.
    ///
    /// # Errors
    /// [`Closed`] if the client has left, the server stops, or the answer was replaced by
    /// another one, as by that of a panic. No later call will succeed.
    /// # Blocking
    /// While 64 KiB wait for a client that does not read. A client that takes nothing at all
    /// is closed after [`timeout_write`](super::Config::timeout_write), and that ends it.
    /// What the handler itself sends never waits: nothing is sent until it has returned.
    /// # Cost
    /// A lock and a copy. If the connection waits for it, one message to its loop; that is a
    /// system call only if the loop sleeps.
    pub fn send(&self, bytes: &[u8]) -> Result<(), Closed> {
        let channel = &*self.channel;
        let mut inside = channel.lock();
        loop {
            if inside.gone {
                return Err(Closed);
            }
            if inside.has_room(bytes.len(), channel.most)
                || inside.handler == Some(std::thread::current().id())
            {
                put(inside, bytes);
                return Ok(());
            }
            let waited = channel.room_or_end.wait(inside);
            inside = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
    // ANCHOR_END: send

    /// Sends these bytes, if there is room for all of them.
    ///
    /// # Errors
    /// [`TrySend::Full`], and nothing was sent; [`TrySend::Closed`] as [`send`](Self::send).
    /// # Blocking
    /// Never.
    pub fn try_send(&self, bytes: &[u8]) -> Result<(), TrySend> {
        let inside = self.channel.lock();
        if inside.gone {
            return Err(TrySend::Closed);
        }
        if !inside.has_room(bytes.len(), self.channel.most) {
            return Err(TrySend::Full);
        }
        put(inside, bytes);
        Ok(())
    }

    /// Returns whether nobody reads any more, so that there is no use in sending.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.channel.lock().gone
    }
}

/// Adds the bytes, and tells the loop if it waits for them.
fn put(mut inside: MutexGuard<'_, Inside>, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    inside.bytes.extend_from_slice(bytes);
    let notice = inside.notice();
    drop(inside);
    if let Some(wake) = notice {
        wake();
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut inside = self.channel.lock();
        inside.ended = true;
        let notice = inside.notice();
        drop(inside);
        if let Some(wake) = notice {
            wake();
        }
    }
}

/// What a [`Receiver`] has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// Bytes, and there may be more.
    Part,
    /// None for now.
    Nothing,
    /// What there was, and that is the end.
    End,
}

impl Receiver {
    /// The handler has returned: from now on its answer is sent.
    pub(super) fn begin(&mut self, framing: Framing) {
        self.framing = framing;
        self.channel.lock().handler = None;
    }

    // ANCHOR: fill
    /// Appends all that there is, framed as the client expects it.
    pub(super) fn fill(&self, out: &mut Vec<u8>) -> Filled {
        let mut inside = self.channel.lock();
        let chunked = self.framing == Framing::Chunked;
        if !inside.bytes.is_empty() {
            if chunked {
                let _ = write!(out, "{:x}\r\n", inside.bytes.len());
            }
            out.extend_from_slice(&inside.bytes);
            if chunked {
                out.extend_from_slice(b"\r\n");
            }
            inside.bytes.clear();
            inside.bytes.shrink_to(KEPT_MAX);
            self.channel.room_or_end.notify_all();
        } else if !inside.ended {
            return Filled::Nothing;
        }
        if !inside.ended {
            return Filled::Part;
        }
        if chunked {
            out.extend_from_slice(b"0\r\n\r\n");
        }
        Filled::End
    }

    /// Asks to be told when there is more. `false` if there is something already.
    pub(super) fn listen(&self, wake: impl FnOnce() -> Wake) -> bool {
        let mut inside = self.channel.lock();
        if !inside.bytes.is_empty() || inside.ended {
            return false;
        }
        inside.waits = true;
        inside.wake.get_or_insert_with(wake);
        true
    }
    // ANCHOR_END: fill

    /// Ends the body behind what was sent until now. Whoever sends more is told.
    pub(super) fn end(&self) {
        let mut inside = self.channel.lock();
        inside.ended = true;
        inside.gone = true;
        self.channel.room_or_end.notify_all();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut inside = self.channel.lock();
        inside.gone = true;
        inside.bytes = Vec::new();
        let wake = inside.wake.take();
        self.channel.room_or_end.notify_all();
        drop(inside);
        drop(wake); // it may be the last that knows the loop
    }
}

/// Nobody reads what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads this body any more")
    }
}

impl std::error::Error for Closed {}

/// Why [`Sender::try_send`] has sent nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrySend {
    /// There is no room, until the client has read more.
    Full,
    /// Nobody reads any more.
    Closed,
}

impl fmt::Display for TrySend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("there is no room for it now"),
            Self::Closed => Closed.fmt(f),
        }
    }
}

impl std::error::Error for TrySend {}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("framing", &self.framing)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
