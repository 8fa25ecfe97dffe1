//! Both ends of a connection on one completion loop.

use std::io;
use std::mem;
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use benches::completions::{self, PING};
use benches::worker::Order;
use threadbare::completion::{
    Backend, Descriptor, Finished, Loop, Next, Received, Run,
};

/// One end. Its place in the table is the user word.
struct End {
    descriptor: Descriptor,
    pings: bool,
    /// How many bytes of the pong have come, and how many pongs are to come.
    bytes: usize,
    trips: usize,
    /// What it writes is in here, except while it is written.
    spare: Vec<u8>,
}

struct Ends {
    all: Vec<End>,
    /// How many have pongs to come.
    left: usize,
}

pub(crate) fn ping_pong(backend: Backend, order: Order<'_>) -> io::Result<Vec<f64>> {
    let trips = order.amount.div_ceil(order.width);
    let mut looped: Loop<Ends> = super::loop_on(backend)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut ends = Ends {
        all: Vec::new(),
        left: order.width,
    };
    for _ in 0..order.width {
        let client = TcpStream::connect(listener.local_addr()?)?;
        let (server, _) = listener.accept()?;
        for (stream, pings) in [(client, true), (server, false)] {
            stream.set_nodelay(true)?;
            let descriptor = looped.adopt(stream)?;
            looped.receive(descriptor, ends.all.len() as u64, received);
            ends.all.push(End {
                descriptor,
                pings,
                bytes: 0,
                trips,
                spare: Vec::with_capacity(PING.len()),
            });
        }
    }
    let start = completions::start();
    for (place, end) in ends.all.iter_mut().enumerate().filter(|(_, e)| e.pings) {
        end.send(&mut looped, place as u64, &PING);
    }
    looped.run(&mut ends, Run::UntilDone)?;
    Ok(completions::time_and_cpu(start, trips * order.width))
}

impl End {
    fn send(&mut self, looped: &mut Loop<Ends>, user: u64, bytes: &[u8]) {
        let mut buffer = mem::take(&mut self.spare);
        buffer.clear();
        buffer.extend_from_slice(bytes);
        looped.write(self.descriptor, buffer, user, sent);
    }
}

fn received(
    looped: &mut Loop<Ends>,
    ends: &mut Ends,
    done: &mut Received<'_>,
) -> Next {
    let bytes = *done.result.as_ref().expect("nobody goes");
    let end = &mut ends.all[done.user as usize];
    if !end.pings {
        end.send(looped, done.user, bytes);
        return Next::Rearm;
    }
    end.bytes += bytes.len();
    if end.bytes == PING.len() {
        end.bytes = 0;
        end.trips -= 1;
        match end.trips {
            0 => ends.left -= 1,
            _ => end.send(looped, done.user, &PING),
        }
        if ends.left == 0 {
            looped.stop();
        }
    }
    Next::Rearm
}

fn sent(
    _: &mut Loop<Ends>,
    ends: &mut Ends,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    assert!(done.result.is_ok(), "nobody goes");
    ends.all[done.user as usize].spare = mem::take(&mut done.buffer);
    Next::Disarm
}
