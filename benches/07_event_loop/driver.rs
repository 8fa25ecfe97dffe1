//! The clients of the echo servers: one thread, on `poll(2)` or an epoll of the load
//! driver's, so that no loop is judged by itself.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use benches::load::poller::{Poller, Ready};

/// What is sent, and comes back.
pub(crate) const MESSAGE: [u8; 64] =
    *b"Sixty-four bytes, there and back again: the echo of this line. \n";

/// Connections to one server.
pub(crate) struct Driver {
    poller: Poller,
    streams: Vec<TcpStream>,
    /// How many bytes of its echo each connection has had.
    received: Vec<usize>,
    ready: Vec<Ready>,
}

impl Driver {
    /// Connects, and has one message echoed on each connection.
    pub(crate) fn connect(address: SocketAddr, number: usize) -> io::Result<Self> {
        let mut driver = Self {
            poller: Poller::new()?,
            streams: Vec::with_capacity(number),
            received: vec![0; number],
            ready: Vec::new(),
        };
        for index in 0..number {
            let mut stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            round_trip(&mut stream)?;
            stream.set_nonblocking(true)?;
            driver.poller.add(stream.as_raw_fd(), index)?;
            driver.streams.push(stream);
        }
        Ok(driver)
    }

    /// Lets the first `active` connections send, each its next message when the last one is
    /// back, `trips` in all, and returns how long it took.
    pub(crate) fn run(
        &mut self,
        active: usize,
        trips: usize,
    ) -> io::Result<Duration> {
        if active == 1 {
            return self.alternate(trips);
        }
        let mut buffer = [0; 4 * MESSAGE.len()];
        let (mut to_send, mut to_come) = (trips.saturating_sub(active), trips);
        let start = Instant::now();
        for stream in &mut self.streams[..active.min(trips)] {
            stream.write_all(&MESSAGE)?;
        }
        while to_come > 0 {
            self.poller.wait(-1, &mut self.ready)?;
            for event in &self.ready {
                let stream = &mut self.streams[event.index];
                let received = &mut self.received[event.index];
                let n = match stream.read(&mut buffer) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(n) => n,
                    Err(err) if err.kind() == ErrorKind::WouldBlock => continue,
                    Err(err) => return Err(err),
                };
                let expected = MESSAGE.get(*received..*received + n);
                assert_eq!(expected, Some(&buffer[..n]), "an echo");
                *received += n;
                if *received == MESSAGE.len() {
                    *received = 0;
                    to_come -= 1;
                    if to_send > 0 {
                        to_send -= 1;
                        stream.write_all(&MESSAGE)?;
                    }
                }
            }
        }
        Ok(start.elapsed())
    }

    /// With one connection nobody has to look who is ready.
    fn alternate(&mut self, trips: usize) -> io::Result<Duration> {
        let stream = &mut self.streams[0];
        stream.set_nonblocking(false)?;
        let start = Instant::now();
        for _ in 0..trips {
            round_trip(stream)?;
        }
        let time = start.elapsed();
        stream.set_nonblocking(true)?;
        Ok(time)
    }
}

fn round_trip(stream: &mut TcpStream) -> io::Result<()> {
    let mut echo = [0; MESSAGE.len()];
    stream.write_all(&MESSAGE)?;
    stream.read_exact(&mut echo)?;
    assert_eq!(echo, MESSAGE, "an echo");
    Ok(())
}
