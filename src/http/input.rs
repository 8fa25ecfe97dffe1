//! What has been received and not been used yet: a buffer that begins small, and grows with
//! what it has to hold.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::collections::TryReserveError;
use std::io::{self, Read as _};
use std::net::TcpStream;

use crate::event::memory::LARGE;

/// How large it is at first. Most requests are smaller; and a recv that fills it brings
/// some hundred of them.
const FIRST: usize = 16 * 1024;
/// How much of a new buffer is initialised at first.
const STEP: usize = 64 * 1024;
/// With less room than this more of it is: a read is worth its call.
const LITTLE: usize = 4 * 1024;
/// A larger buffer is given back when its request has been answered: to the system, for the
/// server asks the allocator for that with blocks of this size.
const KEPT_MAX: usize = LARGE;

// ANCHOR: input
/// The input of one connection: what has come is in `start..end`.
#[derive(Debug)]
pub(crate) struct Input {
    /// Its length is what is initialised: to read into memory that is not would need
    /// `unsafe`. There may be more room behind it.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}
// ANCHOR_END: input

impl Input {
    /// Room for 16 KiB, or for `cap` if that is less.
    pub(crate) fn new(cap: usize) -> Self {
        Self {
            buffer: vec![0; FIRST.min(cap)],
            start: 0,
            end: 0,
        }
    }

    /// What has come and has not been used.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The same, to be decoded in place.
    #[inline]
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.start..self.end]
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// It is empty, and `bytes`, which are few, have come.
    pub(crate) fn begin_with(&mut self, bytes: &[u8]) {
        self.buffer[..bytes.len()].copy_from_slice(bytes);
        (self.start, self.end) = (0, bytes.len());
    }

    /// `len` bytes have been used. If that was all, the next ones come to the beginning.
    #[inline]
    pub(crate) fn consume(&mut self, len: usize) {
        self.start += len;
        debug_assert!(self.start <= self.end, "nobody uses what has not come");
        if self.start >= self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Only the first `len` bytes are still needed.
    #[inline]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.end = self.end.min(self.start + len);
    }

    /// Forgets what is in it.
    #[inline]
    pub(crate) fn clear(&mut self, cap: usize) {
        (self.start, self.end) = (0, 0);
        if self.buffer.capacity() > KEPT_MAX {
            *self = Self::new(cap);
        }
    }

    // ANCHOR: make_room
    /// Makes room for `whole` bytes from the first that is not used, at least: more, if that
    /// spares the next growth, but never more than `cap`.
    ///
    /// # Errors
    /// There is no memory for it. Then all is as it was.
    #[inline]
    pub(crate) fn make_room(
        &mut self,
        whole: usize,
        cap: usize,
    ) -> Result<(), TryReserveError> {
        if whole > self.buffer.capacity() - self.start {
            self.move_or_grow(whole, cap)?;
        }
        if self.end + LITTLE > self.buffer.len() {
            self.initialise_more();
        }
        Ok(())
    }

    #[cold]
    fn move_or_grow(
        &mut self,
        whole: usize,
        cap: usize,
    ) -> Result<(), TryReserveError> {
        let used = self.start..self.end;
        let len = used.len();
        if whole <= self.buffer.capacity() {
            self.buffer.copy_within(used, 0);
        } else {
            let twice = (2 * self.buffer.capacity()).min(cap);
            let mut larger = Vec::new();
            // How much it is is for the client to say, so that it fails is no accident.
            larger.try_reserve_exact(whole.max(twice))?;
            larger.extend_from_slice(&self.buffer[used]);
            self.buffer = larger;
        }
        (self.start, self.end) = (0, len);
        Ok(())
    }

    /// As much again as there is. A large block comes from the system, which gives it page by
    /// page to who writes to it: a client that declares a megabyte and sends nothing costs no
    /// megabyte.
    #[cold]
    fn initialise_more(&mut self) {
        let len = self.buffer.len();
        let more = len.saturating_add(len.max(STEP));
        self.buffer.resize(more.min(self.buffer.capacity()), 0);
    }
    // ANCHOR_END: make_room

    /// Whether there is room without any growing.
    #[cold]
    pub(crate) fn has_room(&self) -> bool {
        self.end < self.buffer.len()
    }

    // ANCHOR: receive
    /// Receives once, as much as there is room for. Zero is the end.
    ///
    /// # Errors
    /// What the socket says; `WouldBlock` if there was nothing.
    #[inline]
    pub(crate) fn receive(&mut self, mut stream: &TcpStream) -> io::Result<usize> {
        debug_assert!(self.has_room(), "a read needs room");
        let received = stream.read(&mut self.buffer[self.end..])?;
        self.end += received;
        Ok(received)
    }
    // ANCHOR_END: receive
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    const CAP: usize = 1 << 20;

    /// An input that has received this.
    fn with(bytes: &[u8]) -> Input {
        let mut input = Input::new(CAP);
        input.make_room(bytes.len() + 1, CAP).unwrap();
        input.buffer.resize(input.buffer.capacity(), 0);
        input.buffer[..bytes.len()].copy_from_slice(bytes);
        input.end = bytes.len();
        input
    }

    #[test]
    fn what_was_received_is_there_until_it_is_used() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let ours = TcpStream::from(OwnedFd::from(ours));
        let mut input = Input::new(CAP);
        theirs.write_all(b"one two").unwrap();
        assert_eq!(input.receive(&ours).unwrap(), 7);
        assert_eq!(input.bytes(), b"one two");
        input.consume(4);
        assert_eq!(input.bytes(), b"two");
        theirs.write_all(b" three").unwrap();
        assert_eq!(input.receive(&ours).unwrap(), 6);
        assert_eq!(input.bytes(), b"two three");
        input.truncate(3);
        assert_eq!(input.bytes(), b"two");
        input.consume(3);
        assert!(input.is_empty() && input.end == 0);
        drop(theirs);
        assert_eq!(input.receive(&ours).unwrap(), 0);
    }

    #[test]
    fn it_doubles_or_grows_to_what_was_declared() {
        let mut input = with(b"abc");
        for (whole, room) in [
            (FIRST, FIRST), // there was room
            (FIRST + 1, 2 * FIRST),
            (100_000, 100_000),
            (CAP, CAP),
        ] {
            input.make_room(whole, CAP).unwrap();
            assert_eq!(input.buffer.capacity(), room);
        }
        assert_eq!(input.bytes(), b"abc");
        input.clear(CAP);
        assert_eq!(input.buffer.len(), FIRST, "the large one is given back");
        assert!(Input::new(300).buffer.len() == 300);
    }

    /// However much is declared: what has not come takes little.
    #[test]
    fn what_is_initialised_follows_what_has_come() {
        let mut input = with(b"abc");
        input.make_room(CAP, CAP).unwrap();
        while input.buffer.len() < CAP {
            assert!(
                input.end + LITTLE <= input.buffer.len(),
                "a read needs room"
            );
            assert!(input.buffer.len() <= 2 * input.end + STEP);
            input.end = input.buffer.len();
            input.make_room(CAP, CAP).unwrap();
        }
        assert_eq!(input.buffer.capacity(), CAP, "it was allocated once");
        assert_eq!(&input.bytes()[..4], b"abc\0");
    }

    #[test]
    fn what_there_is_no_memory_for_is_said_and_changes_nothing() {
        let mut input = with(b"abc");
        for whole in [isize::MAX as usize + 1, usize::MAX - 1] {
            input.make_room(whole, usize::MAX).unwrap_err();
            assert_eq!(input.bytes(), b"abc");
            assert_eq!(input.buffer.capacity(), FIRST);
        }
    }

    #[test]
    fn it_moves_to_the_front_before_it_grows() {
        let mut input = with(&[b'x'; FIRST]);
        let before = input.buffer.len();
        input.consume(FIRST - 3);
        input.make_room(before, CAP).unwrap();
        assert_eq!((input.bytes(), input.start), (&b"xxx"[..], 0));
        assert_eq!(input.buffer.len(), before);
    }
}
