//! Property: what crosses a limit is refused with the byte that crosses it, and what just
//! fits is served.

use crate::conformance::client::Client;
use crate::conformance::routes;
use crate::conformance::serve::{Noted, Serve, Start};
use threadbare::http::{Config, Limits};
use threadbare::testkit::step;

const CAP: usize = 20_000;

fn server(start: Start, cap: usize) -> Box<dyn Serve> {
    let config = Config {
        read_buf_cap: cap,
        ..Config::default()
    };
    start(config, Noted::new(routes::router()))
}

/// These bytes are all that is sent, and they are refused.
fn refused_at_once(server: &dyn Serve, bytes: &[u8], status: u16) {
    let start = &bytes[..bytes.len().min(80)];
    step(format!("{} ... -> {status}", start.escape_ascii()));
    let mut client = Client::connect(server);
    client.send(bytes);
    let answer = client.answer(false);
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.says_close(), "{answer:?}");
    client.ends();
}

fn served(server: &dyn Serve, bytes: &[u8], status: u16) {
    let mut client = Client::connect(server);
    client.send(bytes);
    let answer = client.answer(false);
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(!answer.says_close(), "{answer:?}");
}

/// A request line that is one byte too long needs no end to be refused.
pub(crate) fn a_long_request_line_gets_414(start: Start) {
    let server = server(start, 1 << 20);
    let limit = Limits::default().request_line;
    let line = |target: usize| {
        let target = format!("/{}", "a".repeat(target - 1));
        format!("GET {target} HTTP/1.1\r\n")
    };
    let longest = limit - "GET  HTTP/1.1\r\n".len();
    assert_eq!(line(longest).len(), limit);
    let fits = format!("{}Host: a\r\n\r\n", line(longest));
    served(&*server, fits.as_bytes(), 404);
    let whole = format!("{}Host: a\r\n\r\n", line(longest + 1));
    refused_at_once(&*server, whole.as_bytes(), 414);
    let unended = format!("GET /{}", "a".repeat(limit - 5));
    refused_at_once(&*server, unended.as_bytes(), 414);
    let query = format!("GET /?{} HTTP/1.1\r\nHost: a\r\n\r\n", "q".repeat(100_000));
    refused_at_once(&*server, query.as_bytes(), 414);
    let method = vec![b'M'; limit];
    refused_at_once(&*server, &method, 414);
}

/// A head is refused with the byte that does not fit: one endless field, or many.
pub(crate) fn a_large_head_gets_431(start: Start) {
    let server = server(start, CAP);
    let begin = "GET / HTTP/1.1\r\nHost: a\r\nX-A: ";
    let value = |room: usize| "v".repeat(room - begin.len());
    let fits = format!("{begin}{}\r\n\r\n", value(CAP - 4));
    assert_eq!(fits.len(), CAP);
    served(&*server, fits.as_bytes(), 200);
    let unended = format!("{begin}{}", value(CAP + 1));
    refused_at_once(&*server, unended.as_bytes(), 431);
    let name = format!("GET / HTTP/1.1\r\nHost: a\r\n{}", "n".repeat(CAP));
    refused_at_once(&*server, name.as_bytes(), 431);
    let blanks = format!("GET / HTTP/1.1\r\nHost: a\r\nX-A:{}", " ".repeat(CAP));
    refused_at_once(&*server, blanks.as_bytes(), 431);
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}", "X: y\r\n".repeat(10_000));
    refused_at_once(&*server, many.as_bytes(), 431);
    // What the buffer takes is the limit, however large it is.
    let server = self::server(start, 200_000);
    let fits = format!("{begin}{}\r\n\r\n", value(200_000 - 4));
    served(&*server, fits.as_bytes(), 200);
    let unended = format!("{begin}{}", value(200_001));
    refused_at_once(&*server, unended.as_bytes(), 431);
}

/// A head that the buffer has no room for is too large, be it for its first line.
pub(crate) fn a_small_buffer_keeps_its_word(start: Start) {
    let server = server(start, 300);
    served(&*server, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200);
    let line = format!("GET /{}", "a".repeat(400));
    refused_at_once(&*server, line.as_bytes(), 431);
    let ended = format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n");
    refused_at_once(&*server, ended.as_bytes(), 431);
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX-A: {}", "v".repeat(400));
    refused_at_once(&*server, head.as_bytes(), 431);
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ";
    let fits = 300 - head.len() - 7;
    let fits = format!("{head}{fits}\r\n\r\n{}", "b".repeat(fits));
    assert_eq!(fits.len(), 300);
    served(&*server, fits.as_bytes(), 200);
    refused_at_once(&*server, format!("{head}301\r\n\r\n").as_bytes(), 413);
}

/// A length that does not fit behind its head is refused before a byte of the body comes,
/// and so is a chunk, with its size.
pub(crate) fn a_large_body_gets_413(start: Start) {
    let server = server(start, CAP);
    let head = |length: usize| {
        format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n")
    };
    let fits = CAP - head(CAP).len();
    let whole = format!("{}{}", head(fits), "b".repeat(fits));
    assert_eq!(whole.len(), CAP);
    served(&*server, whole.as_bytes(), 200);
    refused_at_once(&*server, head(fits + 1).as_bytes(), 413);
    refused_at_once(&*server, head(1 << 40).as_bytes(), 413);
    let expects =
        head(1 << 30).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    let mut client = Client::connect(&*server);
    client.send(expects.as_bytes());
    let answer = client.answer(false);
    assert_eq!((answer.status, answer.continues), (413, 0));

    let head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let room = CAP - head.len();
    let data = "b".repeat(room);
    let whole = format!("{head}{room:x}\r\n{data}\r\n0\r\n\r\n");
    served(&*server, whole.as_bytes(), 200);
    refused_at_once(
        &*server,
        format!("{head}{:x}\r\n", room + 1).as_bytes(),
        413,
    );
    let second = format!("{head}{room:x}\r\n{data}\r\n1\r\n");
    refused_at_once(&*server, second.as_bytes(), 413);
    let small = format!("{head}{}", "1\r\nb\r\n".repeat(room + 1));
    refused_at_once(&*server, small.as_bytes(), 413);
}

/// What only frames a body is limited as well: extensions, zeros, trailers.
pub(crate) fn endless_framing_is_refused(start: Start) {
    let server = server(start, 1 << 20);
    let head =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = format!("{head}1;{}", "e".repeat(100_000));
    refused_at_once(&*server, long.as_bytes(), 400);
    let quoted = format!("{head}1;a=\"{}", "e".repeat(100_000));
    refused_at_once(&*server, quoted.as_bytes(), 400);
    let each = format!("{head}{}", "1;eeeeeeeeeeee\r\nb\r\n".repeat(1_000));
    refused_at_once(&*server, each.as_bytes(), 400);
    let zeros = format!("{head}{}", "0".repeat(100_000));
    refused_at_once(&*server, zeros.as_bytes(), 400);
    let trailer = format!("{head}0\r\nX-A: {}", "v".repeat(100_000));
    refused_at_once(&*server, trailer.as_bytes(), 431);
    let trailers = format!("{head}0\r\n{}", "X: y\r\n".repeat(1_000));
    refused_at_once(&*server, trailers.as_bytes(), 431);
}
