//! The descriptors that a loop owns, and who stands in line at each.

use std::fs::File;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::FileTypeExt as _;

use super::operation::{List, Side};
use crate::event::Slab;

/// All descriptors of a loop.
pub(super) type Descriptors = Slab<Entry>;

/// What a descriptor is. std's types are the number and nothing else; which one it is says
/// how it is read.
#[derive(Debug)]
pub(super) enum Handle {
    /// A socket of any family, connected or listening.
    Socket(TcpStream),
    /// A regular file: it is always ready, and then makes the caller wait.
    File(File),
    /// A pipe, a terminal, and the like.
    Other(File),
}

impl Handle {
    /// Finds out what `fd` is, and makes it non-blocking if that means something.
    pub(super) fn adopt(fd: OwnedFd) -> io::Result<Self> {
        let file = File::from(fd);
        let kind = file.metadata()?.file_type();
        if kind.is_file() || kind.is_dir() || kind.is_block_device() {
            return Ok(Self::File(file));
        }
        // The call is the same for all kinds, and std has it for sockets.
        let stream = TcpStream::from(OwnedFd::from(file));
        stream.set_nonblocking(true)?;
        Ok(match kind.is_socket() {
            true => Self::Socket(stream),
            false => Self::Other(File::from(OwnedFd::from(stream))),
        })
    }

    #[inline]
    pub(super) const fn is_socket(&self) -> bool {
        matches!(self, Self::Socket(_))
    }

    #[inline]
    pub(super) fn raw(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }

    /// The socket, if it is one.
    pub(super) fn socket(&self) -> io::Result<&TcpStream> {
        match self {
            Self::Socket(stream) => Ok(stream),
            _ => Err(io::Error::from_raw_os_error(libc::ENOTSOCK)),
        }
    }
}

impl AsFd for Handle {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Socket(stream) => stream.as_fd(),
            Self::File(file) | Self::Other(file) => file.as_fd(),
        }
    }
}

impl From<Handle> for OwnedFd {
    fn from(handle: Handle) -> Self {
        match handle {
            Handle::Socket(stream) => stream.into(),
            Handle::File(file) | Handle::Other(file) => file.into(),
        }
    }
}

/// One direction of a descriptor.
#[derive(Debug)]
pub(super) struct Line {
    /// Operations in flight, the oldest first.
    pub(super) waiting: List,
    /// Readiness: an attempt is worth it. At first, and after one that had all it wanted.
    pub(super) ready: bool,
    /// Readiness: the kernel is asked to tell.
    pub(super) armed: bool,
    /// Readiness: it is in the list of those that want a turn.
    pub(super) listed: bool,
}

impl Line {
    const NEW: Self = Self {
        waiting: List::EMPTY,
        ready: true,
        armed: false,
        listed: false,
    };
}

/// One descriptor.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) handle: Handle,
    /// How many operations are not over yet.
    pub(super) operations: u32,
    /// It is closed when the last of them is over.
    pub(super) closing: bool,
    pub(super) read: Line,
    pub(super) write: Line,
}

impl Entry {
    pub(super) const fn new(handle: Handle) -> Self {
        Self {
            handle,
            operations: 0,
            closing: false,
            read: Line::NEW,
            write: Line::NEW,
        }
    }

    /// A connection: non-blocking, since it comes from `event::net` or the kernel's ring.
    pub(super) fn stream(stream: TcpStream) -> Self {
        Self::new(Handle::Socket(stream))
    }

    #[inline]
    pub(super) fn line(&mut self, side: Side) -> &mut Line {
        match side {
            Side::Read => &mut self.read,
            Side::Write => &mut self.write,
        }
    }
}

/// Where somebody wants to connect to, kept while that goes on.
pub(super) type Addresses = Slab<SocketAddr>;
