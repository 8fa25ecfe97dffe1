//! Property: how the bytes arrive makes no difference, and no bytes end the server.

use crate::conformance::cases;
use crate::conformance::client::Client;
use crate::conformance::routes;
use crate::conformance::serve::{Noted, Start};
use std::time::Duration;
use threadbare::http::Config;
use threadbare::testkit::{seed, step};

/// A request, its status, and the answer's body.
const REQUESTS: [(&str, u16, &str); 10] = [
    ("{GET}\\r\\n", 200, "Hello, World!"),
    ("HEAD / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", 200, ""),
    ("\\r\\n{GET}X-A: b\\r\\n\\r\\n", 200, "Hello, World!"),
    (
        "GET /bytes?n=3 HTTP/1.1\\r\\nHost:a\\r\\nX-A:\\r\\n\\r\\n",
        200,
        "xxx",
    ),
    ("{POST}Content-Length: 5\\r\\n\\r\\nhello", 200, "hello"),
    (
        "{POST}Content-Length: 8\\r\\n\\r\\n\\r\\n\\r\\n\\0\\xc3\\xa9!",
        200,
        "\r\n\r\n\0\u{e9}!",
    ),
    ("{CHUNKED}5\\r\\nhello\\r\\n0\\r\\n\\r\\n", 200, "hello"),
    (
        "{CHUNKED}3;a=\"b;\\\\\"\"\\r\\nhel\\r\\n02;c\\r\\nlo\\r\\n0\\r\\nX-A: b\\r\\n\\r\\n",
        200,
        "hello",
    ),
    (
        "POST /echo HTTP/1.0\\r\\nConnection: keep-alive\\r\\nContent-Length: 2\\r\\n\\r\\nhi",
        200,
        "hi",
    ),
    (
        "PUT / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 2\\r\\n\\r\\nhi",
        405,
        "",
    ),
];

/// Each request is cut in two at every byte, and the server sees the first part alone.
pub(crate) fn ten_requests_cut_anywhere(start: Start) {
    let server = start(Config::default(), Noted::new(routes::router()));
    let mut client = Client::connect(&*server);
    for (request, status, body) in REQUESTS {
        let request = cases::unescape(request);
        for cut in 0..=request.len() {
            step(format!("{} cut at {cut}", request.escape_ascii()));
            let (first, second) = request.split_at(cut);
            client.send(first);
            for _ in 0..3 {
                server.turn(Duration::ZERO);
            }
            if cut < request.len() {
                assert!(!client.has_something(), "an answer before the end");
            }
            client.send(second);
            let answer = client.answer(request.starts_with(b"HEAD"));
            assert_eq!(answer.status, status);
            if status == 200 {
                assert_eq!(answer.body, body.as_bytes());
            }
        }
    }
}

/// Two requests behind one another, cut at every byte: the first is answered as soon as it
/// is whole, whatever there is of the second.
pub(crate) fn two_requests_cut_anywhere(start: Start) {
    let server = start(Config::default(), Noted::new(routes::router()));
    let mut client = Client::connect(&*server);
    let one = cases::unescape("{POST}Content-Length: 3\\r\\n\\r\\none");
    let two = cases::unescape("{CHUNKED}3\\r\\ntwo\\r\\n0\\r\\n\\r\\n");
    let both = [&one[..], &two[..]].concat();
    for cut in 0..=both.len() {
        let (first, second) = both.split_at(cut);
        client.send(first);
        if cut >= one.len() {
            assert_eq!(client.answer(false).body, b"one");
        }
        client.send(second);
        if cut < one.len() {
            assert_eq!(client.answer(false).body, b"one");
        }
        assert_eq!(client.answer(false).body, b"two");
    }
}

/// Two thousand inputs that no one thought of. To each comes what is well formed, or
/// nothing, and then the end; and the server is as it was.
pub(crate) fn anything_at_all(start: Start) {
    const INPUTS: usize = 2_000;
    let mut random = Random(seed("anything_at_all"));
    let server = start(Config::default(), Noted::new(routes::router()));
    let cases = [cases::requests(), cases::smuggling()].concat();
    let mut answers = 0;
    for _ in 0..INPUTS {
        let mut input = Vec::new();
        for _ in 0..=random.below(3) {
            input.extend(&cases[random.below(cases.len())].bytes);
        }
        input.truncate(2_000);
        for _ in 0..random.below(4) {
            mutate(&mut input, &mut random);
        }
        step(format!("{}", input.escape_ascii()));
        let mut client = Client::connect(&*server);
        let (first, second) = input.split_at(random.below(input.len() + 1));
        client.send(first);
        server.turn(Duration::ZERO);
        client.send(second);
        client.half_close();
        let came = client.all_the_rest();
        answers += usize::from(!came.is_empty());
        let is_answer = came.is_empty() || came.starts_with(b"HTTP/1.1 ");
        assert!(is_answer, "{}", came.escape_ascii());
    }
    assert!(answers > INPUTS / 2, "only {answers} were answered");
    let mut client = Client::connect(&*server);
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.answer(false).body, b"Hello, World!");
}

/// Changes something.
fn mutate(input: &mut Vec<u8>, random: &mut Random) {
    const ODD: &[u8] = b"\r\n\0\t :;,=\"\\%#?/01af-+_\x7f\x80\xff";
    let at = random.below(input.len() + 1);
    match random.below(6) {
        0 => input.truncate(at),
        1 => input.insert(at, ODD[random.below(ODD.len())]),
        2 if at < input.len() => input[at] = random.below(256) as u8,
        3 if at < input.len() => drop(input.remove(at)),
        4 => {
            let part = input[at..input.len().min(at + 20)].to_vec();
            input.splice(at..at, part);
        }
        _ => {
            let noise: Vec<u8> = (0..9).map(|_| random.below(256) as u8).collect();
            input.splice(at..at, noise);
        }
    }
}

/// Steele, Lea and Flood's SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}
