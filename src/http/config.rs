//! What a server is told before it starts: every limit that it has, in one place.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{Limits, Metrics};

/// How a server is set up. The fields have the names of the flags of the example programs.
///
/// ```
/// use std::time::Duration;
/// use threadbare::http::Config;
///
/// let config = Config {
///     port: 0, // any that is free
///     timeout_request: Duration::from_secs(2),
///     ..Config::default()
/// };
/// assert_eq!(config.max_conn, 16_384);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen: 127.0.0.1, which only this machine reaches.
    pub address: IpAddr,
    /// The port: 8080; 0 lets the system choose one.
    pub port: u16,
    /// How many threads run a loop, 1; not above 64. The first is the caller's own.
    pub loops: usize,
    /// How many threads run handlers for all loops together, 0; not above 1,024. With 0 all
    /// handlers run inline, on their loop. Otherwise each handler says where it wants to run:
    /// [`Handler::place`](super::Handler::place).
    pub handler_threads: usize,
    /// How much less a handler thread counts than a loop where they share a core: 5 steps
    /// of niceness, which is a third. Without it, handlers that compute keep all clients
    /// waiting. 0 is none; 19 hardly runs beside a busy loop. Only Linux knows it.
    pub handler_nice: u8,
    /// Who accepts, if there are several loops. On Linux each does, elsewhere the first.
    pub listeners: Listeners,
    /// The most connections, 16,384. More of them wait in the backlog until one leaves.
    pub max_conn: usize,
    /// The most bytes of one request that are kept, 1 MiB; not above 1 GiB. A head that does
    /// not fit is answered 431, a body that does not fit behind its head 413: at once, if its
    /// length was declared. (A request line has a limit of its own, 8 KiB: 414.)
    pub read_buf_cap: usize,
    /// How long a request may take to arrive from its first byte to its last, 10 s. Then it
    /// is answered 408.
    pub timeout_request: Duration,
    /// How long a connection may be silent between requests, 60 s.
    pub timeout_keepalive: Duration,
    /// How long a client may take nothing of an answer that waits for it, 30 s. When they are
    /// over the socket is tried once more, so whoever reads, however slowly, is not late.
    pub timeout_write: Duration,
    /// How long the other end may be silent after its last answer, 5 s, before it is closed
    /// at this end too. What it still sends is dropped, for 6 times as long in all. While the
    /// server stops it is half a second in all, or less.
    pub timeout_linger: Duration,
    /// How many requests a connection may make; the answer to the last one says
    /// `Connection: close`. `None`, which is usual, is no limit.
    pub request_count: Option<u32>,
    /// How many connections the kernel keeps until they are accepted, 4,096.
    pub backlog: u32,
    /// How many requests may wait for a handler thread, 1,024, while all are at work. One more
    /// is answered 503 at once, and its connection is kept.
    pub queue_cap: usize,
    /// How long a stop may take, 30 s, until everybody has been answered. Then the connections
    /// that are left are closed. Who has been answered and does not close is not waited for so
    /// long: [`timeout_linger`](Self::timeout_linger).
    pub timeout_drain: Duration,
    /// Where the server counts: its own, unless you give it one to show as well.
    pub metrics: Metrics,
}

/// Who accepts, if there are several loops.
///
/// ```
/// use threadbare::http::{Config, Listeners, Request, Response, Server};
///
/// let hello = |_: &Request<'_>, response: &mut Response<'_>| response.text("hello");
/// let config = Config {
///     port: 0,
///     loops: 2,
///     listeners: Listeners::One, // works everywhere
///     ..Config::default()
/// };
/// let server = Server::bind(config, hello)?;
/// assert_ne!(server.address().port(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listeners {
    /// Each loop has a listener of its own, and the kernel chooses by a hash of both
    /// addresses (`SO_REUSEPORT`). Nothing has to be handed over. Only on Linux.
    PerLoop,
    /// The first loop accepts, and hands over to the others in turn.
    One,
}

impl Default for Listeners {
    fn default() -> Self {
        match cfg!(target_os = "linux") {
            true => Self::PerLoop,
            false => Self::One,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            loops: 1,
            handler_threads: 0,
            handler_nice: 5,
            listeners: Listeners::default(),
            max_conn: 16_384,
            read_buf_cap: 1 << 20,
            timeout_request: Duration::from_secs(10),
            timeout_keepalive: Duration::from_secs(60),
            timeout_write: Duration::from_secs(30),
            timeout_linger: Duration::from_secs(5),
            request_count: None,
            backlog: 4_096,
            queue_cap: 1_024,
            timeout_drain: Duration::from_secs(30),
            metrics: Metrics::default(),
        }
    }
}

impl Config {
    /// The smallest [`read_buf_cap`](Self::read_buf_cap): a request line and a `Host`.
    pub const READ_BUF_MIN: usize = 256;
    /// The largest: 1 GiB. What is larger should not be in memory as a whole.
    pub const READ_BUF_MAX: usize = 1 << 30;
    /// The most [`loops`](Self::loops).
    pub const LOOPS_MAX: usize = super::places::LOOPS_MAX;
    /// The most [`handler_threads`](Self::handler_threads).
    pub const HANDLER_THREADS_MAX: usize = 1_024;

    /// Where to listen.
    pub(crate) fn socket_address(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }

    /// What the parser holds each request to.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            head: self.read_buf_cap,
            body: self.read_buf_cap as u64,
            ..Limits::default()
        }
    }

    /// Refuses what this server can't do.
    ///
    /// # Errors
    /// `InvalidInput`, with a sentence that names the field.
    pub(crate) fn check(&self) -> io::Result<()> {
        let refuse = |what: &str| Err(io::Error::new(ErrorKind::InvalidInput, what));
        if self.loops == 0 || self.loops > Self::LOOPS_MAX {
            return refuse("loops: a server has one loop at least, 64 at most");
        }
        if self.handler_threads > Self::HANDLER_THREADS_MAX {
            return refuse(
                "handler_threads: more than 1,024 only wait for each other",
            );
        }
        if self.listeners == Listeners::PerLoop && !cfg!(target_os = "linux") {
            return refuse("listeners: only Linux shares a port fairly among loops");
        }
        if self.max_conn == 0 {
            return refuse("max_conn: a server needs at least one connection");
        }
        if self.read_buf_cap < Self::READ_BUF_MIN {
            return refuse("read_buf_cap: no request fits into less than 256 bytes");
        }
        if self.read_buf_cap > Self::READ_BUF_MAX {
            return refuse(
                "read_buf_cap: a request is kept in memory, 1 GiB at most",
            );
        }
        if self.timeout_request.is_zero() {
            return refuse("timeout_request: in no time no request can arrive");
        }
        if self.timeout_keepalive.is_zero() {
            return refuse(
                "timeout_keepalive: 0 would close each connection before its first \
                 request; with request_count 1 it is closed after it",
            );
        }
        if self.request_count == Some(0) {
            return refuse("request_count: 0 would refuse every request");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As long as nginx waits.
    #[test]
    fn a_client_may_pause_for_five_seconds_of_half_a_minute() {
        use super::super::connection::LINGER_TIMES_MAX;

        let pause = Config::default().timeout_linger;
        assert_eq!(pause, Duration::from_secs(5));
        assert_eq!(pause * LINGER_TIMES_MAX, Duration::from_secs(30));
    }

    #[test]
    fn what_this_server_can_not_do_is_refused_with_a_sentence() {
        let usual = Config::default;
        assert!(usual().check().is_ok());
        let refused = [
            (
                "loops",
                Config {
                    loops: 65,
                    ..usual()
                },
            ),
            (
                "loops",
                Config {
                    loops: 0,
                    ..usual()
                },
            ),
            (
                "handler_threads",
                Config {
                    handler_threads: 1_025,
                    ..usual()
                },
            ),
            (
                "max_conn",
                Config {
                    max_conn: 0,
                    ..usual()
                },
            ),
            (
                "read_buf_cap",
                Config {
                    read_buf_cap: 255,
                    ..usual()
                },
            ),
            (
                "read_buf_cap",
                Config {
                    read_buf_cap: (1 << 30) + 1,
                    ..usual()
                },
            ),
            (
                "timeout_request",
                Config {
                    timeout_request: Duration::ZERO,
                    ..usual()
                },
            ),
            (
                "timeout_keepalive",
                Config {
                    timeout_keepalive: Duration::ZERO,
                    ..usual()
                },
            ),
            (
                "request_count",
                Config {
                    request_count: Some(0),
                    ..usual()
                },
            ),
        ];
        for (field, config) in refused {
            let error = config.check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().starts_with(field), "{error}");
        }
    }
}
