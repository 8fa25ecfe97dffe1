//! Sockets for a loop: they never block, no child process inherits them, and each way in
//! which accepting can fail says what to do next.
//!
//! std has all of this except three things. Its `bind` chooses the backlog for you (128, on
//! most systems), and cannot share a port among listeners; its `connect` waits; and its
//! `accept` takes two more system calls to make a socket non-blocking. So [`listen`],
//! [`accept`] and [`connect`] are made by hand here, and what they return is std's: from
//! there on a [`TcpStream`] is a [`TcpStream`].
//!
//! | step | Linux, FreeBSD | Darwin |
//! |---|---|---|
//! | a socket, non-blocking, close-on-exec | `socket` with two flags | `socket`, then two `fcntl` |
//! | the same from `accept` | `accept4` with two flags | `accept`, then two `fcntl` |
//! | no SIGPIPE from a write | a flag of each `send`, which std passes | `SO_NOSIGPIPE` |

#![allow(
    unsafe_code,
    reason = "socket, setsockopt, bind, listen, accept, connect"
)]

use std::io;
use std::mem;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd as _, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use libc::c_int;

use super::sys::{check, errno, error};

pub(crate) mod address;

use address::Address;

/// Whether a port belongs to one listener, or to several that share what arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// One listener. A second one gets `AddrInUse`.
    Alone,
    /// Several listeners of the same user, all of which say so: one for each loop. On Linux
    /// and FreeBSD the kernel spreads new connections over them (`SO_REUSEPORT`, there
    /// `SO_REUSEPORT_LB`). Darwin lets them share the port, and gives all connections to
    /// one of them.
    ReusePort,
}

// ANCHOR: listen
/// Opens a listener that does not block, with a backlog of your choice.
///
/// The *backlog* is how many connections may wait to be accepted. What happens beyond it is
/// the kernel's business: Linux drops the client's first packet, so that it tries again
/// after a second. Linux also cuts the number to `net.core.somaxconn` (4,096), and others
/// to limits of their own, and nobody says so.
///
/// The port may be taken again at once after an earlier server has ended (`SO_REUSEADDR`).
/// Port 0 lets the kernel choose: ask [`local_addr`](TcpListener::local_addr) which it is.
///
/// # Errors
/// `AddrInUse` if somebody listens there, `PermissionDenied` for a port below 1,024,
/// `AddrNotAvailable` if the address is not one of this machine. Whatever it is, the
/// message names the call, and no descriptor stays open.
/// # Cost
/// Four system calls, five with [`Share::ReusePort`]; Darwin needs three more.
/// # Example
/// ```
/// use threadbare::event::net::{Share, listen};
///
/// let listener = listen("127.0.0.1:0".parse().unwrap(), 128, Share::Alone)?;
/// assert_ne!(listener.local_addr()?.port(), 0);
///
/// let taken = listen(listener.local_addr()?, 128, Share::Alone).unwrap_err();
/// assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
/// assert!(taken.to_string().contains("bind"));
/// # Ok::<_, std::io::Error>(())
/// ```
/// Source: socket(7), listen(2).
// ANCHOR: listen_body
pub fn listen(
    addr: SocketAddr,
    backlog: u32,
    share: Share,
) -> io::Result<TcpListener> {
    let socket = bind(addr, share)?;
    start(socket, backlog)
}

/// A socket that has the port, and does not listen yet.
fn bind(addr: SocketAddr, share: Share) -> io::Result<OwnedFd> {
    // From here on dropping it closes it, whichever step fails.
    let socket = socket(&addr)?;
    set(&socket, libc::SO_REUSEADDR)?;
    if share == Share::ReusePort {
        set(&socket, REUSE_PORT)?;
    }
    let address = Address::from(addr);
    // SAFETY: the kernel reads as many bytes as `len` says, all of which are in `address`,
    // and `address` outlives the call.
    let bound =
        unsafe { libc::bind(socket.as_raw_fd(), address.as_ptr(), address.len()) };
    // EINTR: impossible here and below, for neither waits.
    check("bind", bound)?;
    Ok(socket)
}

fn start(socket: OwnedFd, backlog: u32) -> io::Result<TcpListener> {
    let backlog = c_int::try_from(backlog).unwrap_or(c_int::MAX);
    // SAFETY: it takes two numbers, and the descriptor is open as long as `socket` lives.
    let listens = unsafe { libc::listen(socket.as_raw_fd(), backlog) };
    check("listen", listens)?;
    Ok(TcpListener::from(socket))
}
// ANCHOR_END: listen_body
// ANCHOR_END: listen

/// Opens `count` listeners that share a port, one for each loop of a server.
///
/// All sockets of a port that share it must have said so ([`Share::ReusePort`]), and then
/// nobody is told that it was taken: a second server of the same kind would get half of the
/// first one's clients. So the first socket takes the port alone, and says so afterwards,
/// before it listens.
///
/// # Errors
/// As [`listen`]: so `AddrInUse` also if those who have it share it among themselves.
/// # Panics
/// If `count` is zero.
/// # Cost
/// As [`listen`], `count` times, and one system call.
/// # Example
/// ```
/// use threadbare::event::net::listen_together;
///
/// let four = listen_together("127.0.0.1:0".parse().unwrap(), 128, 4)?;
/// let port = four[0].local_addr()?;
/// assert!(four.iter().all(|one| one.local_addr().unwrap() == port));
/// assert!(listen_together(port, 128, 4).is_err(), "it is taken");
/// # Ok::<_, std::io::Error>(())
/// ```
/// Source: socket(7), `SO_REUSEPORT`.
// ANCHOR: listen_together
#[cfg(target_os = "linux")]
pub fn listen_together(
    addr: SocketAddr,
    backlog: u32,
    count: usize,
) -> io::Result<Vec<TcpListener>> {
    assert!(count > 0, "a port needs a listener");
    let first = bind(addr, Share::Alone)?;
    set(&first, REUSE_PORT)?;
    let mut listeners = vec![start(first, backlog)?];
    // If port 0 was asked for, it is only known now which one it is.
    let addr = listeners[0].local_addr()?;
    for _ in 1..count {
        listeners.push(listen(addr, backlog, Share::ReusePort)?);
    }
    Ok(listeners)
}
// ANCHOR_END: listen_together

// ANCHOR: accepted
/// What came of an [`accept`], and so what to do next.
#[derive(Debug)]
pub enum Accepted {
    /// A connection, and where it comes from. It does not block; whether small packets are
    /// held back is yours to say ([`set_nodelay`](TcpStream::set_nodelay)). Then try the
    /// next.
    Stream(TcpStream, SocketAddr),
    /// Nobody waits. Go back to [`wait`](super::Loop::wait).
    Nothing,
    /// This one went away before it was accepted (`ECONNABORTED`), or its network did, or a
    /// rule of this machine forbids it (`EPERM`). Try the next; but not without end in one
    /// turn, since a rule may forbid all of them.
    Again,
    /// There are no descriptors left (`EMFILE`, `ENFILE`), or no memory (`ENOBUFS`,
    /// `ENOMEM`). The connection is still in the queue, so the listener is still readable,
    /// and a loop that goes on waiting for it spins. Take away its read interest until a
    /// connection has been closed.
    Exhausted(io::Error),
}
// ANCHOR_END: accepted

// ANCHOR: accept
/// Accepts one connection, if there is one.
///
/// The listener should be one from [`listen`]: one that blocks, waits here.
///
/// # Errors
/// What is neither about a single connection nor about a shortage: the descriptor is no
/// listener. Those two are not errors but [`Accepted::Again`] and [`Accepted::Exhausted`].
/// # Cost
/// One system call; three on Darwin, or four.
/// # Example
/// ```
/// use std::net::TcpStream;
/// use threadbare::event::net::{Accepted, Share, accept, listen};
///
/// let listener = listen("127.0.0.1:0".parse().unwrap(), 128, Share::Alone)?;
/// assert!(matches!(accept(&listener)?, Accepted::Nothing));
///
/// let client = TcpStream::connect(listener.local_addr()?)?;
/// let Accepted::Stream(_, from) = accept(&listener)? else {
///     panic!("there is one: `connect` has returned");
/// };
/// assert_eq!(from, client.local_addr()?);
/// # Ok::<_, std::io::Error>(())
/// ```
/// Source: accept(2), "Error handling".
// ANCHOR: accept_body
pub fn accept(listener: &TcpListener) -> io::Result<Accepted> {
    accept_from(listener.as_fd())
}

/// As [`accept`], from whatever may be a listener, of any family.
pub(crate) fn accept_from(listener: BorrowedFd<'_>) -> io::Result<Accepted> {
    let (stream, from) = loop {
        match accept_raw(listener.as_raw_fd()) {
            Ok(accepted) => break accepted,
            // A signal came first: nothing was accepted, so try once more.
            Err(libc::EINTR) => {}
            Err(code) => return refused(code),
        }
    };
    // Darwin may accept what has been reset already, and then it has no address, and takes
    // no options.
    let from = match from.to_std() {
        None if from.len() > 0 => Some(ELSEWHERE),
        from => from,
    };
    match (from, tame(&stream)) {
        (Some(from), Ok(())) => Ok(Accepted::Stream(TcpStream::from(stream), from)),
        _ => Ok(Accepted::Again),
    }
}
// ANCHOR_END: accept_body

/// What an error of `accept` asks for. Whatever is not known is reported; so is
/// `EOPNOTSUPP`, which also says that this socket can't accept at all.
fn refused(code: i32) -> io::Result<Accepted> {
    if code == libc::EAGAIN || code == libc::EWOULDBLOCK {
        return Ok(Accepted::Nothing);
    }
    match code {
        libc::ECONNABORTED | libc::EPROTO | libc::EPERM => Ok(Accepted::Again),
        // Linux: what the network has reported for this connection comes out here.
        libc::ENETDOWN
        | libc::ENETUNREACH
        | libc::EHOSTDOWN
        | libc::EHOSTUNREACH
        | libc::ENOPROTOOPT => Ok(Accepted::Again),
        #[cfg(target_os = "linux")]
        libc::ENONET => Ok(Accepted::Again),
        libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM => {
            Ok(Accepted::Exhausted(error(ACCEPT, code)))
        }
        _ => Err(error(ACCEPT, code)),
    }
}
// ANCHOR_END: accept

/// Begins to connect, and does not wait for the other side.
///
/// Register it for writing. When it is writable, the attempt is over:
/// [`take_error`](TcpStream::take_error) says how. `None` means connected.
///
/// # Errors
/// What can be told at once: there are no descriptors or no ports left, or no way leads to
/// `addr`. A refusal may come here as well, if the other side is on this machine.
/// # Cost
/// Two system calls; Darwin needs three more.
/// # Example
/// ```
/// use std::time::Duration;
/// use std::os::fd::AsFd;
/// use threadbare::event::net::{Share, connect, listen};
/// use threadbare::event::{Events, Loop};
///
/// let listener = listen("127.0.0.1:0".parse().unwrap(), 128, Share::Alone)?;
/// let stream = connect(listener.local_addr()?)?;
///
/// let (mut the_loop, mut events) = (Loop::new()?, Events::with_capacity(1));
/// the_loop.add_write(stream.as_fd(), 1)?;
/// the_loop.wait(&mut events, Some(Duration::from_secs(10)))?;
/// assert!(events.iter().all(|event| event.writable) && events.len() == 1);
/// assert!(stream.take_error()?.is_none());
/// # Ok::<_, std::io::Error>(())
/// ```
/// Source: connect(2), on `EINPROGRESS`.
pub fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket(&addr)?;
    let address = Address::from(addr);
    // SAFETY: as for `bind` in `listen`: `address` holds its `len` bytes, and outlives this.
    let result = unsafe {
        libc::connect(socket.as_raw_fd(), address.as_ptr(), address.len())
    };
    // EINTR: never retried. The attempt goes on without us, and a second `connect` would be
    // told that there is one already.
    if result != -1 || matches!(errno(), libc::EINPROGRESS | libc::EINTR) {
        return Ok(TcpStream::from(socket));
    }
    Err(error("connect", errno()))
}

/// A socket for addresses of this family.
fn socket(addr: &SocketAddr) -> io::Result<OwnedFd> {
    let family = match addr {
        SocketAddr::V4(_) => libc::AF_INET,
        SocketAddr::V6(_) => libc::AF_INET6,
    };
    // SAFETY: it takes three numbers. EINTR: impossible, for it does not wait.
    let socket = unsafe { libc::socket(family, libc::SOCK_STREAM | FLAGS, 0) };
    let socket = check("socket", socket)?;
    // SAFETY: the kernel has just opened it for us, and nobody else knows it.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    tame(&socket)?;
    Ok(socket)
}

/// Sets an option to 1.
fn set(socket: &OwnedFd, option: c_int) -> io::Result<()> {
    let one: c_int = 1;
    let size = mem::size_of_val(&one) as libc::socklen_t;
    // SAFETY: the kernel reads `size` bytes at `one`, which outlives the call. EINTR:
    // impossible, for it does not wait.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw const one).cast(),
            size,
        )
    };
    check("setsockopt", result).map(drop)
}

/// Accepts, or hands on the number of the error: most often it says that nobody waits, and
/// an `io::Error` that names the call would be an allocation.
fn accept_raw(listener: RawFd) -> Result<(OwnedFd, Address), i32> {
    let mut from = Address::room();
    let (address, len) = from.as_mut_ptrs();
    // SAFETY: the kernel writes at most `len` bytes at `address`, and how many it were to
    // `len`; both are parts of `from`, which outlives the call. EINTR: for the caller.
    #[cfg(not(target_vendor = "apple"))]
    let stream = unsafe { libc::accept4(listener, address, len, FLAGS) };
    // SAFETY: as above; this one has no flags.
    #[cfg(target_vendor = "apple")]
    let stream = unsafe { libc::accept(listener, address, len) };
    if stream == -1 {
        return Err(errno());
    }
    // SAFETY: the kernel has just opened it for us, and nobody else knows it.
    Ok((unsafe { OwnedFd::from_raw_fd(stream) }, from))
}

/// What stands for an address of another family, as of a Unix socket.
const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The name of the call, for errors.
#[cfg(not(target_vendor = "apple"))]
const ACCEPT: &str = "accept4";
#[cfg(target_vendor = "apple")]
const ACCEPT: &str = "accept";

/// What a socket is asked to be while it is made.
#[cfg(not(target_vendor = "apple"))]
const FLAGS: c_int = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
#[cfg(target_vendor = "apple")]
const FLAGS: c_int = 0;

/// FreeBSD has the other one too, which gives all connections to one listener.
#[cfg(target_os = "freebsd")]
const REUSE_PORT: c_int = libc::SO_REUSEPORT_LB;
#[cfg(not(target_os = "freebsd"))]
const REUSE_PORT: c_int = libc::SO_REUSEPORT;

/// Makes a socket non-blocking and close-on-exec where [`FLAGS`] could not.
#[cfg(not(target_vendor = "apple"))]
fn tame(_socket: &OwnedFd) -> io::Result<()> {
    Ok(())
}

/// Makes a socket non-blocking and close-on-exec where [`FLAGS`] could not. A child that is
/// started between two of these calls inherits the socket: Darwin offers nothing better.
#[cfg(target_vendor = "apple")]
fn tame(socket: &OwnedFd) -> io::Result<()> {
    let flags = [
        (libc::F_SETFD, libc::FD_CLOEXEC),
        (libc::F_SETFL, libc::O_NONBLOCK),
    ];
    for (command, flag) in flags {
        // SAFETY: it takes three numbers. EINTR: impossible, for neither waits.
        let result = unsafe { libc::fcntl(socket.as_raw_fd(), command, flag) };
        check("fcntl", result)?;
    }
    set(socket, libc::SO_NOSIGPIPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each number that accept(2) names, and one that it does not.
    #[test]
    fn each_error_of_accept_says_what_to_do() {
        let told = |errno| match refused(errno) {
            Ok(Accepted::Nothing) => "nothing".to_owned(),
            Ok(Accepted::Again) => "again".to_owned(),
            Ok(Accepted::Exhausted(error)) => format!("exhausted: {error}"),
            Ok(Accepted::Stream(..)) => unreachable!("there is none"),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(told(libc::EAGAIN), "nothing");
        let again = [
            libc::ECONNABORTED,
            libc::EPROTO,
            libc::EPERM,
            libc::ENETDOWN,
            libc::ENETUNREACH,
            libc::EHOSTDOWN,
            libc::EHOSTUNREACH,
            libc::ENOPROTOOPT,
        ];
        for errno in again {
            assert_eq!(told(errno), "again", "errno {errno}");
        }
        for errno in [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM] {
            assert!(told(errno).starts_with("exhausted: accept"), "{errno}");
        }
        for errno in [libc::EBADF, libc::EINVAL, libc::ENOTSOCK, 9_999] {
            assert!(told(errno).starts_with("error: accept"), "{errno}");
        }
    }
}
