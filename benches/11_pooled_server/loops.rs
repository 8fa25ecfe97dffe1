//! Which part of a thousand connections each of two loops has, and of their requests.

use benches::load::{Driver, Pace};
use benches::race::{Table, race, row};
use benches::rungs::http_server::CONNECTIONS_MAX;
use std::io;
use std::time::Duration;
use threadbare::http::{Config, Request, Response, Server};

const CONNECTIONS: usize = 1_000;
const LOOPS: usize = 2;
const TIME: Duration = Duration::from_millis(500);

/// Measures it, and writes the table `loops`.
///
/// # Errors
/// If the server cannot be started.
pub(crate) fn share(chapter: &str) -> io::Result<()> {
    benches::machine::raise_descriptor_limit()?;
    let rows = ["loop 0", "loop 1"].into_iter().enumerate();
    let rows = rows.map(|(which, name)| {
        row(name, move |column| {
            let shares = shares().expect("a server, and its clients");
            Some([shares[column][which]])
        })
    });
    let columns = ["connections", "requests"];
    let figures = race(5, columns.len(), rows.collect());
    Table {
        chapter,
        group: "loops",
        title: "What each of two loops has of 1,000 connections",
        notes: &["Medians of five servers, each with connections of its own."],
        unit: "%",
        columns: &columns,
        chart: 0,
    }
    .write(&figures, 0);
    Ok(())
}

/// Of the connections, then of the requests: the percentage of each loop.
fn shares() -> io::Result<[[f64; LOOPS]; 2]> {
    let config = Config {
        port: 0,
        loops: LOOPS,
        max_conn: CONNECTIONS_MAX,
        ..Config::default()
    };
    let hello = |_: &Request<'_>, response: &mut Response<'_>| {
        response.text("Hello, World!");
    };
    let mut server = Server::bind(config, hello)?;
    let (address, handle) = (server.address(), server.handle());
    let metrics = server.metrics();
    let thread = std::thread::spawn(move || server.run());
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut driver = Driver::connect(address, CONNECTIONS, request)?;
    driver.run(Pace::Closed { pipeline: 1 }, TIME)?;
    let totals = metrics.loops();
    drop(driver);
    handle.shutdown();
    thread.join().expect("the server does not panic")?;
    let part = |of: fn(&threadbare::http::Totals) -> u64| {
        let all: u64 = totals.iter().map(of).sum();
        std::array::from_fn(|which| {
            let one = totals.get(which).map_or(0, of);
            100.0 * one as f64 / all.max(1) as f64
        })
    };
    Ok([part(|totals| totals.open), part(|totals| totals.requests)])
}
