//! Sockets for tests: a listener on any port, the two ends of a connection, and a rude end.

#![allow(dead_code, reason = "no test needs all of it")]

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use threadbare::event::net::{self, Accepted, Share};

/// A listener on a port that the system chose.
pub(crate) fn listen() -> (TcpListener, SocketAddr) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = net::listen(any, 1_024, Share::Alone).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The two ends of a connection. The first does not block, the second does.
pub(crate) fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = listen();
    let client = TcpStream::connect(address).unwrap();
    (accept(&listener), client)
}

/// The next connection, which is on its way.
pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match net::accept(listener).unwrap() {
            Accepted::Stream(stream, _) => return stream,
            Accepted::Nothing | Accepted::Again => std::thread::yield_now(),
            Accepted::Exhausted(error) => panic!("{error}"),
        }
    }
}

/// Lets a connection end in a reset when it is dropped: what was not sent or read is thrown
/// away.
#[allow(unsafe_code, reason = "std has no stable name for it")]
pub(crate) fn reset_at_the_end(stream: &TcpStream) {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    // SAFETY: the kernel reads one `linger`, which outlives the call.
    let result = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of_val(&linger) as libc::socklen_t,
        )
    };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

/// Lets a connection end in a reset.
pub(crate) fn reset(stream: TcpStream) {
    reset_at_the_end(&stream);
}
