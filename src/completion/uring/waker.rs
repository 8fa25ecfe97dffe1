//! How other threads end a wait: the word of chapter 07, and an eventfd that the ring polls.
//!
//! One poll is submitted, and goes on: it tells of each write once. So nobody has to read the
//! eventfd, and as long as the loop is awake a wake is an exchange of one word.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};

use super::abi::{POLL_MULTISHOT, Sqe, op, poll_events};
use super::calls::{eventfd, ring_bell};
use crate::event::handshake::Handshake;
use crate::ground::sync::Arc;

/// What a loop and those who wake it share.
#[derive(Debug)]
pub(super) struct Bell {
    pub(super) handshake: Handshake,
    eventfd: OwnedFd,
}

impl Bell {
    pub(super) fn new() -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            handshake: Handshake::new(),
            eventfd: eventfd()?,
        }))
    }

    /// The poll that listens. It points to nothing.
    pub(super) fn listen(&self, user_data: u64) -> Sqe {
        Sqe {
            opcode: op::POLL_ADD,
            fd: self.eventfd.as_raw_fd(),
            len: POLL_MULTISHOT,
            op_flags: poll_events(libc::POLLIN),
            user_data,
            ..Sqe::default()
        }
    }
}

/// Wakes a loop on io_uring.
#[derive(Clone, Debug)]
pub(in super::super) struct Waker {
    pub(super) bell: Arc<Bell>,
}

impl Waker {
    /// As [`event::Waker::wake`](crate::event::Waker::wake).
    pub(in super::super) fn wake(&self) -> io::Result<()> {
        if self.bell.handshake.notify() {
            ring_bell(self.bell.eventfd.as_fd())?;
        }
        Ok(())
    }
}
