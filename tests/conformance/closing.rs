//! Property: who has ended what it sends is answered, no answer is lost because something
//! came that nobody wanted, and a reset costs one connection.

use crate::conformance::client::Client;
use crate::conformance::serve::{Start, server, until};
use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::Duration;
use threadbare::http::Config;
use threadbare::testkit::step;

const GOOD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const LARGE: &[u8] = b"GET /bytes?n=8000000 HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &str = "POST /echo HTTP/1.1\r\nHost: a\r\n";

/// What is whole is answered. What is not is given up, without an answer or with 400.
pub(crate) fn half_a_close_ends_what_comes_and_not_what_goes(start: Start) {
    let (server, metrics) = server(start, Config::default());
    for whole in [0, 1, 5] {
        for part in ["", "\r\n", "GET", "GET / HTTP/1.1\r\nHost: a\r\n"] {
            let mut client = Client::connect(&*server);
            client.send(&GOOD.repeat(whole));
            client.send(part.as_bytes());
            client.half_close();
            for _ in 0..whole {
                assert_eq!(client.answer(false).body, b"Hello, World!");
            }
            let rest = client.all_the_rest();
            let is_400 = !part.is_empty() && rest.starts_with(b"HTTP/1.1 400 ");
            assert!(rest.is_empty() || is_400, "{}", rest.escape_ascii());
        }
    }
    let mut client = Client::connect(&*server);
    client.send(&[LARGE, GOOD].concat());
    client.half_close();
    assert_eq!(client.answer(false).body.len(), 8_000_000);
    assert_eq!(client.answer(false).body, b"Hello, World!");
    client.ends();
    let mut client = Client::connect(&*server);
    client.send(format!("{POST}Content-Length: 5\r\n\r\nhel").as_bytes());
    client.half_close();
    client.all_the_rest();
    drop(client);
    until(&*server, || metrics.totals().open == 0);
}

/// Eight megabytes are on their way when the answer is sent that ends the connection. To
/// close at once would be to reset it, and with the reset the answer is lost.
pub(crate) fn a_last_answer_is_not_lost(start: Start) {
    let (server, metrics) = server(start, Config::default());
    let large = Config::default().read_buf_cap * 2;
    let requests = [
        ("Content-Length: 8000000\r\n\r\n".to_owned(), 413),
        (
            format!("Transfer-Encoding: chunked\r\n\r\n{large:x}\r\n"),
            413,
        ),
        (
            "Content-Length: 5\r\nContent-Length: 6\r\n\r\n".to_owned(),
            400,
        ),
        (
            "Expect: x\r\nContent-Length: 8000000\r\n\r\n".to_owned(),
            417,
        ),
        ("Connection: close\r\n\r\n".to_owned(), 200),
    ];
    for (rest, status) in requests {
        step(format!("{POST}{rest}"));
        let mut client = Client::connect(&*server);
        client.send(format!("{POST}{rest}").as_bytes());
        let piece = vec![b'x'; 100_000];
        assert!((0..80).all(|_| client.send(&piece)), "it takes no more");
        let answer = client.answer(false);
        assert_eq!(answer.status, status);
        assert!(answer.says_close());
        client.ends();
    }
    until(&*server, || metrics.totals().open == 0);
}

/// Who does not close after the last answer is closed.
pub(crate) fn lingering_ends(start: Start) {
    let config = Config {
        timeout_linger: Duration::from_millis(30),
        ..Config::default()
    };
    let (server, metrics) = server(start, config);
    let mut client = Client::connect(&*server);
    client.send(b"GET / HTTP/1.0\r\n\r\n");
    assert!(client.answer(false).says_close());
    client.ends();
    until(&*server, || metrics.totals().open == 0);
    // The kernel says so to who goes on.
    while client.send(b"x") {
        server.turn(Duration::from_millis(1));
    }
}

/// Before a request, in one, behind one, while the answer is on its way.
pub(crate) fn resets_are_nothing_special(start: Start) {
    let (server, metrics) = server(start, Config::default());
    for round in 0..100 {
        for stage in 0..6 {
            let mut client = Client::connect(&*server);
            match stage {
                0 => {}
                1 => _ = client.send(b"GET / HT"),
                2 => {
                    _ = client
                        .send(format!("{POST}Content-Length: 9\r\n\r\nx").as_bytes())
                }
                3 => _ = client.send(GOOD),
                4 => _ = client.send(LARGE),
                _ => {
                    client.send(LARGE);
                    client.some();
                }
            }
            if round % 2 == 0 {
                server.turn(Duration::ZERO);
            }
            client.reset();
        }
    }
    let mut client = Client::connect(&*server);
    client.send(GOOD);
    assert_eq!(client.answer(false).body, b"Hello, World!");
    until(&*server, || metrics.totals().open == 1);
    assert_eq!(metrics.totals().panics, 0);
}

/// Nobody new comes in, who is silent is let go, and who has begun is answered.
pub(crate) fn who_has_begun_is_answered_at_the_stop(start: Start) {
    let (server, metrics) = server(start, Config::default());
    let mut silent = Client::connect(&*server);
    let mut between = Client::connect(&*server);
    between.send(GOOD);
    between.answer(false);
    let mut within = Client::connect(&*server);
    let (first, second) = GOOD.split_at(20);
    within.send(first);
    let mut reading = Client::connect(&*server);
    reading.send(&[LARGE, GOOD].concat());
    // The large one is on its way, so that what is behind it has begun, too.
    let expected = (4, 2, 2 * GOOD.len() as u64 + LARGE.len() as u64 + 20);
    until(&*server, || {
        let totals = metrics.totals();
        (totals.open, totals.requests, totals.bytes_in) == expected
    });
    server.stop();
    silent.ends();
    between.ends();
    until(&*server, || metrics.totals().open == 2);
    // Each loop shuts its own door, one a little later than the other.
    until(&*server, || {
        let refused = TcpStream::connect(server.address()).err();
        refused.is_some_and(|it| it.kind() == ErrorKind::ConnectionRefused)
    });
    within.send(second);
    let answer = within.answer(false);
    assert_eq!(answer.body, b"Hello, World!");
    assert!(answer.says_close(), "{answer:?}");
    within.ends();
    assert_eq!(reading.answer(false).body.len(), 8_000_000);
    let last = reading.answer(false);
    assert!(last.says_close(), "{last:?}");
    reading.ends();
    drop((within, reading));
    until(&*server, || metrics.totals().open == 0);
}
