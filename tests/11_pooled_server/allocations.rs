//! Property: a request that a pool handles allocates nothing, on no thread, once there were
//! some like it.

#[path = "../common/allocations.rs"]
mod common;

use crate::conformance::servers::started;
use crate::conformance::{own_process, routes};
use crate::gate::config;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
/// Twice as many as threads, so that some wait in the queue.
const CLIENTS: usize = 8;

/// How many bytes the answers to a request have.
fn measure(address: SocketAddr, request: &[u8]) -> usize {
    let last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(&[request, last].concat()).unwrap();
    let mut came = Vec::new();
    client.read_to_end(&mut came).unwrap();
    let last = came.windows(9).rposition(|it| it == b"HTTP/1.1 ").unwrap();
    assert!(last > 0, "{}", came.escape_ascii());
    last
}

#[test]
fn a_pooled_request_allocates_nothing() {
    if !own_process::alone("allocations::a_pooled_request_allocates_nothing") {
        return;
    }
    let post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
    let large = "b".repeat(100_000);
    let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(16),
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /bytes?n=16000 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /work?us=0 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        format!("{post}Content-Length: 5\r\n\r\nhello"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        format!("{post}Content-Length: 100000\r\n\r\n{large}"),
    ];
    within(LIMIT, || {
        let server = started(config(4, 2), Arc::new(routes::router()));
        let mut buffer = vec![0; 1 << 20];
        for request in requests {
            step(request.chars().take(80).collect::<String>());
            let bytes = measure(server.address(), request.as_bytes());
            let mut clients = [(); CLIENTS]
                .map(|()| TcpStream::connect(server.address()).unwrap());
            let mut ask = || {
                for client in &mut clients {
                    client.write_all(request.as_bytes()).unwrap();
                }
                for client in &mut clients {
                    client.read_exact(&mut buffer[..bytes]).unwrap();
                }
            };
            // So that each thread, each exchange and each queue has seen it.
            (0..30).for_each(|_| ask());
            // The least of some rounds: a thread may have had nothing to do until now.
            let round = |_| {
                let before = common::count_of_all();
                (0..25).for_each(|_| ask());
                common::count_of_all() - before
            };
            let least = (0..6).map(round).min();
            let start = &request[..request.len().min(80)];
            assert_eq!(least, Some(0), "allocations in 200 times {start:?}");
        }
    });
}
