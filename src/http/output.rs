//! What has to go out on a connection, and as much of it as the socket takes.
//!
//! Answers to pipelined requests are encoded one behind the other into the same bytes, and
//! leave in one system call. Behind them there may be one body that was too large to be worth
//! copying, a part of a file, or one that is made while it is sent; after that nothing more is collected until
//! it has gone, so what comes out is always what was put in, in that order.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::io::{self, ErrorKind, IoSlice, Write as _};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::channel::{Filled, Wake};
use super::response::{Scratch, Tail, let_go};

/// With so much to be sent no more requests are answered until it has gone. What a client
/// that does not read can make a server keep is this, and one answer.
const ENOUGH: usize = 64 * 1024;
/// How much memory is kept for the next answers, and as much for the next large body.
const KEPT_MAX: usize = 2 * ENOUGH;
/// And of those that are seldom needed.
const SLIM: usize = 4 * 1024;
/// After so many bytes it is someone else's turn, even if the socket would take more.
const TURN_BYTES: usize = 1024 * 1024;

// ANCHOR: output
/// The output of one connection.
#[derive(Debug)]
pub(crate) struct Output {
    /// Answers, encoded.
    bytes: Vec<u8>,
    /// How many of the bytes have gone.
    sent: usize,
    /// What comes behind them.
    tail: Tail,
    /// How much of it has gone.
    tail_sent: usize,
    /// What the last large body was in, for the next one: whoever makes that, the loop or a
    /// handler thread, puts it down here.
    spare: Vec<u8>,
}
// ANCHOR_END: output

/// How far a [`send`](Output::send) came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// So many bytes.
    pub(crate) bytes: usize,
    pub(crate) rest: Rest,
}

/// What is left to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing.
    None,
    /// What did not fit.
    Some,
    /// What somebody else will bring.
    Later,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            sent: 0,
            tail: Tail::None,
            tail_sent: 0,
            spare: Vec::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn spare(&self) -> (usize, usize) {
        (self.spare.as_ptr() as usize, self.spare.capacity())
    }

    /// Whether there is nothing to be sent.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && matches!(self.tail, Tail::None)
    }

    /// Lets who makes the next answer have the memory of a large body that has been sent.
    #[inline]
    pub(crate) fn lend_spare(&mut self, scratch: &mut Scratch) {
        if self.spare.capacity() > 0 {
            scratch.exchange_spare(&mut self.spare);
        }
    }

    /// Where answers are appended, as long as it has not [enough](Self::has_enough).
    #[inline]
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// What comes behind the bytes.
    #[inline]
    pub(crate) fn set_tail(&mut self, tail: Tail) {
        debug_assert!(matches!(self.tail, Tail::None), "one at a time");
        self.tail = tail;
    }

    /// Whether it must be sent before anything is added.
    #[inline]
    pub(crate) fn has_enough(&self) -> bool {
        self.bytes.len() - self.sent >= ENOUGH || !matches!(self.tail, Tail::None)
    }

    /// Forgets what is in it: for the next connection.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.sent = 0;
        self.tail_sent = 0;
        if !matches!(self.tail, Tail::None) {
            self.tail = Tail::None;
        }
        if self.bytes.capacity() > KEPT_MAX {
            self.bytes.shrink_to(KEPT_MAX);
        }
    }

    /// Gives back the memory of large answers.
    pub(crate) fn slim(&mut self) {
        self.spare = Vec::new();
        if self.bytes.capacity() > SLIM {
            self.bytes.shrink_to(SLIM);
        }
    }

    // ANCHOR: send
    /// Sends as much as the socket takes. A tail that has gone is given back to `scratch`.
    ///
    /// # Errors
    /// What the socket says, or a stream that can't go on. Then the client has a part of an
    /// answer, and no way to tell where it would go on: close.
    /// # Cost
    /// One system call, or one for each part of a stream.
    #[inline]
    pub(crate) fn send(
        &mut self,
        mut stream: &TcpStream,
        scratch: &mut Scratch,
    ) -> io::Result<Sent> {
        // Nearly always there are some short answers, and room for them.
        if let (0, Tail::None) = (self.sent, &self.tail)
            && let Ok(bytes) = stream.write(&self.bytes)
        {
            if bytes == self.bytes.len() {
                self.bytes.clear();
                let rest = Rest::None;
                return Ok(Sent { bytes, rest });
            }
            self.sent = bytes;
            let rest = Rest::Some;
            return Ok(Sent { bytes, rest });
        }
        self.send_parts(stream, scratch)
    }
    // ANCHOR_END: send

    // ANCHOR: send_parts
    /// The same, of what has parts: bytes and a body, of which some may have gone.
    #[cold]
    fn send_parts(
        &mut self,
        mut stream: &TcpStream,
        scratch: &mut Scratch,
    ) -> io::Result<Sent> {
        let mut bytes = 0;
        while bytes < TURN_BYTES {
            let head = &self.bytes[self.sent..];
            let tail = match &self.tail {
                Tail::None | Tail::Stream(_) | Tail::File(_) | Tail::Channel(_) => {
                    &[]
                }
                Tail::Vec(tail) => &tail[self.tail_sent..],
                Tail::Static(tail) => &tail[self.tail_sent..],
            };
            let (head_len, wanted) = (head.len(), head.len() + tail.len());
            let (result, wanted) = match (head, tail) {
                ([], []) => match &mut self.tail {
                    Tail::File(part) if part.is_sent() => {
                        let wanted = part.wanted(TURN_BYTES - bytes);
                        (part.send(stream, wanted), wanted)
                    }
                    _ => match self.refill(scratch)? {
                        Rest::Some => continue,
                        rest => return Ok(Sent { bytes, rest }),
                    },
                },
                (head, []) => (stream.write(head), wanted),
                ([], tail) => (stream.write(tail), wanted),
                (head, tail) => {
                    let both = [IoSlice::new(head), IoSlice::new(tail)];
                    (stream.write_vectored(&both), wanted)
                }
            };
            let sent = match result {
                Ok(sent) => sent,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => break,
                    ErrorKind::Interrupted => continue,
                    _ => return Err(error),
                },
            };
            bytes += sent;
            let of_head = sent.min(head_len);
            self.sent += of_head;
            self.tail_sent += sent - of_head;
            if sent < wanted {
                // It is full. To be told so once more would cost a call.
                break;
            }
        }
        let rest = Rest::Some;
        Ok(Sent { bytes, rest })
    }
    // ANCHOR_END: send_parts

    /// When everything so far has gone: the next part of the stream, if there is one.
    fn refill(&mut self, scratch: &mut Scratch) -> io::Result<Rest> {
        self.bytes.clear();
        self.sent = 0;
        self.tail_sent = 0;
        match &mut self.tail {
            Tail::None => return Ok(Rest::None),
            Tail::Stream(pull) => {
                let bytes = &mut self.bytes;
                // It is the handler's code, and may panic as a handler may.
                let filled = catch_unwind(AssertUnwindSafe(|| pull.fill(bytes)));
                match filled {
                    Ok(Ok(true)) => return Ok(Rest::Some),
                    Ok(Ok(false)) => {}
                    Ok(Err(error)) => {
                        let kind = error.kind();
                        let_go(error);
                        return Err(kind.into());
                    }
                    Err(payload) => {
                        let_go(payload);
                        return Err(io::Error::other("a stream has panicked"));
                    }
                }
            }
            Tail::File(part) => {
                if part.fill(&mut self.bytes)? {
                    return Ok(Rest::Some);
                }
            }
            Tail::Channel(receiver) => match receiver.fill(&mut self.bytes) {
                Filled::Part => return Ok(Rest::Some),
                Filled::Nothing => return Ok(Rest::Later),
                Filled::End => {}
            },
            Tail::Vec(body) => {
                let body = std::mem::take(body);
                let more = body.capacity() > self.spare.capacity();
                match more && body.capacity() <= KEPT_MAX {
                    true => {
                        let mut less = std::mem::replace(&mut self.spare, body);
                        self.spare.clear();
                        less.clear();
                        scratch.recycle(less);
                    }
                    false => scratch.recycle(body),
                }
            }
            Tail::Static(_) => {}
        }
        self.tail = Tail::None;
        Ok(match self.bytes.is_empty() {
            true => Rest::None,
            false => Rest::Some,
        })
    }

    /// Asks to be told when somebody else has brought more. `false` if that is so already.
    #[cold]
    pub(crate) fn listen(&self, wake: impl FnOnce() -> Wake) -> bool {
        match &self.tail {
            Tail::Channel(receiver) => receiver.listen(wake),
            _ => false,
        }
    }

    /// Lets nobody bring more. Whether somebody could have.
    #[cold]
    pub(crate) fn end_channel(&self) -> bool {
        match &self.tail {
            Tail::Channel(receiver) => {
                receiver.end();
                true
            }
            _ => false,
        }
    }
}
