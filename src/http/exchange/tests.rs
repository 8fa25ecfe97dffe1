//! One exchange by itself: what it makes of the bytes, however they are cut.

use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use super::*;
use crate::http::{Request, Response};

const DATE: &[u8] = b"Date: today\r\n";
const CAP: usize = 64 * 1024;

/// An exchange, and somebody who sends to it.
struct Pair {
    exchange: Exchange,
    rules: Rules,
    scratch: Scratch,
    ours: TcpStream,
    theirs: UnixStream,
}

fn echo(request: &Request<'_>, response: &mut Response<'_>) {
    assert_ne!(request.path(), "/panic");
    response.text(format_args!(
        "{} {}: {}",
        request.method(),
        request.path(),
        String::from_utf8_lossy(request.body()),
    ));
}

impl Pair {
    fn new(cap: usize) -> Self {
        let config = Config {
            read_buf_cap: cap,
            ..Config::default()
        };
        let rules = Rules::new(&config);
        let (ours, theirs) = UnixStream::pair().unwrap();
        Self {
            exchange: Exchange::new(&rules),
            rules,
            scratch: Scratch::new(),
            ours: TcpStream::from(OwnedFd::from(ours)),
            theirs,
        }
    }

    fn look(&mut self) -> Event {
        self.exchange.look(&self.rules, &mut self.scratch, DATE)
    }

    /// Sends `bytes`, and looks at what came until nothing more can be said.
    fn send(&mut self, bytes: &[u8]) -> Event {
        let mut event = Event::Empty;
        for piece in bytes.chunks(4_000) {
            self.theirs.write_all(piece).unwrap();
            let mut left = piece.len();
            while left > 0 {
                left -= self.exchange.receive(&self.ours).unwrap();
                event = self.look();
                while event == Event::Whole {
                    let (handler, scratch) = (&echo, &mut self.scratch);
                    self.exchange
                        .answer(handler, scratch, DATE, || true)
                        .unwrap();
                    event = self.look();
                }
                if matches!(event, Event::Refused | Event::Enough) {
                    return event;
                }
            }
        }
        event
    }

    /// The bodies of the answers so far.
    fn bodies(&mut self) -> Vec<String> {
        let output =
            String::from_utf8(self.exchange.output.bytes().clone()).unwrap();
        let answers = output.split("HTTP/1.1 ").filter(|one| !one.is_empty());
        let body = |one: &str| one.split_once("\r\n\r\n").unwrap().1.to_owned();
        answers.map(body).collect()
    }
}

const REQUESTS: &[u8] = b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n\
    POST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\
    POST /three HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
    2;ext=1\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: a\r\n\r\n\
    GET /four HTTP/1.1\r\nHost: a\r\n\r\n";
const ANSWERS: [&str; 4] = [
    "GET /one: ",
    "POST /two: hello",
    "POST /three: hello",
    "GET /four: ",
];

#[test]
fn wherever_it_is_cut_the_answers_are_the_same() {
    for cut in 0..=REQUESTS.len() {
        let mut pair = Pair::new(CAP);
        let (before, after) = REQUESTS.split_at(cut);
        pair.send(before);
        assert_eq!(pair.send(after), Event::Empty, "cut at {cut}");
        assert_eq!(pair.bodies(), ANSWERS, "cut at {cut}");
    }
    let mut pair = Pair::new(CAP);
    for byte in REQUESTS.chunks(1) {
        pair.send(byte);
    }
    assert_eq!(pair.bodies(), ANSWERS);
}

#[test]
fn what_is_too_large_is_refused_as_soon_as_that_is_certain() {
    let status = |bytes: &[u8]| {
        let mut pair = Pair::new(512);
        let event = pair.send(bytes);
        let output =
            String::from_utf8(pair.exchange.output.bytes().clone()).unwrap();
        assert!(pair.exchange.is_last() == (event == Event::Refused));
        (event == Event::Refused).then(|| output[9..12].parse::<u16>().unwrap())
    };
    let mut long_line = b"GET /".to_vec();
    long_line.resize(512, b'a');
    assert_eq!(status(&long_line[..511]), None);
    assert_eq!(status(&long_line), Some(431));
    // The line has a limit of its own, if the buffer takes more.
    let line = [b"GET /".as_slice(), &[b'a'; 10_000]].concat();
    for (cap, expected) in [(8_191, 431), (8_192, 431), (8_193, 414), (CAP, 414)] {
        let mut pair = Pair::new(cap);
        assert_eq!(pair.send(&line[..cap.min(8_192) - 1]), Event::Part);
        let rest = &line[cap.min(8_192) - 1..][..1];
        assert_eq!(pair.send(rest), Event::Refused);
        let status = format!("HTTP/1.1 {expected} ");
        assert!(pair.exchange.output.bytes().starts_with(status.as_bytes()));
    }
    let mut long_head = b"GET / HTTP/1.1\r\nHost: a\r\nX: ".to_vec();
    long_head.resize(512, b'a');
    assert_eq!(status(&long_head[..511]), None);
    assert_eq!(status(&long_head), Some(431));
    // The head has 45 bytes or a few more: the body has 512 less that.
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 465\r\n\r\n";
    assert_eq!(head.len() + 465, 514);
    assert_eq!(status(head), Some(413));
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 463\r\n\r\n";
    assert_eq!(status(head), None);
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n";
    assert_eq!(status(head), Some(413));
    let chunked =
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let room = 512 - chunked.len();
    let with = |rest: String| [chunked, rest.as_bytes()].concat();
    assert_eq!(status(&with(format!("{:x}\r\n", room + 1))), Some(413));
    assert_eq!(status(&with(format!("{room:x}\r\n"))), None);
}

/// What frames a chunked body does not count as body, however much of it there is.
#[test]
fn a_chunked_body_may_fill_the_buffer_to_the_last_byte() {
    for size in [1, 7, 100, 300] {
        let mut pair = Pair::new(512);
        let mut request =
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                .to_vec();
        let body = vec![b'x'; 512 - request.len()];
        for chunk in body.chunks(size) {
            write!(request, "{:x};why=not\r\n", chunk.len()).unwrap();
            request.extend_from_slice(chunk);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(pair.send(&request), Event::Empty);
        let bodies = pair.bodies();
        assert_eq!(bodies[0].len(), "POST /: ".len() + body.len());
        assert_eq!(bodies[1], "GET /next: ");
    }
}

#[test]
fn whoever_waits_is_told_to_go_on_and_only_once() {
    let head = b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\
        Expect: 100-continue\r\n\r\n";
    let mut pair = Pair::new(CAP);
    assert_eq!(pair.send(head), Event::Continue);
    assert_eq!(pair.exchange.output.bytes(), CONTINUE);
    assert_eq!(pair.send(b"a"), Event::Part);
    assert_eq!(pair.send(b"bc"), Event::Empty);
    assert_eq!(pair.bodies(), ["", "POST /up: abc"]);

    let mut pair = Pair::new(CAP);
    assert_eq!(pair.send(&[head, &b"a"[..]].concat()), Event::Part);
    assert_eq!(pair.send(b"bc"), Event::Empty);
    assert_eq!(pair.bodies(), ["POST /up: abc"], "it did not wait");
}

#[test]
fn a_panic_costs_its_request_a_500_and_nothing_else() {
    let mut pair = Pair::new(CAP);
    let panic = b"GET /panic HTTP/1.1\r\nHost: a\r\n\r\n";
    let next = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(pair.send(&[&panic[..], next].concat()), Event::Empty);
    let output = String::from_utf8(pair.exchange.output.bytes().clone()).unwrap();
    assert!(output.starts_with("HTTP/1.1 500 "), "{output}");
    assert_eq!(pair.bodies()[1], "GET /next: ");
    assert!(!pair.exchange.is_last());
}

#[test]
fn behind_the_last_answer_nothing_is_answered() {
    let mut pair = Pair::new(CAP);
    let last = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\
        GET /late HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(pair.send(last), Event::Enough);
    assert_eq!(pair.bodies(), ["GET /last: "]);
    assert!(pair.exchange.is_last());
}

#[test]
fn with_enough_to_send_no_more_is_answered() {
    let mut pair = Pair::new(1 << 20);
    let next = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut sent = 0;
    while pair.send(next) == Event::Empty {
        sent += 1;
    }
    let waiting = pair.exchange.output.bytes().len();
    assert!((64 * 1024..66 * 1024).contains(&waiting), "{waiting}");
    assert!(sent > 400);
}

#[test]
fn a_used_one_is_as_good_as_new() {
    let mut pair = Pair::new(CAP);
    let beginning =
        b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx";
    assert_eq!(pair.send(beginning), Event::Part);
    pair.exchange.clear(&pair.rules);
    assert_eq!(pair.look(), Event::Empty);
    assert_eq!(
        pair.send(b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
        Event::Empty
    );
    assert_eq!(pair.bodies(), ["GET /b: "]);
}

/// HEAD has no content, whatever the answer is: the client would take it for the next one.
#[test]
fn what_is_refused_has_no_content_if_head_was_asked_for() {
    let lines = "HTTP/1.1\r\nHost: a\r\n";
    let refused = [
        (417, format!("/ {lines}Expect: z\r\n")),
        (400, format!("/ {lines}X : y\r\n")),
        (505, "/ HTTP/2.0\r\n".to_owned()),
        (413, format!("/ {lines}Content-Length: 99999999\r\n\r\n")),
        (414, format!("/{}", "a".repeat(9_000))),
    ];
    for (status, rest) in refused {
        for before in ["HEAD ", "\r\nHEAD ", "GET ", "\r\nGET "] {
            let mut pair = Pair::new(CAP);
            // The method of the request before is none of its business.
            let others = if before.ends_with("GET ") {
                "HEAD"
            } else {
                "GET"
            };
            pair.send(format!("{others} / HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
            pair.exchange.output.clear();
            let event = pair.send(format!("{before}{rest}").as_bytes());
            assert_eq!(event, Event::Refused, "{before}{rest}");
            let output = pair.exchange.output.bytes().clone();
            let output = String::from_utf8(output).unwrap();
            assert!(
                output.starts_with(&format!("HTTP/1.1 {status} ")),
                "{output}"
            );
            let (head, body) = output.split_once("\r\n\r\n").unwrap();
            assert!(!head.contains("Content-Length: 0"), "{head}");
            assert_eq!(body.is_empty(), before.ends_with("HEAD "), "{output}");
        }
    }
    let mut pair = Pair::new(CAP);
    pair.send(b"HEAD / HTTP/1.1\r\nHo");
    pair.exchange.refuse(408, &mut pair.scratch, DATE);
    assert!(pair.exchange.output.bytes().ends_with(b"\r\n\r\n"));
}

#[test]
fn what_there_is_no_memory_for_is_refused() {
    let mut pair = Pair::new(usize::MAX);
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length";
    let length = isize::MAX as usize + 1;
    let event = pair.send(format!("{head}: {length}\r\n\r\n").as_bytes());
    assert_eq!(event, Event::Refused);
    assert!(pair.exchange.output.bytes().starts_with(b"HTTP/1.1 503 "));
    assert!(pair.exchange.is_last());
}
