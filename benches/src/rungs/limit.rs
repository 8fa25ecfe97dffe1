//! The floor of the ladder: what one thread and the kernel need at least (Linux).
//!
//! One epoll loop that parses nothing and answers each blank line with a fixed 200. It is
//! no web server: it takes a blank line inside a body for a request, and closes on a client
//! that does not read its answers. But one thread that serves many connections cannot do
//! with less than wait, receive and send, so a rung's cost *relative to this one* says how
//! much of it is the rung's own. (With a single connection a blocking thread needs one call
//! less: it receives and waits in one.)

#![allow(unsafe_code, reason = "epoll has no safe face in std")]

use super::Running;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::thread;

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\
    Content-Length: 13\r\n\r\nHello, World!";
const BLANK_LINE: &[u8] = b"\r\n\r\n";
/// One wait returns at most this many events; the rest stay queued in the kernel.
const EVENTS_MAX: usize = 512;
/// How much is read at once.
const READ_BYTES: usize = 64 * 1024;

/// Starts the server on a free port of the loopback interface.
///
/// # Errors
/// If there is no port, no epoll descriptor or no thread to be had.
pub fn start() -> io::Result<Running> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let epoll = Epoll::new()?;
    // Closing our end of this pair makes the other readable: that stops the loop.
    let (ours, theirs) = UnixStream::pair()?;
    epoll.add(listener.as_raw_fd())?;
    epoll.add(theirs.as_raw_fd())?;
    let thread = thread::Builder::new()
        .name("limit".into())
        .spawn(move || run(&epoll, &listener, &theirs))?;
    Ok(Running::new(address, move || {
        drop(ours);
        thread.join().expect("the loop does not panic");
    }))
}

struct Connection {
    stream: TcpStream,
    /// How many bytes of a blank line the input so far ends with.
    seen: usize,
}

fn run(epoll: &Epoll, listener: &TcpListener, stop: &UnixStream) {
    // By descriptor: the kernel gives out the lowest that is free.
    let mut open: Vec<Option<Connection>> = Vec::new();
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS_MAX];
    let mut input = vec![0; READ_BYTES];
    let mut output = Vec::new();
    loop {
        for event in epoll.wait(&mut events) {
            let fd = event.u64 as RawFd;
            if fd == stop.as_raw_fd() {
                return;
            } else if fd == listener.as_raw_fd() {
                accept(epoll, listener, &mut open);
            } else if let Some(place) = open.get_mut(fd as usize)
                && let Some(connection) = place
                && serve(connection, &mut input, &mut output).is_err()
            {
                // Dropping the stream closes it, which takes it off the epoll too.
                *place = None;
            }
        }
    }
}

fn accept(
    epoll: &Epoll,
    listener: &TcpListener,
    open: &mut Vec<Option<Connection>>,
) {
    // One for each event: level-triggered, so the next wait tells us of the next one.
    let Ok((stream, _)) = listener.accept() else {
        return;
    };
    let fd = stream.as_raw_fd();
    let ready = stream
        .set_nonblocking(true)
        .and_then(|()| stream.set_nodelay(true));
    if ready.is_ok() && epoll.add(fd).is_ok() {
        if open.len() <= fd as usize {
            open.resize_with(fd as usize + 1, || None);
        }
        open[fd as usize] = Some(Connection { stream, seen: 0 });
    }
}

/// Receives once and sends once. An error means that the connection is to be closed.
fn serve(
    connection: &mut Connection,
    input: &mut [u8],
    output: &mut Vec<u8>,
) -> io::Result<()> {
    let n = match connection.stream.read(input) {
        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
        Ok(n) => n,
        Err(err) if err.kind() == ErrorKind::WouldBlock => return Ok(()),
        Err(err) => return Err(err),
    };
    output.clear();
    for &byte in &input[..n] {
        connection.seen = match byte {
            byte if byte == BLANK_LINE[connection.seen] => connection.seen + 1,
            b'\r' => 1,
            _ => 0,
        };
        if connection.seen == BLANK_LINE.len() {
            connection.seen = 0;
            output.extend_from_slice(RESPONSE);
        }
    }
    match output.len() {
        0 => Ok(()),
        // If the socket's buffer is full this fails, and the connection is closed.
        _ => connection.stream.write_all(output),
    }
}

struct Epoll(OwnedFd);

impl Epoll {
    fn new() -> io::Result<Self> {
        // SAFETY: takes no pointer; the result is checked below.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just returned `fd`, so it is open, and nobody else has it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Asks to be told, level-triggered, when `fd` can be read.
    fn add(&self, fd: RawFd) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: libc::EPOLLIN as u32,
            u64: fd as u64,
        };
        let add = libc::EPOLL_CTL_ADD;
        // SAFETY: `event` is a live local that the call only reads. A wrong descriptor is an
        // error that the kernel reports, not undefined behaviour.
        match unsafe { libc::epoll_ctl(self.0.as_raw_fd(), add, fd, &raw mut event) }
        {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits until something can be read. EINTR is an empty batch: the caller waits again.
    fn wait<'e>(
        &self,
        events: &'e mut [libc::epoll_event],
    ) -> &'e [libc::epoll_event] {
        let (fd, max) = (self.0.as_raw_fd(), events.len() as i32);
        // SAFETY: the kernel writes at most `max` entries, which is how many there are, to
        // a slice that is borrowed for as long as the result lives.
        let n = unsafe { libc::epoll_wait(fd, events.as_mut_ptr(), max, -1) };
        &events[..usize::try_from(n).unwrap_or(0)]
    }
}
