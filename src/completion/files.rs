//! Files, on threads of a pool: a stand-in that does it at once.

use std::io;
use std::os::fd::RawFd;

use super::driver::Waker;
use crate::event::Key;

/// What is to be done.
#[derive(Debug)]
pub(super) struct FileOp {
    pub(super) fd: RawFd,
    pub(super) offset: u64,
    pub(super) write: bool,
    pub(super) buffer: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct FileDone {
    pub(super) key: Key,
    pub(super) buffer: Vec<u8>,
    pub(super) result: io::Result<usize>,
}

#[derive(Debug)]
pub(super) struct Files {
    waker: Waker,
    done: Vec<FileDone>,
}

impl Files {
    pub(super) fn new(_threads: usize, waker: Waker) -> io::Result<Self> {
        let done = Vec::new();
        Ok(Self { waker, done })
    }

    pub(super) fn submit(
        &mut self,
        key: Key,
        op: FileOp,
    ) -> Result<(), (FileOp, io::Error)> {
        let _ = (op.fd, op.offset, op.write);
        let result = Err(io::Error::from_raw_os_error(libc::ENOSYS));
        let buffer = op.buffer;
        self.done.push(FileDone {
            key,
            buffer,
            result,
        });
        let _ = self.waker.wake();
        Ok(())
    }

    pub(super) fn withdraw(&mut self, key: Key) -> Option<Vec<u8>> {
        let place = self.done.iter().position(|done| done.key == key)?;
        Some(self.done.remove(place).buffer)
    }

    pub(super) fn take(&mut self, into: &mut Vec<FileDone>) {
        into.append(&mut self.done);
    }
}
