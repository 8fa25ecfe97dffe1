//! The same by hand on the crate `io-uring`: multishot accept and receive, buffers that the
//! kernel picks from a ring, answers sent out of the very buffer in which they came, one
//! system call for each turn.

#![allow(unsafe_code, reason = "the crate's operations are raw")]

use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering::Release;
use std::sync::mpsc;
use std::thread;

use benches::completions::{self, PING};
use benches::worker::Order;
use io_uring::{IoUring, cqueue, opcode, squeue, types};

const ENTRIES: u32 = 1024;
const BUFFERS: u16 = 2048;
const BUFFER_BYTES: usize = 1024;
const GROUP: u16 = 0;
const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;

/// What an operation is for: its kind, its descriptor, and the buffer that it sends.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Accept,
    Receive,
    Echo,
    Ping,
}

fn word(kind: Kind, fd: RawFd, buffer: u16) -> u64 {
    (kind as u64) << 56 | (fd as u64) << 16 | u64::from(buffer)
}

fn meaning(word: u64) -> (Kind, RawFd, u16) {
    let kind = match word >> 56 {
        0 => Kind::Accept,
        1 => Kind::Receive,
        2 => Kind::Echo,
        _ => Kind::Ping,
    };
    (kind, (word >> 16) as u32 as RawFd, word as u16)
}

/// A ring, and the buffers from which the kernel takes one when bytes are there. It lives
/// until the process ends, so nothing that the kernel knows is ever freed.
struct Ring {
    ring: IoUring,
    entries: *mut types::BufRingEntry,
    memory: *mut u8,
    tail: u16,
}

impl Ring {
    fn new() -> io::Result<Self> {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_submit_all()
            .setup_cqsize(8 * ENTRIES)
            .build(ENTRIES)?;
        let bytes = usize::from(BUFFERS) * size_of::<types::BufRingEntry>();
        let entries: *mut types::BufRingEntry = pages(bytes).cast();
        let memory = pages(usize::from(BUFFERS) * BUFFER_BYTES);
        // SAFETY: the pages have room for as many entries, and are never freed.
        unsafe {
            let submitter = ring.submitter();
            let address = entries as u64;
            submitter.register_buf_ring_with_flags(address, BUFFERS, GROUP, 0)?;
        }
        let tail = 0;
        let mut ring = Self {
            ring,
            entries,
            memory,
            tail,
        };
        (0..BUFFERS).for_each(|buffer| ring.give_back(buffer));
        Ok(ring)
    }

    fn buffer(&self, buffer: u16) -> *mut u8 {
        // SAFETY: `buffer` is below BUFFERS, as the kernel was told, so it lies in the pages.
        unsafe { self.memory.add(usize::from(buffer) * BUFFER_BYTES) }
    }

    /// Lets the kernel have a buffer, again.
    fn give_back(&mut self, buffer: u16) {
        let address = self.buffer(buffer) as u64;
        let place = usize::from(self.tail % BUFFERS);
        // SAFETY: `place` is an index of the ring, and behind its tail the kernel reads
        // nothing. An entry is integers.
        let entry = unsafe { &mut *self.entries.add(place) };
        entry.set_addr(address);
        entry.set_len(BUFFER_BYTES as u32);
        entry.set_bid(buffer);
        self.tail = self.tail.wrapping_add(1);
        // SAFETY: the tail lies in the first entry, which is live; both sides reach it
        // atomically.
        let tail = unsafe {
            let tail = types::BufRingEntry::tail(self.entries);
            &*tail.cast::<AtomicU16>()
        };
        // ORDERING: Release. Pairs with the acquire load of the kernel, which is called in
        // `Ring::turn`, so that it sees the entry.
        tail.store(self.tail, Release);
    }

    fn push(&mut self, entry: &squeue::Entry) -> io::Result<()> {
        // SAFETY: what the operations point to is never freed: buffers, and a constant.
        while unsafe { self.ring.submission().push(entry) }.is_err() {
            self.ring.submit()?;
        }
        Ok(())
    }

    fn receive(&mut self, fd: RawFd) -> io::Result<()> {
        let entry = opcode::RecvMulti::new(types::Fd(fd), GROUP).build();
        self.push(&entry.user_data(word(Kind::Receive, fd, 0)))
    }

    fn echo(&mut self, fd: RawFd, buffer: u16, bytes: usize) -> io::Result<()> {
        let from = self.buffer(buffer);
        let entry = opcode::Send::new(types::Fd(fd), from, bytes as u32)
            .flags(SEND_FLAGS)
            .build();
        self.push(&entry.user_data(word(Kind::Echo, fd, buffer)))
    }

    fn ping(&mut self, fd: RawFd) -> io::Result<()> {
        let from = PING_BYTES.as_ptr();
        let entry = opcode::Send::new(types::Fd(fd), from, PING.len() as u32)
            .flags(SEND_FLAGS)
            .build();
        self.push(&entry.user_data(word(Kind::Ping, fd, 0)))
    }

    /// Hands over what was pushed, waits, and takes what is done.
    fn turn(&mut self, done: &mut Vec<cqueue::Entry>) -> io::Result<()> {
        match self.ring.submit_and_wait(1) {
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        done.clear();
        done.extend(self.ring.completion());
        Ok(())
    }

    /// What a side that repeats does when something of it is done. Returns false when the
    /// other side has gone.
    fn repeat(&mut self, done: &cqueue::Entry) -> io::Result<bool> {
        let (kind, fd, buffer) = meaning(done.user_data());
        if kind != Kind::Receive {
            self.give_back(buffer);
            return Ok(true);
        }
        match (done.result(), cqueue::buffer_select(done.flags())) {
            (bytes @ 1.., Some(buffer)) => self.echo(fd, buffer, bytes as usize)?,
            (error, _) if error == -libc::ENOBUFS => {}
            (_, buffer) => {
                buffer.into_iter().for_each(|buffer| self.give_back(buffer));
                return Ok(false);
            }
        }
        if !cqueue::more(done.flags()) {
            self.receive(fd)?;
        }
        Ok(true)
    }
}

static PING_BYTES: [u8; PING.len()] = PING;

/// Zeroed pages that are never freed.
fn pages(bytes: usize) -> *mut u8 {
    let layout = Layout::from_size_align(bytes, 4096).expect("a small power of two");
    // SAFETY: nobody asks for no bytes.
    let start = unsafe { alloc_zeroed(layout) };
    if start.is_null() {
        handle_alloc_error(layout);
    }
    start
}

/// A server that runs until the process ends.
pub(crate) fn echo_server() -> io::Result<SocketAddr> {
    let (say, said) = mpsc::channel();
    thread::spawn(move || -> io::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let _ = say.send(listener.local_addr());
        let listener = listener.into_raw_fd();
        let (mut ring, mut done) = (Ring::new()?, Vec::new());
        let entry = opcode::AcceptMulti::new(types::Fd(listener)).build();
        let entry = entry.user_data(word(Kind::Accept, listener, 0));
        ring.push(&entry)?;
        loop {
            ring.turn(&mut done)?;
            for done in &done {
                let (kind, fd, _) = meaning(done.user_data());
                if kind != Kind::Accept {
                    if !ring.repeat(done)? {
                        // SAFETY: it was accepted here, and nothing is on its way on it.
                        drop(unsafe { OwnedFd::from_raw_fd(fd) });
                    }
                    continue;
                }
                if done.result() >= 0 {
                    // SAFETY: the kernel has just returned it: it is open, and ours.
                    let stream = unsafe { TcpStream::from_raw_fd(done.result()) };
                    stream.set_nodelay(true)?;
                    ring.receive(stream.into_raw_fd())?;
                }
                if !cqueue::more(done.flags()) {
                    ring.push(&entry)?;
                }
            }
        }
    });
    said.recv().map_err(io::Error::other)?
}

pub(crate) fn work(order: Order<'_>) -> io::Result<Vec<f64>> {
    match order.what {
        "ping_pong" => ping_pong(order),
        _ => Ok(Vec::new()),
    }
}

/// One of a pair.
#[derive(Clone, Copy, Default)]
struct Side {
    pings: bool,
    /// How many bytes of the pong have come.
    bytes: usize,
    /// How many pings are still to be sent.
    trips: usize,
}

fn ping_pong(order: Order<'_>) -> io::Result<Vec<f64>> {
    let trips = order.amount.div_ceil(order.width);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let (mut ring, mut done) = (Ring::new()?, Vec::new());
    let (mut pairs, mut sides) = (Vec::new(), Vec::<Side>::new());
    for _ in 0..order.width {
        let client = TcpStream::connect(address)?;
        let (server, _) = listener.accept()?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        for (stream, pings) in [(&client, true), (&server, false)] {
            let fd = stream.as_raw_fd();
            let place = fd as usize;
            sides.resize(sides.len().max(place + 1), Side::default());
            sides[place] = Side {
                pings,
                bytes: 0,
                trips,
            };
            ring.receive(fd)?;
        }
        pairs.push((client, server));
    }
    let start = completions::start();
    for (client, _) in &pairs {
        ring.ping(client.as_raw_fd())?;
    }
    let mut left = order.width;
    while left > 0 {
        ring.turn(&mut done)?;
        for done in &done {
            let (kind, fd, _) = meaning(done.user_data());
            let side = &mut sides[fd as usize];
            if kind == Kind::Ping {
                continue;
            }
            if !side.pings {
                assert!(ring.repeat(done)?, "nobody goes");
                continue;
            }
            let buffer = cqueue::buffer_select(done.flags());
            side.bytes += usize::try_from(done.result()).expect("a pong");
            ring.give_back(buffer.expect("bytes are in a buffer"));
            if side.bytes == PING.len() {
                side.bytes = 0;
                side.trips -= 1;
                match side.trips {
                    0 => left -= 1,
                    _ => ring.ping(fd)?,
                }
            }
            if !cqueue::more(done.flags()) {
                ring.receive(fd)?;
            }
        }
    }
    Ok(completions::time_and_cpu(start, trips * order.width))
}
