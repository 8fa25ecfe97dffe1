//! Property: to each its own. Fifty thousand requests, none of which is like another, from
//! clients that come, send some at once, leave in the middle, and come again.

use crate::conformance::arrival::Random;
use crate::conformance::client::Client;
use crate::conformance::serve::Elsewhere;
use crate::gate::{Held, config, get, is_200, post};
use std::collections::VecDeque;
use std::thread;
use std::time::Duration;
use threadbare::testkit::{seed, within};

const LIMIT: Duration = Duration::from_secs(120);
const ANSWERS: usize = 50_000;
const THREADS: usize = 4;
/// Of each thread.
const CONNECTIONS: usize = 8;

#[test]
fn each_of_fifty_thousand_gets_its_own_answer() {
    within(LIMIT, || {
        let seed = seed("each_of_fifty_thousand_gets_its_own_answer");
        let held = Held::started(config(4, 2));
        let server = Elsewhere(held.server.address());
        thread::scope(|scope| {
            for name in 0..THREADS {
                let random = Random(seed + name as u64);
                scope.spawn(move || visit(server, name, random));
            }
        });
        let totals = held.metrics.totals();
        assert!(totals.requests >= ANSWERS as u64, "{totals:?}");
        assert!(totals.accepted > 1_000, "{totals:?}");
        assert_eq!((totals.panics, totals.refused, totals.shed), (0, 0, 0));
        held.until(|| held.metrics.totals().open == 0);
    });
}

/// A connection, and the bodies of the answers that are to come.
struct Visitor<'s> {
    client: Client<'s>,
    expected: VecDeque<Vec<u8>>,
}

fn visit(server: Elsewhere, name: usize, mut random: Random) {
    let visitor = || Visitor {
        client: Client::connect(&server),
        expected: VecDeque::new(),
    };
    let mut visitors: Vec<Visitor<'_>> =
        (0..CONNECTIONS).map(|_| visitor()).collect();
    let (mut asked, mut answered) = (0, 0);
    while answered < ANSWERS / THREADS {
        let at = random.below(CONNECTIONS);
        if visitors[at].expected.is_empty() {
            if random.below(6) == 0 {
                visitors[at] = visitor();
            }
            let mut requests = Vec::new();
            for _ in 0..=random.below(8) {
                let token = format!("{name}-{asked}");
                asked += 1;
                let body = append(&mut requests, &token, &mut random);
                visitors[at].expected.push_back(body);
            }
            visitors[at].client.send(&requests);
        } else if random.below(40) == 0 {
            // It leaves, politely or not, while its requests are wherever they are.
            let left = std::mem::replace(&mut visitors[at], visitor());
            match random.below(2) {
                0 => left.client.reset(),
                _ => drop(left),
            }
        } else {
            for _ in 0..=random.below(visitors[at].expected.len()) {
                let Some(body) = visitors[at].expected.pop_front() else {
                    break;
                };
                is_200(&visitors[at].client.answer(false), &body);
                answered += 1;
            }
        }
    }
}

/// One more request, of any kind. The body that has to come.
fn append(requests: &mut Vec<u8>, token: &str, random: &mut Random) -> Vec<u8> {
    match random.below(8) {
        0 | 1 => requests.extend(get(&format!("/now/{token}"))),
        2..=4 => requests.extend(get(&format!("/id/{token}"))),
        kind => {
            let times = match random.below(30) {
                0 => 20_000,
                few => few,
            };
            let body = token.repeat(times).into_bytes();
            if kind == 5 {
                requests.extend(post("/echo", &body));
            } else {
                *requests = [requests, &chunked(&body, random)[..]].concat();
            }
            return body;
        }
    }
    token.as_bytes().to_vec()
}

fn chunked(mut body: &[u8], random: &mut Random) -> Vec<u8> {
    let mut request =
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            .to_vec();
    while !body.is_empty() {
        let (chunk, rest) = body.split_at(1 + random.below(body.len()));
        request.extend(format!("{:x}\r\n", chunk.len()).bytes());
        request.extend(chunk);
        request.extend(b"\r\n");
        body = rest;
    }
    request.extend(b"0\r\n\r\n");
    request
}
