//! Everything on tokio's runtime of one thread.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;

use benches::completions::{
    self, Lateness, PING, READ_BYTES, SLICES, TICK, pummel, slice,
};
use benches::worker::Order;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::{MissedTickBehavior, interval};

const LOCALHOST: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

pub(crate) fn work(order: Order<'_>) -> io::Result<Vec<f64>> {
    match order.what {
        "ping_pong" => ping_pong(order),
        "pummel" => pummelled(order),
        "timers" | "timers_in_order" => super::tokio_timers::bare(runtime()?, order),
        "inline" | "slices" | "offloaded" => blocking(order),
        _ => Ok(Vec::new()),
    }
}

/// Pairs of tasks on one thread.
fn ping_pong(order: Order<'_>) -> io::Result<Vec<f64>> {
    let trips = order.amount.div_ceil(order.width);
    runtime()?.block_on(async {
        let listener = TcpListener::bind(LOCALHOST).await?;
        let address = listener.local_addr()?;
        let mut pairs = Vec::new();
        for _ in 0..order.width {
            let client = TcpStream::connect(address).await?;
            let (server, _) = listener.accept().await?;
            client.set_nodelay(true)?;
            server.set_nodelay(true)?;
            pairs.push((client, server));
        }
        let start = completions::start();
        let clients: Vec<_> = (pairs.into_iter())
            .map(|(client, server)| {
                tokio::spawn(echo(server));
                tokio::spawn(ping(client, trips))
            })
            .collect();
        for client in clients {
            client.await??;
        }
        Ok(completions::time_and_cpu(start, trips * order.width))
    })
}

async fn ping(mut client: TcpStream, trips: usize) -> io::Result<()> {
    // With more room than is needed tokio sees that a read was the last one.
    let mut bytes = [0; READ_BYTES];
    for _ in 0..trips {
        client.write_all(&PING).await?;
        let mut come = 0;
        while come < PING.len() {
            match client.read(&mut bytes[come..]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => come += n,
            }
        }
    }
    assert_eq!(bytes[..PING.len()], PING, "it comes back");
    Ok(())
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = [0; READ_BYTES];
    loop {
        match stream.read(&mut bytes).await? {
            0 => return Ok(()),
            n => stream.write_all(&bytes[..n]).await?,
        }
    }
}

/// A `Notify`: like an eventfd, many notifications become one.
fn pummelled(order: Order<'_>) -> io::Result<Vec<f64>> {
    let runtime = runtime()?;
    let told = Arc::new(Notify::new());
    let notify = || {
        let told = Arc::clone(&told);
        move || told.notify_one()
    };
    pummel(order, notify, |number| {
        runtime.block_on(async {
            for _ in 0..number {
                told.notified().await;
            }
        });
        Ok(())
    })
}

/// A server that runs until the process ends.
pub(crate) fn echo_server() -> io::Result<SocketAddr> {
    let (say, said) = mpsc::channel();
    let runtime = runtime()?;
    thread::spawn(move || {
        runtime.block_on(async move {
            let listener = TcpListener::bind(LOCALHOST).await?;
            let _ = say.send(listener.local_addr());
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                tokio::spawn(echo(stream));
            }
            #[expect(unreachable_code, reason = "it says the type")]
            io::Result::Ok(())
        })
    });
    said.recv().map_err(io::Error::other)?
}

/// A ticker beside a long computation.
fn blocking(order: Order<'_>) -> io::Result<Vec<f64>> {
    let runtime = runtime()?;
    let slices = order.amount.min(SLICES);
    let inline = order.what == "inline";
    let offloaded = order.what == "offloaded";
    runtime.block_on(async {
        let over = Arc::new(AtomicBool::new(false));
        let mut late = Lateness::new();
        let seen = Arc::clone(&over);
        let ticker = tokio::spawn(async move {
            let mut ticks = interval(TICK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            // ORDERING: Relaxed. `blocking::over` is of this thread only.
            while !seen.load(Relaxed) {
                ticks.tick().await;
                late.tick();
            }
            late
        });
        yield_now().await;
        let start = Instant::now();
        if offloaded {
            let compute = move || (0..slices).for_each(|_| slice());
            spawn_blocking(compute).await?;
        } else {
            for _ in 0..slices {
                slice();
                if !inline {
                    yield_now().await;
                }
            }
        }
        let worked = start.elapsed();
        // ORDERING: Relaxed, as above.
        over.store(true, Relaxed);
        Ok(ticker.await?.figures(worked))
    })
}
