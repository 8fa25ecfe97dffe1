//! Property: much of anything costs time, and no memory.

use crate::conformance::alone;
use crate::conformance::client::Client;
use crate::conformance::routes;
use crate::conformance::serve::{Noted, Start};
use std::time::Duration;
use threadbare::http::{Config, Request, Response};

const GOOD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const MIB: usize = 1 << 20;

/// It takes what it is given in small pieces, and others are served between any two.
pub(crate) fn a_slow_reader_of_64_mib(start: Start) {
    let server = start(Config::default(), Noted::new(routes::router()));
    let mut slow = Client::connect(&*server);
    let mut other = Client::connect(&*server);
    slow.send(
        format!("GET /bytes?n={} HTTP/1.1\r\nHost: a\r\n\r\n", 64 * MIB).as_bytes(),
    );
    let head = slow.head();
    assert_eq!(head.field("content-length"), Some(&*(64 * MIB).to_string()));
    let mut came = 0;
    while came < 64 * MIB {
        let piece = slow.some();
        assert!(!piece.is_empty(), "the end after {came} bytes");
        assert!(piece.iter().all(|&byte| byte == b'x'));
        came += piece.len();
        if came / (4 * MIB) != (came - piece.len()) / (4 * MIB) {
            other.send(GOOD);
            assert_eq!(other.answer(false).body, b"Hello, World!");
        }
    }
    assert_eq!(came, 64 * MIB);
    slow.send(GOOD);
    assert_eq!(slow.answer(false).body, b"Hello, World!");
}

/// Refused as soon as it is known to be too large, and read to its end all the same; and the
/// same in three hundred requests that are not too large.
pub(crate) fn an_upload_of_300_mib(start: Start) {
    if !alone() {
        return;
    }
    let length = |request: &Request<'_>, response: &mut Response<'_>| {
        response.text(request.body().len());
    };
    let server = start(Config::default(), Noted::new(length));
    let post = "POST / HTTP/1.1\r\nHost: a\r\n";
    let piece = vec![b'b'; MIB];
    let chunk = [b"40000\r\n", &piece[..0x40000], b"\r\n"].concat();
    let mut client = Client::connect(&*server);
    client.send(GOOD);
    client.answer(false);
    let before = memory();

    client.send(format!("{post}Content-Length: {}\r\n\r\n", 300 * MIB).as_bytes());
    assert!((0..300).all(|_| client.send(&piece)), "it takes no more");
    assert_eq!(client.answer(false).status, 413);
    client.ends();

    let mut client = Client::connect(&*server);
    client.send(format!("{post}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
    assert!((0..1_200).all(|_| client.send(&chunk)), "it takes no more");
    assert_eq!(client.answer(false).status, 413);
    client.ends();

    let mut client = Client::connect(&*server);
    for round in 0..300 {
        if round % 2 == 0 {
            let room = MIB - 100;
            client.send(format!("{post}Content-Length: {room}\r\n\r\n").as_bytes());
            client.send(&piece[..room]);
            assert_eq!(client.answer(false).body, room.to_string().as_bytes());
        } else {
            client.send(
                format!("{post}Transfer-Encoding: chunked\r\n\r\n").as_bytes(),
            );
            (0..3).for_each(|_| _ = client.send(&chunk));
            client.send(b"0\r\n\r\n");
            assert_eq!(
                client.answer(false).body,
                (3 * 0x40000).to_string().as_bytes()
            );
        }
    }
    if let (Some(before), Some(after)) = (before, memory()) {
        let grown = after - before;
        assert!(grown < 12 * MIB, "{} KiB for 300 MiB", grown / 1024);
    }
}

/// All of them are sent before the last is answered, and each gets its own answer.
pub(crate) fn two_hundred_thousand_requests_at_once(start: Start) {
    const BATCH: usize = 1_000;
    const BATCHES: usize = 200;
    let handler = |request: &Request<'_>, response: &mut Response<'_>| {
        response.text(request.target());
    };
    let server = start(Config::default(), Noted::new(handler));
    let mut client = Client::connect(&*server);
    for batch in 0..BATCHES {
        let of_one =
            |n| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", batch * BATCH + n);
        let requests: String = (0..BATCH).map(of_one).collect();
        client.send(requests.as_bytes());
    }
    for n in 0..BATCH * BATCHES {
        client.answer_is(format!("/{n}").as_bytes());
    }
}

/// Nothing is read from who does not read: its requests stay with it.
pub(crate) fn a_client_that_does_not_read_is_not_read(start: Start) {
    let handler = Noted::new(routes::router());
    let server = start(Config::default(), handler.clone());
    let mut client = Client::connect(&*server);
    let request = b"GET /bytes?n=100000 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000);
    let mut sent = 0;
    let mut rest = &request[..];
    let mut answered = 0;
    let mut quiet = 0;
    // Until nothing goes any more, in neither direction.
    while quiet < 50 {
        let taken = client.send_some(rest);
        rest = &rest[taken..];
        if rest.is_empty() {
            rest = &request;
            sent += 1_000;
        }
        server.turn(Duration::from_millis(1));
        let more = handler.take().len();
        answered += more;
        quiet = if taken + more == 0 { quiet + 1 } else { 0 };
        if taken == 0 {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        assert!(answered < 2_000, "who reads all this?");
    }
    assert!(answered < sent, "all of {sent} were answered");
    // It goes on where it stood.
    for _ in 0..50 {
        assert_eq!(client.answer(false).body.len(), 100_000);
    }
}

/// How much memory this process had at most, where the system tells.
fn memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
