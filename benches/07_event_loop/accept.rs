//! Connections: what it costs to take one, and who gets it where two loops wait.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use benches::raw;
use threadbare::event::net::{self, Accepted, Share};

use super::CHAPTER;
use benches::race::{Row, Table, race, row};

/// How many clients are in the backlog when the clock starts.
const CLIENTS: usize = 256;
const BACKLOG: u32 = 1_024;
/// How many clients come where two loops wait for them.
#[cfg(target_os = "linux")]
const SHARED: usize = 3_000;

const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A connection that does not block and is closed on exec, in four ways.
pub(crate) fn accept_calls() {
    const GROUP: &str = "accept_calls";
    if !raw::wanted(GROUP) {
        return;
    }
    let figures = race(
        25,
        1,
        vec![
            accepting("naive_fcntl", naive::accept),
            accepting("std", |listener| {
                let (stream, _) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok(stream)
            }),
            accepting("event", |listener| match net::accept(listener)? {
                Accepted::Stream(stream, _) => Ok(stream),
                other => Err(io::Error::other(format!("{other:?}"))),
            }),
            accepting_mio(),
        ],
    );
    let table = Table {
        chapter: CHAPTER,
        group: GROUP,
        title: "To accept a connection that does not block, and is closed on exec",
        notes: &[
            "`naive_fcntl`: accept and two fcntl. `std`: accept4 and an ioctl. The others: \
             accept4 alone.",
            "Medians of 25 rounds in which all take turns, each with 256 clients.",
        ],
        unit: "ns",
        columns: &["time"],
        chart: 0,
    };
    table.write(&figures, 0);
}

fn clients() -> usize {
    if raw::trial() { 4 } else { CLIENTS }
}

fn connected(listener: io::Result<SocketAddr>) -> Vec<TcpStream> {
    let address = listener.expect("it is bound");
    let connect = |_| TcpStream::connect(address).expect("the backlog has room");
    (0..clients()).map(connect).collect()
}

fn accepting(
    name: &'static str,
    accept: impl Fn(&TcpListener) -> io::Result<TcpStream> + 'static,
) -> Row<'static, 1> {
    let listener = net::listen(ANY_PORT, BACKLOG, Share::Alone);
    let listener = listener.expect("a free port");
    row(name, move |_| {
        let clients = connected(listener.local_addr());
        let mut accepted = Vec::with_capacity(clients.len());
        let start = Instant::now();
        for _ in &clients {
            accepted.push(accept(&listener).expect("a client waits"));
        }
        let time = start.elapsed();
        Some([time.as_nanos() as f64 / clients.len() as f64])
    })
}

fn accepting_mio() -> Row<'static, 1> {
    let listener = net::listen(ANY_PORT, BACKLOG, Share::Alone);
    let listener = mio::net::TcpListener::from_std(listener.expect("a free port"));
    row("mio", move |_| {
        let clients = connected(listener.local_addr());
        let mut accepted = Vec::with_capacity(clients.len());
        let start = Instant::now();
        for _ in &clients {
            accepted.push(listener.accept().expect("a client waits"));
        }
        let time = start.elapsed();
        Some([time.as_nanos() as f64 / clients.len() as f64])
    })
}

mod naive {
    #![allow(unsafe_code, reason = "std's accept does it in fewer calls")]

    use std::io;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    use std::ptr::null_mut;

    /// Accept, and then one call for each flag.
    pub(super) fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
        let listener = listener.as_raw_fd();
        // SAFETY: null is allowed where the address is not wanted.
        let fd = checked(unsafe { libc::accept(listener, null_mut(), null_mut()) })?;
        // SAFETY: the kernel has just returned `fd`: it is open and nobody else's.
        let stream = unsafe { OwnedFd::from_raw_fd(fd) };
        // SAFETY: these two commands take a number, no pointer.
        checked(unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) })?;
        // SAFETY: as above.
        checked(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) })?;
        Ok(stream.into())
    }

    fn checked(result: i32) -> io::Result<i32> {
        match result {
            -1 => Err(io::Error::last_os_error()),
            result => Ok(result),
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn accept_shared() {
    eprintln!("accept_shared: not measured, it asks epoll, which is Linux's");
}

/// Two loops that wait for the same clients, who come one after the other.
#[cfg(target_os = "linux")]
pub(crate) fn accept_shared() {
    const GROUP: &str = "accept_shared";
    if !raw::wanted(GROUP) {
        return;
    }
    let share = [Share::Alone, Share::Alone, Share::ReusePort];
    let how = [0, super::epoll::EXCLUSIVE, 0];
    let names = ["naive_level", "exclusive", "reuse_port"];
    let mut recorder = raw::Recorder::new(super::CHAPTER, GROUP);
    recorder.title(
        "3,000 clients, one after the other, and two loops that wait for them",
    );
    recorder.note(
        "`naive_level` and `exclusive`: both loops have registered one listener, the \
         latter with EPOLLEXCLUSIVE. `reuse_port`: each has a listener of its own. Wake-ups: \
         how often the two threads together had slept, as the kernel counts it. A loop that \
         wakes up when the other one has taken the client already sleeps on within \
         epoll_wait, which does not return.",
    );
    recorder.ratio("none").chart("wake-ups");
    for ((name, share), how) in names.into_iter().zip(share).zip(how) {
        let [first, second] = shared::run(share, how).expect("two loops");
        eprintln!("{GROUP}/{name}: {first:?} {second:?}");
        recorder
            .row(name)
            .value("first loop", "", first.accepted as f64)
            .value("second loop", "", second.accepted as f64)
            .value("wake-ups", "", (first.slept + second.slept) as f64);
    }
    recorder.write().expect("the samples can be written");
}

#[cfg(target_os = "linux")]
mod shared {
    use std::io::{self, Read};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsFd;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::Relaxed;
    use std::thread;

    use benches::{machine, raw};
    use threadbare::event::net::{self, Share};

    use super::super::epoll::{self, Epoll, Events};
    use super::{ANY_PORT, BACKLOG, SHARED};
    use benches::child::last_core;

    /// What came to one loop.
    #[derive(Debug, Default)]
    pub(super) struct Came {
        pub(super) accepted: usize,
        /// How often it slept.
        pub(super) slept: u64,
    }

    pub(super) fn run(share: Share, how: i32) -> io::Result<[Came; 2]> {
        let first = net::listen(ANY_PORT, BACKLOG, share)?;
        let address = first.local_addr()?;
        let second = match share {
            Share::ReusePort => net::listen(address, BACKLOG, share)?,
            Share::Alone => first.try_clone()?,
        };
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let stop = &stop;
            let loops =
                [(first, 0), (second, last_core())].map(|(listener, core)| {
                    scope.spawn(move || {
                        // Where a thread cannot be bound to a core, the system decides.
                        let _ = machine::pin_to(core);
                        accept(&listener, how, stop)
                    })
                });
            let clients = if raw::trial() { 10 } else { SHARED };
            for _ in 0..clients {
                // The next one comes when this one has been accepted, and closed.
                let mut client = TcpStream::connect(address)?;
                let _ = client.read(&mut [0])?;
            }
            // ORDERING: Relaxed. Pairs with the load in `accept`, which only has to see it
            // some time.
            stop.store(true, Relaxed);
            let [first, second] =
                loops.map(|l| l.join().expect("the reason is above"));
            Ok([first?, second?])
        })
    }

    fn accept(
        listener: &TcpListener,
        how: i32,
        stop: &AtomicBool,
    ) -> io::Result<Came> {
        const LOOK_MS: i32 = 20;
        let epoll = Epoll::new()?;
        epoll.control(epoll::ADD, listener.as_fd(), epoll::IN | how, 0)?;
        let mut events = Events::new();
        let mut came = Came::default();
        let before = slept().unwrap_or(0);
        loop {
            // ORDERING: Relaxed. Pairs with the store in `run`; no other memory is read on
            // the strength of it.
            let last = stop.load(Relaxed);
            let woken = epoll.wait(&mut events, LOOK_MS).count() > 0;
            if woken {
                // The other one may have been faster.
                came.accepted += usize::from(listener.accept().is_ok());
            } else if last {
                break;
            }
        }
        came.slept = slept().unwrap_or(0) - before;
        Ok(came)
    }

    /// How often this thread has given its core away because it had to wait.
    fn slept() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/thread-self/status").ok()?;
        let mut lines = status.lines();
        let number =
            lines.find_map(|l| l.strip_prefix("voluntary_ctxt_switches:"))?;
        number.trim().parse().ok()
    }
}
