//! What std has: a heap from which nothing can be taken but its least, and threads that block.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use benches::completions::{self, PING, READ_BYTES, Timers};
use benches::worker::Order;

pub(crate) fn work(order: Order<'_>) -> io::Result<Vec<f64>> {
    match order.what {
        "timers" | "timers_in_order" => {
            let mut timers = Lazy {
                heap: BinaryHeap::new(),
                start: Instant::now(),
                is_set: Vec::new(),
            };
            completions::time(&mut timers, order)
        }
        "ping_pong" => ping_pong(order),
        _ => Ok(Vec::new()),
    }
}

/// Who is cancelled stays in the heap until it is due.
struct Lazy {
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    start: Instant,
    is_set: Vec<bool>,
}

impl Lazy {
    fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }
}

impl Timers for Lazy {
    fn set(&mut self, after: &[Duration]) -> io::Result<()> {
        let (now, first) = (self.now(), self.is_set.len());
        for (place, after) in after.iter().enumerate() {
            let entry = (now + after.as_nanos() as u64, (first + place) as u32);
            self.heap.push(Reverse(entry));
        }
        self.is_set.resize(first + after.len(), true);
        Ok(())
    }

    fn cancel(&mut self, order: &[u32]) -> io::Result<()> {
        let first = self.is_set.len() - order.len();
        for &place in order {
            self.is_set[first + place as usize] = false;
        }
        Ok(())
    }

    fn fire(&mut self) -> io::Result<usize> {
        let (now, mut fired) = (self.now(), 0);
        while let Some(&Reverse((due, place))) = self.heap.peek() {
            if due > now {
                break;
            }
            self.heap.pop();
            fired += usize::from(self.is_set[place as usize]);
        }
        Ok(fired)
    }
}

/// A thread for each end.
fn ping_pong(order: Order<'_>) -> io::Result<Vec<f64>> {
    let trips = order.amount.div_ceil(order.width);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut pairs = Vec::new();
    for _ in 0..order.width {
        let client = TcpStream::connect(listener.local_addr()?)?;
        let (server, _) = listener.accept()?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        pairs.push((client, server));
    }
    let start = completions::start();
    thread::scope(|scope| {
        for (client, server) in pairs {
            scope.spawn(move || echo(server).expect("the client goes on"));
            scope.spawn(move || ping(client, trips).expect("an echo"));
        }
    });
    Ok(completions::time_and_cpu(start, trips * order.width))
}

fn ping(mut client: TcpStream, trips: usize) -> io::Result<()> {
    let mut pong = [0; PING.len()];
    for _ in 0..trips {
        client.write_all(&PING)?;
        client.read_exact(&mut pong)?;
    }
    assert_eq!(pong, PING, "it comes back");
    Ok(())
}

fn echo(mut server: TcpStream) -> io::Result<()> {
    let mut bytes = [0; READ_BYTES];
    loop {
        match server.read(&mut bytes)? {
            0 => return Ok(()),
            n => server.write_all(&bytes[..n])?,
        }
    }
}
