//! The load driver counts what a server does, also what it does wrong.
#![cfg(unix)]

use benches::load::{Driver, Outcome, Pace};
use benches::rungs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use threadbare::testkit::{step, within};

/// Ends a test that hangs. No test measures time.
const LIMIT: Duration = Duration::from_secs(60);
const RUN: Duration = Duration::from_millis(50);
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
/// The same in other words, so that it is parsed and not compared.
const OTHER_OK: &[u8] =
    b"HTTP/1.1 200 OK\r\nDate: now\r\ncontent-length: 2\r\n\r\nok";

/// Accepts one connection and answers its n-th request with `script(n)`, in pieces of
/// `piece` bytes; `None` closes. The driver's greeting is request 0.
fn server(
    piece: usize,
    script: fn(usize) -> Option<&'static [u8]>,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the driver comes");
        stream.set_nodelay(true).expect("a TCP socket");
        let mut request = vec![0; REQUEST.len()];
        for n in 0.. {
            match stream.read_exact(&mut request) {
                Err(err) if err.kind() != ErrorKind::Interrupted => return,
                _ => assert_eq!(request, REQUEST),
            }
            let Some(response) = script(n) else { return };
            for piece in response.chunks(piece) {
                // The driver is gone when it has seen enough.
                if stream.write_all(piece).is_err() {
                    return;
                }
            }
        }
    });
    (address, thread)
}

#[test]
fn a_closed_loop_has_every_request_answered() {
    within(LIMIT, || {
        let rung = rungs::by_name("thread_per_connection").expect("rung one");
        let server = (rung.start)().expect("a free port");
        let mut driver = Driver::connect(server.address(), 8, REQUEST).unwrap();
        driver.set_grace(LIMIT);
        for pipeline in [1, 4] {
            let outcome = driver.run(Pace::Closed { pipeline }, RUN).unwrap();
            assert!(outcome.is_clean(), "{outcome:?}");
            assert!(outcome.answered >= 8 * pipeline as u64, "{outcome:?}");
            assert_eq!(outcome.answered % pipeline as u64, 0, "whole batches");
            assert_eq!(outcome.latency.len(), outcome.answered);
        }
        drop(driver);
        server.stop();
    });
}

#[test]
fn an_open_loop_sends_what_was_planned_no_more_no_less() {
    within(LIMIT, || {
        let rung = rungs::by_name("thread_per_connection").expect("rung one");
        let server = (rung.start)().expect("a free port");
        let mut driver = Driver::connect(server.address(), 3, REQUEST).unwrap();
        driver.set_grace(LIMIT);
        let outcome = driver.run(Pace::Open { per_second: 2_000 }, RUN).unwrap();
        assert!(outcome.is_clean(), "{outcome:?}");
        assert_eq!(outcome.answered, 100);
        drop(driver);
        server.stop();
    });
}

#[test]
fn responses_may_come_in_pieces_and_differ() {
    within(LIMIT, || {
        let words = |n| Some(if n % 3 == 1 { OTHER_OK } else { OK });
        let (address, server) = server(7, words);
        let mut driver = Driver::connect(address, 1, REQUEST).unwrap();
        driver.set_grace(LIMIT);
        let outcome = driver.run(Pace::Open { per_second: 1_000 }, RUN).unwrap();
        assert!(outcome.is_clean(), "{outcome:?}");
        assert_eq!(outcome.answered, 50);
        drop(driver);
        server.join().unwrap();
    });
}

/// A server that answers ten requests and then says nothing more. The closed loop of a
/// careless driver would report ten good latencies.
#[test]
fn a_stall_is_not_omitted() {
    within(LIMIT, || {
        let (address, server) =
            server(1_000, |n| Some(if n <= 10 { OK } else { b"" }));
        let mut driver = Driver::connect(address, 1, REQUEST).unwrap();
        driver.set_grace(Duration::from_millis(20));
        let outcome = driver.run(Pace::Open { per_second: 1_000 }, RUN).unwrap();
        assert_eq!(
            (outcome.answered, outcome.unanswered),
            (10, 40),
            "{outcome:?}"
        );
        assert_eq!(
            outcome.latency.len(),
            50,
            "each planned request has a latency"
        );
        // The eleventh was meant to start at 10 ms, and at 70 ms had no answer.
        assert!(
            outcome.latency.max() >= 59_000_000,
            "{}",
            outcome.latency.max()
        );
        // Of forty that wait for ever, most wait for long.
        assert!(
            outcome.latency_ns(50.0) >= 20_000_000,
            "{}",
            outcome.latency_ns(50.0)
        );
        drop(driver);
        server.join().unwrap();
    });
}

#[test]
fn what_the_server_does_wrong_is_counted() {
    const BUSY: &[u8] = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    const TWICE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    within(LIMIT, || {
        type Script = fn(usize) -> Option<&'static [u8]>;
        /// Answered, refused, broken, unanswered.
        type Counts = (u64, u64, u64, u64);
        const BARE: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
        // Of ten planned requests the fifth is the odd one: it is refused, or the connection
        // breaks and so six of ten have no answer.
        let (refused, broken): (Counts, Counts) = ((9, 1, 0, 0), (4, 0, 1, 6));
        let odd: [(&str, Script, Counts); 5] = [
            ("busy", |n| Some(if n == 5 { BUSY } else { OK }), refused),
            ("closed", |n| (n < 5).then_some(OK), broken),
            ("twice", |n| Some(if n == 5 { TWICE } else { OK }), broken),
            (
                "no HTTP",
                |n| Some(if n == 5 { b"what?\r\n\r\n" } else { OK }),
                broken,
            ),
            (
                "no length",
                |n| Some(if n == 5 { BARE } else { OK }),
                broken,
            ),
        ];
        for (what, script, expected) in odd {
            step(what);
            let (address, server) = server(1_000, script);
            let mut driver = Driver::connect(address, 1, REQUEST).unwrap();
            driver.set_grace(LIMIT);
            let outcome = driver.run(Pace::Open { per_second: 200 }, RUN).unwrap();
            let Outcome {
                answered,
                refused,
                broken,
                unanswered,
                ..
            } = outcome;
            assert_eq!((answered, refused, broken, unanswered), expected, "{what}");
            drop(driver);
            server.join().unwrap();
        }
    });
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    let elsewhere: SocketAddr = "192.0.2.1:80".parse().unwrap();
    let err = Driver::connect(elsewhere, 1, REQUEST)
        .unwrap_err()
        .to_string();
    assert_eq!(err, "192.0.2.1:80 is not on this machine");
    within(LIMIT, || {
        let (address, server) = server(1_000, |_| Some(OK));
        assert!(Driver::connect(address, 0, REQUEST).is_err());
        assert!(Driver::connect(address, 1_000_000, REQUEST).is_err());
        let mut driver = Driver::connect(address, 1, REQUEST).unwrap();
        for pace in [Pace::Closed { pipeline: 0 }, Pace::Open { per_second: 0 }] {
            assert!(driver.run(pace, RUN).is_err(), "{pace:?}");
        }
        let day = Duration::from_secs(86_400);
        assert!(driver.run(Pace::Closed { pipeline: 1 }, day).is_err());
        drop(driver);
        server.join().unwrap();
    });
}
