//! Property: exactly those for whom there is no room are told so, at once, and stay.

use crate::conformance::client::{Answer, Client};
use crate::gate::{Held, config, get, post, says};
use std::time::Duration;
use threadbare::http::Config;
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

/// Threads, then room in the queue.
const SIZES: [(usize, usize); 6] = [(1, 0), (1, 1), (1, 5), (4, 0), (4, 3), (2, 40)];

fn with_room(threads: usize, loops: usize, queue_cap: usize) -> Config {
    Config {
        queue_cap,
        ..config(threads, loops)
    }
}

#[track_caller]
fn is_shed(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.field("retry-after"), Some("1"), "{answer:?}");
    assert!(!answer.says_close(), "{answer:?}");
}

/// The threads have been held one by one; then they all come.
#[test]
fn exactly_the_excess_is_shed() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            for (threads, cap) in SIZES {
                step(format!("{threads} threads, queue {cap}, {loops} loops"));
                let held = Held::started(with_room(threads, loops, cap));
                let mut running = held.connect_many(threads);
                for (n, client) in running.iter_mut().enumerate() {
                    client.send(&get("/hold/r"));
                    held.until_waiting(n + 1);
                }
                excess(&held, running, cap);
            }
        });
    }
}

/// As many as can be, in one turn of the loop, and so in one batch.
#[test]
fn exactly_the_excess_of_a_batch_is_shed() {
    within(LIMIT, || {
        for (threads, cap) in SIZES {
            step(format!("{threads} threads, queue {cap}"));
            let held = Held::ticked(with_room(threads, 1, cap));
            excess(&held, Vec::new(), cap + threads);
        }
    });
}

/// Who came first has the room. Linux tells of what is ready in the order in which it became
/// so; other systems make no promise.
#[cfg(target_os = "linux")]
#[test]
fn the_last_of_a_batch_are_shed() {
    within(LIMIT, || {
        let held = Held::ticked(with_room(2, 1, 3));
        for _ in 0..20 {
            let mut clients = held.connect_many(20);
            held.until(|| held.metrics.totals().open == 20);
            for client in &mut clients {
                client.send(&get("/hold/1"));
            }
            for client in &mut clients[5..] {
                is_shed(&client.answer(false));
            }
            held.gate.let_through(5);
            for client in &mut clients[..5] {
                says(client, "1");
            }
            drop(clients);
            held.until(|| held.metrics.totals().open == 0);
        }
    });
}

/// There is room for so many, and 20 more come.
fn excess<'s>(held: &'s Held, mut running: Vec<Client<'s>>, room: usize) {
    const EXCESS: usize = 20;
    let threads = running.len();
    let mut clients = held.connect_many(room + EXCESS);
    for client in &mut clients {
        // Those who are shed have their next request answered; the others have to wait.
        client.send(&[get("/hold/q"), get("/now/n")].concat());
    }
    let mut shed = Vec::new();
    held.until(|| {
        shed.extend(clients.extract_if(.., Client::has_something));
        shed.len() >= EXCESS
    });
    held.settle();
    assert_eq!(shed.len(), EXCESS);
    for client in &mut shed {
        is_shed(&client.answer(false));
        says(client, "n");
    }
    let totals = held.metrics.totals();
    assert_eq!(totals.shed, EXCESS as u64);
    assert_eq!(totals.answers[3], EXCESS as u64);
    held.gate.open();
    for client in &mut running {
        says(client, "r");
    }
    for client in &mut clients {
        says(client, "q");
        says(client, "n");
    }
    // All is as it was before, for everybody.
    for client in running.iter_mut().chain(&mut clients).chain(&mut shed) {
        client.send(&get("/hold/again"));
        says(client, "again");
    }
    let totals = held.metrics.totals();
    assert_eq!(totals.shed, EXCESS as u64);
    assert_eq!(totals.open, (threads + room + EXCESS) as u64);
}

/// Who has its answer knows that a thread is free.
#[test]
fn one_after_the_other_needs_no_queue() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(with_room(1, loops, 0));
            let mut clients = held.connect_many(4);
            for n in 0..2_000 {
                let client = &mut clients[n % 4];
                client.send(&get(&format!("/id/{n}")));
                says(client, &n.to_string());
            }
            assert_eq!(held.metrics.totals().shed, 0);
        });
    }
}

/// Where a shed request ends is known, so the next one begins there.
#[test]
fn a_shed_request_takes_its_body_with_it() {
    within(LIMIT, || {
        let held = Held::started(with_room(1, 1, 0));
        let mut running = held.connect();
        running.send(&get("/hold/r"));
        held.until_waiting(1);
        let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
                       a\r\nGET /id/7 \r\n0\r\nX-A: b\r\n\r\n";
        let old = "GET /id/7 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        let mut client = held.connect();
        for request in [
            get("/id/7"),
            post("/echo", b""),
            post("/echo", b"GET /id/7 HTTP/1.1\r\nHost: a\r\n\r\n"),
            post("/echo", &vec![b'x'; 300_000]),
            chunked.as_bytes().to_vec(),
            old.as_bytes().to_vec(),
        ] {
            client.send(&request);
            client.send(&get("/now/8"));
            is_shed(&client.answer(false));
            says(&mut client, "8");
        }
        client.send(b"HEAD /id/7 HTTP/1.1\r\nHost: a\r\n\r\n");
        is_shed(&client.answer(true));
        let expects = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\
                       Expect: 100-continue\r\n\r\n";
        client.send(expects.as_bytes());
        let interim = client.head();
        assert_eq!(interim.status, 100);
        client.send(b"hello");
        is_shed(&client.answer(false));
        client.send(&get("/now/8"));
        says(&mut client, "8");
        // Who wants to leave may.
        client.send(b"GET /id/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = client.answer(false);
        assert_eq!(answer.status, 503);
        assert!(answer.says_close(), "{answer:?}");
        client.ends();
        held.gate.let_through(1);
        says(&mut running, "r");
    });
}

/// Thousands of them, each behind the other, cost nobody anything.
#[test]
fn many_may_be_shed_on_one_connection() {
    for loops in [1, 2] {
        within(LIMIT, move || {
            let held = Held::started(with_room(2, loops, 0));
            let mut running = held.connect_many(2);
            for client in &mut running {
                client.send(&get("/hold/r"));
            }
            held.until_waiting(2);
            let mut client = held.connect();
            client.send(&[get("/id/7"), get("/now/8")].concat().repeat(5_000));
            for _ in 0..5_000 {
                is_shed(&client.answer(false));
                says(&mut client, "8");
            }
            assert_eq!(held.metrics.totals().shed, 5_000);
            held.gate.open();
            for client in &mut running {
                says(client, "r");
            }
        });
    }
}

/// A limit on requests counts those that were shed, too.
#[test]
fn the_last_request_may_be_shed() {
    within(LIMIT, || {
        let config = Config {
            request_count: Some(2),
            ..with_room(1, 1, 0)
        };
        let held = Held::started(config);
        let mut running = held.connect();
        running.send(&get("/hold/r"));
        held.until_waiting(1);
        let mut client = held.connect();
        client.send(&get("/id/7").repeat(3));
        is_shed(&client.answer(false));
        let answer = client.answer(false);
        assert_eq!(answer.status, 503);
        assert!(answer.says_close(), "{answer:?}");
        client.ends();
    });
}
