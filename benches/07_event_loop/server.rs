//! The echo server: one for all loops, and one that has a thread for each connection.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;

use super::loops::{ReadOn, Readiness, Ready};

/// How much is read at once.
pub(crate) const READ_BYTES: usize = 16 * 1024;
/// The key of the listener; a connection's is its place in the table. (Polling keeps the
/// largest for itself.)
const LISTENER: u64 = 1 << 31;
/// The stack of a thread.
const STACK_BYTES: usize = 64 * 1024;

/// Starts a server that runs until the process ends, and returns where it listens.
pub(crate) fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A thread for each connection: it reads, which is also how it waits, and writes.
pub(crate) fn thread_per_connection() -> io::Result<SocketAddr> {
    let (listener, address) = listen()?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            stream.set_nodelay(true).expect("a TCP socket");
            let small = thread::Builder::new().stack_size(STACK_BYTES);
            let connection = small.spawn(move || {
                let mut bytes = [0; READ_BYTES];
                while let Ok(n @ 1..) = stream.read(&mut bytes) {
                    if stream.write_all(&bytes[..n]).is_err() {
                        break;
                    }
                }
            });
            connection.expect("the system has room for the thread");
        }
    });
    Ok(address)
}

/// One thread on a loop.
pub(crate) fn on_loop<L: Readiness>() -> io::Result<SocketAddr> {
    let (listener, address) = listen()?;
    listener.set_nonblocking(true)?;
    thread::spawn(move || run::<L>(&listener).expect("the loop goes on"));
    Ok(address)
}

struct Connection {
    stream: TcpStream,
    /// What the socket has not taken yet. As long as there is any, nothing is read.
    unsent: Vec<u8>,
}

struct Server<L> {
    readiness: L,
    connections: Vec<Option<Connection>>,
    bytes: Box<[u8]>,
}

fn run<L: Readiness>(listener: &TcpListener) -> io::Result<()> {
    let mut server = Server {
        readiness: L::new()?,
        connections: Vec::new(),
        bytes: vec![0; READ_BYTES].into(),
    };
    server.readiness.add(listener.as_fd(), LISTENER)?;
    let mut events = L::events();
    loop {
        server.readiness.wait(&mut events, None)?;
        L::each(&events, |ready| match ready.key {
            LISTENER => server.accept(listener),
            _ => server.serve(&ready),
        });
    }
}

impl<L: Readiness> Server<L> {
    fn accept(&mut self, listener: &TcpListener) {
        // All that are there, as an edge-triggered loop must.
        while let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(true).expect("a socket");
            stream.set_nodelay(true).expect("a TCP socket");
            let free = self.connections.iter().position(Option::is_none);
            let place = free.unwrap_or(self.connections.len());
            let added = self.readiness.add(stream.as_fd(), place as u64);
            added.expect("the kernel has room for it");
            if free.is_none() {
                self.connections.push(None);
            }
            let unsent = Vec::new();
            self.connections[place] = Some(Connection { stream, unsent });
        }
    }

    fn serve(&mut self, ready: &Ready) {
        let place = &mut self.connections[ready.key as usize];
        let Some(connection) = place else {
            return;
        };
        let (readiness, bytes) = (&mut self.readiness, &mut self.bytes);
        let served = match ready.writable && !connection.unsent.is_empty() {
            true => connection.write_on(readiness, ready.key),
            false if ready.readable => connection.echo(readiness, bytes, ready.key),
            false => Ok(()),
        };
        if served.is_err() {
            // Deregister, then close.
            let writes = !connection.unsent.is_empty();
            let removed = readiness.remove(connection.stream.as_fd(), writes);
            removed.expect("it is registered");
            *place = None;
        }
    }
}

impl Connection {
    /// Reads and writes back. An error means that the connection is to be closed.
    fn echo<L: Readiness>(
        &mut self,
        readiness: &mut L,
        bytes: &mut [u8],
        key: u64,
    ) -> io::Result<()> {
        loop {
            let n = match self.stream.read(bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => n,
                Err(err) if err.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(err) => return Err(err),
            };
            let sent = written(&mut self.stream, &bytes[..n])?;
            if sent < n {
                self.unsent.extend_from_slice(&bytes[sent..n]);
                return readiness.turn(self.stream.as_fd(), key, true);
            }
            match L::READ_ON {
                ReadOn::Never => return Ok(()),
                ReadOn::UntilShort if n < bytes.len() => return Ok(()),
                ReadOn::UntilShort | ReadOn::UntilWouldBlock => {}
            }
        }
    }

    /// Goes on with an answer that the socket did not take at once.
    fn write_on<L: Readiness>(
        &mut self,
        readiness: &mut L,
        key: u64,
    ) -> io::Result<()> {
        let sent = written(&mut self.stream, &self.unsent)?;
        self.unsent.drain(..sent);
        match self.unsent.is_empty() {
            true => readiness.turn(self.stream.as_fd(), key, false),
            false => Ok(()),
        }
    }
}

/// Writes as much as the socket takes, in one call unless it takes a part.
fn written(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    match stream.write(bytes) {
        Err(err) if err.kind() == ErrorKind::WouldBlock => Ok(0),
        written => written,
    }
}
