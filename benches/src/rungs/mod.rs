//! The rungs of the ladder: the same small server in every design that the course builds.
//!
//! | rung | chapter | design |
//! |---|---|---|
//! | [`limit`] | | the floor: parses nothing, one thread on epoll (Linux) |
//! | [`thread_per_connection`] | 01 | one thread for each connection |
//! | [`thread_pool`] | 06 | 64 threads, and connections that take turns |
//! | `readiness_loop` | 07 | one thread on epoll or kqueue (Linux, macOS, FreeBSD) |
//! | `completion_loop` | 08 | one thread on a completion loop over readiness (there, too) |
//! | `completion_loop_uring` | 08 | the same, over io_uring (Linux from 6.1, if it lets us) |
//! | `http_server` | 10 | that of 07, with all that an HTTP server needs (there, too) |
//! | `pooled_server` | 11 | that, and four threads that run the handlers (there, too) |
//!
//! They differ in who waits for what. What a request means and how it is answered is
//! [`hello`], the same for all up to chapter 08; from 10 on it is the library's HTTP. Each
//! must pass [`crate::acceptance`], and each gets the same load from the binary `ladder`.
//!
//! To add a rung, write a module beside this one with a function `start`, and name it in
//! [`RUNGS`].

#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub mod completions;
pub mod hello;
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub mod http_server;
#[cfg(target_os = "linux")]
pub mod limit;
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub mod pooled_server;
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub mod readiness_loop;
pub mod thread_per_connection;
pub mod thread_pool;

use std::fmt;
use std::io::{self, Write as _};
use std::net::SocketAddr;

/// One design of the server.
#[derive(Clone, Copy, Debug)]
pub struct Rung {
    /// The name in tables and on the command line.
    pub name: &'static str,
    /// The key of the chapter that builds it.
    pub chapter: &'static str,
    /// The design in a few words.
    pub design: &'static str,
    /// Whether it speaks HTTP, so that the acceptance requests apply. Only `limit` does not.
    pub speaks_http: bool,
    /// Why this machine does not run it, in a sentence, if it does not.
    pub refused: fn() -> Option<String>,
    /// Starts it on a free port of the loopback interface.
    pub start: fn() -> io::Result<Running>,
}

/// Every rung that this system can run, in the order of the chapters, after the floor.
pub const RUNGS: &[Rung] = &[
    #[cfg(target_os = "linux")]
    Rung {
        name: "limit",
        chapter: "",
        design: "the floor: one epoll loop that parses nothing",
        speaks_http: false,
        refused: never,
        start: limit::start,
    },
    Rung {
        name: "thread_per_connection",
        chapter: "01_threads",
        design: "one thread for each connection, blocking reads",
        speaks_http: true,
        refused: never,
        start: thread_per_connection::start,
    },
    Rung {
        name: "thread_pool",
        chapter: "06_work_stealing",
        design: "a pool of 64 threads, connections take turns at blocking reads",
        speaks_http: true,
        refused: never,
        start: thread_pool::start,
    },
    #[cfg(any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    ))]
    Rung {
        name: "readiness_loop",
        chapter: "07_event_loop",
        design: "one thread, level-triggered readiness, answers written at once",
        speaks_http: true,
        refused: never,
        start: readiness_loop::start,
    },
    #[cfg(any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    ))]
    Rung {
        name: "completion_loop",
        chapter: "08_completions",
        design: "one thread, operations that end, done by readiness",
        speaks_http: true,
        refused: never,
        start: completions::start,
    },
    #[cfg(target_os = "linux")]
    Rung {
        name: "completion_loop_uring",
        chapter: "08_completions",
        design: "the same, done by the kernel: io_uring",
        speaks_http: true,
        refused: completions::uring_refused,
        start: completions::start_uring,
    },
    #[cfg(any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    ))]
    Rung {
        name: "http_server",
        chapter: "10_http_server",
        design: "one thread, the library's HTTP server, handlers inline",
        speaks_http: true,
        refused: never,
        start: http_server::start,
    },
    #[cfg(any(
        target_os = "linux",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd"
    ))]
    Rung {
        name: "pooled_server",
        chapter: "11_pooled_server",
        design: "the same server, every handler on one of four threads",
        speaks_http: true,
        refused: never,
        start: pooled_server::start,
    },
];

fn never() -> Option<String> {
    None
}

/// The rungs that this machine runs. Each of the others is named on standard error, and why.
pub fn here() -> impl Iterator<Item = &'static Rung> {
    RUNGS.iter().filter(|rung| match (rung.refused)() {
        None => true,
        Some(why) => {
            // Not `eprintln!`: the test harness swallows that of a test that passes.
            let _ = writeln!(io::stderr(), "SKIPPED: {}: {why}", rung.name);
            false
        }
    })
}

/// Finds a rung by its name.
pub fn by_name(name: &str) -> Option<&'static Rung> {
    RUNGS.iter().find(|rung| rung.name == name)
}

/// Starts a rung that runs as long as the process, and returns where it listens.
///
/// # Errors
/// If it cannot be started.
pub fn serve_for_good(rung: &Rung) -> io::Result<SocketAddr> {
    for_good((rung.start)())
}

/// Lets what was started run as long as the process, and returns where it listens.
///
/// # Errors
/// If it was not.
pub fn for_good(started: io::Result<Running>) -> io::Result<SocketAddr> {
    Ok(Box::leak(Box::new(started?)).address())
}

/// A server that has been started.
#[must_use = "the server runs until `stop`"]
pub struct Running {
    address: SocketAddr,
    stop: Box<dyn FnOnce() + Send>,
}

impl Running {
    /// Wraps a server that listens on `address`; `stop` must end and join all its threads.
    pub fn new(address: SocketAddr, stop: impl FnOnce() + Send + 'static) -> Self {
        Self {
            address,
            stop: Box::new(stop),
        }
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server and returns once all its threads have ended.
    ///
    /// # Blocking
    /// Waits for requests that are being answered, not for clients that are silent.
    pub fn stop(self) {
        (self.stop)();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
