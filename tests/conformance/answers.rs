//! Property: to each request comes its answer, in order, well formed, and no more.

use crate::conformance::client::Client;
use crate::conformance::routes;
use crate::conformance::serve::{
    Noted, Serve, Start, is_still, must_be_still, until,
};
use std::time::Duration;
use threadbare::http::Config;

const GOOD: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn server(start: Start) -> Box<dyn Serve> {
    start(Config::default(), Noted::new(routes::router()))
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// Small ones and large ones, copied, moved, and made while they are sent.
pub(crate) fn answers_come_in_the_order_of_the_requests(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    let mut requests = String::new();
    for n in 0..60 {
        requests += &get(&format!("/bytes?n={n}"));
        requests += &get(&format!("/bytes?n={}", 100_000 + n));
        requests += &format!("HEAD /bytes?n={n} HTTP/1.1\r\nHost: a\r\n\r\n");
        requests += &get(&format!("/body?n={}", 40_000 + n));
        requests += &get(&format!("/lines?n={n}"));
        requests += &format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n{n:6}"
        );
        requests += &get("/nowhere");
    }
    client.send(requests.as_bytes());
    for n in 0..60 {
        assert_eq!(client.answer(false).body.len(), n);
        assert_eq!(client.answer(false).body.len(), 100_000 + n);
        let length = client.answer(true);
        assert_eq!(length.field("content-length"), Some(&*n.to_string()));
        assert_eq!(client.answer(false).body, vec![b'b'; 40_000 + n]);
        let lines = String::from_utf8(client.answer(false).body).unwrap();
        assert_eq!(lines.lines().count(), n);
        assert_eq!(client.answer(false).body, format!("{n:6}").as_bytes());
        assert_eq!(client.answer(false).status, 404);
    }
}

/// Requests that come in one piece are answered in one piece.
pub(crate) fn sixteen_answers_leave_at_once(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    client.send(GOOD);
    client.answer(false);
    client.send(&GOOD.repeat(16));
    until(&*server, || client.has_something());
    assert!(client.has_answers(16), "they come one by one");
    assert!((0..16).all(|_| client.answer(false).body == b"Hello, World!"));
}

/// The same fields, the same length, and no body.
pub(crate) fn a_head_is_that_of_get(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    for target in [
        "/",
        "/bytes?n=9",
        "/bytes?n=99999",
        "/body?n=50000",
        "/lines?n=3",
    ] {
        client.send(get(target).as_bytes());
        let of_get = client.answer(false);
        client.send(get(target).replace("GET", "HEAD").as_bytes());
        let of_head = client.answer(true);
        assert_eq!(of_head.status, 200);
        let but_the_date = |it: &(String, String)| it.0 != "date";
        let [get, head] = [of_get, of_head].map(|it| {
            it.fields
                .into_iter()
                .filter(but_the_date)
                .collect::<Vec<_>>()
        });
        assert_eq!(get, head, "{target}");
    }
    client.send(GOOD);
    assert_eq!(client.answer(false).body, b"Hello, World!");
}

pub(crate) fn what_is_not_allowed_says_what_is(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    client.send(get("/").replace("GET", "DELETE").as_bytes());
    let answer = client.answer(false);
    assert_eq!(answer.status, 405);
    assert_eq!(answer.field("allow"), Some("GET, HEAD"));
    client.send(get("/echo").as_bytes());
    let answer = client.answer(false);
    assert_eq!(answer.status, 405);
    assert_eq!(answer.field("allow"), Some("POST"));
}

/// Chunks for 1.1; for 1.0, which has none, the end of the connection.
pub(crate) fn bodies_that_are_made_while_they_are_sent(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    let lines: String = (0..50_000).map(|n| format!("line {n}\n")).collect();
    client.send(get("/lines?n=50000").as_bytes());
    let answer = client.answer(false);
    assert_eq!(answer.field("transfer-encoding"), Some("chunked"));
    assert!(
        answer.body == lines.as_bytes(),
        "{} bytes",
        answer.body.len()
    );
    client.send(get("/lines?n=0").as_bytes());
    assert_eq!(client.answer(false).body, b"");
    let old = "GET /lines?n=50000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    client.send(old.as_bytes());
    let answer = client.answer(false);
    assert_eq!(answer.field("transfer-encoding"), None);
    assert!(answer.says_close());
    assert!(
        answer.body == lines.as_bytes(),
        "{} bytes",
        answer.body.len()
    );
    client.ends();
}

/// It asks by `keep-alive`, and is told so; with a length, and never with chunks.
pub(crate) fn http_1_0_is_kept_only_if_it_asks(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    for _ in 0..3 {
        client.send(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        let answer = client.answer(false);
        let says = answer.field("connection").map(str::to_ascii_lowercase);
        assert_eq!(says.as_deref(), Some("keep-alive"), "{answer:?}");
    }
    client.send(b"GET / HTTP/1.0\r\n\r\n");
    assert!(client.answer(false).says_close());
    client.ends();
}

/// Before the body, once, and not if the body is there, is refused, or is none.
pub(crate) fn continue_is_said_when_it_is_waited_for(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
    let by_length = format!("{head}Content-Length: 5\r\n\r\n");
    let by_chunks = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    for (head, body) in [
        (&by_length, "hello"),
        (&by_chunks, "5\r\nhello\r\n0\r\n\r\n"),
        (&by_length, "hello"),
    ] {
        client.send(GOOD);
        client.send(head.as_bytes());
        assert_eq!(client.answer(false).body, b"Hello, World!");
        let interim = client.head();
        assert_eq!((interim.status, interim.fields.len()), (100, 0));
        client.trickle(body.as_bytes());
        let answer = client.answer(false);
        assert_eq!((answer.body, answer.continues), (b"hello".to_vec(), 0));
        client.send(format!("{head}{body}").as_bytes());
        let answer = client.answer(false);
        assert_eq!((answer.body, answer.continues), (b"hello".to_vec(), 0));
    }
    client.send(format!("{head}Content-Length: 0\r\n\r\n").as_bytes());
    assert_eq!(client.answer(false).continues, 0);
    let old =
        "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    client.send(old.as_bytes());
    (0..5).for_each(|_| _ = server.turn(Duration::ZERO));
    client.send(b"hello");
    let answer = client.answer(false);
    assert_eq!((answer.body, answer.continues), (b"hello".to_vec(), 0));
    client.ends();
}

/// Its framing is sound, so the connection goes on, and what is behind it is answered.
pub(crate) fn a_panic_costs_a_500_and_nothing_else(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    for _ in 0..3 {
        client.send(&[GOOD, get("/panic").as_bytes(), GOOD].concat());
        assert_eq!(client.answer(false).status, 200);
        let answer = client.answer(false);
        assert_eq!(answer.status, 500);
        assert!(!answer.says_close(), "{answer:?}");
        assert_eq!(client.answer(false).body, b"Hello, World!");
    }
}

/// The answer to the last one says so, and what comes behind is not looked at.
pub(crate) fn the_last_request_is_told_so(start: Start) {
    let config = Config {
        request_count: Some(3),
        ..Config::default()
    };
    let handler = Noted::new(routes::router());
    let server = start(config, handler.clone());
    for at_once in [true, false] {
        let mut client = Client::connect(&*server);
        if at_once {
            client.send(&GOOD.repeat(5));
        }
        for request in 1..=3 {
            if !at_once {
                client.send(GOOD);
            }
            assert_eq!(client.answer(false).says_close(), request == 3);
        }
        client.ends();
        assert_eq!(handler.take().len(), 3);
    }
}

/// While an answer waits for its client to read, more requests come, and then the half of a
/// close. Both would make the socket readable for ever, as long as nobody reads. Seen in
/// http.zig as a loop that used half a core for nothing.
pub(crate) fn bug_9_a_waiting_answer_does_not_spin_the_loop(start: Start) {
    let server = server(start);
    let mut client = Client::connect(&*server);
    client.send(get("/bytes?n=64000000").as_bytes());
    // From when the handler is done, which may take long, until the kernel takes no more.
    while !client.has_something() {
        server.turn(Duration::from_millis(1));
    }
    while !is_still(&*server) {}
    for what in ["", "pipelined", "half a close"] {
        match what {
            "pipelined" => assert!(client.send(&GOOD.repeat(10))),
            "half a close" => client.half_close(),
            _ => {}
        }
        // The one that tells what has come, and from then on none.
        is_still(&*server);
        must_be_still(&*server, what);
    }
    assert_eq!(client.answer(false).body.len(), 64_000_000);
    assert!((0..10).all(|_| client.answer(false).body == b"Hello, World!"));
    client.ends();
}
