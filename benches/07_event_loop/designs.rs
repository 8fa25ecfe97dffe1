//! The same echo server four times on epoll, which differ in what they ask for (Linux).
//!
//! | row | asks for | calls for a message |
//! |---|---|---|
//! | `naive_arm_disarm` | reading; then, to answer, for writing; then for reading again | wait, read, modify, wait, write, modify |
//! | `oneshot_rearmed` | reading, once; and again after the answer | wait, read, write, modify |
//! | `edge_drained` | changes: it has to read until there is nothing | wait, read, write, read |
//! | `level_on_demand` | reading, and writing only where an answer does not fit | wait, read, write |
//!
//! With many connections one wait brings many of them, so its part of a message vanishes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread;

use super::epoll::{self, Epoll, Events};
use super::server::{READ_BYTES, listen};
use benches::child::Start;

/// The rows of `designs`.
pub(crate) const SERVERS: &[(&str, Start)] = &[
    ("naive_arm_disarm", || start(Design::ArmDisarm)),
    ("oneshot_rearmed", || start(Design::OneShot)),
    ("edge_drained", || start(Design::Edge)),
    ("level_on_demand", || start(Design::Level)),
];

#[derive(Clone, Copy, PartialEq)]
enum Design {
    ArmDisarm,
    OneShot,
    Edge,
    Level,
}

/// The key of the listener; a connection's is its place in the table.
const LISTENER: u64 = u64::MAX;

fn start(design: Design) -> io::Result<SocketAddr> {
    let (listener, address) = listen()?;
    let epoll = Epoll::new()?;
    epoll.control(epoll::ADD, listener.as_fd(), epoll::IN, LISTENER)?;
    let server = Server { design, epoll };
    thread::spawn(move || server.run(&listener).expect("the loop goes on"));
    Ok(address)
}

struct Server {
    design: Design,
    epoll: Epoll,
}

struct Connection {
    stream: TcpStream,
    key: u64,
    unsent: Vec<u8>,
}

impl Server {
    fn run(&self, listener: &TcpListener) -> io::Result<()> {
        let mut connections: Vec<Connection> = Vec::new();
        let mut events = Events::new();
        let mut bytes = vec![0; READ_BYTES];
        loop {
            for (what, key) in self.epoll.wait(&mut events, -1) {
                if key == LISTENER {
                    let connection = self.accept(listener, connections.len() as u64);
                    connections.push(connection?);
                    continue;
                }
                // The clients of this bench end after the servers, so that nobody has to
                // close anything here.
                let connection = &mut connections[key as usize];
                if what & epoll::OUT != 0 {
                    self.write(connection)?;
                }
                if what & epoll::IN != 0 {
                    self.read(connection, &mut bytes)?;
                }
            }
        }
    }

    fn accept(&self, listener: &TcpListener, key: u64) -> io::Result<Connection> {
        let (stream, _) = listener.accept()?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let what = epoll::IN | self.always();
        self.epoll.control(epoll::ADD, stream.as_fd(), what, key)?;
        let unsent = Vec::new();
        Ok(Connection {
            stream,
            key,
            unsent,
        })
    }

    /// The flags that each registration has in this design.
    fn always(&self) -> i32 {
        match self.design {
            Design::OneShot => epoll::ONESHOT,
            Design::Edge => epoll::EDGE,
            Design::ArmDisarm | Design::Level => 0,
        }
    }

    /// Asks for something else, or again for the same.
    fn ask(&self, connection: &Connection, what: i32) -> io::Result<()> {
        let (what, fd) = (what | self.always(), connection.stream.as_fd());
        self.epoll.control(epoll::MOD, fd, what, connection.key)
    }

    fn read(&self, connection: &mut Connection, bytes: &mut [u8]) -> io::Result<()> {
        loop {
            let n = match connection.stream.read(bytes) {
                Ok(n) => n,
                Err(err) if err.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(err) => return Err(err),
            };
            connection.unsent.extend_from_slice(&bytes[..n]);
            match self.design {
                Design::ArmDisarm => return self.ask(connection, epoll::OUT),
                Design::Edge => self.write(connection)?,
                Design::OneShot | Design::Level => return self.write(connection),
            }
        }
    }

    /// Writes what there is. If it does not fit, asks to be told when it does.
    fn write(&self, connection: &mut Connection) -> io::Result<()> {
        let sent = match connection.stream.write(&connection.unsent) {
            Err(err) if err.kind() == ErrorKind::WouldBlock => 0,
            written => written?,
        };
        connection.unsent.drain(..sent);
        match (connection.unsent.is_empty(), self.design) {
            (true, Design::ArmDisarm | Design::OneShot) => {
                self.ask(connection, epoll::IN)
            }
            (true, Design::Edge | Design::Level) => Ok(()),
            (false, _) => self.ask(connection, epoll::IN | epoll::OUT),
        }
    }
}
