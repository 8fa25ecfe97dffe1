//! Descriptors: how they come to a loop, and leave it.

use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::OwnedFd;

use super::super::Descriptor;
use super::super::descriptors::{Entry, Handle};
use super::Loop;

impl<S> Loop<S> {
    /// Makes the loop the owner of a socket, a pipe or a file. It does not block from then on
    /// (`O_NONBLOCK`), except for files, to which that means nothing.
    ///
    /// # Errors
    /// What the kernel says. The descriptor is closed then.
    /// # Cost
    /// Two system calls.
    ///
    /// ```
    /// use threadbare::completion::{Descriptor, Loop};
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let (reader, _writer) = std::io::pipe()?;
    /// let reader: Descriptor = completions.adopt(reader)?;
    /// # completions.close(reader)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn adopt(&mut self, fd: impl Into<OwnedFd>) -> io::Result<Descriptor> {
        let handle = Handle::adopt(fd.into())?;
        Ok(Descriptor(self.core.descriptors.insert(Entry::new(handle))))
    }

    /// Gives a descriptor back.
    ///
    /// # Errors
    /// `EBADF` if there is none any more. `ResourceBusy` if operations are on it: also the one
    /// whose callback runs.
    ///
    /// ```
    /// use std::net::TcpListener;
    /// use threadbare::completion::Loop;
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let listener = completions.adopt(TcpListener::bind("127.0.0.1:0")?)?;
    /// let listener = TcpListener::from(completions.release(listener)?);
    /// assert!(listener.accept().is_err(), "it still does not block");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn release(&mut self, descriptor: Descriptor) -> io::Result<OwnedFd> {
        if self.entry(descriptor)?.operations > 0 {
            let message = "operations are on this descriptor";
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, message));
        }
        self.driver.forget(&mut self.core, descriptor.0)?;
        let entry = self.core.descriptors.remove(descriptor.0);
        self.retire_if_idle();
        entry.map(|entry| entry.handle.into()).ok_or_else(bad)
    }

    /// Ends all operations on a descriptor, and closes it. From now on nothing is found under
    /// it; it is closed when the last operation has called back. They say that they were
    /// cancelled, or what came of them, if that was known already.
    ///
    /// # Errors
    /// `EBADF` if there is none any more.
    ///
    /// ```
    /// use threadbare::completion::{Loop, Next, Run, is_cancelled};
    ///
    /// let mut completions = Loop::new()?;
    /// let (reader, _writer) = std::io::pipe()?;
    /// let reader = completions.adopt(reader)?;
    /// completions.read(reader, Vec::with_capacity(8), 0, |_, ended, read| {
    ///     *ended = read.result.as_ref().is_err_and(is_cancelled);
    ///     Next::Disarm
    /// });
    /// let mut ended = false;
    /// completions.run(&mut ended, Run::NoWait)?; // it is in flight now
    /// completions.close(reader)?;
    /// completions.run(&mut ended, Run::UntilDone)?;
    /// assert!(ended);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&mut self, descriptor: Descriptor) -> io::Result<()> {
        let idle = self.entry(descriptor)?.operations == 0;
        if idle {
            self.drop_descriptor(descriptor.0);
            return Ok(());
        }
        if let Some(entry) = self.core.descriptors.get_mut(descriptor.0) {
            entry.closing = true;
        }
        self.driver.abandon(&mut self.core, descriptor.0);
        Ok(())
    }

    /// Ends one direction of a connection, or both, and keeps the descriptor.
    ///
    /// # Errors
    /// `EBADF` if there is none any more; what the kernel says.
    ///
    /// ```
    /// use std::io::Read as _;
    /// use std::net::Shutdown;
    /// use std::os::unix::net::UnixStream;
    /// use threadbare::completion::Loop;
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let (mut one, other) = UnixStream::pair()?;
    /// let other = completions.adopt(other)?;
    /// completions.shutdown(other, Shutdown::Write)?;
    /// assert_eq!(one.read(&mut [0; 8])?, 0, "the end");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shutdown(
        &mut self,
        descriptor: Descriptor,
        how: Shutdown,
    ) -> io::Result<()> {
        self.entry(descriptor)?.handle.socket()?.shutdown(how)
    }

    /// Where a socket is bound to.
    ///
    /// # Errors
    /// `EBADF` if there is none any more; what the kernel says.
    ///
    /// ```
    /// use std::net::{TcpListener, TcpStream};
    /// use threadbare::completion::Loop;
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let stream = completions.adopt(TcpStream::connect(listener.local_addr()?)?)?;
    /// assert_eq!(completions.peer_addr(stream)?, listener.local_addr()?);
    /// assert_ne!(completions.local_addr(stream)?, listener.local_addr()?);
    /// completions.set_nodelay(stream, true)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn local_addr(&self, descriptor: Descriptor) -> io::Result<SocketAddr> {
        self.entry(descriptor)?.handle.socket()?.local_addr()
    }

    /// Whom a socket is connected with.
    ///
    /// # Errors
    /// `EBADF` if there is none any more; what the kernel says.
    ///
    /// ```
    /// use std::net::{TcpListener, TcpStream};
    /// use threadbare::completion::Loop;
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let stream = completions.adopt(TcpStream::connect(listener.local_addr()?)?)?;
    /// assert_eq!(completions.peer_addr(stream)?, listener.local_addr()?);
    /// assert_ne!(completions.local_addr(stream)?, listener.local_addr()?);
    /// completions.set_nodelay(stream, true)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn peer_addr(&self, descriptor: Descriptor) -> io::Result<SocketAddr> {
        self.entry(descriptor)?.handle.socket()?.peer_addr()
    }

    /// Whether small packets go out at once.
    ///
    /// # Errors
    /// `EBADF` if there is none any more; what the kernel says.
    ///
    /// ```
    /// use std::net::{TcpListener, TcpStream};
    /// use threadbare::completion::Loop;
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let stream = completions.adopt(TcpStream::connect(listener.local_addr()?)?)?;
    /// assert_eq!(completions.peer_addr(stream)?, listener.local_addr()?);
    /// assert_ne!(completions.local_addr(stream)?, listener.local_addr()?);
    /// completions.set_nodelay(stream, true)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_nodelay(
        &self,
        descriptor: Descriptor,
        nodelay: bool,
    ) -> io::Result<()> {
        self.entry(descriptor)?
            .handle
            .socket()?
            .set_nodelay(nodelay)
    }

    fn entry(&self, descriptor: Descriptor) -> io::Result<&Entry> {
        self.core
            .descriptors
            .get(descriptor.0)
            .filter(|entry| !entry.closing)
            .ok_or_else(bad)
    }
}

fn bad() -> io::Error {
    io::Error::from_raw_os_error(libc::EBADF)
}
