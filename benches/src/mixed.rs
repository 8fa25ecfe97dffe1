//! Quick requests beside slow ones: how long the quick ones wait.
//!
//! One client asks for `/` on many connections. A second one keeps eight connections busy
//! with requests of 2 ms each, which either block (`/sleep`) or compute (`/work`). The server
//! has one core for all of its threads, so what is measured is its order of service, not the
//! number of its cores.

use crate::child::{Server, last_core};
use crate::contest::Contestant;
use crate::load::{Driver, Pace};
use crate::race::{Row, Table, race, row};
use crate::{machine, raw};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// How many connections ask for `/`.
const QUICK: usize = 64;
/// How many have a slow request on its way all the time.
const SLOW: usize = 8;
/// How long each run lasts before the measured one.
const WARM_UP: Duration = Duration::from_millis(200);
/// How long a turn of the slow client lasts until it looks whether it is still wanted.
const TURN: Duration = Duration::from_millis(200);

/// What goes on beside the quick requests.
const BESIDE: [(&str, Option<&str>); 3] = [
    ("alone", None),
    ("2 ms blocking", Some("/sleep?ms=2")),
    ("2 ms of CPU", Some("/work?us=2000")),
];

/// Has each server answer quick requests at this pace, alone and beside slow ones, and
/// writes the table `group` for the chapter: the median and the 99th percentile of what a
/// quick one waits.
///
/// # Errors
/// If the limit of descriptors cannot be read.
///
/// # Panics
/// If a server does not start, or loses a request.
pub fn hold(
    chapter: &str,
    group: &str,
    pace: Pace,
    time: Duration,
    all: &[Contestant],
) -> io::Result<()> {
    machine::raise_descriptor_limit()?;
    // Where a thread cannot be bound to a core, the system decides.
    let _ = machine::pin_to(last_core());
    let rows: Vec<Row<'_, 2>> = all
        .iter()
        .map(|server| {
            row(server.name, move |column| {
                let (_, slow) = BESIDE[column];
                let child = (server.start)(server.name).expect("a server");
                let measured = measure(&child, slow, pace, time);
                let [median, p99] = measured.expect("a load that can be run");
                Some([median as f64, p99 as f64])
            })
        })
        .collect();
    let figures = race(if raw::trial() { 1 } else { 3 }, BESIDE.len(), rows);
    let how = match pace {
        Pace::Open { per_second } => format!(
            "Open loop: {per_second} requests a second on {QUICK} connections, counted \
             from when each was meant to start."
        ),
        Pace::Closed { .. } => {
            format!("Closed loop: {QUICK} connections ask again at once.")
        }
    };
    let note = format!(
        "{how} The server has one core, the clients another; beside: {SLOW} connections \
         whose requests take 2 ms each."
    );
    for (which, (suffix, what)) in [("p50", "half of them"), ("p99", "99 of 100")]
        .into_iter()
        .enumerate()
    {
        Table {
            chapter,
            group: &format!("{group}_{suffix}"),
            title: &format!("What a quick request waits at most, {what}"),
            notes: &[&note],
            unit: "ns",
            columns: &BESIDE.map(|beside| beside.0),
            chart: 2,
        }
        .write(&figures, which);
    }
    Ok(())
}

/// The median and the 99th percentile, in nanoseconds.
fn measure(
    child: &Server,
    slow: Option<&str>,
    pace: Pace,
    time: Duration,
) -> io::Result<[u64; 2]> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let beside = slow.map(|target| {
            let (address, over) = (child.address, &over);
            scope.spawn(move || keep_busy(address, target, over))
        });
        let measured = quick(child.address, pace, time);
        // ORDERING: Relaxed. It says only that it is time; the join below does the rest.
        over.store(true, Relaxed);
        if let Some(beside) = beside {
            beside.join().expect("the slow client does not panic")?;
        }
        measured
    })
}

fn quick(address: SocketAddr, pace: Pace, time: Duration) -> io::Result<[u64; 2]> {
    let mut driver = Driver::connect(address, QUICK, request("/").as_bytes())?;
    driver.run(pace, WARM_UP)?;
    let outcome = driver.run(pace, time)?;
    if !outcome.is_clean() {
        return Err(io::Error::other("a quick request was not answered"));
    }
    Ok([50.0, 99.0].map(|percent| outcome.latency_ns(percent)))
}

/// Has slow requests on their way until it is told that it is over.
fn keep_busy(
    address: SocketAddr,
    target: &str,
    over: &AtomicBool,
) -> io::Result<()> {
    let mut driver = Driver::connect(address, SLOW, request(target).as_bytes())?;
    // ORDERING: Relaxed; pairs with the store in `measure`, and nothing else goes with it.
    while !over.load(Relaxed) {
        let outcome = driver.run(Pace::Closed { pipeline: 1 }, TURN)?;
        if !outcome.is_clean() {
            return Err(io::Error::other("a slow request was not answered"));
        }
    }
    Ok(())
}

fn request(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
}
