//! Property: each case ends as its line says, sent as a whole, byte by byte, and behind a
//! good request; and no byte that follows is taken for something else.

use crate::conformance::cases::{self, Case, Verdict};
use crate::conformance::client::{Answer, Client};
use crate::conformance::routes;
use crate::conformance::serve::{Noted, Serve, Start};
use std::panic::{self, AssertUnwindSafe};
use threadbare::http::Config;
use threadbare::testkit::step;

const GOOD: &[u8] = b"GET /bytes?n=5 HTTP/1.1\r\nHost: a\r\n\r\n";
/// Comes behind each case. Where it is answered, the case ended where it should.
const SENTINEL: &[u8] =
    b"GET /bytes?n=7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// How the bytes of a case get to the server.
#[derive(Debug, Clone, Copy)]
enum How {
    Whole,
    ByteByByte,
    BehindAnother,
}

pub(crate) fn each_request_as_a_whole(start: Start) {
    run(start, How::Whole, cases::requests());
}

pub(crate) fn each_request_byte_by_byte(start: Start) {
    run(start, How::ByteByByte, cases::requests());
}

pub(crate) fn each_request_behind_another(start: Start) {
    run(start, How::BehindAnother, cases::requests());
}

pub(crate) fn nothing_is_smuggled_as_a_whole(start: Start) {
    run(start, How::Whole, cases::smuggling());
}

pub(crate) fn nothing_is_smuggled_byte_by_byte(start: Start) {
    run(start, How::ByteByByte, cases::smuggling());
}

pub(crate) fn nothing_is_smuggled_behind_another(start: Start) {
    run(start, How::BehindAnother, cases::smuggling());
}

/// Two Content-Length or two Host fields: http.zig took the last of them, others the first,
/// and between two that differ a request can hide. Here there is no first and no last.
pub(crate) fn bug_8_two_lengths_or_two_hosts_are_one_too_many(start: Start) {
    let twice = |case: &Case| {
        let text = case.bytes.to_ascii_lowercase();
        [&b"\ncontent-length:"[..], b"\nhost:"].iter().any(|name| {
            let head = text.split(|&byte| byte == 0).next().unwrap();
            let is_it = |it: &&[u8]| it == name;
            head.windows(name.len()).filter(is_it).count() > 1
        })
    };
    let all = [cases::requests(), cases::smuggling()].concat();
    let is_refused = |case: &Case| matches!(case.verdict, Verdict::Refuse(_));
    let cases: Vec<Case> = all
        .into_iter()
        .filter(|case| twice(case) && is_refused(case))
        .filter(|case| !case.bytes.windows(7).any(|it| it == b"/hidden"))
        .collect();
    assert!(cases.len() >= 10, "{} cases", cases.len());
    run(start, How::Whole, cases);
}

/// Puts all cases to one server, and says of each that fails why.
fn run(start: Start, how: How, cases: Vec<Case>) {
    let handler = Noted::new(routes::router());
    let server = start(Config::default(), handler.clone());
    let mut failed = 0;
    for case in &cases {
        step(case.title());
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
            put(&*server, case, how);
            let asked_for = handler.take();
            let hidden = asked_for.iter().any(|it| it.contains("hidden"));
            assert!(!hidden, "what was hidden has run: {asked_for:?}");
        }));
        if outcome.is_err() {
            eprintln!("{how:?}: {} -> {:?}\n", case.title(), case.verdict);
            handler.take();
            failed += 1;
        }
    }
    assert_eq!(failed, 0, "of {} cases, {how:?}", cases.len());
}

fn put(server: &dyn Serve, case: &Case, how: How) {
    let mut client = Client::connect(server);
    match how {
        How::Whole => {
            client.send(&case.bytes);
        }
        How::ByteByByte => {
            client.trickle(&case.bytes);
        }
        How::BehindAnother => {
            client.send(&[GOOD, &case.bytes, SENTINEL].concat());
            assert_eq!(client.answer(false).body, b"xxxxx");
        }
    }
    match &case.verdict {
        Verdict::Serve {
            status,
            keeps,
            body,
        } => {
            let answer = client.answer(case.is_head());
            assert_eq!(answer.status, *status, "{answer:?}");
            if let Some(body) = body {
                let [is, should] = [&answer.body, body].map(|it| it.escape_ascii());
                assert_eq!(is.to_string(), should.to_string());
            }
            assert_eq!(answer.says_close(), !keeps, "{answer:?}");
            if *keeps {
                if !matches!(how, How::BehindAnother) {
                    client.send(SENTINEL);
                }
                let answer = client.answer(false);
                assert_eq!(answer.body, b"xxxxxxx", "{answer:?}");
                assert!(answer.says_close(), "{answer:?}");
            }
            client.ends();
        }
        Verdict::Refuse(statuses) => {
            refused(&client.answer(false), statuses);
            client.ends();
        }
        Verdict::Cut(statuses) => {
            let answer = client.answer(false);
            assert_eq!(answer.status, 200, "{answer:?}");
            refused(&client.answer(false), statuses);
            client.ends();
        }
    }
}

fn refused(answer: &Answer, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{answer:?}");
    assert!(answer.says_close(), "{answer:?}");
}
