//! Ping-pong and notifications by hand on mio.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;

use benches::completions::{self, PING, READ_BYTES};
use benches::worker::Order;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};

use super::loops::EVENTS_MAX;

pub(crate) fn work(order: Order<'_>) -> io::Result<Vec<f64>> {
    match order.what {
        "ping_pong" => ping_pong(order),
        "pummel" => pummelled(order),
        _ => Ok(Vec::new()),
    }
}

/// One end. Its place in the table is its token.
struct End {
    stream: TcpStream,
    pings: bool,
    bytes: usize,
    trips: usize,
}

fn ping_pong(order: Order<'_>) -> io::Result<Vec<f64>> {
    let trips = order.amount.div_ceil(order.width);
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(EVENTS_MAX));
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut ends = Vec::new();
    for _ in 0..order.width {
        let client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let (server, _) = listener.accept()?;
        for (stream, pings) in [(client, true), (server, false)] {
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            let token = Token(ends.len());
            poll.registry()
                .register(&mut stream, token, Interest::READABLE)?;
            ends.push(End {
                stream,
                pings,
                bytes: 0,
                trips,
            });
        }
    }
    let start = completions::start();
    for end in ends.iter_mut().filter(|end| end.pings) {
        end.stream.write_all(&PING)?;
    }
    let mut left = order.width;
    let mut bytes = [0; READ_BYTES];
    while left > 0 {
        poll.poll(&mut events, None)?;
        for event in &events {
            let end = &mut ends[event.token().0];
            // A short read is the last one, as tokio has it.
            let n = match end.stream.read(&mut bytes) {
                Err(err) if err.kind() == ErrorKind::WouldBlock => continue,
                n => n?,
            };
            if !end.pings {
                end.stream.write_all(&bytes[..n])?;
                continue;
            }
            end.bytes += n;
            if end.bytes == PING.len() {
                end.bytes = 0;
                end.trips -= 1;
                match end.trips {
                    0 => left -= 1,
                    _ => end.stream.write_all(&PING)?,
                }
            }
        }
    }
    Ok(completions::time_and_cpu(start, trips * order.width))
}

fn pummelled(order: Order<'_>) -> io::Result<Vec<f64>> {
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(8));
    let waker = Arc::new(Waker::new(poll.registry(), Token(0))?);
    let notify = || {
        let waker = Arc::clone(&waker);
        move || waker.wake().expect("the loop is there")
    };
    completions::pummel(order, notify, |number| {
        let mut told = 0;
        while told < number {
            poll.poll(&mut events, None)?;
            told += events.iter().count();
        }
        Ok(())
    })
}
