//! Property: who is slow gets 408, who is silent is let go, and nobody else notices.

use crate::conformance::client::Client;
use crate::conformance::serve::{Start, server, until};
use std::time::Duration;
use threadbare::http::Config;
use threadbare::testkit::step;

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(3_600);
const GOOD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Nobody is late, but for what the test is about.
fn patient() -> Config {
    Config {
        timeout_request: LONG,
        timeout_keepalive: LONG,
        timeout_write: LONG,
        timeout_linger: LONG,
        ..Config::default()
    }
}

/// Half a head, half a body, half a chunk: each is refused, however it goes on, and a
/// healthy client is served all the time.
pub(crate) fn slow_requests_get_408(start: Start) {
    let config = Config {
        timeout_request: SHORT,
        ..patient()
    };
    let (server, metrics) = server(start, config);
    let mut healthy = Client::connect(&*server);
    let post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
    let beginnings = [
        "G".to_owned(),
        "\r\nG".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\r\n\r".to_owned(),
        format!("{post}Content-Length: 1000000\r\n\r\n"),
        format!("{post}Content-Length: 1000000\r\n\r\nhello"),
        format!("{post}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n100\r\nhello"),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: b\r\n"),
    ];
    for beginning in beginnings {
        step(format!("only {}", beginning.escape_debug()));
        let mut slow = Client::connect(&*server);
        slow.send(GOOD);
        assert_eq!(slow.answer(false).status, 200);
        slow.send(beginning.as_bytes());
        while !slow.has_something() {
            healthy.send(GOOD);
            assert_eq!(healthy.answer(false).status, 200);
        }
        let answer = slow.answer(false);
        assert_eq!(answer.status, 408, "{answer:?}");
        assert!(answer.says_close(), "{answer:?}");
        slow.ends();
    }
    // More bytes buy no more time: it counts from the first of them.
    for what in [
        "GET / HTTP/1.1\r\nHost: a\r\nX-A: ",
        &format!("{post}Content-Length: 1000000\r\n\r\n"),
    ] {
        let mut slow = Client::connect(&*server);
        slow.send(what.as_bytes());
        while !slow.has_something() {
            slow.send(b"x");
            healthy.send(GOOD);
            assert_eq!(healthy.answer(false).status, 200);
        }
        assert_eq!(slow.answer(false).status, 408);
    }
    // It is counted behind the answer, which on a busy machine has come long before.
    until(&*server, || metrics.totals().evicted >= 12);
    assert_eq!(metrics.totals().evicted, 12);
}

/// One slot, and one who sends a byte now and then: seen as a server that a handful of
/// connections could stop, for ever, at no cost.
pub(crate) fn bug_8_a_slow_sender_holds_no_slot_for_ever(start: Start) {
    let config = Config {
        max_conn: 1,
        timeout_request: SHORT,
        timeout_linger: SHORT,
        ..patient()
    };
    let (server, metrics) = server(start, config);
    let mut slow = Client::connect(&*server);
    slow.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-A: ");
    until(&*server, || metrics.totals().accepted == 1);
    let mut other = Client::connect(&*server);
    other.send(GOOD);
    // It goes on after its 408, and that does not help either.
    let mut goes_on = true;
    while !other.has_something() {
        goes_on = goes_on && slow.send(b"x");
        slow.has_something();
        server.turn(Duration::from_millis(1));
    }
    assert_eq!(slow.head().status, 408);
    assert_eq!(other.answer(false).body, b"Hello, World!");
}

/// Before the first request, and between two of them.
pub(crate) fn who_is_silent_is_let_go(start: Start) {
    let config = Config {
        timeout_keepalive: Duration::from_millis(200),
        ..patient()
    };
    let (server, metrics) = server(start, config);
    let mut clients: Vec<Client<'_>> =
        (0..10).map(|_| Client::connect(&*server)).collect();
    for _ in 0..10 {
        // Each asks as soon as it is there: on a busy machine it would be let go before.
        let mut client = Client::connect(&*server);
        client.send(GOOD);
        assert_eq!(client.answer(false).status, 200);
        clients.push(client);
    }
    clients.iter_mut().for_each(Client::ends);
    until(&*server, || metrics.totals().open == 0);
    assert_eq!(metrics.totals().evicted, 20);
}

/// Who asks again and again stays, as long as it takes until a silent one is let go twice.
pub(crate) fn a_busy_connection_is_not_idle(start: Start) {
    let config = Config {
        timeout_keepalive: Duration::from_millis(200),
        ..patient()
    };
    let (server, _) = server(start, config);
    let mut busy = Client::connect(&*server);
    for _ in 0..2 {
        let mut silent = Client::connect(&*server);
        while !silent.has_something() {
            busy.send(GOOD);
            assert_eq!(busy.answer(false).status, 200);
        }
        silent.ends();
    }
    busy.send(GOOD);
    assert_eq!(busy.answer(false).status, 200);
}

/// An answer that nobody takes is not kept for ever.
pub(crate) fn who_does_not_read_is_let_go(start: Start) {
    let config = Config {
        timeout_write: SHORT,
        ..patient()
    };
    let (server, metrics) = server(start, config);
    let mut client = Client::connect(&*server);
    client.send(b"GET /bytes?n=100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    until(&*server, || metrics.totals().evicted == 1);
    let came = client.all_the_rest();
    assert!(came.len() < 100_000_000, "all of it fits into the kernel");
    assert_eq!(metrics.totals().open, 0);
}
